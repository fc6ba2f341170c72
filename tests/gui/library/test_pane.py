from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from cort_desktop.domain.ids import ConversationId
from cort_desktop.gui.library.controller import PAGE
from cort_desktop.gui.ui import Ui
from tests.fakes.window import Gui, until
from tests.gui.library.seeds import Seed, fill
from tests.gui.library.watched import (
    AWAY,
    DAY,
    FIRST,
    PINNED,
    SECOND,
    SEEDS,
    THIRD,
    Watched,
    has_rows,
    library,
)

# The off-screen platform complains that it neither raises windows nor hears of their sizes.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def has_titles(seen: Watched, number: int) -> bool:
    return len(seen.titles) == number


def test_the_list_is_grouped_and_a_click_opens(gui: Gui) -> None:
    fill(gui.home, SEEDS)

    async def main(ui: Ui) -> None:
        async with library(ui) as seen:
            await until(lambda: has_rows(seen))
            assert seen.titles == ["pinned one", "first", "second", "third"]
            assert seen.headings[0] == "Pinned"
            seen.click(SECOND)
            assert seen.opened == [(SECOND, None, None)]

    gui.run(main)


def test_the_contracts_names(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with library(ui) as seen:
            pane = seen.pane
            assert (pane.field.objectName(), pane.field.accessibleName()) == ("searchField", "Search")
            assert (pane.list.objectName(), pane.list.accessibleName()) == (
                "conversationList",
                "Conversations",
            )
            await until(lambda: pane.controller.is_read)

    gui.run(main)


def test_an_empty_library_says_what_will_be_here(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with library(ui) as seen:
            await until(lambda: seen.pane.controller.is_read)
            assert "No conversations yet" in seen.pane.pages.quiet.accessibleName()
            assert seen.pane.pages.quiet.isVisible()

    gui.run(main)


def test_thousands_are_read_page_by_page_as_a_person_scrolls(gui: Gui) -> None:
    fill(gui.home, [Seed(title=f"number {n}", ago=timedelta(minutes=n)) for n in range(2 * PAGE + 50)])

    async def main(ui: Ui) -> None:
        async with library(ui) as seen:
            await until(lambda: has_rows(seen))
            assert len(seen.titles) == PAGE
            for wanted in (2 * PAGE, 2 * PAGE + 50):
                seen.pane.list.scrollToBottom()
                await until(partial(has_titles, seen, wanted))
            assert seen.titles == [f"number {n}" for n in range(2 * PAGE + 50)]
            assert not seen.pane.controller.has_more
            seen.pane.refresh()
            await until(lambda: not seen.ui.tasks.names)
            assert len(seen.titles) == 2 * PAGE + 50

    gui.run(main)


def test_what_a_person_looks_at_stays_where_it_is(gui: Gui) -> None:
    fill(gui.home, [Seed(title=f"number {n}", ago=timedelta(minutes=n)) for n in range(60)])

    async def main(ui: Ui) -> None:
        async with library(ui) as seen:
            await until(lambda: has_rows(seen))
            view = seen.pane.list
            view.verticalScrollBar().setValue(400)
            watching = view.indexAt(QPoint(20, 100)).data()
            top = view.visualRect(view.indexAt(QPoint(20, 100))).top()
            await ui.app.library.pin("c00055", pinned=True)
            seen.pane.refresh()
            await until(lambda: seen.headings[0] == "Pinned")
            row = seen.titles.index(watching)
            index = seen.index(ConversationId(f"c{int(watching.split()[1]):05}"))
            assert row > 0
            assert view.visualRect(index).top() == top

    gui.run(main)


def test_the_way_to_the_neighbours(gui: Gui) -> None:
    fill(gui.home, SEEDS)

    async def main(ui: Ui) -> None:
        async with library(ui) as seen:
            await seen.now_open(SECOND)
            await until(lambda: has_rows(seen))
            for action, opened in [
                ("chat.next", THIRD),
                ("chat.next", None),
                ("chat.previous", SECOND),
                ("chat.previous", FIRST),
                ("chat.previous", PINNED),
                ("chat.previous", None),
            ]:
                seen.opened.clear()
                seen.trigger(action)
                assert seen.opened == ([] if opened is None else [(opened, None, None)])
                if opened is not None:
                    await seen.now_open(opened)

    gui.run(main)


def test_a_title_is_edited_in_its_place(gui: Gui) -> None:
    fill(gui.home, SEEDS)

    async def main(ui: Ui) -> None:
        async with library(ui) as seen:
            await seen.now_open(FIRST)
            await until(lambda: has_rows(seen))
            seen.trigger("library.rename")
            editor = seen.pane.list.findChild(QLineEdit, "titleEditor")
            assert editor is not None
            assert editor.text() == "first"
            editor.clear()
            QTest.keyClick(editor, Qt.Key.Key_Return)
            assert "at least one character" in editor.accessibleDescription()
            assert seen.pane.list.findChild(QLineEdit, "titleEditor") is editor
            QTest.keyClicks(editor, "better")
            QTest.keyClick(editor, Qt.Key.Key_Return)
            await until(lambda: "better" in seen.titles)
            await until(lambda: not ui.tasks.names)
            assert (await ui.app.library.get(FIRST)).title == "better"
            seen.trigger("library.rename")
            editor = seen.pane.list.findChildren(QLineEdit, "titleEditor")[-1]
            QTest.keyClicks(editor, "never mind")
            QTest.keyClick(editor, Qt.Key.Key_Escape)
            await until(lambda: not seen.pane.list.isPersistentEditorOpen(seen.index(FIRST)))
            assert (await ui.app.library.get(FIRST)).title == "better"

    gui.run(main)


def test_a_title_that_is_being_written_stays_while_its_run_goes_on(gui: Gui) -> None:
    fill(gui.home, SEEDS)

    async def main(ui: Ui) -> None:
        async with library(ui) as seen:
            await seen.now_open(FIRST)
            await until(lambda: has_rows(seen))
            seen.pane.set_working({FIRST: "R1"})
            await until(lambda: not ui.tasks.names)
            seen.trigger("library.rename")
            editor = seen.pane.list.findChild(QLineEdit, "titleEditor")
            assert editor is not None
            editor.selectAll()
            QTest.keyClicks(editor, "better")
            seen.pane.set_working({FIRST: "R2"})
            seen.pane.refresh()
            await until(lambda: not ui.tasks.names)
            assert editor.text() == "better"
            QTest.keyClick(editor, Qt.Key.Key_Return)
            await until(lambda: "better" in seen.titles)

    gui.run(main)


def test_pinning_and_back(gui: Gui) -> None:
    fill(gui.home, SEEDS)

    async def main(ui: Ui) -> None:
        async with library(ui) as seen:
            await seen.now_open(THIRD)
            await until(lambda: has_rows(seen))
            seen.trigger("library.pin")
            await until(lambda: seen.titles[:2] == ["third", "pinned one"])
            assert ui.actions["library.pin"].text() == "Unpin conversation"
            seen.trigger("library.pin")
            await until(lambda: seen.titles[-1] == "third")
            assert ui.actions["library.pin"].text() == "Pin conversation"

    gui.run(main)


def test_archiving_can_be_undone(gui: Gui) -> None:
    fill(gui.home, SEEDS)

    async def main(ui: Ui) -> None:
        async with library(ui) as seen:
            await seen.now_open(FIRST)
            seen.trigger("library.archive")
            await until(lambda: "first" not in seen.titles)
            assert seen.deleted == []
            seen.pane.show_shelf("archived")
            await until(lambda: set(seen.titles) == {"first", "put away"})
            assert ui.actions["library.archive"].text() == "Take out of the archive"
            (offer,) = seen.toasts[-1].offers
            assert seen.toasts[-1].text == "Archived “first”."
            offer.call()
            await until(lambda: seen.titles == ["put away"])

    gui.run(main)


def test_deleting_goes_at_once_and_can_be_undone(gui: Gui) -> None:
    fill(gui.home, SEEDS)

    async def main(ui: Ui) -> None:
        async with library(ui) as seen:
            await seen.now_open(FIRST)
            await until(lambda: has_rows(seen))
            assert not ui.actions["library.undo"].isEnabled()
            seen.trigger("library.delete")
            await until(lambda: "first" not in seen.titles)
            assert seen.deleted == [FIRST]
            (toast,) = seen.toasts
            assert (toast.text, toast.seconds) == ("Deleted “first”.", 30.0)
            assert ui.actions["library.undo"].text() == "Undo deleting “first”"
            seen.trigger("library.undo")
            await until(lambda: "first" in seen.titles)
            assert seen.opened == [(FIRST, None, None)]  # it was what the window showed
            assert not ui.actions["library.undo"].isEnabled()
            toast.offers[0].call()  # the toast still stands; what is undone is undone
            assert ui.tasks.names == []

    gui.run(main)


def test_several_are_deleted_together(gui: Gui) -> None:
    fill(gui.home, SEEDS)

    async def main(ui: Ui) -> None:
        async with library(ui) as seen:
            await seen.now_open(PINNED)
            await until(lambda: has_rows(seen))
            seen.click(FIRST)
            seen.click(THIRD, ctrl=True)
            assert seen.pane.selected == [FIRST, THIRD]
            assert seen.opened == [(FIRST, None, None)]  # a click with Ctrl only selects
            assert not ui.actions["library.rename"].isEnabled()
            QTest.keyClick(seen.pane.list, Qt.Key.Key_Delete)
            await until(lambda: seen.titles == ["pinned one", "second"])
            assert seen.toasts[-1].text == "Deleted 2 conversations."
            assert seen.deleted == [FIRST, THIRD]
            seen.trigger("library.undo")
            await until(lambda: len(seen.titles) == 4)

    gui.run(main)


def test_a_selection_doesnt_outlive_the_focus(gui: Gui) -> None:
    """Else F2 in the composer would rename what nobody looks at."""
    fill(gui.home, SEEDS)

    async def main(ui: Ui) -> None:
        async with library(ui) as seen:
            await seen.now_open(FIRST)
            await until(lambda: has_rows(seen))
            seen.pane.list.setFocus()
            seen.click(THIRD, ctrl=True)
            assert seen.pane.selected == [FIRST, THIRD]
            seen.pane.field.setFocus(Qt.FocusReason.MouseFocusReason)
            assert seen.pane.selected == [FIRST]

    gui.run(main)


def test_a_duplicate_is_made_and_shown(gui: Gui) -> None:
    fill(gui.home, SEEDS)

    async def main(ui: Ui) -> None:
        async with library(ui) as seen:
            await seen.now_open(FIRST)
            seen.trigger("library.duplicate")
            await until(lambda: "Copy of first" in seen.titles)
            ((made, run, node),) = seen.opened
            assert (await ui.app.library.get(made)).title == "Copy of first"
            assert (run, node) == (None, None)

    gui.run(main)


def test_verbs_need_a_conversation(gui: Gui) -> None:
    fill(gui.home, SEEDS[:1])

    async def main(ui: Ui) -> None:
        verbs = ["rename", "pin", "archive", "duplicate", "delete"]
        async with library(ui) as seen:
            await until(lambda: has_rows(seen))
            assert not any(ui.actions[f"library.{verb}"].isEnabled() for verb in verbs)
            seen.pane.set_current(ConversationId("temporary"))  # one that is not stored
            seen.pane.refresh()
            await until(lambda: not ui.tasks.names)
            assert not any(ui.actions[f"library.{verb}"].isEnabled() for verb in verbs)
            await seen.now_open(PINNED)
            assert all(ui.actions[f"library.{verb}"].isEnabled() for verb in verbs)

    gui.run(main)


def test_verbs_reach_an_open_conversation_that_isnt_listed(gui: Gui) -> None:
    fill(gui.home, SEEDS)

    async def main(ui: Ui) -> None:
        async with library(ui) as seen:
            await seen.now_open(AWAY)
            assert "put away" not in seen.titles
            seen.trigger("library.rename")
            dialog = QApplication.activeModalWidget()
            assert dialog is not None
            dialog.setTextValue("found again")  # type: ignore[attr-defined]
            dialog.accept()  # type: ignore[attr-defined]
            await until(lambda: not ui.tasks.names)
            assert (await ui.app.library.get(AWAY)).title == "found again"

    gui.run(main)


def test_where_runs_work_and_what_they_left_to_look_at(gui: Gui) -> None:
    fill(gui.home, SEEDS)

    async def main(ui: Ui) -> None:
        async with library(ui) as seen:
            await seen.now_open(FIRST)
            await until(lambda: has_rows(seen))

            def said(conversation: ConversationId) -> str:
                return str(seen.index(conversation).data(Qt.ItemDataRole.AccessibleTextRole))

            seen.pane.set_working({FIRST: "R1", SECOND: "R2"})
            assert said(FIRST) == "first, working, round 1"
            assert said(SECOND) == "second, working, round 2"
            seen.pane.set_working({})
            assert said(FIRST) == "first"  # it was looked at all the while
            assert said(SECOND) == "second, finished, not looked at yet"
            await seen.now_open(SECOND)
            assert said(SECOND) == "second"
            await until(lambda: not ui.tasks.names)

    gui.run(main)


def test_a_day_that_ends_moves_the_headings(gui: Gui) -> None:
    fill(gui.home, SEEDS[1:2])

    async def main(ui: Ui) -> None:
        async with library(ui) as seen:
            await until(lambda: has_rows(seen))
            assert seen.headings == ["Today"]
            tomorrow = datetime.now(UTC) + DAY
            ui.clock.now = lambda: tomorrow  # type: ignore[method-assign]
            seen.pane.day_end.look()
            assert seen.headings == ["Yesterday"]

    gui.run(main)


def test_what_a_screen_reader_hears(gui: Gui) -> None:
    fill(gui.home, SEEDS[:2])

    async def main(ui: Ui) -> None:
        async with library(ui) as seen:
            await until(lambda: has_rows(seen))
            face = QAccessible.queryAccessibleInterface(seen.pane.list)
            names = [face.child(row).text(QAccessible.Text.Name) for row in range(face.childCount())]
            assert names == ["Pinned", "pinned one, pinned", "Today", "first"]

    gui.run(main)


@pytest.mark.parametrize(
    "look", ["light", *(pytest.param(look, marks=pytest.mark.endurance) for look in ("dark", "contrast"))]
)
@pytest.mark.parametrize("width", [200, 320])
def test_every_title_can_be_painted(gui: Gui, look: Any, width: int) -> None:
    titles = [
        "مرحبا بالعالم",
        "👩‍👩‍👧‍👦" * 40,
        "\x00\x1b[31m\u202e\ud800",
        "x" * 100_000,
        "量子纠缠",
        "<b>&amp;",
    ]
    fill(gui.home, [Seed(title=title, pinned=not n, question="found it") for n, title in enumerate(titles)])

    async def main(ui: Ui) -> None:
        ui.theme.use(mode=look)
        async with library(ui) as seen:
            seen.pane.resize(width, 600)
            await until(lambda: has_rows(seen))
            seen.pane.set_working({ConversationId("c00000"): "R1", ConversationId("c00001"): "R22"})
            assert not seen.pane.grab().isNull()
            seen.pane.field.setText("found")
            await until(lambda: seen.pane.hits.list_model.rows)
            assert not seen.pane.grab().isNull()
            await until(lambda: not ui.tasks.names)
        ui.theme.use(mode="system")

    gui.run(main)
