"""The list of conversations as a view: it keeps a person's place, and says what was asked for.

Places that a search found have a view of their own, ``hit_list.py``. What a row looks like is for the
delegates; what is done about it, for the pane.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QListView, QWidget

from cort_desktop.domain.ids import ConversationId
from cort_desktop.gui.library.conversation_delegate import ConversationDelegate
from cort_desktop.gui.library.models import ConversationListModel
from cort_desktop.gui.library.rows import Entry, Row, Work
from cort_desktop.gui.theme import Theme
from cort_desktop.gui.widgets import BY_KEYS, FocusRing

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_DELETE = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
_KEEPS_SELECTION = (
    Qt.FocusReason.PopupFocusReason,
    Qt.FocusReason.MenuBarFocusReason,
    Qt.FocusReason.ActiveWindowFocusReason,
)
_SELECT = QItemSelectionModel.SelectionFlag.ClearAndSelect


class ListOfRows(QListView):
    """``opened`` has the index that was clicked or entered; ``left`` follows Escape."""

    opened = Signal(QModelIndex)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)
        FocusRing(self, BY_KEYS)
        self.clicked.connect(self._click)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ENTER and self.currentIndex().isValid():
            self.opened.emit(self.currentIndex())
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def step(self, by: int, start: int | None = None) -> QModelIndex:
        """Go to the next row that can be chosen, ``by`` one down or up, and return it; invalid at the end."""
        model = self.model()
        at = (self.currentIndex().row() if start is None else start) + by
        while 0 <= at < model.rowCount():
            index = model.index(at, 0)
            if index.flags() & Qt.ItemFlag.ItemIsSelectable:
                self.selectionModel().setCurrentIndex(index, _SELECT)
                return index
            at += by
        return QModelIndex()

    def _click(self, index: QModelIndex) -> None:
        if QApplication.keyboardModifiers() == Qt.KeyboardModifier.NoModifier:
            self.opened.emit(index)


class ConversationList(ListOfRows):
    """``delete_wanted`` follows the Delete key; ``blurred`` when the focus went elsewhere in the window."""

    delete_wanted = Signal()
    blurred = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("conversationList")
        self.setAccessibleName(self.tr("Conversations"))
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list_model = ConversationListModel(self)
        self.setModel(self.list_model)
        self.setItemDelegate(ConversationDelegate(theme, self))

    @property
    def selected(self) -> list[ConversationId]:
        """The selected conversations, from top to bottom."""
        rows = sorted(index.row() for index in self.selectionModel().selectedIndexes())
        entries = (self.list_model.rows[row] for row in rows)
        return [entry.conversation.id for entry in entries if isinstance(entry, Entry)]

    def show_rows(self, rows: list[Row], *, has_more: bool) -> None:
        """Show ``rows``; what a person looks at stays where it is, unless they are at the top.

        More are offered only when these stand in their places: while they don't, the view takes its last
        row for one in sight and asks for more at once.
        """
        place = self._place()
        self.list_model.has_more = False
        self.list_model.show(rows)
        if has_more:
            self.executeDelayedItemsLayout()
        self.list_model.has_more = has_more
        if place is not None:
            self._return_to(*place)

    def show_work(self, work: Work, conversations: Iterable[ConversationId]) -> None:
        """Show what is known of ``conversations`` besides the library."""
        for each in conversations:
            row = self.list_model.row_at(self.list_model.index_of(each))
            if isinstance(row, Entry):
                self.list_model.replace(work.entry(row.conversation))

    def select_only(self, conversation: ConversationId | None) -> None:
        """Select one conversation, or nothing when it isn't listed."""
        index = self.list_model.index_of(conversation)
        if index.isValid():
            self.selectionModel().setCurrentIndex(index, _SELECT)
        else:
            self.clearSelection()

    def edit_title(self, conversation: ConversationId) -> bool:
        """Edit a title in its place; False when it isn't listed."""
        index = self.list_model.index_of(conversation)
        if index.isValid():
            self.scrollTo(index)
            self.setFocus(Qt.FocusReason.OtherFocusReason)
            self.selectionModel().setCurrentIndex(index, _SELECT)
            self.edit(index)
        return index.isValid()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _DELETE and self.selected:
            self.delete_wanted.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        is_editing = self.state() == QAbstractItemView.State.EditingState
        if event.reason() not in _KEEPS_SELECTION and not is_editing:
            self.blurred.emit()

    def _place(self) -> tuple[Row, int] | None:
        """The row at the top and where it stands; None at the very top, where new rows are to be seen."""
        if self.verticalScrollBar().value() == 0:
            return None
        index = self.indexAt(QPoint(1, 1))
        row = self.list_model.row_at(index)
        return None if row is None else (row, self.visualRect(index).top())

    def _return_to(self, row: Row, top: int) -> None:
        index = self.list_model.index_of(row.key)
        self.executeDelayedItemsLayout()
        if index.isValid():
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + self.visualRect(index).top() - top)
