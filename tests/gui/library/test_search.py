from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from cort_desktop.domain.ids import ConversationId
from cort_desktop.domain.library import Hit
from cort_desktop.gui.library.searching import PLACES, can_be_looked_for
from cort_desktop.gui.ui import Ui
from tests.fakes.window import Gui, until
from tests.gui.library.seeds import Seed, fill
from tests.gui.library.watched import Watched, has_rows, library

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

BIRDS = [
    Seed(title="Birds", question="Which bird?", answer="A flamingo.", loser="The heron bird."),
    Seed(title="Old birds", question="And then?", answer="No idea.", archived=True, ago=timedelta(days=1)),
    Seed(title="Fish", question="Which fish?", answer="A 量子纠缠 carp.", ago=timedelta(days=2)),
]
ONE, OLD, FISH = (ConversationId(f"c{n:05}") for n in range(3))


def places(seen: Watched) -> list[str]:
    """What is found, as a screen reader says it."""
    model = seen.pane.hits.list_model
    return [model.index(n, 0).data(Qt.ItemDataRole.AccessibleTextRole) for n in range(model.rowCount())]


async def look_for(seen: Watched, text: str) -> None:
    seen.pane.field.setText(text)
    await until(lambda: seen.pane.searching.shown is not None and seen.pane.searching.shown.text == text)


@pytest.mark.parametrize(
    ("text", "enough"),
    [("", False), ("a", False), ("ab", True), ("a b", True), ("  .  ", False), ("子", True), ("é", False)],
)
def test_how_much_has_to_be_typed(text: str, enough: bool) -> None:
    assert can_be_looked_for(text) is enough


def test_everything_that_was_said_is_found_and_opens_its_very_node(gui: Gui) -> None:
    fill(gui.home, BIRDS)

    async def main(ui: Ui) -> None:
        async with library(ui) as seen:
            await until(lambda: has_rows(seen))
            ui.actions["library.search"].trigger()
            assert seen.pane.field.hasFocus()
            QTest.keyClicks(seen.pane.field, "bird")
            await until(lambda: places(seen))
            assert sorted(places(seen)) == sorted(
                [
                    "Birds",
                    "R1.A2 · lost: The heron bird.",
                    "question: Which bird?",
                    "title: Birds",
                    "Old birds",
                    "title: Old birds",
                ]
            )
            lost = next(n for n, said in enumerate(places(seen)) if "lost" in said)
            row: Any = seen.pane.hits.list_model.rows[lost]
            assert [row.excerpt.text[a:b] for a, b in row.excerpt.marks] == ["bird"]
            while seen.pane.hits.currentIndex().row() != lost:
                QTest.keyClick(seen.pane.field, Qt.Key.Key_Down)
            QTest.keyClick(seen.pane.field, Qt.Key.Key_Return)
            assert seen.opened == [(ONE, "r00000", "R1.A2")]
            assert places(seen)  # one can go on to the next

    gui.run(main)


def test_enter_opens_the_first_place(gui: Gui) -> None:
    fill(gui.home, BIRDS)

    async def main(ui: Ui) -> None:
        async with library(ui) as seen:
            await look_for(seen, "纠")
            QTest.keyClick(seen.pane.field, Qt.Key.Key_Return)
            assert seen.opened == [(FISH, "r00002", "R1.A1")]
            for action in ("chat.next", "chat.previous"):  # there is only this one
                ui.actions[action].trigger()
            assert len(seen.opened) == 1

    gui.run(main)


def test_escape_returns_to_the_list_as_it_was_left(gui: Gui) -> None:
    fill(gui.home, BIRDS)

    async def main(ui: Ui) -> None:
        async with library(ui) as seen:
            await seen.now_open(FISH)
            await until(lambda: has_rows(seen))
            await look_for(seen, "flamingo")
            assert not seen.pane.list.isVisible()
            QTest.keyClick(seen.pane.field, Qt.Key.Key_Escape)
            assert seen.pane.list.isVisible()
            assert seen.pane.list.hasFocus()
            assert seen.pane.selected == [FISH]
            assert seen.pane.field.text() == ""

    gui.run(main)


