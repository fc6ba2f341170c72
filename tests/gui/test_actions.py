"""The registry of commands: ids, keys, conflicts, rebinding."""

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenuBar

from cort_desktop.gui import menus
from cort_desktop.gui.action_table import ACTIONS
from cort_desktop.gui.actions import Actions
from tests.fakes.window import Gui, gone


def test_ids_are_unique_and_dotted() -> None:
    ids = [spec.id for spec in ACTIONS]
    assert len(set(ids)) == len(ids)
    assert all(each.count(".") == 1 for each in ids)


def test_the_keys_of_the_product_are_bound(gui: Gui) -> None:
    actions = Actions(gui.theme, gui.theme)
    wanted = {
        "chat.new": "Ctrl+N",
        "chat.new_temporary": "Ctrl+Shift+N",
        "library.search": "Ctrl+K",
        "find.open": "Ctrl+F",
        "help.palette": "Ctrl+Shift+P",
        "app.settings": "Ctrl+,",
        "help.shortcuts": "F1",
        "chat.regenerate": "Ctrl+R",
        "chat.model": "Ctrl+L",
        "chat.preset": "Ctrl+Shift+M",
        "chat.previous": "Ctrl+PgUp",
        "chat.next": "Ctrl+PgDown",
        "pane.next": "F6",
        "pane.previous": "Shift+F6",
        "view.library": "F9",
        "view.rounds": "Ctrl+T",
        "view.inspector": "Ctrl+Shift+I",
        "chat.attach": "Ctrl+Shift+F",
        "library.undo": "Ctrl+Z",
        "tree.parent": "Alt+Left",
        "tree.child": "Alt+Right",
        "tree.override": "Ctrl+Shift+Return",
        "tree.mark": "Space",
        "tree.compare": "C",
        "tree.diff": "D",
        "tree.why": "W",
        "tree.inspect": "I",
        "tree.branch": "G",
        "tree.replay": "P",
        "tree.fit": "F",
        "library.rename": "F2",
    }
    for action_id, keys in wanted.items():
        assert QKeySequence(keys) in actions[action_id].shortcuts(), action_id


def test_no_two_commands_share_a_key(gui: Gui) -> None:
    assert Actions(gui.theme, gui.theme).conflicts() == []


def test_the_keys_of_the_message_field_are_told_and_named_in_conflicts(gui: Gui) -> None:
    actions = Actions(gui.theme, gui.theme)
    told = {
        each: actions.keys_text(f"chat.{each}") for each in ("send", "send_thinking", "stop", "edit_last")
    }
    assert told == {
        "send": "Return, Enter",
        "send_thinking": "Ctrl+Return, Ctrl+Enter",
        "stop": "Esc",
        "edit_last": "Ctrl+Up",
    }
    assert not actions["chat.stop"].shortcuts()  # the field has them: twice would be ambiguous
    assert "(Esc)" in actions["chat.stop"].toolTip()
    actions.rebind({"chat.copy_answer": ["Esc"], "chat.stop": ["Ctrl+J"]})
    assert actions.conflicts() == [("Esc", "chat.copy_answer", "chat.stop")]
    assert actions.keys_text("chat.stop") == "Esc, Ctrl+J"
    assert actions.fixed_text("chat.stop") == "Esc"


def test_a_rebinding_names_its_conflict_and_can_be_taken_back(gui: Gui) -> None:
    actions = Actions(gui.theme, gui.theme)
    actions.rebind({"chat.new": ["Ctrl+K"], "no.such": ["Ctrl+J"]})
    assert actions.conflicts() == [("Ctrl+K", "chat.new", "library.search")]
    assert actions.keys_text("chat.new") == "Ctrl+K"
    actions.rebind({"chat.new": []})
    assert actions["chat.new"].shortcuts() == []
    actions.rebind({})
    assert actions.keys_text("chat.new") == "Ctrl+N"


def test_an_action_is_disabled_until_somebody_says_what_it_does(gui: Gui) -> None:
    actions = Actions(gui.theme, gui.theme)
    assert "chat.new" in actions.without_effect()
    assert not actions["chat.new"].isEnabled()
    done: list[str] = []
    actions.on("chat.new", lambda: done.append("new"))
    actions["chat.new"].trigger()
    assert done == ["new"]
    assert "chat.new" not in actions.without_effect()


def test_every_command_is_in_a_menu_once(gui: Gui) -> None:
    actions = Actions(gui.theme, gui.theme)
    bar = QMenuBar()
    menus.fill(bar, actions)
    found = [
        each.objectName()
        for menu in bar.actions()
        for each in menu.menu().actions()  # type: ignore[attr-defined]
        if not each.isSeparator()
    ]
    assert sorted(found) == sorted(spec.id for spec in ACTIONS if spec.menu is not None)
    gone(bar)
