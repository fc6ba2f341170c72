"""Verbs on a node, against the real services: the answer changes, prices come first, nothing is lost."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from PySide6.QtGui import QGuiApplication

from cort_desktop.domain import events as ev
from cort_desktop.domain.calls import ChatRequest
from cort_desktop.domain.ids import NodeName
from cort_desktop.gui.chat.asking import Asking
from cort_desktop.gui.rounds.rounds_controller import Question, RoundsController
from cort_desktop.gui.rounds.verb_words import verbs
from cort_desktop.gui.rounds.wish_words import allowed
from cort_desktop.gui.run_feed import RunFeed
from cort_desktop.gui.selection import Selection
from cort_desktop.gui.ui import Ui
from cort_desktop.services.planning import Ask
from tests.fakes.models import Reply, ScriptedModel, good_model
from tests.fakes.story import n
from tests.fakes.window import Gui, until

QUICK_S = 0.01


async def asked(ui: Ui, question: str = "Why is the sky blue?", **more: object) -> RunFeed:
    """A run that worked and has ended, in its feed."""
    feeds: list[RunFeed] = []

    def show(event: ev.Event) -> None:
        if not feeds:
            feeds.append(ui.feeds.begin(event.run))
        feeds[0].show(event)

    await ui.app.chat.ask(Ask(question=question, **more), show)  # type: ignore[arg-type]
    ui.pulse.beat()
    return feeds[0]


class Bench:
    """A controller on a selection, with what it said."""

    def __init__(self, ui: Ui) -> None:
        self.selection = Selection()
        self.controller = RoundsController(ui, self.selection)
        self.questions: list[Question] = []
        self.changed: list[object] = []
        self.branched: list[object] = []
        self.inspected: list[tuple[NodeName, str]] = []
        self.said: list[str] = []
        self.offers: list[Callable[[], object]] = []
        self.asking = Asking(ui, self.controller)  # the window connects them
        self.controller.again.connect(self.asking.retry)
        self.controller.question.connect(self.questions.append)
        self.controller.answer_changed.connect(self.changed.append)
        self.controller.branched.connect(self.branched.append)
        self.controller.inspected.connect(lambda node, text: self.inspected.append((node, text)))
        ui.notices.said.connect(self._heard)

    def _heard(self, notice: object) -> None:
        self.said.append(notice.text)  # type: ignore[attr-defined]
        self.offers += [offer.call for offer in notice.offers]  # type: ignore[attr-defined]

    def look(self, feed: RunFeed, node: str) -> None:
        self.selection.show(feed, n(node))


def loser(feed: RunFeed) -> NodeName:
    return next(node.name for node in feed.state.candidates() if node.name != feed.state.answer_node)


def test_another_candidate_becomes_the_answer_and_that_can_be_undone(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        feed = await asked(ui)
        bench, other, before = Bench(ui), loser(feed), feed.state.answer_node
        bench.look(feed, other)
        bench.controller.override()
        await until(lambda: bench.changed)
        assert feed.state.answer_node == other
        assert bench.said == [f"{other} is the answer now."]
        assert not bench.questions  # no later answer rests on the old one
        stored = await ui.app.chat.replay(feed.run)
        assert [event.seq for event in stored] == list(range(1, len(stored) + 1))
        undo = ui.undo.last
        assert undo is not None
        assert undo.words == f"Undo making {other} the answer"
        bench.offers[0]()
        await until(lambda: len(bench.changed) == 2)
        assert feed.state.answer_node == before
        assert ui.undo.last is None  # undoing is nothing new to be undone
        ui.undo.undo(undo)
        assert not ui.tasks.names

    gui.run(main, good_model(seconds=QUICK_S))


def test_undoing_reaches_a_run_that_was_read_anew(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        feed = await asked(ui)
        bench, other, before = Bench(ui), loser(feed), feed.state.answer_node
        bench.look(feed, other)
        bench.controller.override()
        await until(lambda: bench.changed)
        bench.selection.show(None)
        ui.feeds.forget(feed.run)  # many others were looked at meanwhile
        anew = await ui.feeds.read(feed.run)
        assert anew.state.answer_node == other
        ui.undo.undo()
        await until(lambda: len(bench.changed) == 2)
        assert anew.state.answer_node == before

    gui.run(main, good_model(seconds=QUICK_S))


def test_consequences_are_told_before(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        feed = await asked(ui)
        started = feed.state.started
        assert started is not None
        await asked(ui, "And at night?", conversation=started.conversation)
        bench, other = Bench(ui), loser(feed)
        bench.look(feed, other)
        bench.controller.override()
        await until(lambda: bench.questions)
        assert feed.state.answer_node != other
        assert bench.questions[0].title == f"Make {other} the answer?"
        assert "1 later answer in this conversation followed" in bench.questions[0].text
        assert re.search(r"Asking them again would take about .+ calls, .+ tokens, ", bench.questions[0].text)
        bench.questions[0].go()
        await until(lambda: bench.changed)
        assert feed.state.answer_node == other

    gui.run(main, good_model(seconds=QUICK_S))


def test_what_was_sent_is_shown_where_nothing_is_stored(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        feed = await asked(ui, store=False)
        feed.is_stored = False
        bench, other = Bench(ui), loser(feed)
        bench.look(feed, other)
        bench.controller.inspect()
        await until(lambda: bench.inspected)
        node, sent = bench.inspected[0]
        assert node == other
        assert "Why is the sky blue?" in str(json.loads(sent)["messages"])

    gui.run(main, good_model(seconds=QUICK_S))


def test_branch_copy_and_inspect(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        feed = await asked(ui)
        bench, other = Bench(ui), loser(feed)
        bench.look(feed, other)
        bench.controller.copy()
        assert QGuiApplication.clipboard().text() == feed.text(other)
        bench.controller.inspect()
        await until(lambda: bench.inspected)
        node, text = bench.inspected[0]
        assert node == other
        assert "Why is the sky blue?" in text
        assert json.loads(text)
        bench.controller.branch()
        await until(lambda: bench.branched)
        view = await ui.app.library.show(str(bench.branched[0]))
        assert view.turns[-1].runs[-1].answer == feed.text(other)
        assert feed.state.answer_node != other

    gui.run(main, good_model(seconds=QUICK_S))


def test_what_went_wrong_is_told_and_nothing_happens(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        feed = await asked(ui)
        bench = Bench(ui)
        bench.look(feed, "R1.J1")
        bench.controller.branch()
        await until(lambda: gui.errors)
        assert not bench.branched
        gui.errors.clear()
        bench.selection.show(None)
        for verb in ("override", "retry", "cancel", "branch", "inspect", "copy"):
            getattr(bench.controller, verb)()
        assert not ui.tasks.names

    gui.run(main, good_model(seconds=QUICK_S))


def test_which_verbs_mean_something(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        feed = await asked(ui)
        other = loser(feed)
        assert feed.state.answer_node is not None
        found = verbs(feed, other, is_real=True)
        assert {"tree.override", "tree.branch", "tree.copy", "tree.inspect", "tree.diff"} <= found
        assert not {"tree.retry", "tree.cancel"} & found
        assert "tree.override" not in verbs(feed, feed.state.answer_node, is_real=True)
        assert "tree.override" not in verbs(feed, n("R1.J1"), is_real=True)
        in_a_replay = verbs(feed, other, is_real=False)
        assert {"tree.copy", "tree.inspect"} <= in_a_replay
        assert not {"tree.override", "tree.branch"} & in_a_replay
        feed.set_working(True)  # its end is told, its claim is not yet given back
        assert "tree.branch" not in verbs(feed, other, is_real=True)
        assert "tree.continue" not in allowed(feed, other, is_real=True)
        feed.set_working(False)
        assert "tree.continue" in allowed(feed, other, is_real=True)
        feed.elsewhere = "process 7"
        assert not {"tree.override", "tree.branch"} & verbs(feed, other, is_real=True)
        feed.elsewhere, feed.is_stored = None, False
        in_memory = verbs(feed, other, is_real=True)
        assert {"tree.override", "tree.copy", "tree.inspect"} <= in_memory
        assert "tree.branch" not in in_memory
        assert verbs(feed, None, is_real=True) == verbs(None, other, is_real=True) == frozenset()

    gui.run(main, good_model(seconds=QUICK_S))


def test_the_last_answer_of_a_contest_cannot_be_taken_out(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        feed = await asked(ui)
        first, *others = [each.name for each in feed.state.candidates()]
        assert "tree.drop" in allowed(feed, first, is_real=True)
        feed.state.out.update(others)
        assert "tree.drop" not in allowed(feed, first, is_real=True)
        assert "tree.drop" in allowed(feed, others[0], is_real=True)  # it can be put back

    gui.run(main, good_model(seconds=QUICK_S))


def failing_once() -> ScriptedModel:
    """The third call fails; asked again, it answers."""
    good = good_model(seconds=QUICK_S)

    def script(request: ChatRequest, nth: int) -> Reply:
        if nth == 3:
            return Reply(error="unavailable", seconds=QUICK_S)
        return good.script(request, nth)

    return ScriptedModel(script)


def test_a_failed_one_is_tried_again_after_its_price_was_told(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        feed = await asked(ui)
        failed = [node.name for node in feed.state.nodes.values() if node.status == "failed"]
        assert len(failed) == 1
        assert "tree.retry" in verbs(feed, failed[0], is_real=True)
        bench = Bench(ui)
        bench.look(feed, failed[0])
        bench.controller.retry()
        await until(lambda: bench.questions)
        assert bench.questions[0].title == f"Try {failed[0]} again?"
        assert "this takes about" in bench.questions[0].text
        assert feed.state.nodes[failed[0]].status == "failed"  # nothing before the answer
        ended: list[object] = []
        bench.asking.ended.connect(ended.append)
        bench.questions[0].go()
        await until(lambda: ended)
        assert feed.state.nodes[failed[0]].status == "finished"
        assert feed.state.finished is not None
        assert not feed.is_working
        stored = await ui.app.chat.replay(feed.run)
        assert stored[-1].seq == feed.state.seq

    gui.run(main, failing_once())


def test_one_call_is_stopped_and_the_run_goes_on(gui: Gui) -> None:
    good = good_model(seconds=QUICK_S)

    def script(request: ChatRequest, nth: int) -> Reply:
        reply = good.script(request, nth)
        return Reply(text=reply.text, seconds=60.0) if nth == 2 else reply

    async def main(ui: Ui) -> None:
        bench = Bench(ui)
        feeds: list[RunFeed] = []

        def show(event: ev.Event) -> None:
            if not feeds:
                feeds.append(ui.feeds.begin(event.run))
                feeds[0].set_working(True)
            feeds[0].show(event)

        ui.tasks.start(ui.app.chat.ask(Ask(question="Why?"), show), name="ask")
        await until(lambda: feeds and len(feeds[0].state.running) == 1 and feeds[0].state.candidates())
        slow = next(iter(feeds[0].state.running))
        assert "tree.cancel" in verbs(feeds[0], slow, is_real=True)
        bench.look(feeds[0], slow)
        bench.controller.cancel()
        await until(lambda: feeds[0].state.finished)
        assert feeds[0].state.nodes[slow].cancelled_by == "person"
        feeds[0].set_working(False)
        await until(lambda: not ui.tasks.names)

    gui.run(main, ScriptedModel(script))
