"""A code block: its language, a Copy button, and the text; of a long one the beginning until all is asked
for.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from cort_desktop.domain.texts import clean
from cort_desktop.gui.markdown import safe_text
from cort_desktop.gui.markdown.code_text import CodeText
from cort_desktop.gui.markdown.lexers import Lexers
from cort_desktop.gui.markdown.look import Look
from cort_desktop.gui.markdown.part import Part
from cort_desktop.gui.markdown.values import Block, Code, Frame
from cort_desktop.gui.pulse import Pulse
from cort_desktop.gui.widgets import PlainLabel, button

FOLDED_LINES = 60
FOLD_FROM = 400
UNFOLDED_LINES = 4000
_FOLD_CHARACTERS = 60_000
_A_TURN = 32 * 1024
_PAD, _RADIUS, _COPIED_MS = 12, 6, 1500


class CodeBlock(Part):
    """One block of program text."""

    def __init__(self, look: Look, pulse: Pulse, parent: QWidget) -> None:
        super().__init__(look, parent)
        self._pulse = pulse
        self._lexers = Lexers.of(pulse)
        self._code = Code(frame=Frame(), language="", text="", is_closed=False)
        self._is_unfolded = self._is_asked = False
        self._goal = ""
        self.text = CodeText(look, self)
        self.edit = self.text
        self._language = PlainLabel(role="small", parent=self)
        self._copy = button(self.tr("Copy"), "link-muted", self)
        self._copy.setAccessibleName(self.tr("Copy code"))
        self._copy.clicked.connect(self.copy_all)
        self._more = button("", "link-small", self)
        self._more.clicked.connect(self.unfold)
        self._more.hide()
        self._said = QTimer(self)
        self._said.setSingleShot(True)
        self._said.setInterval(_COPIED_MS)
        self._said.timeout.connect(lambda: self._copy.setText(self.tr("Copy")))

    def show_blocks(self, blocks: tuple[Block, ...]) -> None:
        (code,) = blocks
        if not isinstance(code, Code):
            raise TypeError(code)
        self.blocks, self._code = blocks, code
        name = safe_text.shown_line(code.language)
        self._language.setText(name or self.tr("text"))
        self.text.setAccessibleName(self.tr("Code, %s") % name if name else self.tr("Code"))
        self._show()

    def unfold(self) -> None:
        """Show all of it."""
        self._is_asked = True
        self._show()
        self.resized.emit()

    def copy_all(self) -> None:
        """The true text to the clipboard."""
        QGuiApplication.clipboard().setText(clean(self._code.text))
        self._copy.setText(self.tr("Copied"))
        self._said.start()

    def _show(self) -> None:
        text = self._code.text
        count = text.count("\n") + 1
        self._is_unfolded |= (
            not self._code.is_closed
        )  # a person saw it grow: it isn't folded under their eyes
        is_long = len(text) > _FOLD_CHARACTERS or (count > FOLD_FROM and not self._is_unfolded)
        is_folded = is_long and not self._is_asked
        self._more.setVisible(is_folded)
        if is_folded:
            self._more.setText(self.tr("Show all %n lines", "", count))
        self._goal = _beginning(text) if is_folded else text
        self._fill()

    def _fill(self) -> None:
        """Lay out as much as one turn allows."""
        shown = self.text.show_text(self._goal, limit=_A_TURN)
        is_tall = self.text.lines > UNFOLDED_LINES
        policy = Qt.ScrollBarPolicy
        self.text.setVerticalScrollBarPolicy(
            policy.ScrollBarAsNeeded if is_tall else policy.ScrollBarAlwaysOff
        )
        if shown < len(self._goal):
            self._pulse.ask(self._fill)
            self.resized.emit()
        self._pulse.ask(self._colour)

    def _colour(self) -> None:
        is_there, lexer = self._lexers.get(self._code.language)
        is_whole = self._code.is_closed or not self._more.isHidden()
        if not is_there or (lexer is not None and self.text.colour(lexer, is_whole=is_whole)):
            self._pulse.ask(self._colour)

    def height_at(self, width: int) -> int:
        metrics = self.text.fontMetrics()
        lines = max(1, self.text.document().lineCount())
        if lines > UNFOLDED_LINES:
            lines = FOLDED_LINES
        height = self._head() + lines * metrics.lineSpacing() + _PAD * 2 - 4
        if self.text.longest * metrics.horizontalAdvance("m") > width - 2 * _PAD:
            height += self._bar()
        return height + (0 if self._more.isHidden() else self._foot())

    def resizeEvent(self, _event: object) -> None:
        self._place()

    def _place(self) -> None:
        head, foot = self._head(), 0 if self._more.isHidden() else self._foot()
        copy = self._copy.sizeHint()
        self._copy.setGeometry(
            self.width() - copy.width() - 6, (head - copy.height()) // 2, copy.width(), copy.height()
        )
        self._language.setGeometry(_PAD, 0, max(0, self._copy.x() - _PAD - 8), head)
        self.text.setGeometry(
            _PAD, head + _PAD - 2, self.width() - 2 * _PAD, self.height() - head - foot - _PAD - 2
        )
        more = self._more.sizeHint()
        self._more.setGeometry(_PAD - 4, self.height() - foot, more.width(), more.height())

    def restyle(self, look: Look) -> None:
        self.look = look
        self.text.restyle(look)
        self._place()
        self.update()

    def place(self, at: int, *, is_end: bool = False) -> int:
        return self.text.spots.place(at, is_end=is_end)

    def reveal(self, at: int) -> None:
        if not self._more.isHidden() and at >= len(safe_text.shown(_beginning(self._code.text))):
            self.unfold()

    def stops(self) -> list[QWidget]:
        return [self._copy, self.text, self._more]

    def truth(self) -> str:
        return self._code.text

    def selected(self) -> str:
        cursor = self.text.textCursor()
        is_all = cursor.selectionEnd() - cursor.selectionStart() >= self.text.document().characterCount() - 1
        return self._code.text if is_all and cursor.hasSelection() else super().selected()

    def changeEvent(self, event: object) -> None:
        super().changeEvent(event)  # type: ignore[arg-type]
        self._place()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
        painter.fillPath(shape, self.look.colour("code"))
        painter.setPen(QPen(self.look.colour("line_strong"), 1))
        painter.drawPath(shape)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        painter.drawLine(0, self._head(), self.width(), self._head())

    def _head(self) -> int:
        return max(24, round(self.look.em * 1.75))

    def _foot(self) -> int:
        return self._more.sizeHint().height() + 6

    def _bar(self) -> int:
        return self.text.horizontalScrollBar().sizeHint().height()


def _beginning(text: str) -> str:
    lines = text.split("\n", FOLDED_LINES)[:FOLDED_LINES]
    return "\n".join(lines)[: _FOLD_CHARACTERS // 4]
