"""The palette and the shortcut sheet."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTreeWidgetItem, QWidget

from cort_desktop.gui.actions import Actions
from cort_desktop.gui.command_dialogs import Palette, ShortcutSheet, size_on
from cort_desktop.gui.ui import Ui
from tests.fakes.opened_window import opened
from tests.fakes.window import Gui, gone, shown, until


def _shown(dialog: Any) -> list[str]:
    """The commands that the filter leaves."""
    return [row.text(0) for row in dialog._rows() if not row.isHidden()]


def _current(palette: Palette) -> str:
    row = palette.list.currentItem()
    assert row is not None
    return row.text(0)


def _rows(sheet: ShortcutSheet) -> dict[str, QTreeWidgetItem]:
    return {row.text(0): row for row in sheet._rows()}


def test_the_palette_has_what_can_be_done_now_and_nothing_else(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path) as opening:
            ui.actions["help.palette"].trigger()
            (palette,) = opening.window.findChildren(Palette)
            offered = _shown(palette)
            assert offered == [
                each.text() for each in ui.actions if each.isEnabled() and each.objectName() != "help.palette"
            ]
            assert not ui.actions["chat.stop"].isEnabled()
            assert ui.actions["chat.stop"].text() not in offered
            assert ui.actions["chat.new"].text() in offered

    gui.run(main)


def test_typing_narrows_the_palette_and_enter_does_it(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path) as opening:
            window = opening.window
            assert window.library.isVisible()
            ui.actions["help.palette"].trigger()
            (palette,) = window.findChildren(Palette)
            QTest.keyClicks(palette.filter, "F9 libr")
            assert _shown(palette) == ["Library"]
            QTest.keyClick(palette.filter, Qt.Key.Key_Return)
            assert not palette.isVisible()
            await until(lambda: not window.library.isVisible(), "the library is hidden")

    gui.run(main)


def test_the_palette_is_walked_by_arrows_while_one_types(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path) as opening:
            ui.actions["help.palette"].trigger()
            (palette,) = opening.window.findChildren(Palette)
            QTest.keyClicks(palette.filter, "text")
            first, second = _shown(palette)[:2]
            assert _current(palette) == first
            QTest.keyClick(palette.filter, Qt.Key.Key_Down)
            assert _current(palette) == second
            assert palette.filter.text() == "text"

    gui.run(main)


def test_enter_on_nothing_does_nothing(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path) as opening:
            done: list[str] = []
            for each in ui.actions:
                name = each.objectName()
                each.triggered.connect(lambda _on=False, which=name: done.append(which))
            ui.actions["help.palette"].trigger()
            (palette,) = opening.window.findChildren(Palette)
            QTest.keyClicks(palette.filter, "no command is called so")
            assert _shown(palette) == []
            assert not palette.list.isVisible()
            assert palette.nothing.isVisible()
            assert "No command" in palette.nothing.text()
            QTest.keyClick(palette.filter, Qt.Key.Key_Return)
            assert done == ["help.palette"]

    gui.run(main)


def test_the_sheet_tells_every_key_there_is(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path) as opening:
            ui.actions["help.shortcuts"].trigger()
            (sheet,) = opening.window.findChildren(ShortcutSheet)
            rows = _rows(sheet)
            actions: Actions = ui.actions
            for action_id, spec in actions.specs.items():
                assert rows[spec.text()].text(1) == actions.keys_text(action_id)
            assert rows["Stop and keep what there is"].text(1) == "Esc"
            assert rows["Edit the last question"].text(1) == "Ctrl+Up"
            QTest.keyClicks(sheet.filter, "Ctrl+Up")
            assert _shown(sheet) == ["Edit the last question"]
            groups = [sheet.list.topLevelItem(at) for at in range(sheet.list.topLevelItemCount())]
            assert [group.isHidden() for group in groups if group is not None].count(False) == 1

    gui.run(main)


def test_no_list_of_commands_is_larger_than_the_screen(gui: Gui) -> None:
    """At 200 % on a small screen the keys stood beyond its edge."""

    assert size_on(QSize(2560, 1440)) == QSize(560, 520)
    small = size_on(QSize(512, 320))
    assert (small.width() < 512, small.height() < 320) == (True, True)

    async def main(ui: Ui) -> None:
        parent = shown(QWidget())
        for name in ("app.quit", "chat.new"):  # one has an icon
            ui.actions.on(name, lambda: None)
        for kind in (Palette, ShortcutSheet):
            dialog = kind(ui.actions, parent)
            assert dialog.size() == size_on(dialog.screen().availableGeometry().size())
            assert dialog.minimumSizeHint().width() < size_on(QSize(512, 320)).width()
            icons = {row.icon(0).isNull() for row in dialog._rows()}
            assert len(icons) == 1, "the words of some rows begin elsewhere"
            dialog.close()
        gone(parent)

    gui.run(main)
