"""A person's words to runs through the service, on a real database: while they work and after they ended."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.calls import ChatRequest
from cort_desktop.domain.ids import NodeName, RunId
from cort_desktop.domain.run import RunState
from cort_desktop.errors import UsageError
from cort_desktop.services.outcomes import Outcome
from cort_desktop.services.planning import Ask
from cort_desktop.storage.owners import Owners
from tests.fakes.desk import Desk, Shown, ask, asking, cort, desk, resume
from tests.fakes.loops import run_virtual
from tests.fakes.models import Reply, ScriptedModel, good_model, is_judge, judged, verdict_json
from tests.fakes.runs import snapshot

A1, A2, A3 = NodeName("R1.A1"), NodeName("R1.A2"), NodeName("R1.A3")
WORDS = ("zebra", "walrus", "toucan")


def judge(request: ChatRequest) -> Reply:
    """Prefers the animal that comes last in the alphabet."""
    ranking = sorted(judged(request), key=lambda shown: shown[1], reverse=True)
    return Reply(text=verdict_json([[label] for label, _ in ranking]))


def animals(fails: int | None = None, *, seconds: float = 1.0) -> ScriptedModel:
    """Each question is answered by three animals in turn; the call ``fails`` (from 1) fails."""
    answered = 0

    def script(request: ChatRequest, _nth: int) -> Reply:
        nonlocal answered
        if is_judge(request):
            return judge(request)
        answered += 1
        if answered == fails:
            return Reply(error="unavailable")
        return Reply(text=f"The {WORDS[(answered - 1) % 3]}.", seconds=seconds)

    return ScriptedModel(script)


def three(question: str = "Which animal?", **more: Any) -> Ask:
    return asking(question, **({"strategy": "best_of_n", "alternatives": 3, "judges": 1} | more))


def do(action: Coroutine[Any, Any, Any]) -> Any:
    return run_virtual(action)


def hits(at: Desk, word: str) -> dict[str, str]:
    """Where a word is found: part by node."""
    return {hit.node or "": hit.part for hit in do(at.library.search(word))}


def check_stored(at: Desk, run: RunId, state: RunState) -> None:
    assert snapshot(at.state(run)) == snapshot(state)


# --- make it the answer


def test_a_choice_after_the_end_counts_everywhere_and_can_be_taken_back(tmp_path: Path) -> None:
    with desk(tmp_path, animals()) as at:
        first = ask(at, three())
        assert first.state.answer_node == A1
        (event,) = do(at.chat.override(first.run[:4], A2))
        assert event.type == "user.override"
        view = first.state.fold([event])
        assert (view.answer_node, view.answer) == (A2, "The walrus.")
        check_stored(at, first.run, view)
        row = at.store.conversations.run(first.run)
        assert (row.answer_node, row.answer, row.status) == (A2, "The walrus.", "complete")
        assert hits(at, "walrus") == {A2: "answer"}
        assert hits(at, "zebra") == {A1: "candidate"}
        ask(at, three("And then?", conversation=first.conversation))
        assert at.model.requests[-2].messages[2].text == "The walrus."
        assert do(at.chat.override(first.run, A2)) == ()  # chosen already

        (event,) = do(at.chat.override(first.run, None))
        assert view.fold([event]).answer_node == A1
        check_stored(at, first.run, view)
        assert at.store.conversations.run(first.run).answer == "The zebra."
        assert hits(at, "zebra")[A1] == "answer"
        assert hits(at, "walrus")[A2] == "candidate"
        assert do(at.chat.override(first.run, None)) == ()
        assert list((tmp_path / "owners").glob("*.lock")) == []


def test_a_choice_while_the_run_works_outlives_its_end(tmp_path: Path) -> None:
    with desk(tmp_path, animals()) as at:
        choices: list[Any] = []

        async def main() -> Outcome:
            def watch(event: ev.Event) -> None:
                if isinstance(event.body, ev.NodeStarted) and event.body.role == "judge":
                    choices.append(asyncio.ensure_future(at.chat.override(event.run, A3)))

            outcome = await at.chat.ask(three(), Shown(watch))
            assert await choices[0] == ()  # it was shown as the run's other events are
            return outcome

        outcome = do(main())
        assert outcome.state.finished is not None
        assert outcome.state.finished.answer_node == A1  # what the judges say stays what they said
        assert outcome.state.answer_node == A3
        row = at.store.conversations.run(outcome.run)
        assert (row.answer_node, row.answer) == (A3, "The toucan.")
        assert hits(at, "toucan") == {A3: "answer"}
        assert hits(at, "zebra") == {A1: "candidate"}


@pytest.mark.parametrize(
    ("node", "words"),
    [
        ("R1.J1", "is no answer"),
        ("R1.A2", "failed"),
        ("R7.A1", "There is no R7.A1"),
        ("X1", "There is no X1"),
    ],
)
def test_what_is_no_answer_can_not_be_chosen(tmp_path: Path, node: str, words: str) -> None:
    with desk(tmp_path, animals(fails=2)) as at:
        run = ask(at, three()).run
        before = at.events(run)
        with pytest.raises(UsageError, match=words):
            do(at.chat.override(run, NodeName(node)))
        with pytest.raises(UsageError, match=words):
            do(at.chat.consequences(run, NodeName(node)))
        assert at.events(run) == before


def test_a_run_in_the_hands_of_another_process_takes_no_choice(tmp_path: Path) -> None:
    with desk(tmp_path, animals()) as at:
        run = ask(at, three()).run
        with Owners(tmp_path, program="rival").claim(run), pytest.raises(UsageError, match="rival"):
            do(at.chat.override(run, A2))
        with pytest.raises(UsageError, match="There is no run"):
            do(at.chat.override("nowhere", A2))
        assert do(at.chat.override(run, A2))


def test_two_choices_at_once_are_taken_one_after_the_other(tmp_path: Path) -> None:
    with desk(tmp_path, animals()) as at:
        run = ask(at, three()).run

        async def main() -> None:
            await asyncio.gather(at.chat.override(run, A2), at.chat.override(run, A3))

        do(main())
        assert [event.type for event in at.events(run)[-2:]] == ["user.override"] * 2
        assert at.state(run).answer_node == A3


def test_consequences_name_what_was_written_with_the_old_answer(tmp_path: Path) -> None:
    with desk(tmp_path, animals()) as at:
        first = ask(at, three())
        told = do(at.chat.consequences(first.run, A2))
        assert (told.instead_of, told.later_answers, told.rests) == (A1, 0, ("R1.J1",))
        second = ask(at, three("And then?", conversation=first.conversation))
        third = ask(at, three("And last?", conversation=first.conversation))
        assert at.forgiven == []
        again = ask(at, three("And last?", conversation=first.conversation, again=third.turn))
        assert at.forgiven
        told = do(at.chat.consequences(first.run, A2))
        assert told.later == (second.run, third.run, again.run)
        assert do(at.chat.consequences(second.run, A3)).later == (third.run, again.run)
        assert do(at.chat.consequences(first.run, A1)).later == ()  # nothing would change
        do(at.chat.override(first.run, A2))
        fourth = ask(at, three("Once more?", conversation=first.conversation))
        assert do(at.chat.consequences(first.run, A3)).later == (fourth.run,)


# --- try this one again


def test_a_failed_call_is_tried_again_after_the_end(tmp_path: Path) -> None:
    with desk(tmp_path, animals(fails=1)) as at:
        first = ask(at, three())
        assert first.state.finished is not None
        assert (first.state.answer_node, first.state.finished.status) == (A2, "degraded")
        before, shown = at.events(first.run), Shown()
        price = do(at.chat.retry_price(first.run, A1))
        assert (price.calls_low, price.calls_high) == (3, 5)
        assert price.seconds is not None  # both kinds of calls were measured in this run
        assert at.forgiven == []  # a question alone says nothing about what was mended
        outcome = do(at.chat.retry(first.run[:4], A1, shown))
        assert set(at.forgiven) == {body.model for body in shown.bodies(ev.NodeStarted)}
        assert shown.asked() == [A1, "R1.J2", "R1.J3"]
        assert at.events(first.run) == [*before, *shown.stored]
        assert outcome.state.finished is not None
        assert (outcome.state.answer_node, outcome.state.finished.status) == (A1, "complete")
        row = at.store.conversations.run(first.run)
        assert (row.status, row.answer, row.ended is None) == ("complete", "The zebra.", False)
        assert hits(at, "zebra")[A1] == "answer"
        assert hits(at, "walrus")[A2] == "candidate"
        with pytest.raises(UsageError, match="has answered"):
            do(at.chat.retry(first.run, A1, Shown()))
        assert at.store.conversations.run(first.run).status == "complete"  # nothing was reopened for it


def test_a_view_that_is_behind_gets_what_it_missed_and_nothing_twice(tmp_path: Path) -> None:
    with desk(tmp_path, animals(fails=1)) as at:
        first = ask(at, three())
        seen = do(at.chat.replay(first.run))
        do(at.chat.override(first.run, A3))  # by another window, say
        shown = Shown()
        do(at.chat.retry(first.run, A1, shown, after=seen[-1].seq))
        assert [*seen, *shown.stored] == at.events(first.run)
        more = Shown()
        do(at.chat.resume(first.run, more, after=seen[-1].seq))
        assert [*seen, *more] == at.events(first.run)


def test_while_the_run_works_trying_again_is_a_word_to_it(tmp_path: Path) -> None:
    answers: list[Any] = []
    shown_failure = asyncio.Event()

    def script(request: ChatRequest, nth: int) -> Reply:
        if is_judge(request):
            return judge(request)
        if nth == 1:
            return Reply(error="unavailable", seconds=0.5)
        return Reply(text=f"The {WORDS[nth % 3]}.", seconds=4.0, hold=shown_failure)

    with desk(tmp_path, ScriptedModel(script)) as at:

        async def main() -> Outcome:
            tasks: list[asyncio.Future[Any]] = []

            def watch(event: ev.Event) -> None:
                if isinstance(event.body, ev.NodeFailed):
                    shown_failure.set()
                    tasks.append(asyncio.ensure_future(at.chat.retry_price(event.run, A1)))
                    tasks.append(asyncio.ensure_future(at.chat.retry(event.run, A1, Shown())))

            outcome = await at.chat.ask(three(max_tokens=100), shown := Shown(watch))
            answers.extend(await asyncio.gather(*tasks))
            assert shown.stored == at.events(outcome.run)
            assert at.forgiven
            return outcome

        outcome = do(main())
        price, none = answers
        assert none is None
        assert (price.calls_low, price.calls_high) == (1, 1)
        assert outcome.state.finished is not None
        assert outcome.state.finished.status == "complete"
        assert outcome.state.nodes[A1].attempts == 2


# --- stop this one, good enough


def test_one_call_is_stopped_and_the_run_goes_on(tmp_path: Path) -> None:
    with desk(tmp_path, animals()) as at:

        def watch(event: ev.Event) -> None:
            if isinstance(event.body, ev.AttemptFirstContent) and event.body.node == A1:
                at.chat.cancel(event.run, A1)
                at.chat.cancel(event.run, A1)
                with pytest.raises(UsageError, match=r"There is no R5\.A5"):
                    at.chat.cancel(event.run, NodeName("R5.A5"))

        shown = Shown(watch)
        outcome = ask(at, three(), shown)
        node = outcome.state.nodes[A1]
        assert (node.status, node.cancelled_by, bool(node.text)) == ("cancelled", "person", True)
        assert [body.verb for body in shown.bodies(ev.UserEvent)] == ["dropped"]
        assert outcome.state.answer_node == A2
        assert outcome.state.finished is not None
        assert (outcome.state.finished.status, outcome.state.finished.missing) == ("degraded", (A1,))
        assert at.store.log.partials(outcome.run) == {}
        at.chat.cancel(outcome.run, A2)  # it has ended: nothing happens
        assert resume(at, outcome.run).state.seq == outcome.state.seq
        again = do(at.chat.retry(outcome.run, A1, Shown()))
        assert again.state.nodes[A1].is_candidate


def test_good_enough_ends_a_run_with_what_is_there(tmp_path: Path) -> None:
    with desk(tmp_path, good_model()) as at:

        def watch(event: ev.Event) -> None:
            if isinstance(event.body, ev.RoundFinished) and event.body.round == 1:
                at.chat.enough(event.run)

        outcome = ask(at, cort(), Shown(watch))
        end = outcome.state.finished
        assert end is not None
        assert (end.status, end.reason.rule) == ("stopped", "enough")
        assert end.answer_node == outcome.state.rounds[1].result.winner  # type: ignore[union-attr]
        at.chat.enough(outcome.run)  # a second time, or too late, is no mistake
        at.chat.stop(outcome.run)
        assert at.events(outcome.run)[-1].body == end
        assert resume(at, outcome.run).state.finished.status == "complete"  # type: ignore[union-attr]


# --- several at once


def test_runs_work_side_by_side_and_one_is_stopped_without_the_other(tmp_path: Path) -> None:
    with desk(tmp_path, animals()) as at:
        working: list[tuple[RunId, ...]] = []

        async def main() -> tuple[Outcome, Outcome]:
            runs: list[RunId] = []

            def watch(event: ev.Event) -> None:
                if isinstance(event.body, ev.RunStarted):
                    runs.append(event.run)
                if isinstance(event.body, ev.AttemptFirstContent) and len(runs) == 2 and not working:
                    working.append(at.chat.working())
                    at.chat.stop(runs[0])

            one, two = await asyncio.gather(
                at.chat.ask(three("one?"), Shown(watch)), at.chat.ask(three("two?"), Shown(watch))
            )
            assert set(working[0]) == set(runs)
            return (one, two) if one.run == runs[0] else (two, one)

        stopped, other = do(main())
        assert stopped.state.stopped
        assert other.state.finished is not None
        assert other.state.finished.status == "complete"
        assert at.chat.working() == ()
        for outcome in (stopped, other):
            check_stored(at, outcome.run, outcome.state)


@pytest.mark.parametrize("kind", [ev.NodeStarted, ev.AttemptFirstContent, ev.NodeFinished, ev.Verdict])
def test_cancelling_the_task_of_one_run_stops_that_run_alone(tmp_path: Path, kind: type) -> None:
    with desk(tmp_path, animals()) as at:

        async def main() -> tuple[RunId, Outcome]:
            tasks: list[asyncio.Task[Outcome]] = []
            ids: list[RunId] = []

            def watch(event: ev.Event) -> None:
                if isinstance(event.body, ev.RunStarted):
                    ids.append(event.run)
                if isinstance(event.body, kind):
                    tasks[0].cancel()

            tasks.append(asyncio.ensure_future(at.chat.ask(three("one?"), Shown(watch))))
            other = asyncio.ensure_future(at.chat.ask(three("two?"), Shown()))
            with pytest.raises(asyncio.CancelledError):
                await tasks[0]
            assert ids[0] not in at.chat.working()
            return ids[0], await other

        cancelled, other = do(main())
        state = at.state(cancelled)
        assert state.stopped or kind is ev.Verdict  # with the last verdict it had ended
        assert state.finished is not None
        assert not state.running
        assert at.store.owners.owner(cancelled) is None
        assert other.state.finished is not None
        assert other.state.finished.status == "complete"


def test_what_is_being_worked_on_is_not_resumed_a_second_time(tmp_path: Path) -> None:
    with desk(tmp_path, animals()) as at:
        tries: list[asyncio.Task[Outcome]] = []

        async def main() -> None:
            def watch(event: ev.Event) -> None:
                if isinstance(event.body, ev.AttemptFirstContent) and not tries:
                    tries.append(asyncio.ensure_future(at.chat.resume(event.run, Shown())))

            await at.chat.ask(three(), Shown(watch))
            with pytest.raises(UsageError, match="being worked on already"):
                await tries[0]

        do(main())


# --- what is not stored can be steered as well


def test_a_temporary_run_takes_the_same_words(tmp_path: Path) -> None:
    with desk(tmp_path, animals(fails=1)) as at:
        first = ask(at, three(store=False))
        assert first.state.answer_node == A2
        (event,) = do(at.chat.override(first.run, A3))
        assert event.type == "user.override"
        second = ask(at, three("And then?", conversation=first.conversation, store=False))
        assert at.model.requests[-2].messages[2].text == "The toucan."
        assert do(at.chat.consequences(first.run, A2)).later == (second.run,)
        price = do(at.chat.retry_price(first.run, A1))
        assert (price.calls_low, price.seconds) == (3, None)
        shown = Shown()
        outcome = do(at.chat.retry(first.run, A1, shown))
        assert shown.asked() == [A1, "R1.J2", "R1.J3"]
        assert outcome.state.answer_node == A3  # the person's choice
        assert do(at.chat.override(first.run, None))
        assert outcome.state.answer_node == A1  # what it brought won
        assert at.store.conversations.list() == []


def test_a_temporary_run_that_was_stopped_is_known_and_goes_on(tmp_path: Path) -> None:
    with desk(tmp_path, animals()) as at:

        async def main() -> tuple[RunId, Outcome]:
            tasks: list[asyncio.Task[Outcome]] = []
            runs: list[RunId] = []

            def watch(event: ev.Event) -> None:
                if isinstance(event.body, ev.NodeFinished):
                    runs.append(event.run)
                    tasks[0].cancel()

            tasks.append(asyncio.ensure_future(at.chat.ask(three(store=False), Shown(watch))))
            with pytest.raises(asyncio.CancelledError):
                await tasks[0]
            return runs[0], await at.chat.resume(runs[0], Shown())

        run, outcome = do(main())
        assert outcome.run == run
        assert outcome.state.finished is not None
        assert outcome.state.finished.status == "complete"
        with pytest.raises(UsageError, match="has answered"):
            do(at.chat.retry(run, A1, Shown()))


# --- the estimate before sending


@pytest.mark.parametrize(
    "wish",
    [
        asking(),
        asking("Compute 17 * 4.", strategy=None, preset="balanced"),
        three(),
        cort(rounds=None),
        cort(budget={"calls": 20.0}, max_tokens=100),
    ],
    ids=["single", "balanced", "best_of_n", "cort", "caps"],
)
def test_the_estimate_is_the_one_the_run_will_tell(tmp_path: Path, wish: Ask) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("Some notes. " * 40, encoding="utf-8")
    with desk(tmp_path / "data") as at:
        earlier = ask(at, three("Hello?"))
        wish = replace(wish, conversation=earlier.conversation, files=(file,))
        asked = len(at.model.requests)
        forecast = do(at.chat.estimate(wish))
        assert len(at.model.requests) == asked
        assert len(at.store.conversations.path(earlier.conversation)) == 1
        shown = Shown()
        ask(at, wish, shown)
        (started,) = shown.bodies(ev.RunStarted)
        told = started.estimate
        assert {each.name: getattr(forecast, each.name) for each in fields(told)} == {
            each.name: getattr(told, each.name) for each in fields(told)
        }
        assert (forecast.strategy, forecast.preset, forecast.budget) == (
            started.strategy,
            started.preset,
            started.budget,
        )
        assert replace(forecast.spec, seed=started.spec.seed) == started.spec
        assert forecast.models == ("fake/model",)
        assert forecast.attachments == (("notes.txt", started.attachments[0].tokens),)
        assert forecast.warnings == ()
        assert not forecast.is_refused


def test_an_empty_question_is_estimated_and_mistakes_are_told_as_asking_tells_them(tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        assert do(at.chat.estimate(three(""))).calls_low == 4
        for wish in (three(rounds=3), three(conversation="nowhere"), three(files=(tmp_path / "none",))):
            with pytest.raises(UsageError) as from_estimate:
                do(at.chat.estimate(wish))
            with pytest.raises(UsageError) as from_ask:
                ask(at, wish)
            assert str(from_estimate.value) == str(from_ask.value)


def test_what_would_be_refused_or_go_wrong_is_a_warning(tmp_path: Path) -> None:
    with desk(tmp_path, price=None) as at:
        forecast = do(at.chat.estimate(three(budget={"usd": 0.2})))
        assert forecast.is_refused
        assert "A cap on money can't be held" in forecast.warnings[0]
        assert forecast.cost_microusd is None
    with desk(tmp_path, context_tokens=300) as at:
        (warning,) = do(at.chat.estimate(three("word " * 900))).warnings
        assert "takes 300 with the answer" in warning
        assert not do(at.chat.estimate(three())).warnings
    with desk(tmp_path) as at:
        forecast = do(at.chat.estimate(three(budget={"calls": 2.0, "tokens": 10.0, "usd": 0.000001})))
        assert [words.split(" ")[1] for words in forecast.warnings] == ["takes", "takes", "may"]
        assert not forecast.is_refused


def test_looking_ahead_starts_no_models_process(tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        do(at.chat.estimate(three()))
        assert at.launched == []
        run = ask(at, three()).run
        assert at.launched == ["fake/model"] * 2  # when it was asked, and when it began
        with pytest.raises(UsageError):
            do(at.chat.retry_price(run, A1))
        assert len(at.launched) == 2
