"""“Was it worth it?” in the whole window: under the answer, in “Why it won”, and in the settings."""

from __future__ import annotations

from PySide6.QtWidgets import QMessageBox, QPushButton

from cort_desktop.domain.worth import worth_of
from cort_desktop.gui.chat.strip import Strip
from cort_desktop.gui.main_window import MainWindow
from cort_desktop.gui.preferences.rows import StateLine
from cort_desktop.gui.preferences.settings_window import SettingsWindow
from cort_desktop.gui.preferences.tables import Table
from cort_desktop.gui.rounds.compare_facts import choices
from cort_desktop.gui.rounds.compare_pane import ComparePane
from cort_desktop.gui.rounds.rounds_pane import COMPARE, WHY
from cort_desktop.gui.rounds.worth_section import WorthSection
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import PlainLabel
from tests.fakes.whole_window import ask, at_rest, main_window
from tests.fakes.window import Gui, until
from tests.services.test_was_it_worth_it import growing_model

QUICK_S = 0.01


def _links(window: MainWindow) -> list[str]:
    strips = window.chat.findChildren(Strip)
    return [strip._worth.text() for strip in strips if strip._worth.isVisible()]


def _section(window: MainWindow) -> list[str]:
    (section,) = window.rounds.findChildren(WorthSection)
    return [label.text() for label in section.findChildren(PlainLabel)]


async def _box(window: MainWindow) -> QMessageBox:
    await until(lambda: window.findChild(QMessageBox, "roundsQuestion") is not None, "the price")
    found = window.findChild(QMessageBox, "roundsQuestion")
    assert isinstance(found, QMessageBox)
    return found


def test_it_is_asked_under_the_answer_after_its_price_and_kept_in_the_settings(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            await ask(ui, window, "Why?")
            assert _links(window) == ["Was it worth it?"]
            window.chat.findChildren(Strip)[-1]._worth.click()
            box = await _box(window)
            assert "both ways round" in box.informativeText()
            assert "This takes about" in box.informativeText()
            assert "not yet" in _section(window)
            yes = [b for b in box.findChildren(QPushButton) if box.buttonRole(b) == box.ButtonRole.AcceptRole]
            yes[0].click()
            await until(lambda: window.findChild(QMessageBox, "roundsQuestion") is None, "the question to go")
            await at_rest(ui)
            await until(lambda: any(words.startswith("yes: ") for words in _section(window)), "the outcome")
            assert _links(window) == ["Worth it? Yes"]
            settings = SettingsWindow(ui, window)
            settings.show()
            settings.show_page("worth")
            total = settings.page.findChild(StateLine, "settingsWorthTotal")
            assert isinstance(total, StateLine)
            await until(lambda: "1 of 1" in total.words.text(), "the page")
            assert "Can't tell yet" in total.words.text()
            models = settings.page.findChild(Table, "settingsWorthModels")
            assert isinstance(models, Table)
            assert models.topLevelItemCount() == 1
            settings.close()

    gui.run(main, growing_model(seconds=QUICK_S))


def test_where_the_first_answer_is_the_answer_nobody_can_be_asked(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            await ask(ui, window, "Why?")
            assert _links(window) == []
            assert not ui.actions["tree.worth"].isEnabled()
            window.rounds.show_tab(WHY)
            await at_rest(ui)
            assert any("is the answer" in words for words in _section(window))
            assert not window.rounds.findChildren(QPushButton, "askWorth")

    shortest = growing_model(lambda shown: min(shown, key=lambda each: len(each[1]))[0], seconds=QUICK_S)
    gui.run(main, shortest)


def test_comparing_the_first_answer_with_the_final_one_leads_to_it(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            await ask(ui, window, "Why?")
            window.rounds.show_tab(COMPARE)
            await at_rest(ui)
            (compare,) = window.rounds.findChildren(ComparePane)
            feed = window.rounds.selection.feed
            assert feed is not None
            state = feed.state
            worth = worth_of(state)
            assert worth is not None
            compare.compare(worth.first, worth.final)
            assert (compare.worth.isVisible(), compare.worth.text()) == (True, "Was it worth it?")
            other = next(name for name in choices(state) if name not in (worth.first, worth.final))
            compare.compare(other, worth.final)
            await until(lambda: not compare.worth.isVisible(), "another pair")
            compare.compare(worth.final, worth.first)
            await until(compare.worth.isVisible, "the pair, the other way round")
            compare.worth.click()
            box = await _box(window)
            assert "This takes about" in box.informativeText()
            assert window.rounds.tabs.currentIndex() == WHY
            no = [b for b in box.findChildren(QPushButton) if box.buttonRole(b) == box.ButtonRole.RejectRole]
            no[0].click()
            await until(lambda: window.findChild(QMessageBox, "roundsQuestion") is None, "the question to go")

    gui.run(main, growing_model(seconds=QUICK_S))
