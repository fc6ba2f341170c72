"""A comparison to be read: in one text, or both side by side, under their names.

Changes are told by more than colour.

What went is struck through on a red ground, what came underlined on a green one. Steps from change to change
keep both sides at the same place.
"""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QTextEdit, QVBoxLayout, QWidget

from cort_desktop.domain.ids import NodeName
from cort_desktop.gui.rounds.text_dialog import MOST_CHARACTERS, displayable, text_field
from cort_desktop.gui.theme import Theme
from cort_desktop.gui.widgets import ElidedLabel, vline
from cort_desktop.telling.word_diff import Comparison, Kind, Piece


class DiffView(QWidget):
    """Shows a ``Comparison``. ``is_cut``: only its beginning fits on the screen."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._comparison: Comparison | None = None
        self._beside = False
        self._at = -1
        self.is_cut = False
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.left, self.right = self._field(""), self._field("")
        self.left_head, self.right_head = ElidedLabel("", "small"), ElidedLabel("", "small")
        self._names: tuple[NodeName, NodeName] | None = None
        self._line = vline()
        row.addLayout(_headed(self.left_head, self.left), 1)
        row.addWidget(self._line)
        self._right_side = QWidget()
        self._right_side.setLayout(_headed(self.right_head, self.right))
        row.addWidget(self._right_side, 1)
        self._places: dict[QPlainTextEdit, list[tuple[int, int]]] = {}
        self._link_scrolling()
        theme.changed.connect(self._write)
        self._write()

    def sizeHint(self) -> QSize:
        """No higher than it has to be: a layout that follows its width would give it no room, or too much."""
        return QSize(super().sizeHint().width(), self.minimumHeight())

    @property
    def change(self) -> int:
        """Which change is looked at, from 0; -1 before the first step."""
        return self._at

    def show_comparison(self, comparison: Comparison | None) -> None:
        """Show another one, from its beginning."""
        self._comparison = comparison
        self._at = -1
        self._write()

    def set_beside(self, beside: bool) -> None:
        """Old and new side by side, or in one text."""
        if beside != self._beside:
            self._beside = beside
            self._write()

    def set_names(self, old: NodeName, new: NodeName) -> None:
        """Whose texts they are: told above them, and to a screen reader."""
        self._names = (old, new)
        if self._beside:
            heads = (
                self.tr("{node} · struck: only here").format(node=old),
                self.tr("{node} · underlined: only here").format(node=new),
            )
            beside = self.tr("Text of {node}, beside the other")
            self.left.setAccessibleName(beside.format(node=old))
            self.right.setAccessibleName(beside.format(node=new))
        else:
            one = self.tr("struck: only in {old} · underlined: only in {new}")
            heads = (one.format(old=old, new=new), "")
            both = self.tr("{old} and {new} in one text with their differences")
            self.left.setAccessibleName(both.format(old=old, new=new))
        self.left_head.setText(heads[0])
        self.right_head.setText(heads[1])

    def step(self, by: int) -> int:
        """Go to the next (1) or previous (-1) change, around the ends; returns its number, -1: none."""
        count = len(self._comparison.changes) if self._comparison is not None else 0
        if not count:
            return -1
        self._at = (self._at + by) % count if self._at >= 0 else (0 if by > 0 else count - 1)
        for field, places in self._places.items():
            if self._at < len(places):
                self._mark(field, *places[self._at])
        return self._at

    def _field(self, name: str) -> QPlainTextEdit:
        return text_field(self._theme, name, face="body")

    def _link_scrolling(self) -> None:
        """Both sides are as far down, by share: they are seldom equally long."""
        one, other = self.left.verticalScrollBar(), self.right.verticalScrollBar()

        def follow(moved: int, source_most: int, bar: object) -> None:
            if self._beside and bar is not None:
                goal = other if bar is one else one
                goal.blockSignals(True)
                goal.setValue(round(moved / source_most * goal.maximum()) if source_most else 0)
                goal.blockSignals(False)
                (self.right if bar is one else self.left).viewport().update()

        one.valueChanged.connect(lambda value: follow(value, one.maximum(), one))
        other.valueChanged.connect(lambda value: follow(value, other.maximum(), other))

    def _write(self) -> None:
        pieces = self._comparison.pieces if self._comparison is not None else ()
        self.is_cut = sum(len(piece.text) for piece in pieces) > MOST_CHARACTERS
        self._right_side.setVisible(self._beside)
        self._line.setVisible(self._beside)
        changes = set(self._comparison.changes) if self._comparison is not None else set()
        sides: list[tuple[QPlainTextEdit, Kind | None]] = [(self.left, "added" if self._beside else None)]
        if self._beside:
            sides.append((self.right, "removed"))
        if self._names is not None:
            self.set_names(*self._names)
        self._places = {field: self._fill(field, pieces, without, changes) for field, without in sides}
        if not self._beside:
            self.right.clear()

    def _fill(
        self, field: QPlainTextEdit, pieces: tuple[Piece, ...], without: Kind | None, changes: set[int]
    ) -> list[tuple[int, int]]:
        """Write the pieces but those of one kind; returns from where to where each change stands."""
        field.clear()
        field.setExtraSelections([])
        formats = {kind: self._format(kind) for kind in ("same", "removed", "added")}
        cursor = QTextCursor(field.document())
        cursor.beginEditBlock()
        places: list[tuple[int, int]] = []
        left = MOST_CHARACTERS
        for index, piece in enumerate(pieces):
            if left <= 0:
                break
            left -= len(piece.text)
            start = cursor.position()
            if index in changes:
                places.append((start, start))
            if piece.kind != without:
                cursor.insertText(_visible(piece), formats[piece.kind])
            if piece.kind != "same" and places:
                places[-1] = (places[-1][0], cursor.position())
        cursor.endEditBlock()
        field.moveCursor(QTextCursor.MoveOperation.Start)
        return places

    def _format(self, kind: Kind) -> QTextCharFormat:
        shape = QTextCharFormat()
        shape.setForeground(self._theme.colour("text"))
        if kind == "removed":
            shape.setBackground(self._theme.colour("removed"))
            shape.setFontStrikeOut(True)
        elif kind == "added":
            shape.setBackground(self._theme.colour("added"))
            shape.setFontUnderline(True)
        return shape

    def _mark(self, field: QPlainTextEdit, start: int, end: int) -> None:
        """Scroll to a change and mark it."""
        cursor = field.textCursor()
        cursor.setPosition(start)
        field.setTextCursor(cursor)
        field.centerCursor()
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        mark = QTextEdit.ExtraSelection()
        mark.cursor = cursor
        mark.format.setBackground(self._theme.colour("found_now"))
        mark.format.setForeground(self._theme.colour("text"))
        field.setExtraSelections([mark])


def _headed(head: QWidget, field: QWidget) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(4)
    column.addWidget(head)
    column.addWidget(field, 1)
    return column


def marked_text(comparison: Comparison) -> str:
    """The comparison as plain text: ``[-what went-]{+what came+}``, as ``wdiff`` writes it."""
    signs: dict[Kind, str] = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return "".join(signs[piece.kind].format(piece.text) for piece in comparison.pieces)


def _visible(piece: Piece) -> str:
    """The text of a piece; a change of nothing but line ends gets a sign for each."""
    shown = displayable(piece.text)
    if piece.kind != "same" and not piece.text.strip():
        return shown.replace("\n", "↵\n")
    return shown
