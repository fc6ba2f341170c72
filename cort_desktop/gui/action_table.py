"""The table of all commands: id, words, keys, menu, scope. What they do is said by the parts of the window.

Keys are those of PRODUCT's table; ``Ctrl`` is Cmd on macOS (Qt maps it).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, cast

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
    words: str,
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


_T = cast("Callable[[str, str], str]", QT_TRANSLATE_NOOP)
ACTIONS: tuple[ActionSpec, ...] = (
    _a("chat.new", _T("Actions", "New conversation"), "Ctrl+N", "file", icon="plus"),
    _a(
        "chat.new_temporary",
        _T("Actions", "New temporary conversation"),
        "Ctrl+Shift+N",
        "file",
        icon="clock",
    ),
    _a("chat.attach", _T("Actions", "Attach files…"), "Ctrl+Shift+F", "file", icon="paperclip"),
    _a("library.rename", _T("Actions", "Rename conversation"), "F2", "file", icon="pencil", group=True),
    _a("library.pin", _T("Actions", "Pin conversation"), "", "file", icon="pin"),
    _a("library.archive", _T("Actions", "Archive conversation"), "", "file", icon="archive"),
    _a("library.duplicate", _T("Actions", "Duplicate conversation"), "", "file", icon="copy"),
    _a("library.delete", _T("Actions", "Delete conversation"), "", "file", icon="trash-2"),
    _a("library.bin", _T("Actions", "Show the bin"), "", "file", icon="trash-2"),
    _a(
        "app.settings",
        _T("Actions", "Settings…"),
        "Ctrl+,",
        "file",
        icon="settings",
        group=True,
        role=QAction.MenuRole.PreferencesRole,
    ),
    _a("app.quit", _T("Actions", "Quit"), "Ctrl+Q", "file", role=QAction.MenuRole.QuitRole),
    _a("library.undo", _T("Actions", "Undo the last deletion"), "Ctrl+Z", "edit", icon="undo-2"),
    _a("chat.copy_answer", _T("Actions", "Copy the answer"), "Ctrl+Shift+C", "edit", icon="copy"),
    _a("library.search", _T("Actions", "Search everything"), "Ctrl+K", "edit", icon="search", group=True),
    _a("find.open", _T("Actions", "Find in this conversation"), "Ctrl+F", "edit", icon="search"),
    _a("find.next", _T("Actions", "Find next"), "F3 Ctrl+G", "edit", icon="arrow-down"),
    _a("find.previous", _T("Actions", "Find previous"), "Shift+F3 Ctrl+Shift+G", "edit", icon="arrow-up"),
    _a("chat.send", _T("Actions", "Send the question"), "", "conversation", icon="send"),
    _a("chat.send_thinking", _T("Actions", "Send with thinking"), "", "conversation", icon="sparkles"),
    _a("chat.stop", _T("Actions", "Stop and keep what there is"), "", "conversation", icon="circle-stop"),
    _a(
        "chat.enough",
        _T("Actions", "Good enough: end with the best so far"),
        "Ctrl+.",
        "conversation",
        icon="thumbs-up",
    ),
    _a("chat.resume", _T("Actions", "Go on with the interrupted run"), "", "conversation", icon="play"),
    _a(
        "chat.regenerate",
        _T("Actions", "Answer again, beside this answer"),
        "Ctrl+R",
        "conversation",
        icon="refresh-cw",
        group=True,
    ),
    _a("chat.edit_last", _T("Actions", "Edit the last question"), "", "conversation", icon="pencil"),
    _a("chat.system", _T("Actions", "System prompt…"), "", "conversation", icon="bot"),
    _a(
        "chat.raw",
        _T("Actions", "Show the answers as raw text"),
        "",
        "conversation",
        icon="code",
        switch=True,
    ),
    _a("chat.model", _T("Actions", "Choose the model"), "Ctrl+L", "conversation", icon="cpu", group=True),
    _a(
        "chat.preset",
        _T("Actions", "Choose how to think"),
        "Ctrl+Shift+M",
        "conversation",
        icon="sliders-horizontal",
    ),
    _a(
        "chat.previous",
        _T("Actions", "Previous conversation"),
        "Ctrl+PgUp",
        "conversation",
        icon="arrow-up",
        group=True,
    ),
    _a("chat.next", _T("Actions", "Next conversation"), "Ctrl+PgDown", "conversation", icon="arrow-down"),
    _a("view.library", _T("Actions", "Library"), "F9", "view", icon="panel-left", switch=True),
    _a("view.rounds", _T("Actions", "Rounds"), "Ctrl+T", "view", icon="panel-right", switch=True),
    _a("view.inspector", _T("Actions", "Candidate, why and compare"), "Ctrl+Shift+I", "view", switch=True),
    _a("view.outline", _T("Actions", "Rounds as an outline"), "", "view", icon="list-tree", group=True),
    _a("view.map", _T("Actions", "Rounds as a map"), "", "view", icon="waypoints"),
    _a("view.columns", _T("Actions", "Rounds side by side"), "", "view", icon="columns-3"),
    _a("pane.next", _T("Actions", "Next pane"), "F6", "view", group=True),
    _a("pane.previous", _T("Actions", "Previous pane"), "Shift+F6", "view"),
    _a("view.larger", _T("Actions", "Larger text"), "Ctrl++ Ctrl+=", "view", icon="zoom-in", group=True),
    _a("view.smaller", _T("Actions", "Smaller text"), "Ctrl+-", "view", icon="zoom-out"),
    _a("view.normal", _T("Actions", "Normal text size"), "Ctrl+0", "view"),
    _a("view.menu_bar", _T("Actions", "Menu bar"), "", "view", switch=True),
    _a("view.full_screen", _T("Actions", "Full screen"), "F11", "view", icon="maximize", switch=True),
    _a(
        "tree.show", _T("Actions", "Show the candidate"), "Return Enter", "rounds", scope="rounds", icon="eye"
    ),
    _a("tree.why", _T("Actions", "Why it won"), "W", "rounds", scope="rounds", icon="scale"),
    _a("tree.mark", _T("Actions", "Mark for comparing"), "Space", "rounds", scope="rounds", icon="check"),
    _a(
        "tree.compare",
        _T("Actions", "Compare with the marked one"),
        "C",
        "rounds",
        scope="rounds",
        icon="git-compare",
    ),
    _a(
        "tree.diff",
        _T("Actions", "Compare with the winner"),
        "D",
        "rounds",
        scope="rounds",
        icon="git-compare",
    ),
    _a(
        "tree.next_change",
        _T("Actions", "Next change in the comparison"),
        "F7",
        "rounds",
        scope="rounds",
        icon="arrow-down",
    ),
    _a(
        "tree.previous_change",
        _T("Actions", "Previous change in the comparison"),
        "Shift+F7",
        "rounds",
        scope="rounds",
        icon="arrow-up",
    ),
    _a(
        "tree.override",
        _T("Actions", "Make it the answer"),
        "Ctrl+Shift+Return",
        "rounds",
        scope="rounds",
        icon="star",
        group=True,
    ),
    _a("tree.retry", _T("Actions", "Try this one again"), "T", "rounds", scope="rounds", icon="rotate-ccw"),
    _a("tree.cancel", _T("Actions", "Stop this one"), "Del", "rounds", scope="rounds", icon="circle-stop"),
    _a(
        "tree.branch",
        _T("Actions", "Branch into a new conversation from here"),
        "G",
        "rounds",
        scope="rounds",
        icon="git-branch",
    ),
    _a("tree.copy", _T("Actions", "Copy its text"), "Ctrl+C", "rounds", scope="rounds", icon="copy"),
    _a(
        "tree.inspect",
        _T("Actions", "Inspect the exact request"),
        "I",
        "rounds",
        scope="rounds",
        icon="braces",
    ),
    _a("tree.parent", _T("Actions", "Parent"), "Alt+Left", "rounds", scope="rounds", group=True),
    _a("tree.child", _T("Actions", "Last visited child"), "Alt+Right", "rounds", scope="rounds"),
    _a("tree.previous", _T("Actions", "Previous sibling"), "Alt+Up", "rounds", scope="rounds"),
    _a("tree.next", _T("Actions", "Next sibling"), "Alt+Down", "rounds", scope="rounds"),
    _a("tree.fit", _T("Actions", "Fit the map"), "F", "rounds", scope="rounds", icon="maximize"),
    _a(
        "tree.replay",
        _T("Actions", "Replay at real speed"),
        "P",
        "rounds",
        scope="rounds",
        icon="play",
        group=True,
    ),
    _a("tree.step_back", _T("Actions", "One event back"), ",", "rounds", scope="rounds"),
    _a("tree.step", _T("Actions", "One event on"), ".", "rounds", scope="rounds"),
    _a("help.shortcuts", _T("Actions", "Keyboard shortcuts"), "F1 Ctrl+/", "help", icon="keyboard"),
    _a("help.palette", _T("Actions", "All commands…"), "Ctrl+Shift+P", "help", icon="search"),
    _a("help.demo", _T("Actions", "Play a recorded run…"), "", "help", icon="play"),
    _a(
        "help.about",
        _T("Actions", "About CoRT Desktop"),
        "",
        "help",
        icon="info",
        role=QAction.MenuRole.AboutRole,
    ),
)
