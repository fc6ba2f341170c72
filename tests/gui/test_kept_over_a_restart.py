"""What is there again when the window is opened the next time: the conversation, drafts, how one asked."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from cort_desktop.domain.ids import ConversationId, ModelRef, NodeName, TurnId
from cort_desktop.gui.chat.drafts import Choice, Draft, Thinking
from cort_desktop.gui.chat.kept import Kept, from_text, to_text
from cort_desktop.gui.chat.last_used import Last
from cort_desktop.gui.main_window import MainWindow
from cort_desktop.gui.rounds.candidate_pane import CandidatePane
from cort_desktop.gui.ui import Ui
from cort_desktop.services.attachments import AttachmentInfo
from cort_desktop.services.planning import Ask
from tests.fakes.opened_window import opened
from tests.fakes.window import Gui, until
from tests.gui.chat.chatting import quick_model

FILE = AttachmentInfo(name="a.py", text="print('ü')\n", tokens=4, characters=11)


def test_what_is_kept_is_read_as_it_was() -> None:
    kept = Kept(
        drafts={
            None: Draft(text="new “one”\n\ud800", files=(FILE,)),
            ConversationId("c1"): Draft(text="old", edits=TurnId("t1")),
        },
        last=Last(
            choice=Choice(thinking=Thinking(preset="quick"), model=ModelRef("fake/model")), settings="a|b|c"
        ),
    )
    assert from_text(to_text(kept)) == kept


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"v": 2}', '{"v":1,"drafts":[1,{"text":7,"files":[{}]}],"last":[]}', "[" * 10_000],
)
def test_a_file_that_is_none_of_ours_keeps_nothing(text: str) -> None:
    assert from_text(text) == Kept()


def _type(window: MainWindow, text: str) -> None:
    QTest.keyClicks(window.chat.composer.edit, text)


async def _ask(window: MainWindow, text: str) -> None:
    _type(window, text)
    QTest.keyClick(window.chat.composer.edit, Qt.Key.Key_Return)
    questions = window.chat.controller.questions
    await until(lambda: window.chat.conversation and questions.working is None and not questions.is_starting)
    await until(lambda: not window._ui.tasks.names)


def test_the_last_conversation_and_the_drafts_are_there_again(gui: Gui, tmp_path: Path) -> None:
    seen: list[ConversationId] = []

    async def first(ui: Ui) -> None:
        async with opened(ui, tmp_path) as opening:
            window = opening.window
            await _ask(window, "Why?")
            _type(window, "and then")
            ui.actions["chat.new"].trigger()
            _type(window, "something new")
            ui.actions["chat.new_temporary"].trigger()
            assert window.chat.composer.edit.toPlainText() == ""  # it has a draft of its own
            _type(window, "a secret")
            ui.actions["chat.new"].trigger()
            (kept,) = await ui.app.library.conversations()
            window.open(kept.id)
            await until(lambda: window.chat.conversation == kept.id)
            seen.append(kept.id)

    async def second(ui: Ui) -> None:
        async with opened(ui, tmp_path) as opening:
            window = opening.window
            await until(lambda: window.chat.conversation == seen[0])
            await until(lambda: window.chat.composer.edit.toPlainText() == "and then")
            ui.actions["chat.new"].trigger()
            assert window.chat.composer.edit.toPlainText() == "something new"
            ui.actions["chat.new_temporary"].trigger()
            assert window.chat.composer.edit.toPlainText() == ""
            await ui.app.library.delete(seen[0])
            await ui.app.library.delete_for_good(seen[0])

    async def third(ui: Ui) -> None:
        async with opened(ui, tmp_path) as opening:
            assert opening.window.chat.conversation is None  # it is gone for good, and so is its draft
            await until(lambda: opening.window.chat.composer.edit.toPlainText() == "something new")

    gui.run(first, quick_model())
    file = tmp_path / "composer.json"
    assert "a secret" not in file.read_text()
    if os.name == "posix":
        assert file.stat().st_mode & 0o777 == 0o600
    gui.run(second, quick_model())
    gui.run(third, quick_model())
    assert "and then" not in file.read_text()


def test_a_new_conversation_begins_with_what_was_used_last(gui: Gui, tmp_path: Path) -> None:
    async def first(ui: Ui) -> None:
        async with opened(ui, tmp_path) as opening:
            desk = opening.window.chat.controller.desk
            assert desk.thinking == Thinking(strategy="cort")  # the settings rule what is new at first
            desk.pick(thinking=Thinking(preset="quick"))
            await _ask(opening.window, "Why?")
            ui.actions["chat.new"].trigger()
            assert desk.thinking == Thinking(preset="quick")

    async def second(ui: Ui) -> None:
        async with opened(ui, tmp_path) as opening:
            ui.actions["chat.new"].trigger()
            desk = opening.window.chat.controller.desk
            await until(lambda: desk.thinking == Thinking(preset="quick"))
            found = await ui.app.chat.estimate(Ask(question="Why?"))
            assert found.strategy == "cort"  # `ask` is asked by the settings
            await ui.app.preferences.change({("defaults", "strategy"): "single"})
            await until(
                lambda: desk.thinking == Thinking(strategy="single")
            )  # which rule again, once changed

    gui.run(first, quick_model())
    gui.run(second, quick_model())


def test_a_draft_is_on_the_disk_a_moment_after_it_was_written(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path) as opening:
            _type(opening.window, "half a thought")
            await until((tmp_path / "composer.json").is_file)
            assert "half a thought" in (tmp_path / "composer.json").read_text()

    gui.run(main, quick_model())


def test_renaming_is_seen_in_the_head_at_once(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path) as opening:
            window = opening.window
            await _ask(window, "Why?")
            assert window.chat.conversation is not None
            window.library.verbs.rename(window.chat.conversation, "The sky")
            await until(lambda: window.chat.header._title.text() == "The sky")
            assert window.windowTitle().startswith("The sky")

    gui.run(main, quick_model())


def test_the_heads_buttons_hide_and_show_the_panes(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path) as opening:
            window, header = opening.window, opening.window.chat.header
            assert (header.library.accessibleName(), header.rounds.accessibleName()) == (
                "Hide the library",
                "Hide the rounds",
            )
            header.library.click()
            header.rounds.click()
            assert window.library.isHidden()
            assert window.dock.isHidden()
            assert header.library.accessibleName() == "Show the library"
            header.library.click()
            assert window.library.isVisible()

    gui.run(main, quick_model())


def test_a_hit_in_another_version_is_said_opened_and_marked(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path) as opening:
            window = opening.window
            await _ask(window, "Which flamingo stands?")
            at = window.chat.controller.conversation
            view = at.view
            assert view is not None
            first = view.turns[0].turn.id
            ask = Ask(question="Which heron?", conversation=view.conversation.id, instead_of=first)
            await ui.app.chat.ask(ask, lambda _event: None)
            window.chat.reload()
            await until(lambda: at.last and at.last.turn.question == "Which heron?")
            hits = [each for each in await ui.app.library.search("flamingo") if each.part == "question"]
            assert [each.version for each in hits] == [(1, 2)]
            window.open_hit(hits[0])
            await until(lambda: at.last and at.last.turn.id == first)
            await until(window.chat.finding.isVisible)
            assert window.chat.finding._field.text() == "flamingo"
            assert window.chat.finding._count.text() == "1 of 1"
            hit = window.chat.finding._hits
            assert hit is not None
            found = hit.at(0)
            assert found is not None
            assert found.part == "question"
            assert (await ui.app.library.show(view.conversation.id)).turns[
                0
            ].turn.id != first  # only looked at

    gui.run(main, quick_model())


def test_a_hit_in_a_losing_candidate_is_marked_where_it_is_read(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path) as opening:
            window = opening.window
            await _ask(window, "Why?")
            (candidate, *_) = [
                each for each in await ui.app.library.search("try") if each.part == "candidate"
            ]
            ui.actions["chat.new"].trigger()
            window.open_hit(candidate)
            pane = window.rounds.findChild(CandidatePane)
            assert pane is not None
            await until(lambda: window.selection.node == candidate.node)
            await until(lambda: pane.text._found.count)
            window.selection.select(NodeName("D"))
            await until(lambda: not pane.text._found.count)

    gui.run(main, quick_model())
