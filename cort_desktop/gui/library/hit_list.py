"""The places that a search found as a view. What a row looks like is for its delegate."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from cort_desktop.gui.library.hit_delegate import HitDelegate
from cort_desktop.gui.library.hit_model import HitListModel
from cort_desktop.gui.library.hits import HitRow, HitsRow
from cort_desktop.gui.library.list_views import ListOfRows
from cort_desktop.gui.theme import Theme


class HitList(ListOfRows):
    """Places that a search found. ``end_reached`` when a person is near the last."""

    end_reached = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("hitList")
        self.setAccessibleName(self.tr("Found places"))
        self.list_model = HitListModel(self)
        self.setModel(self.list_model)
        self.setItemDelegate(HitDelegate(theme, self))
        self.verticalScrollBar().valueChanged.connect(self._scrolled)

    def show_rows(self, rows: list[HitsRow], *, is_new: bool) -> None:
        """Show ``rows``; those of another search begin at the top, with nothing chosen."""
        self.list_model.show(rows)
        if is_new:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())
            self.scrollToTop()

    def chosen(self) -> HitRow | None:
        """The chosen place, else the first."""
        row = self.list_model.row_at(self.currentIndex())
        if isinstance(row, HitRow):
            return row
        return next((each for each in self.list_model.rows if isinstance(each, HitRow)), None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()  # narrower excerpts take more lines

    def _scrolled(self, value: int) -> None:
        bar = self.verticalScrollBar()
        if value > 0 and value >= bar.maximum() - self.viewport().height() // 2:
            self.end_reached.emit()
