"""Writes spans at a cursor: emphasis, code, links, signs and formulas as character formats."""

from __future__ import annotations

from PySide6.QtGui import QFont, QFontMetricsF, QTextCharFormat, QTextCursor

from cort_desktop.gui.markdown.copying import FORMULA, TRUTH
from cort_desktop.gui.markdown.drawing import Drawing
from cort_desktop.gui.markdown.formula_objects import DRAWN, STRUT, strut
from cort_desktop.gui.markdown.limits import RUN
from cort_desktop.gui.markdown.look import Look
from cort_desktop.gui.markdown.spots import Spots
from cort_desktop.gui.markdown.typesetter import Typesetter
from cort_desktop.gui.markdown.values import Mark, Span, tex_of

_LINE = "\u2028"
_OBJECT = "\ufffc"
_CODE, _SIGN = 0.93, 0.82


class SpanWriter:
    """Writes in one look."""

    def __init__(self, look: Look, typesetter: Typesetter) -> None:
        self._look = look
        self._typesetter = typesetter

    def write(
        self, cursor: QTextCursor, spans: tuple[Span, ...], base: QTextCharFormat, spots: Spots, start: int
    ) -> bool:
        """Write ``spans``, the first letter being number ``start`` of ``spots``. Returns whether a formula in
        them is still being set.
        """
        waits = False
        for span in spans:
            if Mark.MATH in span.marks:
                drawing = self._typesetter.drawing(tex_of(span), is_display=False)
                if drawing is not None:
                    spots.add(start, cursor.position(), span.text, is_drawn=True)
                    _insert_drawn(cursor, span, base, drawing)
                    start += len(span.text)
                    continue
                waits |= self._typesetter.is_coming(tex_of(span), is_display=False)
            for text, form in _runs(span.text, self._form(span, base)):
                spots.add(start, cursor.position(), text)
                cursor.insertText(text.replace("\n", _LINE) or _LINE, form)
                start += len(text)
        return waits

    def _form(self, span: Span, base: QTextCharFormat) -> QTextCharFormat:
        look, marks, form = self._look, span.marks, QTextCharFormat(base)
        if Mark.BOLD in marks:
            form.setFontWeight(QFont.Weight.DemiBold)
        if Mark.ITALIC in marks or Mark.MATH in marks:
            form.setFontItalic(True)
        if Mark.STRIKE in marks:
            form.setFontStrikeOut(True)
        if Mark.CODE in marks:
            form.setFontFamilies(look.mono.families())
            form.setFontPointSize(base.fontPointSize() * _CODE)
            form.setBackground(look.colour("code"))
        if span.href:
            form.setAnchor(True)
            form.setAnchorHref(span.href)
            form.setForeground(look.colour("accent"))
        if Mark.ADDRESS in marks or Mark.BLOCKED in marks:
            form.setForeground(look.colour("muted"))
        if Mark.BLOCKED in marks:
            form.setBackground(look.colour("bubble"))
        if Mark.SIGN in marks:
            form.setForeground(look.colour("warn"))
            form.setBackground(look.colour("warn_soft"))
            form.setFontFamilies(look.mono.families())
            form.setFontPointSize(base.fontPointSize() * _SIGN)
        if span.truth is not None:
            form.setProperty(TRUTH, span.truth)
        return form


def _insert_drawn(cursor: QTextCursor, span: Span, base: QTextCharFormat, drawing: Drawing) -> None:
    form = QTextCharFormat(base)
    form.setObjectType(DRAWN)
    form.setProperty(FORMULA, tex_of(span))
    form.setProperty(TRUTH, span.copied)
    form.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignBaseline)
    cursor.insertText(_OBJECT, form)
    height = strut(drawing, QFontMetricsF(base.font()))
    if height:
        form.clearProperty(FORMULA)
        form.setProperty(TRUTH, "")
        form.setProperty(STRUT, height)
        form.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignMiddle)
        cursor.insertText(_OBJECT, form)


def _runs(text: str, form: QTextCharFormat) -> list[tuple[str, QTextCharFormat]]:
    """The text in pieces Qt can lay out; an empty piece is a line break on the screen that no copy gets."""
    if len(text) <= RUN:
        return [(text, form)] if text else []
    cut = QTextCharFormat(form)
    cut.setProperty(TRUTH, "")
    runs: list[tuple[str, QTextCharFormat]] = []
    for number, line in enumerate(text.split("\n")):
        pieces = [line[at : at + RUN] for at in range(0, max(1, len(line)), RUN)]
        if number:
            pieces[0] = "\n" + pieces[0]
        for index, piece in enumerate(pieces):
            runs += [("", cut)] if index else []
            runs += [(piece, form)] if piece else []
    return runs
