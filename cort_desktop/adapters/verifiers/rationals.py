"""Arithmetic expressions worked out exactly, as fractions: ``2*(3+4)^2``, ``-7/2``, ``20%``.

A small parser of its own: nothing is ever executed, and everything is bounded, so that hostile text costs
microseconds. Finding expressions in prose is ``arithmetic.py``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

MOST_TOKENS = 200
DEEPEST = 40
MOST_DIGITS = 60
MOST_BITS = 20_000
"""No number may grow beyond; about 6,000 digits."""
NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d])|\d+[.,]\d+|\d+|\.\d+"
_TOKEN = re.compile(rf"({NUMBER})|(\*\*|[-+*×/^()%])|\s+|(.)")


class UnreadableError(ValueError):
    """No expression that could be worked out."""


def value_of(text: str) -> Fraction:
    """What an expression comes to. Raises UnreadableError."""
    tokens: list[str] = []
    for found in _TOKEN.finditer(text):
        if found[3] or len(tokens) > MOST_TOKENS:
            raise UnreadableError(text[:80])
        if found[1] or found[2]:
            tokens.append(found[1] or found[2].replace("×", "*"))
    reader = _Reader(tokens)
    value = reader.sum(0)
    if not reader.is_done:
        raise UnreadableError(text[:80])
    return value


def number(text: str) -> Fraction:
    """A plain number: ``1,234.5``, ``0,5``, ``7``. Raises UnreadableError."""
    if sum(character.isdigit() for character in text) > MOST_DIGITS:
        raise UnreadableError(text[:80])
    plain = text.replace(",", "") if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", text) else text
    try:
        return Fraction(plain.replace(",", "."))
    except ValueError as error:
        raise UnreadableError(text[:80]) from error


def shown_unit(text: str) -> Fraction:
    """The unit of the last digit that a number shows: 1/100 for ``3.14``, 1 for ``12``."""
    plain = text.replace(",", "") if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", text) else text
    decimals = re.split(r"[.,]", plain)[1:]
    return Fraction(1, 10 ** len(decimals[0])) if decimals else Fraction(1)


class _Reader:
    """Recursive descent over tokens: sums of products of signed powers."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self._tokens = tokens
        self._at = 0

    @property
    def is_done(self) -> bool:
        return self._at == len(self._tokens)

    def sum(self, depth: int) -> Fraction:
        value = self._product(depth)
        while self._next() in ("+", "-"):
            sign = self._take()
            other = self._product(depth)
            value = _bounded(value + other if sign == "+" else value - other)
        return value

    def _product(self, depth: int) -> Fraction:
        value = self._signed(depth)
        while self._next() in ("*", "/"):
            operator = self._take()
            other = self._signed(depth)
            if operator == "/" and other == 0:
                raise UnreadableError("division by zero")
            value = _bounded(value * other if operator == "*" else value / other)
        return value

    def _signed(self, depth: int) -> Fraction:
        sign = 1
        while self._next() in ("+", "-"):
            sign = -sign if self._take() == "-" else sign
        return sign * self._power(depth)

    def _power(self, depth: int) -> Fraction:
        base = self._atom(depth)
        if self._next() not in ("^", "**"):
            return base
        self._take()
        if depth >= DEEPEST:
            raise UnreadableError("nested too deep")
        sign = -1 if self._next() == "-" and self._take() else 1
        exponent = sign * self._power(depth + 1)
        if exponent.denominator != 1 or (base == 0 and exponent < 0):
            raise UnreadableError("no whole power")
        bits = max(base.numerator.bit_length(), base.denominator.bit_length())
        if bits * abs(exponent.numerator) > MOST_BITS:
            raise UnreadableError("too large")
        return Fraction(base**exponent.numerator)

    def _atom(self, depth: int) -> Fraction:
        token = self._take()
        if token == "(":  # noqa: S105  a token of an expression
            if depth >= DEEPEST:
                raise UnreadableError("nested too deep")
            value = self.sum(depth + 1)
            if self._take() != ")":
                raise UnreadableError("a bracket is open")
        elif token[0].isdigit() or token[0] == ".":
            value = number(token)
        else:
            raise UnreadableError(token)
        while self._next() == "%":
            self._take()
            value /= 100
        return value

    def _next(self) -> str:
        return "" if self.is_done else self._tokens[self._at]

    def _take(self) -> str:
        if self.is_done:
            raise UnreadableError("it breaks off")
        self._at += 1
        return self._tokens[self._at - 1]


def _bounded(value: Fraction) -> Fraction:
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > MOST_BITS:
        raise UnreadableError("too large")
    return value
