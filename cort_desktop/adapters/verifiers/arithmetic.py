"""Whether the sums in an answer are right: every ``3 * 4 = 12`` in it is worked out with exact fractions.

A decimal counts as right when it is the exact value rounded to the digits it shows, ``≈`` when it is within
its last digit that is not 0. What is no plain calculation (variables, units in between, a question mark) is
passed over, not guessed at. With an expression the final answer must come to its value instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from fractions import Fraction

from cort_desktop.adapters.verifiers.rationals import NUMBER, UnreadableError, shown_unit, value_of
from cort_desktop.domain.verifying import Declared, Finding
from cort_desktop.errors import UsageError

LONGEST_ANSWER = 400_000
LONGEST_LINE = 2000
MOST_TOLD = 3
_SIGNS = str.maketrans(
    {"×": "*", "·": "*", "⋅": "*", "∙": "*", "÷": "/", "−": "-", "∶": "/", "²": "^2 ", "³": "^3 "}
    | dict.fromkeys("$€£¥*_`\u00a0\u202f\u2009", None)
)
_STAR = re.compile(r"(?<=[\d)])\s?\*{1,2}\s?(?=[\d(-])")
_TEX = (
    (re.compile(r"\\d?frac\{([^{}]{1,80})\}\{([^{}]{1,80})\}"), r"((\1)/(\2))"),
    (re.compile(r"\\(?:times|cdot)"), "×"),
    (re.compile(r"\\div"), "÷"),
    (re.compile(r"\\approx"), "≈"),
    (re.compile(r"\\(?:left|right|[()\[\],;!])"), " "),
)
_BULLET = re.compile(r"^\s*(?:[-*•+]|\d{1,3}[.)])\s+")
_RUN = re.compile(rf"(?:{NUMBER}|\.\.\.|[-+×/^()%=≈…]|\s)++")
_PLAIN = re.compile(rf"\s*-?\s*({NUMBER})\s*(?:\.\.\.|…)?\s*")
_ROUNDED = re.compile(rf"\s*-?\s*({NUMBER})\s*(%?)\s*(?:\.\.\.|…)?\s*")
"""What may be the rounded form of a value: a number, a percentage too."""
_AFTER = re.compile(r"\?|[^\W\d_]{1,12}")
_NO_CLAIM = frozenset(("?", "r", "rem", "remainder", "rest", "mod"))
"""What may stand behind an equation that is none, or not the whole of it."""
_SHORT_BITS = 100


class Arithmetic:
    """``value_of_answer`` takes the final answer out of a text. Raises UsageError for an expression that
    can't be worked out.
    """

    def __init__(self, declared: Declared, value_of_answer: Callable[[str], str | None]) -> None:
        self.title = declared.title
        self._final = value_of_answer
        self._expression = declared.argument
        try:
            self._wanted = value_of(_plain(declared.argument)) if declared.argument else None
        except UnreadableError as error:
            raise UsageError(
                f"The expression {declared.argument[:80]!r} can't be worked out; numbers, + - * / ^, "
                "brackets and % are known."
            ) from error

    async def check(self, answer: str) -> Finding:
        """Passed when all holds that could be worked out; untold where there is nothing of the kind."""
        if len(answer) > LONGEST_ANSWER:
            return Finding(passed=None, detail=f"It is longer than {LONGEST_ANSWER:,} characters.")
        return self._sums(answer) if self._wanted is None else self._final_answer(answer, self._wanted)

    def _final_answer(self, answer: str, wanted: Fraction) -> Finding:
        found = self._final(answer)
        try:
            is_right = _same(wanted, found or "", is_about=False)
        except UnreadableError:
            return Finding(passed=None, detail="No final number could be found in the text.")
        told = f"{self._expression[:80]} is {_shown(wanted)}"
        return Finding(passed=is_right, detail=f"The final answer is {str(found)[:80]}, and {told}.")

    def _sums(self, answer: str) -> Finding:
        wrong: list[str] = []
        count = 0
        for left, sign, right in _claims(answer):
            try:
                value, other = value_of(left), value_of(right)
            except UnreadableError:
                continue
            count += 1
            holds = _same(value, right, is_about=sign == "≈")
            if not holds and _PLAIN.fullmatch(left) is None:
                wrong.append(f"{_tidy(left)} is {_shown(value)}, not {_tidy(right)}")
            elif not holds:
                wrong.append(f"{_tidy(right)} is {_shown(other)}, not {_tidy(left)}")
        if not count:
            return Finding(passed=None, detail="There is no calculation in it.")
        if wrong:
            more = f" (and {len(wrong) - MOST_TOLD} more)" if len(wrong) > MOST_TOLD else ""
            return Finding(passed=False, detail="; ".join(wrong[:MOST_TOLD]) + more + ".")
        hold = "calculation holds" if count == 1 else "calculations hold"
        return Finding(passed=True, detail=f"{count} {hold}.")


def _same(value: Fraction, told: str, *, is_about: bool) -> bool:
    """Whether a number that was written is this value, rounded as far as it shows."""
    other = value_of(told.replace("...", "").replace("…", ""))
    number = _ROUNDED.fullmatch(told)
    if value == other or number is None:
        return value == other
    one = Fraction(1, 100) if number[2] else Fraction(1)
    unit = one * shown_unit(number[1])
    if is_about:
        digits = number[1].replace(",", "")
        round_to = one * Fraction(10 ** (len(digits) - len(digits.rstrip("0"))), 2)
        return abs(value - other) <= (unit if unit < one else round_to)
    if "..." in told or "…" in told:
        return abs(value - other) <= unit
    return unit < 1 and abs(value - other) * 2 <= unit


def _claims(text: str) -> Iterator[tuple[str, str, str]]:
    """(left, ``=`` or ``≈``, right) of each equation between calculations, one of them at least with an
    operator. Chains give a pair for each sign.
    """
    for line in text.splitlines():
        if len(line) <= LONGEST_LINE and ("=" in line or "≈" in line or "approx" in line):
            yield from _in_line(_plain(_BULLET.sub("", line)))


def _plain(text: str) -> str:
    """TeX and typographic signs as plain ones; emphasis and currencies gone, stars of a product kept as ×."""
    for pattern, instead in _TEX:
        text = pattern.sub(instead, text)
    text = _STAR.sub(lambda found: found[0].replace("**", "^").replace("*", "×"), text)
    return text.translate(_SIGNS).replace("*", "×")


def _in_line(line: str) -> Iterator[tuple[str, str, str]]:
    for run in _RUN.finditer(line):
        sides = [_balanced(side.strip()) for side in re.split("[=≈]", run[0])]
        signs = re.findall("[=≈]", run[0])
        if _follows_a_word(line[: run.start()], run[0], sides[0]):
            sides[0] = ""
        after = _AFTER.match(line, run.end())
        if after is not None and after[0].casefold() in _NO_CLAIM:
            sides[-1] = ""
        for left, sign, right in zip(sides, signs, sides[1:], strict=False):
            calculates = _PLAIN.fullmatch(left) is None or _PLAIN.fullmatch(right) is None
            if left and right and calculates:
                yield left, sign, right


def _follows_a_word(before: str, run: str, first: str) -> bool:
    """Whether the first side is only the end of something with words in it: ``2x + 3``, ``5 kg - 2``."""
    if not before or not before[-1].isalnum():
        return False
    return not run[0].isspace() or first[:1] in tuple("+-×/^%)")


def _balanced(side: str) -> str:
    """Without brackets that belong to the sentence around: ``(3 + 4 = 7)``."""
    while side.startswith("(") and side.count("(") > side.count(")"):
        side = side[1:].strip()
    while side.endswith(")") and side.count(")") > side.count("("):
        side = side[:-1].strip()
    return side


def _tidy(text: str) -> str:
    return " ".join(text.split())[:80]


def _shown(value: Fraction) -> str:
    """Exactly where that is short, else rounded and said to be."""
    if value.denominator == 1 and value.numerator.bit_length() < _SHORT_BITS:
        return str(value.numerator)
    try:
        short = f"{float(value):.8g}"
        return short if Fraction(short) == value else f"about {short}"
    except OverflowError:
        return f"a number of about {int(value.numerator.bit_length() * 0.30103)} digits"
