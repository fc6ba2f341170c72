"""Text as the search sees it: words, bigrams of Chinese, Japanese and Korean, queries that can't be
malformed, excerpts around what was found. Pure; the index itself is ``search_index.py``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

PREFIX_FROM = 3
AROUND = 80
"""Characters shown on each side of a match."""
_WINDOW = 1 << 16
_OVERLAP = 1 << 10
"""A long text is looked through a window at a time, so that other threads get their turn; a match may reach
so far beyond it.
"""

_CJK = (
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c"  # radicals, marks for characters
    "\u3040-\u30ff\u3100-\u312f\u3130-\u318f\u31a0-\u31bf\u31f0-\u31ff"  # kana, bopomofo, jamo
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f"  # ideographs, hangul, half-width kana
    "\U0001b000-\U0001b16f\U00020000-\U000323af"
)
_CJK_RUN = re.compile(f"[{_CJK}]+")
_PIECE = re.compile(rf"[{_CJK}]+|[^\W_{_CJK}]+(?:[\u0300-\u036f]+[^\W_{_CJK}]*)*")
_QUOTED_OR_WORD = re.compile(r'"([^"]*)"|([^\s"]+)')
_MARKS = "[\u0300-\u036f]*"


@dataclass(frozen=True, slots=True)
class Term:
    """Words that must stand together, the last one as a prefix if ``open_end``."""

    words: tuple[str, ...]
    open_end: bool = False


def indexable(text: str) -> str:
    """``text`` with runs of CJK characters as overlapping pairs, the last character once more alone."""
    return _CJK_RUN.sub(lambda found: f" {' '.join(_pairs(found.group()))} ", text.replace("\0", " "))


def parse(query: str) -> list[Term]:
    """What to look for: every term must be found. Empty when the query holds no letter or digit."""
    terms: list[Term] = []
    for quoted, word in _QUOTED_OR_WORD.findall(query.replace("\0", " ")):
        pieces = tuple(_PIECE.findall(quoted or word))
        if quoted:
            terms += [Term(pieces)] if pieces else []
        else:
            terms += [Term((piece,), open_end=_may_go_on(piece)) for piece in pieces]
    return terms


def match_expression(terms: Sequence[Term]) -> str:
    """The FTS5 expression for ``terms``: quoted strings only, so nothing in them is an operator."""
    return " ".join(_expression(term) for term in terms)


def excerpt(text: str, terms: Sequence[Term]) -> str:
    """One line of ``text`` around the first term found in it, else its beginning; "…" where it was cut."""
    start, end = _place(text, terms)
    first = max(0, start - AROUND)
    last = min(len(text), end + AROUND)
    if first:
        blank = text.find(" ", first, start)
        first = first if blank < 0 else blank + 1
    if last < len(text):
        blank = text.rfind(" ", end, last)
        last = last if blank < 0 else blank
    line = " ".join(text[first:last].replace("\0", " ").split())
    return f"{'…' if first else ''}{line}{'…' if last < len(text) else ''}"


def marks(line: str, terms: Sequence[Term]) -> tuple[tuple[int, int], ...]:
    """Where ``terms`` stand in ``line``: (start, end) in characters, in order and apart from each other."""
    folded = _folded(line)
    spans = sorted(found.span() for term in terms for found in _pattern(term).finditer(folded))
    apart: list[tuple[int, int]] = []
    for start, end in spans:
        if apart and start <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(end, apart[-1][1]))
        elif start < end:
            apart.append((start, end))
    return tuple(apart)


def _pairs(run: str) -> Iterator[str]:
    yield from (run[i : i + 2] for i in range(len(run) - 1))
    yield run[-1]


def _is_cjk(piece: str) -> bool:
    return _CJK_RUN.match(piece) is not None


def _may_go_on(piece: str) -> bool:
    """A single CJK character begins any pair it is in; words count from three letters."""
    return len(piece) == 1 if _is_cjk(piece) else len(piece) >= PREFIX_FROM


def _expression(term: Term) -> str:
    words: list[str] = []
    for place, word in enumerate(term.words):
        last = place == len(term.words) - 1
        if _is_cjk(word) and len(word) > 1:
            pairs = list(_pairs(word))
            words += pairs[:-1] if last else pairs  # in a longer run the last character is not alone
        else:
            words.append(word)
    return f'"{" ".join(words)}"{"*" if term.open_end else ""}'


def _place(text: str, terms: Sequence[Term]) -> tuple[int, int]:
    for pattern in map(_pattern, terms):
        for start in range(0, len(text), _WINDOW):
            first = max(0, start - 1)  # the character before tells whether a word begins here
            found = pattern.search(_folded(text[first : start + _WINDOW + _OVERLAP]), start - first)
            if found:
                return first + found.start(), first + found.end()
    return 0, 0


def _pattern(term: Term) -> re.Pattern[str]:
    between = r"[\W_]*"
    words = between.join("".join(re.escape(letter) + _MARKS for letter in _bare(word)) for word in term.words)
    before = "" if _is_cjk(term.words[0]) else r"(?<![^\W_])"
    after = "" if term.open_end or _is_cjk(term.words[-1]) else r"(?![^\W_])"
    return re.compile(before + words + after)


def _bare(word: str) -> str:
    return "".join(letter for letter in word.translate(_FOLD) if not unicodedata.combining(letter))


def _folded(text: str) -> str:
    return text.lower() if text.isascii() else text.translate(_FOLD)


class _Fold(dict[int, int]):
    """Each character without its accent and in lower case, one for one, so that places stay places."""

    def __missing__(self, code: int) -> int:
        parts = unicodedata.normalize("NFD", chr(code))
        letter = parts[0]
        if not all("\u0300" <= mark <= "\u036f" for mark in parts[1:]):
            letter = chr(code)  # a syllable of Korean or a voiced kana is no letter with an accent
        small = letter.lower()
        self[code] = ord(small) if len(small) == 1 else code
        return self[code]


_FOLD = _Fold()  # a memory of a pure function, at most one entry a character
