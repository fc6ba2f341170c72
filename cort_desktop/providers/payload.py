"""JSON and text from strangers, made safe at the border: bounded depth, bounded numbers, whole characters.

Not here: what the JSON means (``chat_stream``, ``catalog``, ``faults``).
"""

from __future__ import annotations

import json
import re
from typing import Any

from cort_desktop.domain.budget import MICRO
from cort_desktop.providers.limits import Limits

_STRUCTURE = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{]|[\]}]', re.DOTALL)
_NO_CHARACTER = re.compile("[\ud800-\udfff\0]")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")


class PayloadError(ValueError):
    """Text that is no JSON, or JSON that nobody sends in good faith."""


class JsonReader:
    """``json.loads`` with limits: depth, digits of a number, no key twice. NaN reads as None."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._decoder = json.JSONDecoder(
            object_pairs_hook=_unique_keys,
            parse_int=self._whole_number,
            parse_constant=lambda _: None,
        )

    def read(self, text: str) -> Any:
        """The value in ``text``. Raises PayloadError, within milliseconds whatever the text."""
        # Counting brackets is cheap and an upper bound; only what goes over it is looked at closely.
        deepest = self._limits.json_depth
        if text.count("[") + text.count("{") > deepest and _depth_exceeds(text, deepest):
            raise PayloadError(f"JSON nested deeper than {deepest}")
        try:
            return self._decoder.decode(text)
        except json.JSONDecodeError as error:
            raise PayloadError(f"it is no JSON from character {error.pos + 1} on") from error
        except ValueError as error:
            raise PayloadError(str(error)) from error

    def _whole_number(self, digits: str) -> int:
        if len(digits) > self._limits.number_digits:
            raise PayloadError(f"a number of {len(digits)} digits")
        return int(digits)


def count(value: Any) -> int | None:
    """``value`` as a number of things; None when it is negative, absurd or no whole number."""
    valid = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MICRO * MICRO
    return value if valid else None


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise PayloadError("the same key twice in one object")
    return found


def _depth_exceeds(text: str, deepest: int) -> bool:
    depth = 0
    for token in _STRUCTURE.finditer(text):
        first = token.group()[0]
        if first in "[{":
            depth += 1
            if depth > deepest:
                return True
        elif first in "]}":
            depth -= 1
    return False


def whole_characters(text: str) -> str:
    """``text`` with surrogate pairs joined, and what is no character (or NUL) replaced by U+FFFD."""
    if _NO_CHARACTER.search(text) is None:
        return text
    return _NO_CHARACTER.sub("�", _PAIR.sub(_joined, text))


def _joined(pair: re.Match[str]) -> str:
    return pair.group().encode("utf-16-le", "surrogatepass").decode("utf-16-le")


class CharacterJoiner:
    """Text in pieces, given out in whole characters: a surrogate pair cut in two is joined across pieces.

    ``replaced`` tells whether something had to become U+FFFD.
    """

    def __init__(self) -> None:
        self._half = ""
        self.replaced = False

    def feed(self, piece: str) -> str:
        """The whole characters so far; half of one is held back."""
        text = self._half + piece
        self._half = ""
        if text and "\ud800" <= text[-1] <= "\udbff":
            text, self._half = text[:-1], text[-1]
        clean = whole_characters(text)
        if clean.count("�") > text.count("�"):
            self.replaced = True
        return clean

    def close(self) -> str:
        """The end of a whole text: a half that never got its other half becomes U+FFFD."""
        if not self._half:
            return ""
        self._half = ""
        self.replaced = True
        return "�"
