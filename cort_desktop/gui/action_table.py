"""The table of all commands: id, words, keys, menu, scope. What they do is said by the parts of the window.

Keys are those of PRODUCT's table; ``Ctrl`` is Cmd on macOS (Qt maps it).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication
from PySide6.QtGui import QAction

Scope = Literal["window", "rounds", "transcript", "library"]
Menu = Literal["file", "edit", "conversation", "view", "rounds", "help"]
_NONE = QAction.MenuRole.NoRole


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionSpec:
    """One command. ``scope``: where its keys work; ``words``: what it does, for palette and sheet."""

    id: str
    words: str
    keys: tuple[str, ...] = ()
    menu: Menu | None = None
    scope: Scope = "window"
    icon: str = ""
    is_switch: bool = False
    starts_group: bool = False
    role: QAction.MenuRole = _NONE

    def text(self) -> str:
        """The words in the language of the window."""
        return QCoreApplication.translate("Actions", self.words)


def _a(  # noqa: PLR0913 - one row of the table
    action_id: str,
    words: Any,
    keys: str = "",
    menu: Menu | None = None,
    *,
    scope: Scope = "window",
    icon: str = "",
    switch: bool = False,
    group: bool = False,
    role: QAction.MenuRole = _NONE,
) -> ActionSpec:
    return ActionSpec(
        id=action_id,
        words=words,
        keys=tuple(keys.split()),
        menu=menu,
        scope=scope,
        icon=icon,
        is_switch=switch,
        starts_group=group,
        role=role,
    )


ACTIONS: tuple[ActionSpec, ...] = (
    _a("chat.new", QT_TRANSLATE_NOOP("Actions", "New conversation"), "Ctrl+N", "file", icon="plus"),
    _a(
        "chat.new_temporary",
        QT_TRANSLATE_NOOP("Actions", "New temporary conversation"),
        "Ctrl+Shift+N",
        "file",
        icon="clock",
    ),
    _a(
        "chat.attach", QT_TRANSLATE_NOOP("Actions", "Attach files…"), "Ctrl+Shift+F", "file", icon="paperclip"
    ),
    _a(
        "library.rename",
        QT_TRANSLATE_NOOP("Actions", "Rename conversation"),
        "F2",
        "file",
        icon="pencil",
        group=True,
    ),
    _a("library.pin", QT_TRANSLATE_NOOP("Actions", "Pin conversation"), "", "file", icon="pin"),
    _a("library.archive", QT_TRANSLATE_NOOP("Actions", "Archive conversation"), "", "file", icon="archive"),
    _a("library.duplicate", QT_TRANSLATE_NOOP("Actions", "Duplicate conversation"), "", "file", icon="copy"),
    _a("library.delete", QT_TRANSLATE_NOOP("Actions", "Delete conversation"), "", "file", icon="trash-2"),
    _a("library.bin", QT_TRANSLATE_NOOP("Actions", "Show the bin"), "", "file", icon="trash-2"),
    _a(
        "app.settings",
        QT_TRANSLATE_NOOP("Actions", "Settings…"),
        "Ctrl+,",
        "file",
        icon="settings",
        group=True,
        role=QAction.MenuRole.PreferencesRole,
    ),
    _a("app.quit", QT_TRANSLATE_NOOP("Actions", "Quit"), "Ctrl+Q", "file", role=QAction.MenuRole.QuitRole),
    _a(
        "library.undo",
        QT_TRANSLATE_NOOP("Actions", "Undo the last deletion"),
        "Ctrl+Z",
        "edit",
        icon="undo-2",
    ),
    _a(
        "chat.copy_answer",
        QT_TRANSLATE_NOOP("Actions", "Copy the answer"),
        "Ctrl+Shift+C",
        "edit",
        icon="copy",
    ),
    _a(
        "library.search",
        QT_TRANSLATE_NOOP("Actions", "Search everything"),
        "Ctrl+K",
        "edit",
        icon="search",
        group=True,
    ),
    _a(
        "find.open",
        QT_TRANSLATE_NOOP("Actions", "Find in this conversation"),
        "Ctrl+F",
        "edit",
        icon="search",
    ),
    _a("find.next", QT_TRANSLATE_NOOP("Actions", "Find next"), "F3 Ctrl+G", "edit", icon="arrow-down"),
    _a(
        "find.previous",
        QT_TRANSLATE_NOOP("Actions", "Find previous"),
        "Shift+F3 Ctrl+Shift+G",
        "edit",
        icon="arrow-up",
    ),
    _a("chat.send", QT_TRANSLATE_NOOP("Actions", "Send the question"), "", "conversation", icon="send"),
    _a(
        "chat.send_thinking",
        QT_TRANSLATE_NOOP("Actions", "Send with thinking"),
        "",
        "conversation",
        icon="sparkles",
    ),
    _a(
        "chat.stop",
        QT_TRANSLATE_NOOP("Actions", "Stop and keep what there is"),
        "",
        "conversation",
        icon="circle-stop",
    ),
    _a(
        "chat.enough",
        QT_TRANSLATE_NOOP("Actions", "Good enough: end with the best so far"),
        "Ctrl+.",
        "conversation",
        icon="thumbs-up",
    ),
    _a(
        "chat.resume",
        QT_TRANSLATE_NOOP("Actions", "Go on with the interrupted run"),
        "",
        "conversation",
        icon="play",
    ),
    _a(
        "chat.regenerate",
        QT_TRANSLATE_NOOP("Actions", "Answer again, beside this answer"),
        "Ctrl+R",
        "conversation",
        icon="refresh-cw",
        group=True,
    ),
    _a(
        "chat.edit_last",
        QT_TRANSLATE_NOOP("Actions", "Edit the last question"),
        "",
        "conversation",
        icon="pencil",
    ),
    _a("chat.system", QT_TRANSLATE_NOOP("Actions", "System prompt…"), "", "conversation", icon="bot"),
    _a(
        "chat.raw",
        QT_TRANSLATE_NOOP("Actions", "Show the answers as raw text"),
        "",
        "conversation",
        icon="code",
        switch=True,
    ),
    _a(
        "chat.model",
        QT_TRANSLATE_NOOP("Actions", "Choose the model"),
        "Ctrl+L",
        "conversation",
        icon="cpu",
        group=True,
    ),
    _a(
        "chat.preset",
        QT_TRANSLATE_NOOP("Actions", "Choose how to think"),
        "Ctrl+Shift+M",
        "conversation",
        icon="sliders-horizontal",
    ),
    _a(
        "chat.previous",
        QT_TRANSLATE_NOOP("Actions", "Previous conversation"),
        "Ctrl+PgUp",
        "conversation",
        icon="arrow-up",
        group=True,
    ),
    _a(
        "chat.next",
        QT_TRANSLATE_NOOP("Actions", "Next conversation"),
        "Ctrl+PgDown",
        "conversation",
        icon="arrow-down",
    ),
    _a("view.library", QT_TRANSLATE_NOOP("Actions", "Library"), "F9", "view", icon="panel-left", switch=True),
    _a(
        "view.rounds",
        QT_TRANSLATE_NOOP("Actions", "Rounds"),
        "Ctrl+T",
        "view",
        icon="panel-right",
        switch=True,
    ),
    _a(
        "view.inspector",
        QT_TRANSLATE_NOOP("Actions", "Candidate, why and compare"),
        "Ctrl+Shift+I",
        "view",
        switch=True,
    ),
    _a(
        "view.outline",
        QT_TRANSLATE_NOOP("Actions", "Rounds as an outline"),
        "",
        "view",
        icon="list-tree",
        group=True,
    ),
    _a("view.map", QT_TRANSLATE_NOOP("Actions", "Rounds as a map"), "", "view", icon="waypoints"),
    _a("view.columns", QT_TRANSLATE_NOOP("Actions", "Rounds side by side"), "", "view", icon="columns-3"),
    _a("pane.next", QT_TRANSLATE_NOOP("Actions", "Next pane"), "F6", "view", group=True),
    _a("pane.previous", QT_TRANSLATE_NOOP("Actions", "Previous pane"), "Shift+F6", "view"),
    _a(
        "view.larger",
        QT_TRANSLATE_NOOP("Actions", "Larger text"),
        "Ctrl++ Ctrl+=",
        "view",
        icon="zoom-in",
        group=True,
    ),
    _a("view.smaller", QT_TRANSLATE_NOOP("Actions", "Smaller text"), "Ctrl+-", "view", icon="zoom-out"),
    _a("view.normal", QT_TRANSLATE_NOOP("Actions", "Normal text size"), "Ctrl+0", "view"),
    _a("view.menu_bar", QT_TRANSLATE_NOOP("Actions", "Menu bar"), "", "view", switch=True),
    _a(
        "view.full_screen",
        QT_TRANSLATE_NOOP("Actions", "Full screen"),
        "F11",
        "view",
        icon="maximize",
        switch=True,
    ),
    _a(
        "tree.show",
        QT_TRANSLATE_NOOP("Actions", "Show the candidate"),
        "Return Enter",
        "rounds",
        scope="rounds",
        icon="eye",
    ),
    _a("tree.why", QT_TRANSLATE_NOOP("Actions", "Why it won"), "W", "rounds", scope="rounds", icon="scale"),
    _a(
        "tree.mark",
        QT_TRANSLATE_NOOP("Actions", "Mark for comparing"),
        "Space",
        "rounds",
        scope="rounds",
        icon="check",
    ),
    _a(
        "tree.compare",
        QT_TRANSLATE_NOOP("Actions", "Compare with the marked one"),
        "C",
        "rounds",
        scope="rounds",
        icon="git-compare",
    ),
    _a(
        "tree.diff",
        QT_TRANSLATE_NOOP("Actions", "Compare with the winner"),
        "D",
        "rounds",
        scope="rounds",
        icon="git-compare",
    ),
    _a(
        "tree.next_change",
        QT_TRANSLATE_NOOP("Actions", "Next change in the comparison"),
        "F7",
        "rounds",
        scope="rounds",
        icon="arrow-down",
    ),
    _a(
        "tree.previous_change",
        QT_TRANSLATE_NOOP("Actions", "Previous change in the comparison"),
        "Shift+F7",
        "rounds",
        scope="rounds",
        icon="arrow-up",
    ),
    _a(
        "tree.override",
        QT_TRANSLATE_NOOP("Actions", "Make it the answer"),
        "Ctrl+Shift+Return",
        "rounds",
        scope="rounds",
        icon="star",
        group=True,
    ),
    _a(
        "tree.retry",
        QT_TRANSLATE_NOOP("Actions", "Try this one again"),
        "T",
        "rounds",
        scope="rounds",
        icon="rotate-ccw",
    ),
    _a(
        "tree.cancel",
        QT_TRANSLATE_NOOP("Actions", "Stop this one"),
        "Del",
        "rounds",
        scope="rounds",
        icon="circle-stop",
    ),
    _a(
        "tree.branch",
        QT_TRANSLATE_NOOP("Actions", "Branch into a new conversation from here"),
        "G",
        "rounds",
        scope="rounds",
        icon="git-branch",
    ),
    _a(
        "tree.copy",
        QT_TRANSLATE_NOOP("Actions", "Copy its text"),
        "Ctrl+C",
        "rounds",
        scope="rounds",
        icon="copy",
    ),
    _a(
        "tree.inspect",
        QT_TRANSLATE_NOOP("Actions", "Inspect the exact request"),
        "I",
        "rounds",
        scope="rounds",
        icon="braces",
    ),
    _a(
        "tree.parent",
        QT_TRANSLATE_NOOP("Actions", "Parent"),
        "Alt+Left",
        "rounds",
        scope="rounds",
        group=True,
    ),
    _a(
        "tree.child",
        QT_TRANSLATE_NOOP("Actions", "Last visited child"),
        "Alt+Right",
        "rounds",
        scope="rounds",
    ),
    _a("tree.previous", QT_TRANSLATE_NOOP("Actions", "Previous sibling"), "Alt+Up", "rounds", scope="rounds"),
    _a("tree.next", QT_TRANSLATE_NOOP("Actions", "Next sibling"), "Alt+Down", "rounds", scope="rounds"),
    _a(
        "tree.fit",
        QT_TRANSLATE_NOOP("Actions", "Fit the map"),
        "F",
        "rounds",
        scope="rounds",
        icon="maximize",
    ),
    _a(
        "tree.replay",
        QT_TRANSLATE_NOOP("Actions", "Replay at real speed"),
        "P",
        "rounds",
        scope="rounds",
        icon="play",
        group=True,
    ),
    _a("tree.step_back", QT_TRANSLATE_NOOP("Actions", "One event back"), ",", "rounds", scope="rounds"),
    _a("tree.step", QT_TRANSLATE_NOOP("Actions", "One event on"), ".", "rounds", scope="rounds"),
    _a(
        "help.shortcuts",
        QT_TRANSLATE_NOOP("Actions", "Keyboard shortcuts"),
        "F1 Ctrl+/",
        "help",
        icon="keyboard",
    ),
    _a("help.palette", QT_TRANSLATE_NOOP("Actions", "All commands…"), "Ctrl+Shift+P", "help", icon="search"),
    _a("help.demo", QT_TRANSLATE_NOOP("Actions", "Play a recorded run…"), "", "help", icon="play"),
    _a(
        "help.about",
        QT_TRANSLATE_NOOP("Actions", "About CoRT Desktop"),
        "",
        "help",
        icon="info",
        role=QAction.MenuRole.AboutRole,
    ),
)
