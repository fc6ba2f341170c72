"""The table of all commands: id, words, keys, menu, scope. What they do is said by the parts of the window.

Keys are those of PRODUCT's table; ``Ctrl`` is Cmd on macOS (Qt maps it).
"""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP
from PySide6.QtGui import QAction

from cort_desktop.gui.action_spec import ActionSpec
from cort_desktop.gui.action_spec import row as _a
from cort_desktop.gui.action_table_looking import LOOKING

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
    _a("library.archived", QT_TRANSLATE_NOOP("Actions", "Show the archive"), "", "file", icon="archive"),
    _a("library.bin", QT_TRANSLATE_NOOP("Actions", "Show the bin"), "", "file", icon="trash-2"),
    _a("library.restore", QT_TRANSLATE_NOOP("Actions", "Restore from the bin"), "", "file", icon="undo-2"),
    _a(
        "library.delete_for_good",
        QT_TRANSLATE_NOOP("Actions", "Delete for good…"),
        "",
        "file",
        icon="trash-2",
    ),
    _a("library.empty_bin", QT_TRANSLATE_NOOP("Actions", "Empty the bin…"), "", "file", icon="trash-2"),
    _a(
        "app.settings",
        QT_TRANSLATE_NOOP("Actions", "Settings…"),
        "Ctrl+,",
        "file",
        icon="settings",
        group=True,
        role=QAction.MenuRole.PreferencesRole,
    ),
    _a("app.providers", QT_TRANSLATE_NOOP("Actions", "Models and providers…"), "", "file", icon="server"),
    _a("app.budget", QT_TRANSLATE_NOOP("Actions", "Budget…"), "", "file", icon="wallet"),
    _a("app.quit", QT_TRANSLATE_NOOP("Actions", "Quit"), "Ctrl+Q", "file", role=QAction.MenuRole.QuitRole),
    _a(
        "library.undo",
        QT_TRANSLATE_NOOP("Actions", "Undo the last change"),
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
    _a(
        "chat.send",
        QT_TRANSLATE_NOOP("Actions", "Send the question"),
        "",
        "conversation",
        icon="send",
        shown="Return Enter",
    ),
    _a(
        "chat.send_thinking",
        QT_TRANSLATE_NOOP("Actions", "Send with thinking"),
        "",
        "conversation",
        icon="sparkles",
        shown="Ctrl+Return Ctrl+Enter",
    ),
    _a(
        "chat.stop",
        QT_TRANSLATE_NOOP("Actions", "Stop and keep what there is"),
        "",
        "conversation",
        icon="circle-stop",
        shown="Esc",
    ),
    _a(
        "chat.enough",
        QT_TRANSLATE_NOOP("Actions", "Good enough: end with the best so far"),
        "Ctrl+.",
        "conversation",
        icon="thumbs-up",
    ),
    _a(
        "chat.pause",
        QT_TRANSLATE_NOOP("Actions", "Pause after this round"),
        "",
        "conversation",
        icon="pause",
    ),
    _a(
        "chat.go_on",
        QT_TRANSLATE_NOOP("Actions", "Go on after the pause"),
        "",
        "conversation",
        icon="play",
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
        shown="Ctrl+Up",
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
    *LOOKING,
)
