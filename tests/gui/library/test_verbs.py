from __future__ import annotations

import asyncio
from typing import Any

import apsw
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QMessageBox, QPushButton

from cort_desktop.domain import calls
from cort_desktop.domain.events import Event
from cort_desktop.gui.run_feed import RunFeed
from cort_desktop.gui.ui import Ui
from cort_desktop.services.planning import Ask
from tests.fakes.models import Reply, ScriptedModel
from tests.fakes.window import Gui, until
from tests.gui.library.seeds import Seed, fill
from tests.gui.library.watched import FIRST, PINNED, SECOND, SEEDS, THROWN, Watched, has_rows, library

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def question() -> QMessageBox:
    box = QApplication.activeModalWidget()
    assert isinstance(box, QMessageBox)
    assert box.textFormat() == Qt.TextFormat.PlainText
    return box


def answer(words: str) -> None:
    box = question()
    button = next(each for each in box.findChildren(QPushButton) if words in each.text())
    button.click()


def menu_of(seen: Watched) -> QMenu:
    return seen.pane.findChildren(QMenu, options=Qt.FindChildOption.FindDirectChildrenOnly)[-1]


def slow(_request: calls.ChatRequest, _nth: int) -> Reply:
    return Reply(text="late", seconds=600)


def test_a_working_conversation_is_stopped_before_it_is_deleted_and_only_when_a_person_says_so(
    gui: Gui,
) -> None:
    async def main(ui: Ui) -> None:
        feeds: list[RunFeed] = []

        def show(event: Event) -> None:
            if not feeds:
                feeds.append(ui.feeds.begin(event.run))
                feeds[0].set_working(True)
            feeds[0].show(event)

        async def ask() -> None:
            await ui.app.chat.ask(Ask(question="Why?"), show)
            feeds[0].set_working(False)

        async with library(ui) as seen:
            ui.tasks.start(ask(), name="ask")
            await until(lambda: feeds and feeds[0].state.started)
            assert feeds[0].state.started is not None
            conversation = feeds[0].state.started.conversation
            seen.pane.set_working({conversation: "R1"})
            await seen.now_open(conversation)
            seen.trigger("library.delete")
            assert "“Why?”" in question().text()
            assert "stopped first" in question().informativeText()
            answer("Cancel")
            await asyncio.sleep(0)
            assert ui.feeds.working() == feeds
            seen.trigger("library.delete")
            answer("Stop and delete")
            await until(lambda: seen.deleted == [conversation])
            assert feeds[0].state.stopped
            assert ui.feeds.working() == []
            (gone,) = await ui.app.library.bin()
            assert gone.id == conversation

    gui.run(main, ScriptedModel(slow))


def test_the_bin_gives_back_and_destroys(gui: Gui) -> None:
    fill(gui.home, [*SEEDS, Seed(title="also thrown away", deleted=True)])

    async def main(ui: Ui) -> None:
        async with library(ui) as seen:
            await seen.now_open(FIRST)
            seen.trigger("library.bin")
            await until(lambda: set(seen.titles) == {"thrown away", "also thrown away"})
            head = seen.pane.head
            assert head.isVisible()
            assert "until you empty the bin" in head._words.text()
            assert not head._restore.isEnabled()
            seen.click(THROWN)
            assert seen.opened == []  # what is in the bin is restored first
            head._restore.click()
            await until(lambda: seen.titles == ["also thrown away"])
            assert seen.toasts[-1].text == "Restored “thrown away”."
            seen.pane.list.selectAll()
            QTest.keyClick(seen.pane.list, Qt.Key.Key_Delete)
            assert question().text() == "Delete “also thrown away” for good?"
            assert "Its question is lost" in question().informativeText()
            answer("Cancel")
            assert await ui.app.library.bin()
            head._destroy.click()
            answer("Delete for good")
            await until(lambda: "The bin is empty" in seen.pane.pages.quiet.accessibleName())
            assert await ui.app.library.bin() == []
            seen.trigger("library.bin")
            await until(lambda: "thrown away" in seen.titles)
            assert not head.isVisible()

    gui.run(main)