def test_what_was_found_stays_until_something_else_is(gui: Gui) -> None:
    fill(gui.home, BIRDS)

    async def main(ui: Ui) -> None:
        async with library(ui) as seen:
            await look_for(seen, "flamingo")
            before = places(seen)
            seen.pane.field.setText("heron")
            assert places(seen) == before
            assert seen.pane.hits.isVisible()
            await until(lambda: places(seen) != before)
            assert places(seen) == ["Birds", "R1.A2 · lost: The heron bird."]
            seen.pane.field.setText("ostrich")
            await until(seen.pane.pages.quiet.isVisible)
            assert "“ostrich”" in seen.pane.pages.quiet.accessibleName()
            assert "judges’ words" in seen.pane.pages.quiet.accessibleName()

    gui.run(main)


def test_an_older_answer_never_overwrites_a_newer_one(gui: Gui) -> None:
    """The first query is slow: while it is under way another is typed, and a third."""
    fill(gui.home, BIRDS)

    async def main(ui: Ui) -> None:
        asked: list[str] = []
        slow = asyncio.Event()
        search = ui.app.library.search

        async def held(text: str, limit: int = 50) -> list[Hit]:
            asked.append(text)
            if text == "flamingo":
                await slow.wait()
            return await search(text, limit)

        ui.app.library.search = held  # type: ignore[method-assign]
        shown: list[str] = []
        async with library(ui) as seen:
            seen.pane.searching.found.connect(lambda found: shown.append(found.text))
            seen.pane.field.setText("flamingo")
            await until(lambda: asked == ["flamingo"])
            seen.pane.field.setText("her")
            seen.pane.field.setText("heron")
            slow.set()
            await until(lambda: shown)
            await until(lambda: not ui.tasks.names)
            assert shown == ["heron"]
            assert asked == ["flamingo", "heron"]  # what was typed in between was never asked

    gui.run(main)


def test_more_places_are_read_near_the_end(gui: Gui) -> None:
    many = PLACES + 15
    fill(gui.home, [Seed(title=f"t{n}", question=f"bird {n}", answer="") for n in range(many)])

    async def main(ui: Ui) -> None:
        async with library(ui) as seen:
            await look_for(seen, "bird")
            assert len(places(seen)) == 2 * PLACES
            assert seen.pane.pages._counted.text() == f"The newest {PLACES} places"
            seen.pane.hits.scrollToBottom()
            await until(lambda: len(places(seen)) == 2 * many)
            assert seen.pane.pages._counted.text() == f"{many} places in {many} conversations"
            assert seen.pane.hits.verticalScrollBar().value() > 0

    gui.run(main)


def test_a_library_that_cant_be_read_says_so_and_what_still_works(gui: Gui) -> None:
    file = gui.home / "data" / "cort.db"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"this is no database at all. " * 400)

    async def main(ui: Ui) -> None:
        async with library(ui) as seen:
            quiet = seen.pane.pages.quiet
            await until(lambda: "The library can’t be read" in quiet.accessibleName())
            assert str(file) in quiet.accessibleName()
            assert "temporary conversation (Ctrl Shift N) still works" in quiet.accessibleName()
            seen.pane.field.setText("bird")
            await until(lambda: "The search failed" in quiet.accessibleName())
            seen.pane.end_search()
            assert "The library can’t be read" in quiet.accessibleName()
            file.unlink()
            quiet._offer.click()
            await until(lambda: "No conversations yet" in quiet.accessibleName())

    gui.run(main)


def test_what_is_deleted_is_found_no_more(gui: Gui) -> None:
    fill(gui.home, BIRDS)

    async def main(ui: Ui) -> None:
        async with library(ui) as seen:
            await seen.now_open(ONE)
            await look_for(seen, "bird")
            assert "Birds" in places(seen)
            seen.trigger("library.delete")  # of the open conversation
            await until(lambda: "Birds" not in places(seen))
            assert places(seen) == ["Old birds", "title: Old birds"]

    gui.run(main)


def test_undo_in_an_empty_search_field_brings_back_what_was_deleted(gui: Gui) -> None:
    fill(gui.home, BIRDS)

    async def main(ui: Ui) -> None:
        async with library(ui) as seen:
            field = seen.pane.field
            field.window().addAction(ui.actions["library.undo"])
            await seen.now_open(ONE)
            seen.trigger("library.delete")
            await until(lambda: seen.deleted == [ONE] and not ui.tasks.names)
            field.setFocus()
            QTest.keyClicks(field, "x")
            QTest.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
            assert field.text() == ""  # its own undo first
            QTest.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
            await until(lambda: seen.opened == [(ONE, None, None)])

    gui.run(main)
