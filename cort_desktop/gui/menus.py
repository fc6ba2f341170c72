"""The menus, built from the table of commands: the menu bar, and the same as one menu under a button."""

from __future__ import annotations

from typing import Any, cast

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QEvent
from PySide6.QtGui import QAction, QHelpEvent
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from cort_desktop.gui.action_spec import Menu
from cort_desktop.gui.actions import Actions

_TITLES: dict[Menu, Any] = {
    "file": QT_TRANSLATE_NOOP("Menus", "&File"),
    "edit": QT_TRANSLATE_NOOP("Menus", "&Edit"),
    "conversation": QT_TRANSLATE_NOOP("Menus", "&Conversation"),
    "view": QT_TRANSLATE_NOOP("Menus", "&View"),
    "rounds": QT_TRANSLATE_NOOP("Menus", "&Rounds"),
    "help": QT_TRANSLATE_NOOP("Menus", "&Help"),
}


class _Menu(QMenu):
    """Its tooltips tell the keys that a menu has no column for: those of the message field."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(title, parent)
        self.setToolTipsVisible(True)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            action = cast("QAction | None", self.actionAt(event.pos()))
            if action is None or "(" not in action.toolTip():
                return True  # Qt would say the words once more
        return super().event(event)


def menu_title(menu: Menu) -> str:
    """A menu's title without its mnemonic."""
    return QCoreApplication.translate("Menus", _TITLES[menu]).replace("&", "")


def fill(bar: QMenuBar, actions: Actions) -> None:
    """Put all menus into the menu bar."""
    for menu in _TITLES:
        bar.addMenu(_menu(menu, actions, bar))


def main_menu(actions: Actions, parent: QWidget) -> QMenu:
    """All menus as one."""
    whole = QMenu(parent)
    for menu in _TITLES:
        whole.addMenu(_menu(menu, actions, whole))
    return whole


def _menu(menu: Menu, actions: Actions, parent: QWidget) -> QMenu:
    made = _Menu(QCoreApplication.translate("Menus", _TITLES[menu]), parent)
    for action_id, spec in actions.specs.items():
        if spec.menu == menu:
            if spec.starts_group and not made.isEmpty():
                made.addSeparator()
            made.addAction(actions[action_id])
    return made
