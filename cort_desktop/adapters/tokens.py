"""Counts tokens: roughly and at once, or exactly with tiktoken and a vocabulary of ``resources/tokenizers``.

The rough count weighs kinds of characters. For ordinary text in English, German, Chinese and for program code
it is at least nine tenths of what the vocabulary o200k makes of it, and mostly more; a megabyte of anything
takes it milliseconds. Only the exact count loads tiktoken (0.3 s, 70 MB), which never gets to the network:
without its vocabulary, or for text that would take long, the rough count answers instead.

Not here: what a model's own tokenizer would say; usage that a service reports is always better.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable
from pathlib import Path

_VOCABULARY = "o200k_base"
_VOCABULARY_FILE = "fb374d419588a4632f3f557e76b4b70aebbca790"
_CACHE_VARIABLE = "TIKTOKEN_CACHE_DIR"
_LONGEST_EXACT = 200_000
_ENDLESS = re.compile(r"\w{500}|[^\w\s]{500}|\s{500}")

_ASCII_WEIGHTS: tuple[tuple[bytes, float], ...] = (
    (b"abcdefghijklmnopqrstuvwxyz", 1 / 3.5),
    (b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", 0.45),
    (b"0123456789", 0.55),
    (b" \t", 0.02),
    (b"\r\n", 0.2),
    (b"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", 0.85),
)
_LEAD_WEIGHTS: tuple[tuple[bytes, float], ...] = (
    (bytes(range(0xC2, 0xE0)), 0.4),  # letters with accents, Greek, Cyrillic, Hebrew, Arabic
    (b"\xe0", 0.5),  # the scripts of India, Thai, Lao
    (b"\xe1\xe2\xef", 1.3),  # Khmer and others, signs, wide forms
    (bytes(range(0xE3, 0xEA)), 1.1),  # kana and Chinese characters
    (bytes(range(0xEA, 0xEF)), 0.8),  # Hangul
    (bytes(range(0xF0, 0xF5)), 2.0),  # emoji, rare characters
)
"""Tokens per character, by the first byte of its UTF-8."""
DENSE = 1.7
MANY_MARKS = 0.2
MANY_CAPITALS = 0.15
FEW_BLANKS = 0.05
"""Shares of all characters: a text is dense from so many marks and digits on, or with so many capital letters
and so few blanks.
"""
_SHORTEST_DENSE = 40
_CONTROL = bytes((*range(9), 11, 12, *range(14, 32), 127))


class Tokens:
    """A TokenCounter. ``vocabularies`` is the folder with tiktoken's files, named as tiktoken names them."""

    def __init__(self, vocabularies: Path) -> None:
        self._vocabularies = vocabularies
        self._encode: Callable[[str], int] | None = None

    def count(self, text: str) -> int:
        """The rough number of tokens, rounded up."""
        data = text.encode(errors="replace")
        total = _weigh(data, _ASCII_WEIGHTS) + _weigh(data, ((_CONTROL, 1.0),))
        if _is_dense(data):
            total *= DENSE
        if len(data) != len(text):
            total += _weigh(data, _LEAD_WEIGHTS)
        return math.ceil(total)

    def exact(self, text: str) -> int:
        """The number of tokens by o200k; the rough one for text that tiktoken would take long for."""
        # What it takes for one word costs quadratic time in there.
        if len(text) > _LONGEST_EXACT or _ENDLESS.search(text):
            return self.count(text)
        if self._encode is None:
            self._encode = self._load() or self.count
        return self._encode(text)

    def _load(self) -> Callable[[str], int] | None:
        if not (self._vocabularies / _VOCABULARY_FILE).is_file():
            return None
        before = os.environ.get(_CACHE_VARIABLE)
        os.environ[_CACHE_VARIABLE] = str(self._vocabularies)
        try:
            import tiktoken

            encoding = tiktoken.get_encoding(_VOCABULARY)
        finally:
            if before is None:
                del os.environ[_CACHE_VARIABLE]
            else:
                os.environ[_CACHE_VARIABLE] = before
        return lambda text: len(encoding.encode(text, disallowed_special=()))


def _is_dense(data: bytes) -> bool:
    """Whether this is no prose: base64, tables, formulas and numbers have more tokens than their characters
    tell, because a vocabulary is made for words.
    """
    if len(data) < _SHORTEST_DENSE:
        return False
    marks = _share(data, _ASCII_WEIGHTS[5][0]) + _share(data, _ASCII_WEIGHTS[2][0])
    capitals = _share(data, _ASCII_WEIGHTS[1][0])
    unbroken = _share(data, b" \n") < FEW_BLANKS
    return marks > MANY_MARKS or (capitals > MANY_CAPITALS and unbroken)


def _share(data: bytes, kind: bytes) -> float:
    return (len(data) - len(data.translate(None, kind))) / len(data)


def _weigh(data: bytes, weights: tuple[tuple[bytes, float], ...]) -> float:
    return sum((len(data) - len(data.translate(None, kind))) * weight for kind, weight in weights)
