"""The left pane: every conversation there is, search over everything that was said, and the way to the rest.

It shows what its controllers know and passes on what a person wants; it keeps nothing of its own. The list
stands at once; searching and what is done to conversations is made in ``rest``, after a window is painted.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from cort_desktop.domain.ids import ConversationId
from cort_desktop.errors import CortError
from cort_desktop.gui.library.controller import LibraryController
from cort_desktop.gui.library.foot import Foot
from cort_desktop.gui.library.pages import Pages
from cort_desktop.gui.library.rows import Entry, Shelf
from cort_desktop.gui.library.search_field import SearchField, keys_of
from cort_desktop.gui.library.shelf_head import ShelfHead
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import ElidedLabel, PlainLabel, button, plain_tooltip, set_role
from cort_desktop.gui.widgets.basics import ICON_PX


class LibraryPane(QWidget):
    """``opened`` has (ConversationId, RunId | None, NodeName | None), ``hit_opened`` a Hit of a search;
    ``deleted`` the ConversationId gone.
    """

    opened = Signal(object, object, object)
    hit_opened = Signal(object)
    deleted = Signal(object)

    def __init__(self, ui: Ui, parent: QWidget | None = None, *, at_once: bool = True) -> None:
        """``at_once``: make all of it now; else ``rest`` or ``complete`` does."""
        super().__init__(parent)
        self._ui = ui
        set_role(self, "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.controller = LibraryController(ui, self)
        self._is_whole = False
        self._selected_for: ConversationId | None = None
        self._make_parts()
        self._lay_out()
        self._wire_list()
        self._draw()
        self.rest: Iterator[None] = self._made()
        """The making of the rest, in steps that each take a moment."""
        if at_once:
            self.complete()

    def complete(self) -> None:
        """Make what is left of it now."""
        for _ in self.rest:
            pass

    def refresh(self) -> None:
        """Read the library again."""
        self.controller.refresh()

    def set_current(self, conversation: ConversationId | None) -> None:
        """Mark the conversation that the window shows."""
        self.controller.set_current(conversation)

    def set_working(self, working: dict[ConversationId, str]) -> None:
        """Mark the conversations that are worked on, each with a word such as "R2"."""
        self.controller.set_working(working)

    def set_menu(self, menu: QMenu) -> None:
        """Offer the window's menus at the foot, too."""
        self.foot.add_menus(menu)

    @property
    def selected(self) -> list[ConversationId]:
        """What is selected in the list of conversations; nothing while it is out of sight."""
        return self.list.selected if self.pages.has_list else []

    def open(self, conversation: ConversationId) -> None:
        """Ask the window to show a conversation."""
        self.opened.emit(conversation, None, None)

    def show_shelf(self, shelf: Shelf) -> None:
        """List the conversations, the archive or the bin."""
        self._show_pane()
        self.end_search()
        self.controller.show_shelf(shelf)

    def search(self) -> None:
        """Go to the search field."""
        self._show_pane()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def end_search(self) -> None:
        """Back to the list, as it was left."""
        self.search_desk.end()

    def edit_title(self, conversation: ConversationId) -> bool:
        """Edit a title in its row; False when it has none."""
        if not self.list.list_model.index_of(conversation).isValid():
            return False
        self._show_pane()
        self.end_search()
        return self.list.edit_title(conversation)

    def step(self, by: int) -> None:
        """Open the next conversation of what is listed, or the next place of what was found."""
        if self.pages.has_hits:
            self.search_desk.step(by)
        elif self.controller.shelf != "bin":
            start = self.list.list_model.index_of(self.controller.current)
            self._open_row(self.list.step(by, start.row() if start.isValid() else None))

    def _make_parts(self) -> None:
        theme = self._ui.theme
        self.field = SearchField(theme, self)
        self.pages = Pages(theme, self)
        self.list = self.pages.list
        self.head = ShelfHead(theme, self)
        self.foot = Foot(self._ui, self)
        self._new = button(self.tr("New"), parent=self)
        self._new.setAccessibleName(self.tr("New conversation"))
        self._new.setIconSize(QSize(ICON_PX - 2, ICON_PX - 2))
        self._problem = PlainLabel(role="warn", parent=self)
        self._problem.setWordWrap(True)
        self._problem.setContentsMargins(16, 8, 16, 8)
        self._problem.hide()

    def _made(self) -> Iterator[None]:
        from cort_desktop.gui.library.commands import LibraryCommands
        from cort_desktop.gui.library.day_end import DayEnd
        from cort_desktop.gui.library.exchange import Exchange
        from cort_desktop.gui.library.search_desk import SearchDesk
        from cort_desktop.gui.library.verbs import Verbs

        yield
        self.verbs = Verbs(self._ui, self.controller, self)
        self.exchange = Exchange(self._ui, self)
        self.day_end = DayEnd(self._ui.clock, self)
        self.pages.complete()
        self.hits = self.pages.hits
        self.search_desk = SearchDesk(self._ui, self.controller, self.field, self.pages)
        self.searching = self.search_desk.searching
        self.commands = LibraryCommands(self._ui, self, self.controller, self.verbs)
        self._wire()
        self._is_whole = True
        self.searching.look_for(self.field.text())  # what was typed before there was anybody to hear of it

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(16, 8, 12, 4)
        top.addWidget(ElidedLabel(self.tr("CoRT Desktop"), "title", self), 1)
        top.addWidget(self._new)
        search = QHBoxLayout()
        search.setContentsMargins(12, 4, 12, 4)
        search.addWidget(self.field)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addLayout(search)
        column.addWidget(self.head)
        column.addWidget(self.pages, 1)
        column.addWidget(self._problem)
        column.addWidget(self.foot)

    def _wire_list(self) -> None:
        self.list.opened.connect(self._open_row)
        self.list.left.connect(self._select_current)
        self.list.blurred.connect(self._select_current)
        self.list.list_model.wanted.connect(self.controller.more)
        self.controller.changed.connect(self._show_list)
        self.controller.work_changed.connect(self._show_work)
        self.controller.failed.connect(self._fail)

    def _wire(self) -> None:
        ui, commands = self._ui, self.commands
        self._new.clicked.connect(ui.actions["chat.new"].trigger)
        self.list.delete_wanted.connect(self._delete)
        self.list.customContextMenuRequested.connect(self._menu_at)
        self.list.selectionModel().selectionChanged.connect(self._selection_changed)
        self.list.list_model.renamed.connect(self.verbs.rename)
        self.head.back_wanted.connect(lambda: self.show_shelf("all"))
        self.head.restore_wanted.connect(commands.restore)
        self.head.destroy_wanted.connect(commands.delete_for_good)
        self.head.empty_wanted.connect(commands.empty_bin)
        self.search_desk.hit_opened.connect(self.hit_opened)
        self.search_desk.began.connect(self.head.hide)
        self.search_desk.ended.connect(self._search_ended)
        self.verbs.deleted.connect(self.deleted)
        self.verbs.made.connect(self.open)
        self.verbs.back.connect(self.open)
        self.exchange.came.connect(self.open)
        self.exchange.changed.connect(self.refresh)
        self.verbs.problem_changed.connect(self._show_problem)
        self.day_end.passed.connect(self._show_list)
        ui.theme.changed.connect(self._draw)
        ui.actions.changed.connect(self._draw)

    def _draw(self) -> None:
        """What follows from theme and keys."""
        actions = self._ui.actions
        self._new.setIcon(self._ui.theme.icon("plus"))
        plain_tooltip(self._new, f"{actions['chat.new'].text()} ({keys_of(actions['chat.new'])})")
        self.field.set_hint(keys_of(actions["library.search"]))
        self.list.scheduleDelayedItemsLayout()
        if self._is_whole:
            self.hits.scheduleDelayedItemsLayout()

    @property
    def _is_searching(self) -> bool:
        return self._is_whole and self.searching.is_on

    def _show_list(self) -> None:
        controller = self.controller
        self.list.list_model.may_edit = controller.shelf != "bin"
        self.list.show_rows(controller.rows(), has_more=controller.has_more)
        if not self.list.selected and not self.list.hasFocus():
            self._select_current()
        self._show_head()
        if self._is_searching:
            self.searching.ask()  # what is found may have changed with it
        else:
            self._show_page()

    def _show_head(self) -> None:
        controller = self.controller
        self.head.show_shelf(
            controller.shelf, is_empty=not controller.conversations, has_selection=bool(self.list.selected)
        )
        if self._is_searching:
            self.head.hide()

    def _search_ended(self) -> None:
        self._show_head()
        self._show_page()

    def _show_work(self, conversations: frozenset[ConversationId]) -> None:
        controller = self.controller
        self.list.show_work(controller.work, conversations)
        if controller.current != self._selected_for:
            self._select_current()

    def _show_page(self) -> None:
        controller = self.controller
        if controller.failure is not None and not controller.is_read:
            keys = keys_of(self._ui.actions["chat.new_temporary"])
            self.pages.say_unreadable(controller.failure, keys, self.refresh)
            return
        is_empty = controller.is_read and not controller.conversations
        self.pages.show_list(controller.shelf, is_empty=is_empty)

    def _fail(self, error: CortError) -> None:
        """What was read before stays; it is said that it may be old."""
        if self.controller.is_read:
            self._ui.notices.say(str(error), "bad")
        elif not self._is_searching:
            self._show_page()

    def _show_problem(self) -> None:
        problem = self.verbs.problem
        self._problem.setVisible(problem is not None)
        self._problem.setText(
            "" if problem is None else self.tr("Changes can’t be saved now. {reason}").format(reason=problem)
        )

    def _open_row(self, index: QModelIndex) -> None:
        row = self.list.list_model.row_at(index)
        if isinstance(row, Entry) and self.controller.shelf != "bin":
            self.open(row.conversation.id)

    def _delete(self) -> None:
        if self.controller.shelf == "bin":
            self.commands.delete_for_good()
        else:
            self.commands.delete()

    def _menu_at(self, place: QPoint) -> None:
        self.commands.menu_at(self.list.viewport().mapToGlobal(place))

    def _select_current(self) -> None:
        """What is selected is again what is open."""
        self._selected_for = self.controller.current
        if self.controller.shelf != "bin":
            self.list.select_only(self.controller.current)

    def _selection_changed(self) -> None:
        self.commands.update()
        self._show_head()

    def _show_pane(self) -> None:
        if not self.isVisible() and self.window().isVisible():
            self._ui.actions["view.library"].trigger()
