"""The settings window as a person uses it: real keys and clicks, a real settings file, real services."""

from __future__ import annotations

import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QListView,
    QListWidget,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
    QSlider,
    QSpinBox,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from cort_desktop.domain.settings import BudgetSettings, Defaults
from cort_desktop.gui.preferences.controls import ChoiceBox, DecimalBox, Tick, WholeBox
from cort_desktop.gui.preferences.rows import Row, StateLine
from cort_desktop.gui.preferences.settings_window import SettingsWindow
from cort_desktop.gui.preferences.tables import Table
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import Segments
from tests.fakes.looking import on_screen
from tests.fakes.window import Gui, gone, until

W = TypeVar("W", bound=QWidget)
PAGES = (
    "models",
    "thinking",
    "pays",
    "budget",
    "spending",
    "worth",
    "cache",
    "network",
    "appearance",
    "shortcuts",
    "privacy",
    "data",
)


@asynccontextmanager
async def opened(ui: Ui, page: str = "models") -> AsyncIterator[SettingsWindow]:
    """The window, shown; the registry follows the settings as in the program."""
    ui.actions.rebind(ui.app.preferences.settings.shortcuts)
    stop = ui.app.preferences.on_change(lambda settings: ui.actions.rebind(settings.shortcuts))
    window = SettingsWindow(ui)
    window.show()
    window.show_page(page)
    window.activateWindow()
    await until(window.isActiveWindow)
    try:
        yield window
    finally:
        await until(lambda: not ui.tasks.names)
        stop()
        gone(window)


def part(window: QWidget, kind: type[W], name: str) -> W:
    found = window.findChild(kind, name)
    assert found is not None, f"there is no {name}"
    return found


def pick(box: ChoiceBox, value: object) -> None:
    """Choose as a person does."""
    values = [choice.value for choice in box._choices]
    box.setCurrentIndex(values.index(value))
    box.activated.emit(box.currentIndex())


def written(gui: Gui) -> dict[str, Any]:
    return tomllib.loads((gui.home / "config.toml").read_text())


def current(table: QTreeWidget) -> QTreeWidgetItem:
    found = table.currentItem()
    assert found is not None
    return found


def item(table: QTreeWidget, row: int) -> QTreeWidgetItem:
    found = table.topLevelItem(row)
    assert found is not None
    return found


async def answer(window: QWidget, name: str, verb: str) -> None:
    """Press a button of a question, and wait until it has gone."""
    box = part(window, QMessageBox, name)
    next(each for each in box.buttons() if each.text() == verb).click()
    await until(lambda: window.findChild(QMessageBox, name) is None)


def row_of(control: QWidget) -> Row:
    at: QWidget | None = control
    while at is not None and not isinstance(at, Row):
        at = at.parentWidget()
    assert at is not None
    return at


