"""What fills the pane below the search field: the list, what a search found, or words in their place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from cort_desktop.errors import CortError
from cort_desktop.gui.library.list_views import ConversationList
from cort_desktop.gui.library.quiet_page import QuietPage
from cort_desktop.gui.library.rows import Shelf
from cort_desktop.gui.theme import Theme
from cort_desktop.gui.widgets import PlainLabel

if TYPE_CHECKING:
    from cort_desktop.gui.library.hit_list import HitList
    from cort_desktop.gui.library.searching import Found


class Pages(QStackedWidget):
    """One of ``list``, ``hits`` and ``quiet`` is seen; ``hits`` is there when it is ``complete``."""

    hits: HitList

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.list = ConversationList(theme, self)
        self.quiet = QuietPage(theme, self)
        self._found: QWidget | None = None
        for page in (self.list, self.quiet):
            self.addWidget(page)

    def complete(self) -> None:
        """Make the page of what a search found."""
        from cort_desktop.gui.library.hit_list import HitList

        self.hits = HitList(self._theme, self)
        self._counted = PlainLabel(role="small", parent=self)
        self._counted.setContentsMargins(16, 4, 16, 0)
        self._found = QWidget(self)
        column = QVBoxLayout(self._found)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._counted)
        column.addWidget(self.hits, 1)
        self.addWidget(self._found)

    @property
    def has_list(self) -> bool:
        """Whether the list of conversations is what is seen."""
        return self.currentWidget() is self.list

    @property
    def has_hits(self) -> bool:
        """Whether places that a search found are seen."""
        return self._found is not None and self.currentWidget() is self._found

    def show_list(self, shelf: Shelf, *, is_empty: bool) -> None:
        """Show the list, or say why there is none."""
        if not is_empty:
            self.setCurrentWidget(self.list)
            return
        words = {
            "all": (
                self.tr("No conversations yet"),
                self.tr("Ask something: it is kept here with every round of it."),
                "messages-square",
            ),
            "archived": (
                self.tr("Nothing is archived"),
                self.tr("Archive a conversation to have it out of the list without deleting it."),
                "archive",
            ),
            "bin": (self.tr("The bin is empty"), self.tr("There is nothing to restore."), "trash-2"),
        }
        self.quiet.say(*words[shelf])
        self.setCurrentWidget(self.quiet)

    def show_found(self, found: Found, today: date, *, is_new: bool) -> str:
        """Show what was found; returns in words how much it is. ``is_new``: other words were looked for."""
        from cort_desktop.gui.library.hits import counted, rows_of_hits

        self.hits.show_rows(rows_of_hits(found.hits, today, QLocale()), is_new=is_new)
        if found.hits and self._found is not None:
            self._counted.setText(counted(found.hits, found.limit))
            self.setCurrentWidget(self._found)
            return self._counted.text()
        words = self.tr(
            "No place has all of “{text}”. Looked through: titles, questions, answers, candidates that lost "
            "and judges’ words, in the list and in the archive."
        )
        self.quiet.say(self.tr("Nothing found"), words.format(text=found.text), "search")
        self.setCurrentWidget(self.quiet)
        return self.tr("Nothing found")

    def say_unreadable(self, error: CortError, keys: str, again: Callable[[], object]) -> None:
        """The library can't be read; what works all the same is under ``keys``."""
        words = self.tr(
            "{reason} What is asked in a temporary conversation ({keys}) still works; it isn’t kept."
        )
        self._say_failed(self.tr("The library can’t be read"), words.format(reason=error, keys=keys), again)

    def say_search_failed(self, error: CortError, again: Callable[[], object]) -> None:
        """The library could not be asked."""
        self._say_failed(self.tr("The search failed"), str(error), again)

    def _say_failed(self, title: str, words: str, again: Callable[[], object]) -> None:
        offer = (self.tr("Try again"), again)
        self.quiet.say(title, words, "triangle-alert", colour="bad", offer=offer)
        self.setCurrentWidget(self.quiet)
