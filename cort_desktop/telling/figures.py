"""Numbers as people read them. Unknown is said to be unknown, never shown as 0."""

from __future__ import annotations

import re

from cort_desktop.domain.budget import MICRO

_THOUSAND = 1000
_MINUTE_S = 60
_HOUR_S = 3600
_CENT_MICROUSD = 10_000
_UNITS = ("kB", "MB", "GB", "TB")
_ROUNDED_UP = 999.5
"""From here on a value rounds to a thousand: to 1.0 of the next unit."""
_ONE_DIGIT = 9.95
"""Smaller values are told with a digit after the point."""
_BEFORE_UNIT = re.compile(r"(?<=\d) (?=[a-zA-Z%])")


def tokens(count: int) -> str:
    """``612``, ``11.2k``, ``1.3M``."""
    if count < _THOUSAND:
        return str(count)
    if count < 999_950:  # noqa: PLR2004  what rounds to 1000.0k is a million
        return f"{count / _THOUSAND:.1f}k"
    return f"{count / MICRO:.1f}M"


def token_sum(count: int, *, is_partial: bool, is_rough: bool = False) -> str:
    """``1.2k tokens``; with a part that nobody told ``at least 1.2k tokens``, or ``tokens unknown``; with one
    that is an estimate ``~1.2k tokens``.
    """
    figure = f"~{tokens(count)}" if is_rough else tokens(count)
    if not is_partial:
        return f"{figure} tokens"
    return f"at least {figure} tokens" if count else "tokens unknown"


def money(microusd: int | None) -> str:
    """``$0.018``, ``$0``, ``unknown price``: two digits that count below a cent, else mills or cents."""
    if microusd is None:
        return "unknown price"
    if microusd == 0:
        return "$0"
    if abs(microusd) < _CENT_MICROUSD:
        digits = 7 - len(str(abs(microusd)))  # of zeros before the first digit that counts
        return f"${microusd / MICRO:.{min(6, digits + 1)}f}"
    has_mills = microusd < MICRO and microusd % _CENT_MICROUSD
    return f"${microusd / MICRO:.3f}" if has_mills else f"${microusd / MICRO:.2f}"


def price_cell(cost_microusd: int | None, least_microusd: int) -> str:
    """A price where there is little room: ``$0.018``, ``unknown``, with an unknown part ``$0.018+``."""
    if cost_microusd is not None:
        return money(cost_microusd)
    return f"{money(least_microusd)}+" if least_microusd else "unknown"


def spent(known_microusd: int, unknown: int) -> str:
    """``$0.018``; ``at least $0.018, one call's price is unknown``; ``unknown price``. unknown: of how many
    attempts the price is.
    """
    if not unknown:
        return money(known_microusd)
    if not known_microusd:
        return money(None)
    calls = "one call's price is" if unknown == 1 else f"{unknown} calls' prices are"
    return f"at least {money(known_microusd)}, {calls} unknown"


def seconds(value: float) -> str:
    """``0.8 s``, ``1 min 15 s``, ``2 h 5 min``."""
    if value < _MINUTE_S - 0.05:
        return f"{max(0.0, value):.1f} s"
    whole = round(value)
    if whole < _HOUR_S:
        return f"{whole // _MINUTE_S} min {whole % _MINUTE_S} s"
    return f"{whole // _HOUR_S} h {whole % _HOUR_S // _MINUTE_S} min"


def unbroken(text: str) -> str:
    """The text with each figure held to its unit: no line ends between them."""
    return _BEFORE_UNIT.sub("\u00a0", text)


def size(count: int) -> str:
    """Bytes as disks and shops count them, in thousands: ``812 bytes``, ``2.3 kB``, ``98 MB``."""
    if count < _THOUSAND:
        return f"{count} byte" if count == 1 else f"{count} bytes"
    value, at = count / _THOUSAND, 0
    while value >= _ROUNDED_UP and at < len(_UNITS) - 1:
        value, at = value / _THOUSAND, at + 1
    return f"{value:.1f} {_UNITS[at]}" if value < _ONE_DIGIT else f"{value:.0f} {_UNITS[at]}"


def count(number: int, word: str) -> str:
    """``1 call``, ``3 calls``."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def span(low: int, high: int) -> str:
    """``3``, ``3–5``, as token figures."""
    return tokens(low) if low == high else f"{tokens(low)}–{tokens(high)}"