def test_every_page_stands_alone_and_closes_without_leftovers(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        for page in PAGES:
            async with opened(ui, page) as window:
                assert window.page.objectName() == f"settings-{page}"

    gui.run(main)


def test_everything_that_takes_the_focus_has_a_name_and_every_label_is_plain(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui) as window:
            for page in PAGES:
                window.show_page(page)
            part(window, QPushButton, "settingsAddProvider").click()
            nameless = [
                f"{type(each).__name__} {each.objectName()}"
                for each in window.findChildren(QWidget)
                if each.focusPolicy() & Qt.FocusPolicy.TabFocus
                and not each.objectName().startswith("qt_")
                and type(each) is not QListView  # a list of suggestions, named by its field
                and not each.accessibleName()
                and not (isinstance(each, QAbstractButton) and each.text())
            ]
            assert nameless == []
            assert all(
                label.textFormat() == Qt.TextFormat.PlainText
                for label in window.findChildren(QLabel)
                if label.metaObject().className() != "QTipLabel"
            )
            names = [each.objectName() for each in window.findChildren(QWidget) if each.objectName()]
            doubled = {n for n in names if names.count(n) > 1 and not n.startswith(("qt_", "settingsSystem"))}
            assert doubled == set()

    gui.run(main)


def test_the_search_finds_a_page_by_any_word_on_it(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui) as window:
            pages = part(window, QListWidget, "settingsPages")
            search = part(window, QLineEdit, "settingsSearch")
            QTest.keyClicks(search, "temperature")
            assert shown(pages) == ["Thinking"]
            assert window.page.objectName() == "settings-thinking"
            search.setText("telemetry")
            assert window.page.objectName() == "settings-privacy"
            search.setText("xyzzy")
            assert shown(pages) == []
            QTest.keyClick(search, Qt.Key.Key_Escape)
            assert len(shown(pages)) == len(PAGES)
            assert window.isVisible()

    def shown(pages: QListWidget) -> list[str]:
        return [pages.item(i).text() for i in range(pages.count()) if not pages.item(i).isHidden()]

    gui.run(main)


def test_it_is_used_by_keyboard_alone(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui) as window:
            pages = part(window, QListWidget, "settingsPages")
            assert window.focusWidget() is pages
            for _ in range(2):
                QTest.keyClick(pages, Qt.Key.Key_Down)
            assert window.page.objectName() == "settings-budget"
            assert window.focusWidget() is pages
            QTest.keyClick(pages, Qt.Key.Key_Tab)
            money = part(window, ChoiceBox, "settingsBudget-usd")
            assert window.focusWidget() is money
            QTest.keyClick(money, Qt.Key.Key_Down)
            await until(lambda: ui.app.preferences.settings.budget.usd == 0)
            QTest.keyClick(window, Qt.Key.Key_Escape)
            assert not window.isVisible()

    gui.run(main)


def test_the_wheel_changes_nothing(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        from PySide6.QtCore import QPoint, QPointF
        from PySide6.QtGui import QWheelEvent
        from PySide6.QtWidgets import QApplication

        async with opened(ui) as window:
            for page in PAGES:
                window.show_page(page)
            before = (gui.home / "config.toml").read_text()
            kinds = (QComboBox, QSpinBox, QSlider, DecimalBox)
            controls = [each for kind in kinds for each in window.findChildren(kind)]
            assert len(controls) > 15
            for control in controls:
                wheel = QWheelEvent(
                    QPointF(5, 5),
                    QPointF(5, 5),
                    QPoint(0, 0),
                    QPoint(0, -120),
                    Qt.MouseButton.NoButton,
                    Qt.KeyboardModifier.NoModifier,
                    Qt.ScrollPhase.NoScrollPhase,
                    False,
                )
                QApplication.sendEvent(control, wheel)
            await until(lambda: not ui.tasks.names)
            assert (gui.home / "config.toml").read_text() == before

    gui.run(main)


def test_appearance_is_written_at_once_and_follows_changes_from_elsewhere(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, "appearance") as window:
            part(window, Segments, "settingsTheme").segment(2).click()
            await until(lambda: ui.app.preferences.settings.appearance.theme == "dark")
            size = part(window, WholeBox, "settingsTextSize")
            part(window, QSlider, "settingsTextSlider").setValue(15)
            await until(lambda: ui.app.preferences.settings.appearance.text_size == 150)
            pick(part(window, ChoiceBox, "settingsMotion"), value=True)
            await until(lambda: ui.app.preferences.settings.appearance.reduce_motion is True)
            assert written(gui)["appearance"] == {"theme": "dark", "text_size": 150, "reduce_motion": True}
            await ui.app.preferences.change({("appearance", "text_size"): 90})
            assert size.value() == 90

    gui.run(main)


def test_the_budget_says_no_cap_standard_and_at_most(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, "budget") as window:

            def budget() -> BudgetSettings:
                return ui.app.preferences.settings.budget

            usd = part(window, ChoiceBox, "settingsBudget-usd")
            assert usd.value == "standard"
            assert not part(window, DecimalBox, "settingsCap-usd").isVisible()
            pick(usd, "most")
            await until(lambda: budget().usd == Decimal("0.5"))
            part(window, DecimalBox, "settingsCap-usd").setValue(1.25)
            await until(lambda: budget().usd == Decimal("1.25"))
            pick(usd, "none")
            await until(lambda: budget().usd == 0)
            pick(usd, "standard")
            await until(lambda: budget().usd is None)
            calls = part(window, ChoiceBox, "settingsBudget-calls")
            pick(calls, "most")
            await until(lambda: budget().calls == 30)
            pick(calls, "none")
            await until(lambda: budget().calls is None)
            assert "usd" not in written(gui)["budget"]

    gui.run(main)


def test_a_refused_value_is_told_at_its_field(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, "thinking") as window:
            model = part(window, QComboBox, "settingsDefaultModel")
            line = model.lineEdit()
            assert line is not None
            line.setText("nobody/x")
            line.editingFinished.emit()
            row = row_of(model)
            await until(lambda: not row.error.isHidden())
            assert "there is no such provider" in row.error.text()
            assert "config.toml" not in row.error.text()
            line.setText("builtin/smollm2-135m")
            line.editingFinished.emit()
            await until(row.error.isHidden)
            assert ui.app.preferences.settings.defaults.model == "builtin/smollm2-135m"

    gui.run(main)


def test_defaults_of_new_conversations(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, "thinking") as window:

            def defaults() -> Defaults:
                return ui.app.preferences.settings.defaults

            told = part(window, StateLine, "settingsOverrides")
            assert "strategy = cort, rounds = 2" in told.words.text()
            part(window, QPushButton, "settingsDropOverrides").click()
            await until(lambda: defaults().strategy is None and told.isHidden())
            pick(part(window, ChoiceBox, "settingsDefaultPreset"), "classic")
            await until(lambda: defaults().preset == "classic")
            judges = part(window, QLineEdit, "settingsJudgeModels")
            judges.setText("fake/model, builtin/smollm2-135m,")
            judges.editingFinished.emit()
            await until(lambda: defaults().judge_model == ("fake/model", "builtin/smollm2-135m"))
            part(window, DecimalBox, "settingsTemperature").setValue(0.7)
            await until(lambda: defaults().temperature == 0.7)
            part(window, WholeBox, "settingsMaxTokens").setValue(512)
            await until(lambda: defaults().max_tokens == 512)
            part(window, Tick, "settingsSummary").click()
            await until(lambda: not ui.app.preferences.settings.context.summary)
            part(window, WholeBox, "settingsRetrievedTurns").setValue(0)
            await until(lambda: ui.app.preferences.settings.context.retrieved_turns == 0)
            prompt = part(window, QPlainTextEdit, "settingsSystem")
            prompt.setFocus()
            QTest.keyClicks(prompt, "Be brief.")
            assert defaults().system is None
            prompt.clearFocus()
            await until(lambda: defaults().system == "Be brief.")
            box = part(window, DecimalBox, "settingsTemperature")
            box.setValue(box.minimum())
            await until(lambda: defaults().temperature is None)

    gui.run(main)


def test_a_preset_has_a_row_for_every_kind_of_setting(gui: Gui) -> None:
    """A choice and a number beside the usual ones; what is as usual isn't written."""

    async def main(ui: Ui) -> None:
        async with opened(ui, "thinking") as window:
            pick(part(window, ChoiceBox, "settingsStrategy"), "ab_mcts")
            belief = part(window, ChoiceBox, "settingsChoice-belief")
            assert [belief.itemText(i) for i in range(belief.count())] == ["Gaussian, as usual", "Beta"]
            assert "Beta: scores are shares of success" in row_of(belief).hint.text()
            batch = part(window, WholeBox, "settingsNumber-batch")
            assert (batch.text(), batch.accessibleName()) == ("4, as usual", "Batch")
            pick(belief, "beta")
            batch.setValue(2)
            part(window, QLineEdit, "settingsPresetName").setText("Tree")
            part(window, QPushButton, "settingsPresetSaveAs").click()
            await until(lambda: "Tree" in ui.app.preferences.settings.presets)
            saved = written(gui)["presets"]["Tree"]
            assert (saved["strategy"], saved["belief"], saved["batch"]) == ("ab_mcts", "beta", 2)
            pick(part(window, ChoiceBox, "settingsChoice-belief"), "gaussian")
            part(window, QPushButton, "settingsPresetSave").click()
            await until(lambda: "belief" not in ui.app.preferences.settings.presets["Tree"].settings)
            assert "belief" not in written(gui)["presets"]["Tree"]

    gui.run(main)


def test_a_preset_is_made_from_what_its_strategy_declares(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, "thinking") as window:
            pick(part(window, ChoiceBox, "settingsPreset"), "classic")
            save = part(window, QPushButton, "settingsPresetSaveAs")
            assert not part(window, QPushButton, "settingsPresetSave").isVisibleTo(window)
            assert part(window, WholeBox, "settingsNumber-rounds").text() == "the strategy decides"
            part(window, WholeBox, "settingsNumber-rounds").setValue(4)
            name = part(window, QLineEdit, "settingsPresetName")
            name.setText("quick")
            assert (save.isEnabled(), row_of(name).error.isHidden()) == (False, False)
            name.setText("Slow one")
            assert row_of(name).error.isHidden()
            save.click()
            await until(lambda: "Slow one" in ui.app.preferences.settings.presets)
            saved = written(gui)["presets"]["Slow one"]
            assert saved.pop("words").startswith("A draft, then rounds")
            assert saved == {"strategy": "cort", "rounds": 4, "alternatives": 3, "judges": 1}
            pick(part(window, ChoiceBox, "settingsStrategy"), "single")
            assert (
                window.findChild(WholeBox, "settingsNumber-rounds") is None
                or not part(window, WholeBox, "settingsNumber-rounds").isVisible()
            )
            again = part(window, QPushButton, "settingsPresetSave")
            assert again.isEnabled()
            again.click()
            await until(lambda: ui.app.preferences.settings.presets["Slow one"].strategy == "single")
            part(window, QPushButton, "settingsPresetRemove").click()
            await until(lambda: not ui.app.preferences.settings.presets)

    gui.run(main)


@pytest.mark.qt_log_ignore("propagateSizeHints")  # the offscreen platform has no frame for a message box
def test_keys_are_rebound_conflicts_named_and_reset(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, "shortcuts") as window:
            part(window, QLineEdit, "settingsShortcutFilter").setText("New conversation")
            table = part(window, QTreeWidget, "settingsShortcuts")
            assert current(table).text(0) == "New conversation"
            keys = part(window, QKeySequenceEdit, "settingsKeys")
            keys.setKeySequence(QKeySequence("Ctrl+L"))
            keys.editingFinished.emit()
            box = part(window, QMessageBox, "settingsMoveKeys")
            assert "Ctrl+L belongs to “Choose the model" in box.text()
            assert "Move it to “New conversation”?" in box.informativeText()
            await answer(window, "settingsMoveKeys", "Cancel")
            await until(lambda: keys.keySequence() == QKeySequence("Ctrl+N"))
            assert "shortcuts" not in written(gui)
            keys.setKeySequence(QKeySequence("Ctrl+L"))
            keys.editingFinished.emit()
            await answer(window, "settingsMoveKeys", "Move it")
            await until(lambda: ui.actions["chat.new"].shortcuts() == [QKeySequence("Ctrl+L")])
            clash = part(window, StateLine, "settingsClash")
            assert clash.words.text() == ""
            model = next(each for each in written(gui)["shortcuts"] if each != "chat.new")
            assert written(gui)["shortcuts"] == {"chat.new": "Ctrl+L", model: ""}
            assert "model" in model
            await ui.app.preferences.change({("shortcuts", model): None})
            assert "Choose the model" in clash.words.text()
            part(window, QPushButton, "settingsNoKeys").click()
            await until(lambda: ui.actions["chat.new"].shortcuts() == [])
            assert written(gui)["shortcuts"] == {"chat.new": ""}
            assert clash.words.text() == ""
            part(window, QPushButton, "settingsResetKeys").click()
            await until(lambda: ui.actions["chat.new"].shortcuts() == [QKeySequence("Ctrl+N")])
            keys.setKeySequence(QKeySequence("Ctrl+J"))
            keys.editingFinished.emit()
            await until(lambda: "chat.new" in ui.app.preferences.settings.shortcuts)
            part(window, QPushButton, "settingsResetAllKeys").click()
            await until(lambda: not ui.app.preferences.settings.shortcuts)
            assert ui.actions["chat.new"].shortcuts() == [QKeySequence("Ctrl+N")]

    gui.run(main)


def test_ids_that_mean_no_command_are_named_and_can_be_dropped(gui: Gui) -> None:
    config = '[shortcuts]\nchat.fly = "Ctrl+Y"\n"chat.new" = "Ctrl+Y"\n'

    async def main(ui: Ui) -> None:
        async with opened(ui, "shortcuts") as window:
            drop = part(window, QPushButton, "settingsDropUnknown")
            assert drop.isVisible()
            drop.click()
            await until(lambda: list(ui.app.preferences.settings.shortcuts) == ["chat.new"])
            await until(lambda: not drop.isVisible())

    gui.run(main, config=config)


def test_data_shows_folders_and_the_mistakes_of_the_file(
    gui: Gui, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[str] = []
    monkeypatch.setattr("PySide6.QtGui.QDesktopServices.openUrl", lambda url: asked.append(url.toLocalFile()))

    async def main(ui: Ui) -> None:
        async with opened(ui, "data") as window:
            folders = part(window, QTreeWidget, "settingsFolders")
            await until(lambda: folders.topLevelItemCount() == 6)
            assert "Built-in model" in item(folders, 5).text(0)
            part(window, QPushButton, "settingsOpenFolder").click()
            assert asked == [str(gui.home)]
            state = part(window, StateLine, "settingsFileState")
            assert "No mistakes" in state.words.text()
            (gui.home / "config.toml").write_text('[appearance]\ntheme = "drak"\n')
            part(window, QPushButton, "settingsReload").click()
            await until(lambda: "Mistakes" in state.words.text())
            assert 'did you mean "dark"' in state.words.text()

    gui.run(main)


def test_rows_stand_one_below_the_other_where_there_is_no_room(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, "budget") as window:
            window.resize(1100, 700)
            row = row_of(part(window, ChoiceBox, "settingsBudget-calls"))
            await until(lambda: row.control.x() > 0)
            window.resize(window.minimumSize())
            await until(lambda: row.control.x() == 0)
            for page in PAGES:
                window.show_page(page)
                assert window.page.horizontalScrollBar().maximum() == 0, page

    gui.run(main)


def test_tables_are_read_only(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui) as window:
            for page in PAGES:
                window.show_page(page)
            for table in window.findChildren(QTreeWidget):
                assert table.editTriggers() == QAbstractItemView.EditTrigger.NoEditTriggers

    gui.run(main)


@pytest.mark.parametrize("rows", [1, 4, 40])
def test_a_table_ends_with_a_whole_row(gui: Gui, rows: int) -> None:
    """Below the last row that had room stood a sliver of the next."""

    async def main(ui: Ui) -> None:
        table = Table("rows", "Rows", ["What", "Where"])
        for number in range(rows):
            table.put(number, [f"row {number}", "here"])
        with on_screen(table, 400, 400):
            table.fit()
            QApplication.processEvents()
            line = table.visualRect(table.model().index(0, 0)).height()
            left = table.viewport().height() - line * min(rows, 6)
            assert left == 0 if rows > 6 else 0 <= left < line

    gui.run(main)
