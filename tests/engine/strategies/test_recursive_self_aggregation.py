"""A population rewritten step by step: its shape and draws, its ways to end, what a short budget leaves.

Answers carry a quality ("q7") by which the scripted judge ranks them, and a value to vote on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Budget
from cort_desktop.domain.calls import ChatRequest
from cort_desktop.domain.ids import NodeName, round_of
from cort_desktop.domain.run import RunState
from cort_desktop.engine.strategies.recursive_self_aggregation import RecursiveSelfAggregation
from tests.engine.test_tournament import ranked
from tests.fakes.loops import run_virtual
from tests.fakes.models import Reply, ScriptedModel, handle, is_judge
from tests.fakes.runs import RUN, VIEW, Log, engine, started

NAME = "recursive_self_aggregation"
T_G, T_J = 10.0, 3.0
CHECKABLE = "What is 17 times 23?"
Write = Callable[[int, ChatRequest], str]


def varied(nth: int, _request: ChatRequest) -> str:
    return f"q{nth % 7} " + " ".join(f"w{nth}x{i}" for i in range(30)) + f"\nAnswer: {nth % 3}"


def model(write: Write = varied, judge: Callable[[ChatRequest], str] = ranked) -> ScriptedModel:
    asked = 0

    def script(request: ChatRequest, _nth: int) -> Reply:
        nonlocal asked
        if is_judge(request):
            return Reply(text=judge(request), seconds=T_J)
        asked += 1
        return Reply(text=write(asked, request), seconds=T_G)

    return ScriptedModel(script)


def play(
    asked: ScriptedModel, *, question: str = "Why is the sky blue?", log: Log | None = None, **options: Any
) -> tuple[RunState, Log]:
    log = log or Log()
    sizes = {"rounds": 3, "alternatives": 4, "judges": 3} | options
    first = replace(started(NAME, **sizes), question=question)

    async def main() -> RunState:
        going = engine(handle(asked, concurrency=64)).start(
            RUN, first, replace(VIEW, question=question), log, {}
        )
        await going.answer()
        return going.state

    state = run_virtual(main())
    assert RunState(RUN).fold(log.events).finished == state.finished
    return state, log


def ended(state: RunState) -> ev.RunFinished:
    assert state.finished is not None
    return state.finished


def test_calls_and_seconds_are_those_of_the_formula() -> None:
    """N·T + K calls in T·T_g + T_j."""
    asked = model()
    state, _ = play(asked)
    end = ended(state)
    assert end.calls == len(asked.requests) == 4 * 3 + 3
    assert end.seconds == pytest.approx(3 * T_G + T_J, abs=0.1)
    assert (end.reason.rule, end.status) == ("steps", "complete")
    assert end.reason.text.startswith("3 of 3 steps are done. The judges ranked R3.A")
    assert end.answer_node is not None
    assert round_of(end.answer_node) == 3


def test_of_many_judges_compare_the_six_that_have_most_in_common() -> None:
    """So the preset Max takes its N·T + K calls: 8 · 4 + 3."""

    def write(nth: int, _request: ChatRequest) -> str:
        odd = nth % 8 in (3, 5)
        return (
            f"q{nth} {'quite other words' if odd else 'a phrase that is shared'} {nth * 7919} {nth * 104729}"
        )

    asked = model(write)
    state, _ = play(asked, rounds=4, alternatives=8)
    assert ended(state).calls == len(asked.requests) == 8 * 4 + 3
    orders = {frozenset(verdict.order) for verdict in state.verdicts.values()}
    assert orders == {frozenset(f"R4.A{i}" for i in (1, 2, 4, 6, 7, 8))}
    assert "best of the 6 of 8 that have most in common" in ended(state).reason.text


def test_where_there_is_a_vote_no_judge_is_asked() -> None:
    """N·T calls in T·T_g."""
    state, _ = play(model(), question=CHECKABLE)
    end = ended(state)
    assert (end.calls, len(state.verdicts), len(state.votes)) == (4 * 3, 0, 3)
    assert end.seconds == pytest.approx(3 * T_G, abs=0.1)
    assert end.reason.text == "3 of 3 steps are done. 2 of 4 answers of step 3 agree on “0”."
    assert {vote.round for vote in state.votes} == {1, 2, 3}
    assert all(state.rounds[step].result.method == "vote" for step in (1, 2, 3))  # type: ignore[union-attr]


def test_each_member_is_written_from_a_few_of_the_step_before_drawn_by_its_name() -> None:
    state, log = play(model(), alternatives=6, settings={"sources": 2})
    begun = {body.node: body for body in log.bodies(ev.NodeStarted) if body.role == "proposer"}
    for name, body in begun.items():
        if body.round == 1:
            assert (body.saw, body.kind) == ((), "sample")
            continue
        assert (len(set(body.saw)), body.kind, body.move) == (2, "synthesis", "combine")
        assert {round_of(seen) for seen in body.saw} == {body.round - 1}
        assert body.parents == body.saw, name
    assert len({frozenset(body.saw) for body in begun.values() if body.round == 2}) > 2
    again, _ = play(model(), alternatives=6, settings={"sources": 2})
    assert {n: node.saw for n, node in again.nodes.items()} == {
        n: node.saw for n, node in state.nodes.items()
    }
    other, _ = play(model(), alternatives=6, settings={"sources": 2}, seed=1)
    assert {n: node.saw for n, node in other.nodes.items()} != {
        n: node.saw for n, node in state.nodes.items()
    }


def test_a_rewrite_is_shown_its_sources_and_asked_for_one_answer() -> None:
    asked = model()
    play(asked, rounds=2, question=CHECKABLE)
    first, rewrite = asked.requests[0].messages[-1].text, asked.requests[-1].messages[-1].text
    assert '"Answer:"' in first
    assert '"Answer:"' in rewrite
    assert rewrite.count("<candidate>") == 3
    assert "3 earlier answers" in rewrite


def test_between_steps_who_stands_has_most_in_common_and_nobody_is_said_to_have_won() -> None:
    def alike(nth: int, _request: ChatRequest) -> str:
        return f"q1 {'the very same words again' if nth in (2, 4) else f'quite other things {nth * 7919}'}"

    state, log = play(model(alike), rounds=2)
    result = log.bodies(ev.RoundFinished)[0]
    assert (result.round, result.winner, result.method, result.scores) == (1, "R1.A2", "consensus", {})
    assert not state.rounds[1].judges


def test_when_all_agree_no_further_step_is_taken() -> None:
    state, _ = play(model(lambda nth, _: f"way {nth}\nAnswer: 391"), question=CHECKABLE)
    end = ended(state)
    assert (end.calls, end.reason.rule, end.status) == (4, "unanimous", "complete")
    assert end.reason.text == (
        "All agree after step 1, so no further one is needed. 4 of 4 answers of step 1 agree on “391”."
    )


def test_when_nothing_new_comes_the_judges_are_asked() -> None:
    def copied(nth: int, _request: ChatRequest) -> str:
        return f"q{nth % 4} the words that everybody ends up with, number {nth % 4}, as they were said before"

    state, _ = play(model(copied), rounds=5)
    end = ended(state)
    assert (end.reason.rule, state.rounds_finished, end.calls) == ("exhaustion", 2, 4 * 2 + 3)
    assert "step 2 repeats the one before to 100%" in end.reason.text


def test_answers_without_a_value_are_judged_after_all() -> None:
    state, _ = play(model(lambda nth, _: f"q{nth} no idea{' at all' * nth}"), rounds=1, question=CHECKABLE)
    assert ended(state).reason.text.startswith("The judges ranked R1.A4 best of 4")
    assert state.votes[-1].tally == {}


def test_cut_answers_are_neither_sources_nor_winners_unless_all_are() -> None:
    good = model()

    def script(request: ChatRequest, nth: int) -> Reply:
        reply = good.script(request, nth)
        return replace(reply, finish="length") if nth in (2, 5, 6, 7, 8) else reply

    state, log = play(ScriptedModel(script), rounds=3)
    begun = {body.node: body for body in log.bodies(ev.NodeStarted)}
    assert all("R1.A2" not in begun[NodeName(f"R2.A{i}")].saw for i in range(1, 5))
    assert {round_of(seen) for seen in begun[NodeName("R3.A1")].saw} == {1}  # step 2 brought nothing whole
    answer = ended(state).answer_node
    assert answer is not None
    assert state.nodes[answer].finish == "stop"


def test_a_step_goes_on_with_those_that_came() -> None:
    good = model()

    def script(request: ChatRequest, nth: int) -> Reply:
        return Reply(error="unavailable") if nth in (1, 6) else good.script(request, nth)

    state, _ = play(ScriptedModel(script))
    assert ended(state).missing == ("R1.A1", "R2.A2")
    assert ended(state).status == "degraded"
    assert "R1.A1" not in {seen for node in state.nodes.values() for seen in node.saw}


@pytest.mark.parametrize(
    ("calls", "size"),
    [(15, (4, 3, 3)), (13, (4, 3, 1)), (12, (3, 3, 1)), (7, (2, 3, 1)), (6, (2, 2, 1)), (1, (1, 1, 1))],
)
def test_a_short_budget_takes_judges_then_members_then_steps(calls: int, size: tuple[int, int, int]) -> None:
    """(members, steps, judges) that fit, planned before the first call."""
    state, _ = play(model(), budget=Budget(calls=calls))
    spec = state.spec
    assert (spec.alternatives, spec.rounds, spec.judges) == size
    end = ended(state)
    assert end.calls <= calls
    assert end.status == "complete"
    if calls == 6:
        assert state.planned is not None
        assert (
            state.planned.why
            == "What is left of the budget is enough for 2 steps of 2 answers each and 1 judge."
        )


def test_dearer_answers_than_foreseen_take_the_last_steps() -> None:
    """Known only after the first step: the verdicts are kept room for."""
    state, _ = play(model(), budget=Budget(tokens=70 * 4 + 70 * 3 + 160), rounds=4)
    end = ended(state)
    assert state.spec.rounds is not None
    assert state.spec.rounds < 4
    assert end.answer_node is not None
    assert state.spent.tokens <= 70 * 4 + 70 * 3 + 160


@pytest.mark.parametrize("question", ["Why is the sky blue?", CHECKABLE])
def test_a_stop_keeps_who_stands_of_the_last_step_of_which_half_came(question: str) -> None:
    class Stopping(Log):
        def __call__(self, batch: Any, texts: Any) -> None:
            super().__call__(batch, texts)
            begun = sum(isinstance(event.body, ev.NodeStarted) for event in self.events)
            if begun >= 6 and not stopped:
                stopped.append(True)
                runs[0].steer(ev.UserEvent(verb="stopped"))

    stopped: list[bool] = []
    runs: list[Any] = []
    log = Stopping()
    first = replace(started(NAME, rounds=3, alternatives=4, judges=3), question=question)

    async def main() -> RunState:
        going = engine(handle(model(), concurrency=64)).start(RUN, first, VIEW, log, {})
        runs.append(going)
        await going.answer()
        return going.state

    state = run_virtual(main())
    end = ended(state)
    assert end.status == "stopped"
    assert end.answer_node == state.best
    assert end.answer_node is not None
    assert round_of(end.answer_node) == 1
    said = (
        "agree on" if question == CHECKABLE else "has most in common with the others of 4 answers of step 1"
    )
    assert said in end.reason.text


def test_one_that_failed_in_an_early_step_challenges_the_answer_when_it_is_tried_again() -> None:
    good = model()

    def script(request: ChatRequest, nth: int) -> Reply:
        return Reply(error="unavailable") if nth == 2 else good.script(request, nth)

    state, log = play(ScriptedModel(script))
    more = Log()

    async def again() -> RunState:
        going = engine(handle(model(lambda *_: "q9 far better"), concurrency=64)).resume(
            RunState(RUN).fold(log.events), VIEW, more, partials={}, reopen=False, again=NodeName("R1.A2")
        )
        await going.answer()
        return going.state

    state = run_virtual(again())
    assert [body.node for body in more.bodies(ev.NodeStarted)] == ["R1.A2", "R1.J1", "R1.J2"]
    assert ended(state).answer_node == "R1.A2"
    assert "R1.A2, tried again, was preferred to" in ended(state).reason.text


def test_the_estimate_is_the_formula() -> None:
    spec = started(NAME, rounds=4, alternatives=6, judges=3).spec
    strategy = RecursiveSelfAggregation()
    plain = strategy.calls(spec, "Why is the sky blue?")
    assert sum(call.low for call in plain) == 6 * 4 + 3
    assert (strategy.depth(spec, "Why?").answers, strategy.depth(spec, "Why?").verdicts) == (4, 1)
    voted = strategy.calls(spec, CHECKABLE)
    assert sum(call.low for call in voted) == 6
    assert strategy.depth(spec, CHECKABLE).verdicts == 0
