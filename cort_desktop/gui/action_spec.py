"""What is said of one command: its id, its words, its keys, and where it belongs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction

Scope = Literal["window", "rounds", "transcript", "library"]
Menu = Literal["file", "edit", "conversation", "view", "rounds", "help"]
NO_ROLE = QAction.MenuRole.NoRole


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionSpec:
    """One command. ``scope``: where its keys work; ``words``: what it does, for palette and sheet.

    ``shown_keys`` are those that the message field has of its own accord: told everywhere, changed nowhere.
    """

    id: str
    words: str
    keys: tuple[str, ...] = ()
    shown_keys: tuple[str, ...] = ()
    menu: Menu | None = None
    scope: Scope = "window"
    icon: str = ""
    is_switch: bool = False
    starts_group: bool = False
    role: QAction.MenuRole = NO_ROLE

    def text(self) -> str:
        """The words in the language of the window."""
        return QCoreApplication.translate("Actions", self.words)


def row(  # noqa: PLR0913 - one row of the table
    action_id: str,
    words: Any,
    keys: str = "",
    menu: Menu | None = None,
    *,
    scope: Scope = "window",
    icon: str = "",
    shown: str = "",
    switch: bool = False,
    group: bool = False,
    role: QAction.MenuRole = NO_ROLE,
) -> ActionSpec:
    """One row of the table; keys are written with blanks between them."""
    return ActionSpec(
        id=action_id,
        words=words,
        keys=tuple(keys.split()),
        shown_keys=tuple(shown.split()),
        menu=menu,
        scope=scope,
        icon=icon,
        is_switch=switch,
        starts_group=group,
        role=role,
    )
