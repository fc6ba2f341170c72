"""Going on with runs: after a crash, a Stop, a cap; never asking anything twice."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from cort_desktop.domain import calls
from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import Blob, NodeName, RunId
from cort_desktop.domain.run import RunState
from cort_desktop.errors import RunError, UsageError
from cort_desktop.services.planning import Ask
from cort_desktop.storage.owners import Owners
from tests.fakes.desk import Desk, Shown, ask, asking, cort, desk, die, resume, slow_disk
from tests.fakes.loops import run_virtual
from tests.fakes.models import Reply, ScriptedModel, good_model
from tests.fakes.runs import snapshot

WISHES = {
    "single": asking(),
    "best_of_n": asking(strategy="best_of_n", alternatives=3, judges=2),
    "self_consistency": asking(strategy="self_consistency", alternatives=8),
    "cort": cort(),
    "cort, rounds by the model": asking(strategy="cort", alternatives=2),
}


def crashed_at(tmp_path: Path, wish: Ask, seq: int) -> tuple[RunId, list[ev.Event]]:
    """What is left of a run whose process died when event ``seq`` was shown; (run, what had been shown)."""
    shown: list[ev.Event] = []

    def watch(event: ev.Event) -> None:
        if event.seq is not None and event.seq <= seq:
            shown.append(event)
        if event.seq == seq:
            die(tmp_path / "live", tmp_path / "left")

    with desk(tmp_path / "live") as at:
        outcome = ask(at, wish, Shown(watch))
    return outcome.run, shown


def check_resumed(at: Desk, run: RunId, before: Sequence[ev.Event], shown: Shown) -> None:
    """The run went on from ``before``: nothing answered was asked again, and state is one everywhere."""
    answered = {event.body.node for event in before if isinstance(event.body, ev.NodeFinished)}
    in_flight = set(RunState(run).fold(before).running)
    assert not answered & set(shown.asked())
    (resumed,) = shown.bodies(ev.RunResumed)
    assert set(resumed.lost) == in_flight
    lost = [body for body in shown.bodies(ev.NodeCancelled) if body.by == "crash"]
    assert {body.node for body in lost} == in_flight
    stored = at.events(run)
    assert stored == [*before, *shown.stored]
    state = RunState(run).fold(stored)
    assert state.finished is not None
    assert state.finished.status == "complete"
    assert at.store.conversations.run(run).answer == state.finished.answer


@pytest.mark.reliability(39)
@pytest.mark.parametrize(
    ("name", "seq"),
    [(name, seq) for name in WISHES for seq in (1, 2, 4, 7, 11) if seq < 5 or name != "single"],
)
def test_row_39_after_a_crash_a_run_goes_on(tmp_path: Path, name: str, seq: int) -> None:
    """Row 39: what was shown is there, the run counts as interrupted, and is gone on with."""
    run, seen = crashed_at(tmp_path, WISHES[name], seq)
    with desk(tmp_path / "left", ids="b") as at:
        before = at.events(run)
        acknowledged = [event for event in seen if isinstance(event.body, ev.NodeFinished | ev.RunStarted)]
        assert all(event in before for event in acknowledged)
        assert [one.run.id for one in at.store.conversations.interrupted()] == [run]
        shown = Shown()
        outcome = resume(at, run[:3], shown)
        assert outcome.run == run
        check_resumed(at, run, before, shown)
        assert snapshot(outcome.state) == snapshot(at.state(run))
        assert at.store.conversations.interrupted() == []


def test_partial_text_of_a_lost_call_is_kept_with_it(tmp_path: Path) -> None:
    with desk(tmp_path / "live") as at:
        seen: list[str] = []

        def watch(event: ev.Event) -> None:
            if isinstance(event.body, ev.NodeDelta) and not seen:
                seen.append(event.body.text)
                at.database.write(lambda _: None).result()  # the moment after which it is flushed
                die(tmp_path / "live", tmp_path / "left")

        run = ask(at, asking(), Shown(watch)).run
    with desk(tmp_path / "left", ids="b") as at:
        shown = Shown()
        resume(at, run, shown)
        (lost,) = [body for body in shown.bodies(ev.NodeCancelled) if body.by == "crash"]
        assert lost.partial == seen[0]
        assert at.store.log.partials(run) == {}
        attempts = [body for body in shown.bodies(ev.AttemptStarted) if body.node == "D"]
        assert [(body.attempt, body.why) for body in attempts] == [(2, "again")]


def test_a_second_crash_is_no_different(tmp_path: Path) -> None:
    run, _ = crashed_at(tmp_path, cort(), 6)
    with desk(tmp_path / "left", ids="b") as at:
        again: list[int] = []

        def watch(event: ev.Event) -> None:
            if isinstance(event.body, ev.NodeFinished) and not again:
                again.append(event.seq or 0)
                die(tmp_path / "left", tmp_path / "left again")

        resume(at, run, Shown(watch))
    with desk(tmp_path / "left again", ids="c") as at:
        before, shown = at.events(run), Shown()
        assert before[-1].seq is not None
        assert before[-1].seq >= again[0]
        resume(at, run, shown)
        check_resumed(at, run, before, shown)
        assert at.state(run).finished is not None


def test_a_resumed_run_sees_the_conversation_it_was_asked_in(tmp_path: Path) -> None:
    def script(request: calls.ChatRequest, nth: int) -> Reply:
        return Reply(text=f"answer {nth}")

    with desk(tmp_path / "live", ScriptedModel(script)) as at:
        first = ask(at, asking("one?", system="Be brief."))

        def watch(event: ev.Event) -> None:
            if isinstance(event.body, ev.NodeStarted):
                die(tmp_path / "live", tmp_path / "left")

        second = ask(at, asking("two?", conversation=first.conversation), Shown(watch))
        asked = at.model.requests[1]
    with desk(tmp_path / "left", ids="b") as at:
        resume(at, second.run)
        assert at.model.requests[0].messages == asked.messages
        assert at.model.requests[0].seed == asked.seed
        assert at.model.requests[0].messages[0].text == "Be brief."


def stopped(at: Desk, wish: Ask, node: str) -> RunId:
    """A run that a person stopped when ``node`` had answered."""

    def watch(event: ev.Event) -> None:
        if isinstance(event.body, ev.NodeFinished) and event.body.node == node:
            at.chat.stop(event.run)

    return ask(at, wish, Shown(watch)).run


@pytest.mark.parametrize("node", ["D", "R1.A1", "R1.J1", "R2.A2"])
def test_a_stopped_run_is_reopened(tmp_path: Path, node: str) -> None:
    with desk(tmp_path) as at:
        run = stopped(at, cort(), node)
        before = at.events(run)
        assert at.store.conversations.run(run).status == "stopped"
        shown = Shown()
        outcome = resume(at, run, shown)
        assert outcome.state.finished is not None
        assert outcome.state.finished.status == "complete"
        (reopened,) = shown.bodies(ev.RunReopened)
        assert (reopened.why, reopened.budget) == ("stopped", None)
        answered = {event.body.node for event in before if isinstance(event.body, ev.NodeFinished)}
        assert not answered & set(shown.asked())
        assert at.events(run) == [*before, *shown.stored]
        assert at.store.conversations.run(run).status == "complete"


def replanted(at: Desk, events: Sequence[ev.Event], blobs: dict[Blob, str]) -> None:
    """Make the log of a run end with the last of ``events``."""
    started = events[0].body
    assert isinstance(started, ev.RunStarted)
    at.store.conversations.start_turn(
        conversation=started.conversation,
        turn=started.turn,
        run=events[0].run,
        question=started.question,
        strategy=started.strategy,
    )
    at.store.log.append(events, blobs).result()


@pytest.mark.parametrize("last", ["user.stopped", "node.cancelled"])
def test_a_run_that_died_while_it_was_stopping_is_gone_on_with(tmp_path: Path, last: str) -> None:
    """Ctrl-C twice: the Stop is on disk and the end is not. Whoever resumes wants it to go on."""

    def watch(event: ev.Event) -> None:
        if isinstance(event.body, ev.AttemptFirstContent) and event.body.node == "R1.A2":
            at.chat.stop(event.run)

    with desk(tmp_path / "live") as at:
        run = ask(at, cort(), Shown(watch)).run
        whole = at.events(run)
        assert isinstance(whole[0].body, ev.RunStarted)
        context = whole[0].body.context
        blobs = {context: at.store.log.blob(context)} if context is not None else {}
    end = next(place for place, event in enumerate(whole, 1) if event.type == last)
    with desk(tmp_path / "left", ids="b") as at:
        replanted(at, whole[:end], blobs)
        shown = Shown()
        outcome = resume(at, run, shown)
        assert outcome.state.finished is not None
        assert outcome.state.finished.status == "complete"
        assert len(shown.bodies(ev.RunReopened)) == 1
        assert "D" not in shown.asked()
        assert {"R1.A1", "R1.A2"} <= set(shown.asked())
        assert at.events(run) == [*whole[:end], *shown.stored]
        assert snapshot(at.state(run)) == snapshot(outcome.state)


@pytest.mark.parametrize(
    ("budget", "rule"),
    [({"calls": 3.0}, "calls"), ({"tokens": 1200.0}, "tokens"), ({"seconds": 1.5}, "seconds")],
)
def test_a_run_that_met_a_cap_gets_the_same_allowance_once_more(
    tmp_path: Path, budget: dict[str, float | None], rule: str
) -> None:
    with desk(tmp_path) as at:
        run = ask(at, cort(budget=budget, max_tokens=100)).run
        first = at.state(run)
        assert first.finished is not None
        assert (first.finished.status, first.finished.reason.rule) == ("stopped", rule)
        asked: list[str] = []
        for _ in range(6):
            before, shown = at.events(run), Shown()
            outcome = resume(at, run, shown)
            asked += shown.asked()
            answered = {event.body.node for event in before if isinstance(event.body, ev.NodeFinished)}
            assert not answered & set(shown.asked())
            (reopened,) = shown.bodies(ev.RunReopened)
            assert reopened.budget is not None
            end = outcome.state.finished
            assert end is not None
            if end.status == "complete":
                break
        else:
            pytest.fail("a fresh allowance each time, and yet it never ended by its own rule")
        if rule == "calls":
            # The first allowance held a round of one challenger; the second one of two.
            assert outcome.state.spent.calls == 6


def test_a_run_that_ended_by_its_own_rule_is_only_shown_its_end(tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        first = ask(at, cort())
        before, asked = at.events(first.run), len(at.model.requests)
        shown = Shown()
        outcome = resume(at, first.run, shown)
        assert list(shown) == []
        assert outcome.unsaved is None
        assert snapshot(outcome.state) == snapshot(first.state)
        assert (at.events(first.run), len(at.model.requests)) == (before, asked)


def test_a_failed_run_is_not_gone_on_with(tmp_path: Path) -> None:
    model = ScriptedModel(lambda _request, _nth: Reply(error="unavailable"))
    with desk(tmp_path, model) as at:
        first = ask(at, cort())
        assert first.state.finished is not None
        assert first.state.finished.status == "failed"
        asked = len(at.model.requests)
        assert resume(at, first.run).state.finished == first.state.finished
        assert len(at.model.requests) == asked


def test_a_run_that_another_process_works_on_is_left_to_it(tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        run = stopped(at, cort(), "D")
        before = at.events(run)
        with Owners(tmp_path, program="rival").claim(run), pytest.raises(UsageError, match=r"rival"):
            resume(at, run)
        assert at.events(run) == before
        resume(at, run)


def test_a_run_at_work_is_owned_and_then_free(tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        seen: list[str | None] = []
        others = Owners(tmp_path, program="other")

        def watch(event: ev.Event) -> None:
            if isinstance(event.body, ev.NodeFinished):
                seen.append(others.owner(event.run))

        run = ask(at, asking(), Shown(watch)).run
        assert seen[0] is not None
        assert "cort-desktop" in seen[0]
        assert others.owner(run) is None
        assert list((tmp_path / "owners").glob("*.lock")) == []


@pytest.mark.parametrize("prefix", ["zzz", "a", ""])
def test_a_run_must_be_named_plainly(tmp_path: Path, prefix: str) -> None:
    with desk(tmp_path) as at:
        first = ask(at, asking())
        ask(at, asking())
        with pytest.raises(UsageError):
            resume(at, prefix)
        with pytest.raises(UsageError):
            run_virtual(at.chat.replay(prefix))
        assert run_virtual(at.chat.replay(first.run))


def test_a_run_of_which_only_the_question_was_kept_says_so(tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        at.store.conversations.start_turn(
            conversation="c-x",  # type: ignore[arg-type]
            turn="t-x",  # type: ignore[arg-type]
            run=RunId("r-x"),
            question="Why?",
            strategy="single",
        ).result()
        with pytest.raises(RunError, match="ask the question again"):
            resume(at, "r-x")
        assert at.model.requests == []


def test_a_reopened_run_can_be_stopped_again(tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        run = stopped(at, cort(), "D")

        def watch(event: ev.Event) -> None:
            if isinstance(event.body, ev.NodeFinished):
                at.chat.stop(event.run)

        outcome = resume(at, run, Shown(watch))
        assert outcome.state.finished is not None
        assert outcome.state.finished.status == "stopped"
        last = resume(at, run)
        assert last.state.finished is not None
        assert last.state.finished.status == "complete"
        assert last.state.finished.calls == 7 + sum(
            node.attempts - 1 for node in last.state.nodes.values() if node.attempts > 1
        )


def test_a_stop_before_a_resumed_run_works_is_heard(tmp_path: Path) -> None:
    """Reading it takes its time; who changes their mind meanwhile is not passed over."""
    with desk(tmp_path) as at:
        run = stopped(at, cort(), "D")

        async def main() -> RunState:
            task = asyncio.ensure_future(at.chat.resume(run, Shown()))
            while not at.chat._live.is_held(run):  # noqa: ASYNC110 - nothing tells of that moment
                await asyncio.sleep(0)
            assert run not in at.chat.working()
            at.chat.stop(run)
            return (await task).state

        requests = len(at.model.requests)
        state = run_virtual(main())
        assert state.finished is not None
        assert state.finished.status == "stopped"
        assert len(at.model.requests) == requests


def test_the_time_between_counts_for_nothing(tmp_path: Path) -> None:
    run, _ = crashed_at(tmp_path, cort(budget={"seconds": 30.0}), 6)
    with desk(tmp_path / "left", good_model(), ids="b") as at:
        spent = at.state(run).active_seconds

        async def later() -> RunState:
            await asyncio.sleep(3600)
            return (await at.chat.resume(run, Shown())).state

        state = run_virtual(later())
        assert state.finished is not None
        assert state.finished.status == "complete"
        assert spent < state.active_seconds < 30


def test_nothing_is_shown_twice_while_the_disk_is_slow(tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        run = stopped(at, cort(), "D")
    with desk(tmp_path, patient=False) as at:
        before, shown = at.events(run), Shown()

        async def main() -> RunState:
            with slow_disk(at):
                task = asyncio.ensure_future(at.chat.resume(run, shown))
                await asyncio.sleep(0.05)
            return (await task).state

        state = run_virtual(main())
        assert at.events(run) == [*before, *shown.stored]
        assert state.nodes[NodeName("D")].attempts == 1
