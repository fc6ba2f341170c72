"""Characters that can't be seen or that act, made visible: what is read is what is there.

Direction controls, zero-width marks, tag letters, terminal escapes, NULs and halves of characters become
signs like ⟦U+202E⟧. Only what is shown changes; a copy gets the characters themselves (``Span.truth``).
Joiners and direction marks stay where scripts and emoji need them.
"""

from __future__ import annotations

import re
import unicodedata

from PySide6.QtCore import QCoreApplication

from cort_desktop.gui.markdown.limits import SIGN_LETTERS
from cort_desktop.gui.markdown.values import Mark, Span

_HIDDEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but tab and newline, DEL, C1: escape sequences begin here
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0"  # soft hyphen, fillers
    "\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f"  # zero-width, direction, separators
    "\ufeff\ufff0-\uffff"  # byte order mark, annotations, objects, noncharacters
    "\ufdd0-\ufdef"  # noncharacters: QTextDocument keeps its own marks there
    "\ud800-\udfff"  # halves of a character
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"  # tag letters and more variation selectors
)
_RUN = re.compile(f"[{_HIDDEN}]+")
_IN_LINE = re.compile(f"[{_HIDDEN}\t\n]+")
_FLAG = re.compile("\U0001f3f4[\U000e0061-\U000e007a\U000e0030-\U000e0039]{3,6}\U000e007f")
_JOINERS = "\u200c\u200d"
_MARKS = "\u200e\u200f\u061c"
_REPLACED = "\ufffc\ufffd"
_TAGS = range(0xE0020, 0xE007F)
_TAG_BASE = 0xE0000
_JOINING_SCRIPTS = (
    (0x0590, 0x08FF),  # Hebrew, Arabic, Syriac and their like
    (0x0900, 0x0DFF),  # scripts of India
    (0x0F00, 0x109F),
    (0x1780, 0x18AF),
    (0xFB1D, 0xFDCF),
    (0xFE70, 0xFEFC),
)


def spans(text: str, marks: Mark = Mark.NONE, href: str = "") -> list[Span]:
    """``text`` in spans of that look, with a sign span for each run of characters that can't be seen."""
    if text.isascii() and text.isprintable():
        return [Span(text=text, marks=marks, href=href)] if text else []
    made: list[Span] = []
    at = 0
    for start, end in _hidden_runs(text):
        if start > at:
            made.append(Span(text=text[at:start], marks=marks, href=href))
        run = text[start:end]
        made.append(Span(text=_sign(run), marks=marks | Mark.SIGN, href=href, truth=run))
        at = end
    if at < len(text):
        made.append(Span(text=text[at:], marks=marks, href=href))
    return made


def shown(text: str) -> str:
    """``text`` with signs for what can't be seen, as one string."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(span.text for span in spans(text))


def shown_line(text: str) -> str:
    """``shown`` on one line: line breaks and tabs become signs too. For labels, titles and tooltips."""
    return _IN_LINE.sub(lambda found: _sign(found[0]), text)


def _hidden_runs(text: str) -> list[tuple[int, int]]:
    allowed = {at for found in _FLAG.finditer(text) for at in range(*found.span())}
    runs: list[tuple[int, int]] = []
    for found in _RUN.finditer(text):
        for at in range(*found.span()):
            if at in allowed or _belongs(text, at):
                continue
            if runs and runs[-1][1] == at and _kind(text[at - 1]) == _kind(text[at]):
                runs[-1] = (runs[-1][0], at + 1)
            else:
                runs.append((at, at + 1))
    return runs


def _belongs(text: str, at: int) -> bool:
    """Whether the script around it needs this invisible character, so that it does no harm there."""
    letter = text[at]
    if letter in _REPLACED[1:]:
        return True
    before = text[at - 1] if at else ""
    after = text[at + 1] if at + 1 < len(text) else ""
    if letter in _JOINERS:
        return _joins(before) and (_joins(after) or letter == _JOINERS[0])
    if letter in _MARKS:
        return _is_right_to_left(before) or _is_right_to_left(after)
    return False


def _joins(letter: str) -> bool:
    if not letter:
        return False
    code = ord(letter)
    if any(low <= code <= high for low, high in _JOINING_SCRIPTS):
        return True
    return letter == "\ufe0f" or unicodedata.category(letter) in ("So", "Sk")


def begins_right_to_left(text: str) -> bool:
    """Whether the first letter that has a direction goes from right to left, as Unicode's P2 says."""
    kinds = (unicodedata.bidirectional(letter) for letter in text)
    return next((kind for kind in kinds if kind in ("L", "R", "AL")), "L") != "L"


def _is_right_to_left(letter: str) -> bool:
    return bool(letter) and unicodedata.bidirectional(letter) in ("R", "AL")


def _kind(letter: str) -> str:
    if ord(letter) in _TAGS:
        return "tag"
    return "break" if letter in "\n\t" else unicodedata.category(letter)


def _sign(run: str) -> str:
    if all(ord(letter) in _TAGS for letter in run):
        words = "".join(chr(ord(letter) - _TAG_BASE) for letter in run)
        ending = "…" if len(words) > SIGN_LETTERS else ""
        told = QCoreApplication.translate("MarkdownView", "⟦tags “{letters}”⟧")
        return told.replace("{letters}", words[:SIGN_LETTERS] + ending)
    more = f" ×{len(run)}" if len(set(run)) == 1 else f" +{len(run) - 1}"
    return f"⟦U+{ord(run[0]):04X}{more if len(run) > 1 else ''}⟧"
