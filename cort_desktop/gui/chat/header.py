"""The head of the conversation: its title, where it branched from, and its menu."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QWidget

from cort_desktop.domain.library import ConversationView
from cort_desktop.gui.chat.pane_button import PaneButton
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import (
    HEAD_PX,
    ElidedLabel,
    IconButton,
    PlainLabel,
    button,
    plain_tooltip,
    set_role,
)
from cort_desktop.telling.safe import one_line

_TITLE_CHARACTERS = 28
_MENU = (
    ("chat.system", "chat.raw", "find.open"),
    ("chat.regenerate", "chat.edit_last", "chat.copy_answer"),
    ("library.rename", "library.pin", "library.archive", "library.duplicate", "library.delete"),
)


class Header(QWidget):
    """``origin_wanted`` has the id of the conversation this one branched from."""

    origin_wanted = Signal(object)

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._origin: object = None
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(8)
        self.setFixedHeight(HEAD_PX)
        self._title = ElidedLabel("", "title")
        self._temporary = PlainLabel(self.tr("Temporary"), "chip")
        words = self.tr("Not stored: this conversation is gone when the window closes.")
        plain_tooltip(self._temporary, words)
        self._temporary.setAccessibleDescription(words)
        self._branch = self._branch_button()
        self._more = IconButton(ui.theme, "ellipsis", self.tr("Conversation menu"))
        set_role(self._more, "picker")
        self._more.clicked.connect(self._show_menu)
        self.library = PaneButton(
            ui, "view.library", "panel-left", (self.tr("Hide the library"), self.tr("Show the library"))
        )
        self.rounds = PaneButton(
            ui, "view.rounds", "panel-right", (self.tr("Hide the rounds"), self.tr("Show the rounds"))
        )
        row.addWidget(self.library)
        row.addWidget(self._title, 1)
        for each in (self._temporary, self._branch, self._more, self.rounds):
            row.addWidget(each, 0, Qt.AlignmentFlag.AlignVCenter)
        self.menu = self._build_menu()
        self.show_view(None, is_temporary=False)

    def show_view(self, view: ConversationView | None, *, is_temporary: bool) -> None:
        """Show which conversation this is."""
        title = self.tr("New conversation") if view is None else one_line(view.conversation.title)
        self._title.setText(title)
        self._temporary.setVisible(is_temporary)
        origin = None if view is None else view.conversation.branched_from
        self._branch.setVisible(origin is not None)
        if origin is not None:
            whole = one_line(origin.title)
            short = whole if len(whole) <= _TITLE_CHARACTERS else whole[: _TITLE_CHARACTERS - 1] + "…"
            self._branch.setText(self.tr("Branch of “{title}”").format(title=short).replace("&", "&&"))
            plain_tooltip(self._branch, whole)
            self._branch.setEnabled(origin.conversation is not None)
            self._origin = origin.conversation

    def _branch_button(self) -> QPushButton:
        made = button("", "chip")
        made.setCursor(Qt.CursorShape.PointingHandCursor)
        made.clicked.connect(lambda: self.origin_wanted.emit(self._origin))
        return made

    def _build_menu(self) -> QMenu:
        menu = QMenu(self)
        for place, group in enumerate(_MENU):
            if place:
                menu.addSeparator()
            for action in group:
                menu.addAction(self._ui.actions[action])
        return menu

    def _show_menu(self) -> None:
        self.menu.popup(self._more.mapToGlobal(QPoint(0, self._more.height() + 4)))
