"""A strategy of another package that breaks a law while it works: its run ends, the error named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import ModelRef, NodeName
from cort_desktop.domain.run import RunState
from cort_desktop.engine.decisions import Decision, Finish, Record, Start
from cort_desktop.engine.engine import Engine
from cort_desktop.engine.strategies import built_in
from cort_desktop.engine.strategies.added import BROKEN, Added
from cort_desktop.engine.strategies.best_of_n import BestOfN
from cort_desktop.engine.strategies.sampling import sample_job
from cort_desktop.errors import UsageError
from tests.fakes.loops import LoopClock, run_virtual
from tests.fakes.models import RoughCounter, good_model, handle
from tests.fakes.runs import RUN, VIEW, Log, started

Decide = Callable[[RunState], Any]


class Guest(BestOfN):
    """Best-of-N, until it misbehaves: from the first answer on, or at once."""

    def __init__(self, misbehave: Decide, *, at_once: bool = False, at_close: bool = False) -> None:
        self._misbehave = misbehave
        self._at_once = at_once
        self._at_close = at_close

    def decide(self, state: RunState) -> list[Decision]:
        if not self._at_close and (self._at_once or state.candidates()):
            found: list[Decision] = self._misbehave(state)
            return found
        return super().decide(state)

    def close(self, state: RunState) -> Finish:
        return self._misbehave(state) if self._at_close else super().close(state)


def thought(guest: Guest, watch: Callable[[ev.Event], None] = lambda _: None) -> RunState:
    strategies = {**built_in(), "best_of_n": Added(guest, "guests 1.0", built_in())}
    engine = Engine(
        strategies=strategies,
        models=lambda _: handle(good_model(1)),
        clock=LoopClock(),
        tokens=RoughCounter(),
    )

    async def main() -> RunState:
        going = engine.start(RUN, started("best_of_n"), VIEW, Log(watch), {})
        if guest._at_close:
            going.steer(ev.UserEvent(verb="stopped"))
        await going.answer()
        return going.state

    return run_virtual(main())


def raising(_: RunState) -> Any:
    raise ZeroDivisionError("by\n  nothing")


def unknown_model(state: RunState) -> list[Decision]:
    return [Start(job=replace(sample_job(state, 9, "answer"), model=ModelRef("fake/modle")))]


def again(state: RunState) -> list[Decision]:
    return [Start(job=sample_job(state, 1, "answer"))]


def seeing_nothing(state: RunState) -> list[Decision]:
    return [Start(job=replace(sample_job(state, 9, "answer"), saw=(NodeName("R7.A1"),)))]


def strange_name(state: RunState) -> list[Decision]:
    return [Start(job=replace(sample_job(state, 9, "answer"), name=NodeName("../x")))]


def no_answer(_: RunState) -> list[Decision]:
    return [Finish(rule="x", text="x", answer=NodeName("R9.A9"))]


def handing_over(state: RunState) -> list[Decision]:
    return [Record(body=ev.RunPlanned(strategy="nobody", spec=state.spec, why="x"))]


def round_in_circles(state: RunState) -> list[Decision]:
    return [Record(body=ev.RunPlanned(strategy=state.strategy, spec=state.spec, why="x"))]


@pytest.mark.parametrize(
    ("misbehave", "words"),
    [
        (raising, "ZeroDivisionError: by nothing"),
        (lambda _: None, "TypeError: decide() gave None, not a list of decisions"),
        (lambda _: ["go"], "not a list of decisions"),
        (
            unknown_model,
            'it wanted to ask "fake/modle", which is not in the line-up (did you mean "fake/model"?)',
        ),
        (again, "it asked for R1.A1 twice"),
        (seeing_nothing, 'it put R1.A9 after "R7.A1", which there is not'),
        (strange_name, "and no node is called so"),
        (no_answer, 'it took "R9.A9" for the answer, which is no finished candidate'),
        (handing_over, 'it handed the run over to "nobody", which there is not'),
    ],
)
def test_what_it_breaks_ends_its_run_with_the_best_so_far(misbehave: Decide, words: str) -> None:
    state = thought(Guest(misbehave))
    end = state.finished
    assert end is not None
    assert (end.status, end.reason.rule) == ("degraded", BROKEN)
    assert "The strategy best_of_n of the package guests 1.0 failed: " in end.reason.text
    assert words in end.reason.text
    assert end.answer_node == state.best
    assert end.answer
    assert not state.running


@pytest.mark.parametrize("misbehave", [raising, lambda _: []], ids=["raises", "waits for nothing"])
def test_without_any_answer_it_is_a_clear_failure(misbehave: Decide) -> None:
    end = thought(Guest(misbehave, at_once=True)).finished
    assert end is not None
    assert (end.status, end.reason.rule, end.answer_node, end.calls) == ("failed", BROKEN, None, 0)
    assert "There was no answer yet." in end.reason.text


def test_one_that_goes_round_in_circles_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cort_desktop.engine.strategies.added._LONGEST_LOG", 300)
    end = thought(Guest(round_in_circles, at_once=True)).finished
    assert end is not None
    assert "came to no end within 300 events" in end.reason.text


@pytest.mark.parametrize("misbehave", [raising, lambda _: None])
def test_one_that_can_not_end_a_run_is_ended(misbehave: Decide) -> None:
    end = thought(Guest(misbehave, at_close=True)).finished
    assert end is not None
    assert end.reason.rule == "stopped"


def test_one_that_keeps_the_laws_is_not_touched() -> None:
    plain = Guest(BestOfN().decide)
    state = thought(plain)
    assert state.finished is not None
    assert (state.finished.status, state.finished.reason.rule) == ("complete", "panel")


def test_one_that_can_not_say_what_it_takes_is_refused_before_anything_is_sent() -> None:
    class Mute(BestOfN):
        def calls(self, *_: object) -> Any:
            raise KeyError("alternatives")

        def depth(self, *_: object) -> Any:
            raise ValueError

    mute = Added(Mute(), "guests 1.0", ())
    begun = started("best_of_n")
    with pytest.raises(UsageError, match=r"can't say which calls it takes: KeyError: 'alternatives'\."):
        mute.calls(begun.spec, "Why?")
    with pytest.raises(UsageError, match=r"can't say how long it takes: ValueError\."):
        mute.depth(begun.spec, "Why?")
