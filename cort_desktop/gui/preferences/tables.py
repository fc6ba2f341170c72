"""A sorted, read-only table of texts, as the settings pages use it: told in full, found by typing."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QTreeWidget, QTreeWidgetItem

from cort_desktop.gui.preferences.rows import icon_px
from cort_desktop.gui.widgets import tooltip_text

SORT = Qt.ItemDataRole.UserRole
KEY = Qt.ItemDataRole.UserRole + 1
_ROWS = 6
_SPARE_PX = 4
_NARROWEST_PX = 48
_WIDEST_LINES = 16
_LEAST_CHARACTERS = 22
_FIGURES = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_DIGITS = re.compile(r"(\d{1,12})")


class Table(QTreeWidget):
    """Rows of texts under headings; ``key`` of a row tells which thing it stands for.

    stretch: the column that takes the room that is left. figures: columns to be read digit below digit.
    """

    def __init__(
        self,
        name: str,
        label: str,
        headings: Sequence[str],
        *,
        stretch: int = 0,
        figures: Collection[int] = (),
    ) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(label)
        self.setColumnCount(len(headings))
        self.setHeaderLabels(list(headings))
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        header = self.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(_NARROWEST_PX)
        self._most_rows = _ROWS
        self._stretch = stretch
        self._figures = figures
        for column in figures:
            self.headerItem().setTextAlignment(column, _FIGURES)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """One column takes the room that is left; where there is none, the table is scrolled sideways."""
        super().resizeEvent(event)
        self._spread()

    def put(self, key: object, texts: Sequence[str], numbers: Sequence[float | None] = ()) -> QTreeWidgetItem:
        """Add a row; ``numbers`` order the columns that have one, None comes last."""
        item = _Item(self, list(texts))
        item.setData(0, KEY, key)
        for column, text in enumerate(texts):
            item.setToolTip(column, tooltip_text(text))
        for column in self._figures:
            item.setTextAlignment(column, _FIGURES)
        for column, number in enumerate(numbers):
            if number is not None:
                item.setData(column, SORT, number)
        return item

    def fit(self, rows: int = _ROWS) -> None:
        """Make columns as wide as their texts, and the table as high as its rows, up to ``rows``."""
        self._most_rows = rows
        self.setIconSize(QSize(icon_px(self), icon_px(self)))
        for column in range(self.columnCount()):
            if column != self._stretch:
                self.resizeColumnToContents(column)
                wide = self.fontMetrics().height() * _WIDEST_LINES
                self.setColumnWidth(column, min(self.columnWidth(column) + 12, wide))
        self._spread()

    def _spread(self) -> None:
        columns = range(self.columnCount())
        others = sum(self.columnWidth(column) for column in columns if column != self._stretch)
        least = self.fontMetrics().averageCharWidth() * _LEAST_CHARACTERS
        room = self.viewport().width() - others
        self.setColumnWidth(self._stretch, max(least, room))
        shown = max(1, min(self._most_rows, self.topLevelItemCount()))
        line = self.sizeHintForRow(0) if self.topLevelItemCount() else self.fontMetrics().height() + 8
        spare = 0 if shown < self.topLevelItemCount() else _SPARE_PX  # no sliver of a row that is scrolled to
        height = self.header().sizeHint().height() + shown * line + 2 * self.frameWidth() + spare
        if room < least:
            height += self.horizontalScrollBar().sizeHint().height()
        if height != self.height():
            self.setFixedHeight(height)

    def key(self) -> object:
        """The key of the current row; None without one."""
        item = self.currentItem()
        return None if item is None else item.data(0, KEY)

    def choose(self, key: object) -> None:
        """Make the row of a key the current one, if there is one."""
        for row in range(self.topLevelItemCount()):
            item = self.topLevelItem(row)
            if item and item.data(0, KEY) == key:
                self.setCurrentItem(item)
                return


class _Item(QTreeWidgetItem):
    """Sorts by number where there is one, else by text in any letter case."""

    def __lt__(self, other: QTreeWidgetItem) -> bool:
        column = self.treeWidget().sortColumn()
        mine: float | None = self.data(column, SORT)
        theirs: float | None = other.data(column, SORT)
        if mine is None and theirs is None:
            return _natural(self.text(column)) < _natural(other.text(column))
        if mine is None or theirs is None:
            return mine is not None
        return bool(mine < theirs)


@lru_cache(maxsize=4096)
def _natural(text: str) -> tuple[tuple[int, str], ...]:
    """Orders ``model-2`` before ``model-10``, in any letter case."""
    parts = _DIGITS.split(text.casefold())
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in parts)
