"""Found words in a narrow column: an excerpt made safe to show, cut around what was found, laid out.

The words were found and marked by the library; only their picture is made here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QTextCharFormat, QTextLayout, QTextOption

from cort_desktop.telling.safe import neutral

_BEFORE = 0.35
"""The part of the room that what stands before the found words may take, when much follows them."""
_FILLED = 0.85
"""The part of several lines that words fill, as they wrap."""
_BLANKS = re.compile(r"\s")
_MARKUP = re.compile(r"(?:^|(?<=\n))[ ]{0,3}(?:#{1,6} |> )|`{3,}\w*\s?|\*\*|`")
"""What Markdown is written with and nobody reads; a single star may be a sum's."""

Marks = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """One line of harmless text; ``marks`` are (start, end) of the found words, in characters."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()

    def from_place(self, start: int) -> Marked:
        """The same without its first ``start`` characters, and "…" instead."""
        if start <= 0:
            return self
        kept = ((max(a - start, 0) + 1, b - start + 1) for a, b in self.marks if b > start)
        return Marked(text="…" + self.text[start:], marks=tuple(kept))


def safe(text: str, marks: Marks) -> Marked:
    """``text`` on one line without its markup and with every acting character shown by name; the marks move
    along.
    """
    pieces: list[str] = []
    moved: list[tuple[int, int]] = []
    length = place = 0
    for start, end in marks:
        before, found = _plain_piece(text[place:start]), _safe_piece(text[start:end])
        pieces += [before, found]
        moved.append((length + len(before), length + len(before) + len(found)))
        length, place = moved[-1][1], end
    pieces.append(_plain_piece(text[place:]))
    return Marked(text="".join(pieces), marks=tuple(moved))


def around_the_first(marked: Marked, width_of: Callable[[str], float], room: float) -> Marked:
    """``marked`` cut at its beginning, so that the first found words stand well within ``room`` pixels.

    ``width_of`` measures a text in pixels. What follows is left as it is.
    """
    if not marked.marks:
        return marked
    start, end = marked.marks[0]
    if width_of(marked.text[:end]) <= room:
        return marked
    before = max(room * _BEFORE, room - width_of(marked.text[start:]))
    low, high = 0, start
    while low < high:  # the first place from which on the words before fit
        middle = (low + high) // 2
        if width_of(marked.text[middle:start]) <= before:
            high = middle
        else:
            low = middle + 1
    blank = marked.text.find(" ", low, start)
    return marked.from_place(low if blank < 0 else blank + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How an excerpt is painted."""

    font: QFont
    strong: QFont
    text: QColor
    found: QColor


def laid_out(marked: Marked, width: float, lines: int, look: Look) -> QTextLayout:
    """``marked`` in at most ``lines`` lines of ``width`` pixels; "…" ends it when it was cut."""
    metrics = QFontMetricsF(look.strong)
    room = width if lines == 1 else width * lines * _FILLED
    shown = around_the_first(marked, metrics.horizontalAdvance, room)
    layout = _layout(shown, width, look)
    if layout.lineCount() <= lines:
        return layout
    last = layout.lineAt(lines - 1).textStart()
    units = shown.text.encode("utf-16-le", "replace")
    head = units[: 2 * last].decode("utf-16-le", "replace")
    rest = shown.text[len(head) :]
    tail = metrics.elidedText(rest, Qt.TextElideMode.ElideRight, width)
    length = len(head) + len(tail) - 1
    kept = tuple((a, min(b, length)) for a, b in shown.marks if a < length)
    return _layout(Marked(text=head + tail, marks=kept), width, look)


def _layout(marked: Marked, width: float, look: Look) -> QTextLayout:
    layout = QTextLayout(marked.text, look.font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    option.setTextDirection(Qt.LayoutDirection.LayoutDirectionAuto)
    layout.setTextOption(option)
    layout.setFormats([_format(marked.text, start, end, look) for start, end in marked.marks])
    layout.beginLayout()
    top = 0.0
    line = layout.createLine()
    while line.isValid():
        line.setLineWidth(width)
        line.setPosition(QPointF(0, top))
        top += line.height()
        line = layout.createLine()
    layout.endLayout()
    return layout


def _format(text: str, start: int, end: int, look: Look) -> QTextLayout.FormatRange:
    found = QTextLayout.FormatRange()
    found.start = _units(text[:start])
    found.length = _units(text[start:end])
    form = QTextCharFormat()
    form.setFontWeight(look.strong.weight())
    form.setForeground(look.text)
    form.setBackground(look.found)
    found.format = form
    return found


def _units(text: str) -> int:
    """Qt counts UTF-16 units where Python counts characters."""
    return len(text.encode("utf-16-le", "replace")) // 2


def _plain_piece(text: str) -> str:
    return _safe_piece(_MARKUP.sub("", text))


def _safe_piece(text: str) -> str:
    return _BLANKS.sub(" ", neutral(text))
