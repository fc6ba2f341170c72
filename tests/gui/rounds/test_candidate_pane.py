"""The pane "Candidate" in a real window: head, figures, tries, streaming, judges, the run itself."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton

from cort_desktop.domain import events as ev
from cort_desktop.gui.markdown.prose import Prose
from cort_desktop.gui.rounds.candidate_facts import facts_of, run_lines
from cort_desktop.gui.rounds.candidate_head import VERBS
from cort_desktop.gui.rounds.candidate_pane import CandidatePane
from cort_desktop.gui.rounds.node_text import NodeText
from cort_desktop.gui.selection import Selection
from cort_desktop.gui.ui import Ui
from cort_desktop.telling import figures
from cort_desktop.telling.run_tree import Moment
from cort_desktop.telling.strategies import Declared
from tests.fakes.contest import FINAL, contest
from tests.fakes.looking import beat, fed, looking_at, on_screen, words
from tests.fakes.story import MODEL, Story, n
from tests.fakes.window import Gui, until

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # the platform without a screen has no frames


def texts(pane: CandidatePane) -> list[str]:
    return [text.toPlainText() for text in pane.findChildren(NodeText) if text.isVisible()]


def verbs(pane: CandidatePane) -> list[str]:
    return [
        each.accessibleName()
        for each in pane.head.findChildren(QToolButton)
        if each.isVisible() and each.accessibleName()
    ]


def test_the_head_tells_name_kind_state_and_what_it_took(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        pane = CandidatePane(ui, looking_at(ui, contest(), "R1.A2"))
        with on_screen(pane):
            assert (pane.objectName(), pane.accessibleName()) == ("readingPane", "Candidate")
            assert words(pane.head) == [
                "R1.A2",
                "Another method",
                "won",
                figures.unbroken("my-server/big · 701 tokens · $0.0021 · 2.0 s · first content after 0.4 s"),
            ]
            assert pane.head.accessibleName().startswith("R1.A2, Another method, won, score 0.83")
            assert texts(pane) == ["Was given: D"]

    gui.run(main)


def test_the_whole_text_is_shown_and_kept_while_nothing_changes(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        selection = looking_at(ui, contest(), "R2.A3")
        pane = CandidatePane(ui, selection)
        with on_screen(pane):
            assert pane.text.isVisible()
            assert pane.text.text == FINAL
            assert not pane.raw.isVisible()
            selection.select(n("D"))
            beat(ui)
            assert pane.text.text.startswith("The query slows down")

    gui.run(main)


def test_temperature_is_told_where_it_is_known() -> None:
    facts = facts_of(Moment(state=contest().state()), n("D"))
    assert facts.figures[0] == "temperature 0.7"
    assert facts.model == MODEL


def test_a_failed_one_tells_its_error_its_tries_and_what_to_do(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        pane = CandidatePane(ui, looking_at(ui, contest(), "R1.A3"))
        with on_screen(pane):
            said = words(pane)
            assert "502 · 2 tries" in said
            assert "my-server answered 502 Bad Gateway; try again later" in said
            assert "Try 1: my-server answered 502 Bad Gateway; waited 0.5 s" in said
            assert "The trouble is with the service; try this one again later." in said

    gui.run(main)


def test_every_kind_of_error_has_advice() -> None:
    from typing import get_args

    from cort_desktop.errors import ErrorKind
    from cort_desktop.gui.rounds.candidate_facts import _ADVICE

    assert set(_ADVICE) == {kind for kind in get_args(ErrorKind) if kind != "unsupported"}


@pytest.mark.parametrize("by", ["person", "plan", "limit", "crash"])
def test_what_came_of_a_broken_one_is_kept_and_marked(gui: Gui, by: str) -> None:
    async def main(ui: Ui) -> None:
        story = Story().start("D", "draft").wait(1)
        story.add(ev.NodeCancelled(node=n("D"), by=by, partial="Half a sentence, and"))  # type: ignore[arg-type]
        pane = CandidatePane(ui, looking_at(ui, story, "D"))
        with on_screen(pane):
            said = words(pane)
            assert "Interrupted: this is what had come." in said
            assert pane.text.text == "Half a sentence, and"
            reasons = {
                "person": "You stopped this one.",
                "plan": "The run did not need it any more.",
                "limit": "A cap of the budget cut it off.",
                "crash": "It was lost when the program ended.",
            }
            assert reasons[by] in said

    gui.run(main)


def test_tries_that_failed_before_an_answer_are_told_too(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        story = (
            Story().start("D", "draft").attempt_fails("D", "my-server answered 503", next_="retry").wait(1)
        )
        story.add(ev.AttemptStarted(node=n("D"), attempt=2, model=MODEL, why="retry")).finish(
            "D", "Yes.", attempts=2
        )
        pane = CandidatePane(ui, looking_at(ui, story, "D"))
        with on_screen(pane):
            assert "It worked after all; these tries failed before." in words(pane)
            assert "Try 1: 502, my-server answered 503; waited 0.5 s" in words(pane)

    gui.run(main)


def test_a_running_one_streams_and_ends_as_it_was_stored(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        story = Story().start("D", "draft").add(ev.AttemptFirstContent(node=n("D"), attempt=1))
        feed = fed(ui, story)
        feed.set_working(True)
        feed.play_at(story.events[-1].at + timedelta(seconds=1))
        selection = Selection()
        selection.show(feed, n("D"))
        pane = CandidatePane(ui, selection)
        with on_screen(pane):
            begun = len(story.events)
            story.stream("D", "Let me see.", "reasoning").stream("D", "**So** it ")
            feed.show_all(story.events[begun:])
            beat(ui)
            assert pane.text.text == "**So** it "
            assert "streaming" in words(pane)
            story.stream("D", "is.")
            feed.show(story.events[-1])
            beat(ui)
            assert pane.text.text == "**So** it is."
            assert pane._tick.isActive()
            story.wait(1).finish("D", "**So** it is.", reasoning="Let me see.")
            feed.show(story.events[-1])
            feed.set_working(False)
            beat(ui)
            assert pane.text.text == "**So** it is."
            assert not pane._tick.isActive()
            assert "Reasoning (11 characters)" in [
                b.text() for b in pane.findChildren(QToolButton) if b.isVisible()
            ]

    gui.run(main)


def test_reasoning_is_folded_until_it_is_wanted(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        pane = CandidatePane(ui, looking_at(ui, contest(), "R1.A2"))
        with on_screen(pane):
            fold = pane._reasoning
            assert not fold.field.isVisible()
            QTest.mouseClick(fold.switch, Qt.MouseButton.LeftButton)
            assert fold.field.isVisible()
            assert fold.field.toPlainText() == "First I look for what the planner does."
            fold.show_text("First I look for what the planner does. Then on.")
            assert fold.field.toPlainText().endswith("Then on.")
            fold.show_text("")
            assert not fold.isVisible()

    gui.run(main)


def test_a_judge_shows_its_raw_reply_and_what_it_saw(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        selection = looking_at(ui, contest(), "R1.J1")
        pane = CandidatePane(ui, selection)
        with on_screen(pane):
            assert pane.raw.toPlainText() == '{"ranking": [["fgh"], ["kqz"], ["bcd"]]}'
            assert not pane.text.isVisible()
            assert texts(pane) == ["Read, in this order: D · R1.A1 · R1.A2"]
            pane._saw.node_chosen.emit(n("R1.A1"))
            assert selection.node == "R1.A1"
            beat(ui)
            assert pane.text.isVisible()

    gui.run(main)


def test_a_reply_of_a_judge_neither_acts_nor_stalls(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        story = Story().start("D", "draft").finish("D", "x").start("R1.J1", role="judge")
        story.finish("R1.J1", "\x1b[2J<img src='file:///x'>" + "z" * 100_000)
        pane = CandidatePane(ui, looking_at(ui, story, "R1.J1"))
        with on_screen(pane):
            shown = pane.raw.toPlainText()
            assert "\x1b" not in shown
            assert "<img src='file:///x'>" in shown
            assert max(map(len, shown.split("\n"))) <= 2000

    gui.run(main)


def test_with_no_node_the_run_is_told(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        selection = looking_at(ui, contest())
        selection.select(None)
        pane = CandidatePane(ui, selection)
        with on_screen(pane):
            assert words(pane)[0] == "The run"
            told = words(pane)[1].splitlines()
            assert told[0] == "Deep · Tournament · 3 rounds, 3 challengers, 3 judges"
            assert told[1] == "R2.A3 won 2 of 3"
            assert "order changed the outcome in round 2" in told

    gui.run(main)


def test_a_run_without_an_answer_yet_says_so() -> None:
    story = Story().start("D", "draft")
    assert run_lines(Moment(state=story.state()), Declared())[1] == "No answer yet"
    story.fail("D", "The key was refused.", kind="auth").end(
        "none", "Every call failed.", answer=None, status="failed"
    )
    assert "The key was refused." in run_lines(Moment(state=story.state()), Declared())[1]


def test_a_node_that_has_not_begun_in_a_replay_is_told_so(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        selection = Selection()
        selection.show(fed(ui, contest(), 4), n("R2.A3"))
        pane = CandidatePane(ui, selection)
        with on_screen(pane):
            assert words(pane) == ["R2.A3 has not begun at this moment"]
            selection.show(None)
            beat(ui)
            assert words(pane) == ["Nothing to read yet"]

    gui.run(main)


def test_only_verbs_that_mean_something_are_shown_and_they_work(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        done: list[str] = []
        for verb in VERBS:
            ui.actions.on(verb, partial(done.append, verb))
        ui.actions["tree.cancel"].setEnabled(False)
        ui.actions["tree.retry"].setEnabled(False)
        pane = CandidatePane(ui, looking_at(ui, contest(), "R2.A1"))
        with on_screen(pane):
            assert verbs(pane) == [
                "Make it the answer",
                "Copy its text",
                "Branch into a new conversation from here",
                "Inspect the exact request",
            ]
            button = next(
                b for b in pane.head.findChildren(QToolButton) if b.accessibleName() == "Make it the answer"
            )
            assert "Ctrl+Shift+" in button.toolTip()
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)
            assert done == ["tree.override"]
            ui.actions["tree.cancel"].setEnabled(True)
            ui.actions["tree.override"].setEnabled(False)
            assert "Stop this one" in verbs(pane)
            assert "Make it the answer" not in verbs(pane)

    gui.run(main)


def test_a_cut_text_says_so(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        story = Story().start("D", "draft").finish("D", "and so on and", finish="length")
        pane = CandidatePane(ui, looking_at(ui, story, "D"))
        with on_screen(pane):
            assert "The text was cut at its token limit." in words(pane)
            await until(pane.text.isVisible)

    gui.run(main)


ENDS_IN_A_LIST = (
    "Some words that stand before the list, and more of them so that there are lines.\n\n"
    "- first item, with words\n"
    "- second item that is long enough to be broken into a second line somewhere in the middle of it\n"
    "- the last item of it, which is the one that may be cut when all is laid out\n"
)


@pytest.mark.parametrize("percent", [100, pytest.param(150, marks=pytest.mark.endurance)])
def test_the_last_item_of_a_list_is_whole_at_every_width(gui: Gui, percent: int) -> None:
    """A scroll area asks how high a text were beside its bar, and then shows it without: the text kept to the
    narrower width, in which it was a line higher than what it had been given.
    """

    async def main(ui: Ui) -> None:
        gui.theme.use(percent=percent)
        cut = []
        selection = looking_at(ui, Story().start("R1.A1").finish("R1.A1", ENDS_IN_A_LIST), "R1.A1")
        for width in (270, 290, 310, 390):
            pane = CandidatePane(ui, selection)
            with on_screen(pane, width, 500):
                for _ in range(3):
                    beat(ui)
                    QApplication.processEvents()
                ends = [
                    child.geometry().bottom() for child in pane.text.children() if isinstance(child, Prose)
                ]
                assert len(ends) == 1
                if ends[0] > pane.text.rect().bottom():
                    cut.append(width)
        gui.theme.use(percent=100)
        assert not cut

    gui.run(main)
