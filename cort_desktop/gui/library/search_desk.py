"""Searching in the pane: the field, what it finds, and how one gets there and back to the list.

What is asked of the library, and when, is ``searching``; how hits look is ``hit_delegate``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

from cort_desktop.errors import CortError
from cort_desktop.gui.library.controller import LibraryController
from cort_desktop.gui.library.hits import HitRow
from cort_desktop.gui.library.searching import Found, Searching

if TYPE_CHECKING:
    from cort_desktop.gui.library.pages import Pages
    from cort_desktop.gui.library.search_field import SearchField
    from cort_desktop.gui.ui import Ui


class SearchDesk(QObject):
    """``hit_opened`` has a Hit; ``began`` and ``ended``: the list makes room, or comes back."""

    hit_opened = Signal(object)
    began = Signal()
    ended = Signal()

    def __init__(self, ui: Ui, controller: LibraryController, field: SearchField, pages: Pages) -> None:
        super().__init__(field)
        self._controller, self._field, self._pages = controller, field, pages
        self._shown_text = ""
        self.searching = Searching(ui, self)
        hits = pages.hits
        field.textChanged.connect(self.searching.look_for)
        field.moved.connect(self._move)
        field.entered.connect(self._enter)
        field.left.connect(self._leave)
        hits.opened.connect(self._open)
        hits.left.connect(self._leave)
        hits.end_reached.connect(self.searching.more)
        self.searching.found.connect(self._show_found)
        self.searching.failed.connect(self._fail)
        self.searching.ended.connect(self._end)

    @property
    def is_on(self) -> bool:
        """Whether something is looked for."""
        return self.searching.is_on

    def end(self) -> None:
        """Back to the list, as it was left."""
        self._field.clear()
        self.searching.end()

    def step(self, by: int) -> None:
        """Open the next place of what was found."""
        self._open(self._pages.hits.step(by))

    def _show_found(self, found: Found) -> None:
        is_new = found.text != self._shown_text
        self._shown_text = found.text
        self.began.emit()
        controller = self._controller
        words = self._pages.show_found(found, controller.today, is_new=is_new)
        if is_new:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._field, words))

    def _end(self) -> None:
        self._shown_text = ""
        self.ended.emit()

    def _fail(self, error: CortError) -> None:
        self._pages.say_search_failed(error, self.searching.ask)

    def _move(self, by: int) -> None:
        """An arrow key in the search field."""
        hits = self._pages.hits
        if self._pages.has_hits:
            hits.step(by, None if hits.currentIndex().isValid() else -1)
        elif by > 0 and self._pages.has_list:
            self._pages.list.setFocus(Qt.FocusReason.TabFocusReason)

    def _enter(self) -> None:
        """Enter in the search field: the newest answer counts, not one that is on its way."""
        shown, hits = self.searching.shown, self._pages.hits
        if shown is None or shown.text != self.searching.text:
            self.searching.ask()
            return
        row = hits.chosen()
        if row is not None:
            index = hits.list_model.index_of(row.key)
            hits.setCurrentIndex(index)
            self._open(index)

    def _leave(self) -> None:
        self.end()
        self._pages.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _open(self, index: QModelIndex) -> None:
        row = self._pages.hits.list_model.row_at(index)
        if isinstance(row, HitRow):
            self.hit_opened.emit(row.hit)
