"""One way to write a number: what samples write in many ways must compare equal in a vote.

Where in a text the answer stands is ``extraction.py``.
"""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction
from math import gcd

LONGEST_NUMBER = 60

_FRACTION_SLASH = "\u2044"
_MINUS = str.maketrans("−–‒﹣－", "-----")
_POWERS_OF_TEN = {"thousand": 3, "million": 6, "billion": 9, "trillion": 12}
_PLAIN = r"\d+(?:[.,'’ ]\d+)*"
_UNIT = r"(?:\D|(?<=[a-z])\^[23](?!\d))*"
_POWER = re.compile(r"(\d{1,9})\^\{?(\d{1,2})\}?")
_VALUE = re.compile(
    rf"(?P<sign>[-+]?)\s?[$€£¥₹]?\s?"
    rf"(?:(?P<whole>\d+)\s)?(?P<top>\d+)\s?/\s?(?P<bottom>\d+)(?P<unit>{_UNIT})"
    rf"|(?P<sign2>[-+]?)\s?[$€£¥₹]?\s?(?P<number>{_PLAIN}|\.\d+)"
    rf"(?:e(?P<e>[-+]?\d{{1,3}})|\s?[x*×·]\s?10\^\{{?(?P<ten>[-+]?\d{{1,3}})\}}?)?(?P<unit2>{_UNIT})"
)
_LEFT_SIDE = re.compile(r"[a-z]\w{0,2}(?:\(\w\))?\s?[=≈]\s?")
_GROUP = 3
_LONGEST_UNIT = 24
_VARIABLES = frozenset("abknxyzπ!")
"""Behind a number these are no units: 2x is not 2, and 5! is not 5."""
_PI = re.compile(r"(?:π|\\?pi)(?![a-z])")
_MOST_DIGITS = 40


def unfolded(text: str) -> str:
    """NFKC, but ``10³`` stays 10^3 and ``1½`` becomes 1 1/2 instead of 103 and 11/2; minus signs are one."""
    return "".join(_unfolded(character) for character in text).translate(_MINUS).strip()


def _unfolded(character: str) -> str:
    plain = unicodedata.normalize("NFKC", character)
    kind = unicodedata.decomposition(character).partition(" ")[0]
    if kind == "<super>" and plain.isdecimal():
        return f"^{plain}"
    return f" {plain.replace(_FRACTION_SLASH, '/')}" if kind == "<fraction>" else plain


def number_value(text: str) -> str | None:
    """The canonical form of a text (folded to lower case) that is one number; None when it is not.

    A sign, a currency, a unit behind it and ``x =`` before it are dropped: samples of one question differ
    in writing them, hardly in meaning them. Whole numbers and finite decimals come as plain decimals (1/2
    is 0.5, 1e3 is 1000, 3 million is 3000000), other fractions in lowest terms (1/3; 0.333 stays another
    value). Thousands may be set off by commas, blanks, apostrophes, or by points when there are several; a
    single comma or point before exactly three digits is a thousands comma but a decimal point.
    """
    text = _LEFT_SIDE.sub("", text, count=1) if _LEFT_SIDE.match(text) else text
    if (power := _POWER.fullmatch(text)) and int(power[2]) * len(power[1]) <= _MOST_DIGITS:
        return written(Fraction(int(power[1]) ** int(power[2])))
    found = _VALUE.fullmatch(text) if len(text) <= LONGEST_NUMBER else None
    if found is None:
        return None
    unit = (found["unit"] or found["unit2"] or "").strip()
    if len(unit) > _LONGEST_UNIT or unit.partition("^")[0] in _VARIABLES or _PI.match(unit):
        return None
    value = _fraction(found) if found["top"] else _decimal(found)
    if value is None:
        return None
    zeros = _POWERS_OF_TEN.get(unit.partition(" ")[0], 0)
    sign = -1 if "-" in (found["sign"] or found["sign2"] or "") else 1
    return written(sign * value * 10**zeros)


def written(value: Fraction) -> str:
    """A finite decimal without an exponent or trailing zeros, else a fraction in lowest terms."""
    rest, places = value.denominator, 0
    while (common := gcd(rest, 10)) > 1:
        rest, places = rest // common, places + 1
    if rest != 1:
        return f"{value.numerator}/{value.denominator}"
    digits = str(abs(value.numerator) * 10**places // value.denominator).zfill(places + 1)
    sign = "-" if value < 0 else ""
    return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)


def _fraction(found: re.Match[str]) -> Fraction | None:
    bottom = int(found["bottom"])
    return Fraction(int(found["whole"] or 0)) + Fraction(int(found["top"]), bottom) if bottom else None


def _decimal(found: re.Match[str]) -> Fraction | None:
    plain = _without_thousands(found["number"])
    exponent = int(found["e"] or found["ten"] or 0)
    if plain is None or len(plain) + abs(exponent) > _MOST_DIGITS:
        return None
    return Fraction(plain) * Fraction(10) ** exponent


def _without_thousands(number: str) -> str | None:
    """Digits with at most one point; None where the groups make no sense."""
    marks = re.findall(r"\D", number)
    if not marks or number.startswith("."):
        return number
    if _is_grouped(number, marks) and marks != ["."]:
        return re.sub(r"\D", "", number)
    whole, behind = number[: number.rindex(marks[-1])], number[number.rindex(marks[-1]) + 1 :]
    before = marks[:-1]
    if marks[-1] not in ".," or marks[-1] in before or not (_is_grouped(whole, before) or not before):
        return None
    return re.sub(r"\D", "", whole) + "." + behind


def _is_grouped(number: str, marks: list[str]) -> bool:
    """Whether one and the same mark sets off groups of three, as in 1,234,567."""
    groups = re.split(r"\D", number)
    return (
        len(set(marks)) == 1
        and groups[0] != "0"
        and len(groups[0]) <= _GROUP
        and all(len(group) == _GROUP for group in groups[1:])
    )
