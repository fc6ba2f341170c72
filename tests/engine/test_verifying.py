"""A verifier outranks every judge: in each strategy, in any order, live, resumed and played ahead."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.calls import ChatRequest
from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.run import RunState
from cort_desktop.domain.verifying import Finding, Verifier
from cort_desktop.engine.play import Stage, played
from tests.fakes.loops import run_virtual
from tests.fakes.models import (
    MODEL,
    Reply,
    RoughCounter,
    ScriptedModel,
    handle,
    is_critic,
    is_judge,
    longest_wins,
)
from tests.fakes.runs import RUN, SIZES, VIEW, Log, engine, snapshot, started
from tests.fakes.verifying import Says

EXACT = "exact:42"


def model(*texts: str, finish: tuple[str, ...] = ()) -> ScriptedModel:
    """Answers with ``texts`` in turn, the last one over and over; its judges love what is long."""
    asked = 0

    def script(request: ChatRequest, _nth: int) -> Reply:
        nonlocal asked
        if is_judge(request):
            return Reply(text=longest_wins(request))
        if is_critic(request):
            return Reply(text="- It is not right.")
        if '"rounds"' in request.messages[-1].text:
            return Reply(text='{"rounds": 1}')
        at = min(asked, len(texts) - 1)
        asked += 1
        return Reply(text=texts[at], finish="length" if texts[at] in finish else "stop")

    return ScriptedModel(script)


def play(
    asked: ScriptedModel, strategy: str, verifier: Verifier | None, log: Log | None = None, **options: Any
) -> RunState:
    """A run whose candidates are checked."""
    log = log or Log()

    async def main() -> RunState:
        going = engine(handle(asked)).start(
            RUN, started(strategy, verifier=EXACT, **options), VIEW, log, {}, verifier
        )
        await going.answer()
        assert snapshot(RunState(RUN).fold(log.events)) == snapshot(going.state)
        return going.state

    return run_virtual(main())


def texts(state: RunState) -> set[str]:
    return {node.text for node in state.candidates()}


@pytest.mark.parametrize("strategy", [name for name in SIZES if name != "single"])
def test_who_passes_wins_whatever_judges_and_votes_say(strategy: str) -> None:
    asked = model("wrong, and very long and pleasing", "right", "wrong, at the greatest length of all")
    state = play(asked, strategy, Says())
    assert state.finished is not None
    assert state.finished.answer == "right"
    assert state.finished.status == "complete"
    assert "passed the check" in state.finished.reason.text
    assert state.finished.reason.numbers["passed"] == 1
    assert {check.node for check in state.checks} == {node.name for node in state.candidates()}


def test_a_vote_counts_those_that_pass_only() -> None:
    asked = model("wrong\nAnswer: 7", "right\nAnswer: 42", "wrong\nAnswer: 7")
    state = play(asked, "self_consistency", Says(), alternatives=4)
    result = state.rounds[1].result
    assert result is not None
    assert (result.winner, result.method) == (NodeName("R1.A2"), "verifier")
    assert state.votes[-1].tally == {"7": 3, "42": 1}
    assert state.finished is not None
    assert state.finished.reason.rule == "verifier"


def test_one_that_passes_alone_needs_no_judge() -> None:
    asked = model("wrong and long", "right", "wrong as well")
    state = play(asked, "best_of_n", Says(), alternatives=3, judges=3)
    result = state.rounds[1].result
    assert result is not None
    assert (result.winner, result.method) == (NodeName("R1.A2"), "verifier")
    assert not state.verdicts
    assert not any(is_judge(request) for request in asked.requests)


def test_judges_decide_among_those_that_pass() -> None:
    asked = model("wrong, far too long to lose", "right", "right and longer")
    state = play(asked, "best_of_n", Says(), alternatives=3, judges=3)
    result = state.rounds[1].result
    assert result is not None
    assert result.winner == "R1.A3"
    assert result.method in ("borda", "head_to_head")
    assert all(set(verdict.order) == {"R1.A2", "R1.A3"} for verdict in state.verdicts.values())


def test_an_incumbent_that_fails_loses_its_place_without_a_verdict() -> None:
    state = play(model("wrong but standing", "right", "wrong"), "cort", Says(), rounds=1, alternatives=2)
    result = state.rounds[1].result
    assert result is not None
    assert (result.winner, result.kept, result.method) == (NodeName("R1.A1"), False, "verifier")


def test_what_cannot_be_told_comes_between() -> None:
    state = play(model("wrong and long", "who knows"), "best_of_n", Says(), alternatives=2, judges=1)
    assert state.finished is not None
    assert state.finished.answer == "who knows"
    assert "could not be told" in state.finished.reason.text or "did not fail" in state.finished.reason.text


def test_when_all_fail_judges_decide_and_the_run_says_so() -> None:
    state = play(model("wrong", "wrong and longer"), "best_of_n", Says(), alternatives=2, judges=1)
    assert state.finished is not None
    assert (state.finished.answer, state.finished.status) == ("wrong and longer", "degraded")
    assert "No whole answer passed the check" in state.finished.reason.text


def test_one_answer_alone_is_checked_too() -> None:
    state = play(model("wrong"), "single", Says())
    assert state.finished is not None
    assert (state.finished.answer, state.finished.status) == ("wrong", "degraded")


def test_a_cut_answer_does_not_win_by_passing() -> None:
    asked = model("right but cut", "wrong", finish=("right but cut",))
    state = play(asked, "best_of_n", Says(), alternatives=2, judges=1)
    assert state.finished is not None
    assert state.finished.answer == "wrong"


class Slow(Says):
    """Takes a minute for each."""

    async def check(self, answer: str) -> Finding:
        await asyncio.sleep(60)
        return await super().check(answer)


def test_nothing_is_judged_and_nothing_ends_before_the_checks_are_there() -> None:
    log = Log()
    play(model("wrong and long", "right"), "best_of_n", Slow(), log, alternatives=2, judges=1)
    kinds = [event.type for event in log.events]
    assert kinds.index("round.finished") > max(at for at, kind in enumerate(kinds) if kind == "check")


def test_a_stop_does_not_wait_for_a_check() -> None:
    log = Log()

    async def main() -> RunState:
        verifier = Slow()
        going = engine(handle(model("right"))).start(
            RUN, started("best_of_n", verifier=EXACT), VIEW, log, {}, verifier
        )
        task = asyncio.ensure_future(going.answer())
        await asyncio.sleep(5)
        going.steer(ev.UserEvent(verb="stopped"))
        await task
        return going.state

    state = run_virtual(main())
    assert state.finished is not None
    assert state.finished.status == "stopped"
    assert state.active_seconds < 10
    assert "was not checked" in state.finished.reason.text
    assert not state.checks


@pytest.mark.parametrize("strategy", sorted(SIZES))
def test_from_any_prefix_of_its_log_a_checked_run_goes_on_to_a_right_answer(strategy: str) -> None:
    log = Log()
    verifier = Says()
    play(model("wrong and long", "right", "wrong"), strategy, verifier, log)
    for cut in range(1, len(log.events), 3):
        state = RunState(RUN).fold(log.events[:cut])
        if state.finished is not None:
            continue
        seen = {check.node for check in state.checks}
        again = Says()

        async def main(state: RunState = state, again: Says = again) -> None:
            going = engine(handle(model("right"))).resume(
                state, VIEW, Log(), partials={}, reopen=False, verifier=again
            )
            await going.answer()

        run_virtual(main())
        assert state.answer in ("right", "wrong and long")
        assert state.answer == "right" or strategy == "single"
        assert len(again.seen) == len({check.node for check in state.checks} - seen), (
            "nothing is checked twice"
        )


def test_a_verifier_that_is_not_at_hand_settles_nothing_and_hangs_nothing() -> None:
    state = play(model("one", "two, longer"), "best_of_n", None, alternatives=2, judges=1)
    assert state.finished is not None
    assert state.finished.answer == "two, longer"
    assert all(check.passed is None for check in state.checks)


class Broken(Says):
    """Breaks its promise to raise nothing."""

    async def check(self, answer: str) -> Finding:
        raise RuntimeError(answer)


def test_a_bug_in_a_verifier_ends_the_run_loudly() -> None:
    with pytest.raises(RuntimeError, match="one"):
        play(model("one"), "single", Broken())


@pytest.mark.parametrize("strategy", sorted(SIZES))
@pytest.mark.parametrize("dear", [False, True])
def test_a_checked_run_can_be_played_ahead(strategy: str, dear: bool) -> None:
    log = Log()
    play(model("right"), strategy, Says(), log)
    state = RunState(RUN).fold(log.events[:2])
    profile = handle(model("right")).profile
    stage = Stage(
        strategies=engine(handle(model("right"))).strategies,
        view=VIEW,
        profiles={MODEL: profile},
        tokens=RoughCounter(),
        pace=lambda *_: 1.0,
    )
    bill = played(state, stage, dear=dear)
    assert bill.calls < 60