def test_emptying_the_bin_takes_its_undoing_along(gui: Gui) -> None:
    fill(gui.home, SEEDS)

    async def main(ui: Ui) -> None:
        async with library(ui) as seen:
            await seen.now_open(FIRST)
            await until(lambda: has_rows(seen))
            seen.trigger("library.delete")
            await until(ui.actions["library.undo"].isEnabled)
            seen.pane.show_shelf("bin")
            await until(lambda: "first" in seen.titles)
            assert not ui.actions["library.delete"].isEnabled()
            seen.pane.head._empty.click()
            assert "2 conversations" in question().informativeText()
            assert "2 questions are lost" in question().informativeText()
            answer("Empty the bin")
            await until(lambda: not ui.actions["library.undo"].isEnabled())
            assert await ui.app.library.bin() == []

    gui.run(main)


def test_the_menu_of_a_row_is_about_that_row(gui: Gui) -> None:
    fill(gui.home, SEEDS)

    async def main(ui: Ui) -> None:
        async with library(ui) as seen:
            await seen.now_open(FIRST)
            await until(lambda: has_rows(seen))
            seen.click(PINNED, right=True)
            seen.pane.commands.menu_at(seen.pane.mapToGlobal(seen.pane.rect().center()))
            menu = menu_of(seen)
            words = [each.text() for each in menu.actions() if not each.isSeparator()]
            assert words == [
                "Open",
                "Rename",
                "Unpin",
                "Archive",
                "Duplicate",
                "Export…",
                "Delete",
            ]
            next(each for each in menu.actions() if each.text() == "Delete").trigger()
            menu.close()
            await until(lambda: seen.deleted == [PINNED])
            assert seen.opened == []

    gui.run(main)


def test_what_cant_be_saved_is_said_and_taken_back(gui: Gui) -> None:
    fill(gui.home, SEEDS)
    connection = apsw.Connection(str(gui.home / "data" / "cort.db"))
    connection.execute("PRAGMA user_version = 9999")  # as a newer program leaves it: it can be read only
    connection.close()

    async def main(ui: Ui) -> None:
        async with library(ui) as seen:
            await seen.now_open(SECOND)
            await until(lambda: has_rows(seen))
            assert seen.pane._problem.isHidden()
            index = seen.index(SECOND)
            seen.pane.list.list_model.setData(index, "better")
            assert "better" in seen.titles
            await until(lambda: "second" in seen.titles and "better" not in seen.titles)
            assert not seen.pane._problem.isHidden()
            assert seen.pane._problem.text().startswith("Changes can’t be saved now. ")
            assert seen.toasts[-1].kind == "bad"
            seen.trigger("library.delete")
            await until(lambda: not ui.tasks.names)
            assert seen.deleted == []
            assert "second" in seen.titles

    gui.run(main)


@pytest.mark.parametrize("title", ["<img src=file:///etc/passwd>", "{0} {what} %1", "\u202e\x1b]0;x\x07"])
def test_no_title_does_anything_in_a_question_or_a_toast(gui: Gui, title: str) -> None:
    fill(gui.home, [Seed(title=title)])

    async def main(ui: Ui) -> None:
        async with library(ui) as seen:
            conversation: Any = "c00000"
            await seen.now_open(conversation)
            await until(lambda: has_rows(seen))
            seen.trigger("library.delete")
            await until(lambda: seen.toasts)
            assert not any(sign in seen.toasts[-1].text for sign in "\u202e\x1b\x07")
            seen.pane.show_shelf("bin")
            await until(lambda: has_rows(seen))
            seen.pane.list.selectAll()
            seen.pane.head._destroy.click()
            assert not any(sign in question().text() for sign in "\u202e\x1b\x07")
            answer("Cancel")

    gui.run(main)
