"""Two sides, their exchanges, and judges."""

from __future__ import annotations

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Budget
from cort_desktop.engine import wishing
from cort_desktop.engine.strategies.debate import Debate
from tests.fakes.lineups import A, B, C, again, asked, cut, failed, thought
from tests.fakes.models import Reply
from tests.fakes.story import n

TWO = {"proposer": (A, B), "judge": (C,)}
ONE = {"proposer": (A,), "judge": (A,)}
LONGER = {"R2.A1": Reply(text="short"), "R2.A2": Reply(text="a much longer statement")}


@pytest.mark.parametrize(("exchanges", "judges"), [(1, 1), (2, 3), (3, 2)])
def test_it_takes_two_calls_an_exchange_and_the_judges(exchanges: int, judges: int) -> None:
    """2R + K and R·T_g + T_j, as declared."""
    script = {f"R{exchanges}.A1": LONGER["R2.A1"], f"R{exchanges}.A2": LONGER["R2.A2"]}
    state, _, model = thought("debate", TWO, script, rounds=exchanges, judges=judges)
    end = state.finished
    assert end is not None
    assert len(model.requests) == end.calls == 2 * exchanges + judges
    assert end.seconds == pytest.approx(exchanges + 1.0)
    assert sum(call.low for call in Debate().calls(state.spec, state.question)) == 2 * exchanges + judges
    depth = Debate().depth(state.spec, state.question)
    assert (depth.answers, depth.verdicts) == (exchanges, 1)
    assert end.answer_node == f"R{exchanges}.A2"


def test_the_sides_see_each_others_last_statement_and_judges_see_the_last_of_both() -> None:
    state, log, model = thought("debate", TWO, LONGER, rounds=2, judges=3)
    sides = {name: node.side for name, node in state.nodes.items() if node.role == "proposer"}
    assert sides == {"R1.A1": "first", "R1.A2": "second", "R2.A1": "first", "R2.A2": "second"}
    assert {node.side: node.model for node in state.nodes.values() if node.side} == {"first": A, "second": B}
    assert state.nodes[n("R2.A1")].saw == ("R1.A1", "R1.A2")
    assert state.nodes[n("R2.A2")].saw == ("R1.A2", "R1.A1")
    assert state.nodes[n("R2.A2")].parents == ("R1.A2",)
    assert {frozenset(v.order) for v in log.bodies(ev.Verdict)} == {frozenset(("R2.A1", "R2.A2"))}
    prompt = model.requests[asked(model).index(n("R2.A1"))].messages[-1].text
    assert prompt.index("R1.A1 says") < prompt.index("R1.A2 says"), "one's own comes first"
    end = state.finished
    assert end is not None
    assert (
        end.reason.text
        == "After 2 exchanges the second side won before 3 judges; R2.A2 is its last statement."
    )
    first, second = log.bodies(ev.RoundFinished)
    assert (first.winner, second.winner) == (None, "R2.A2")


def test_with_one_model_the_second_side_begins_by_another_way() -> None:
    state, _, _ = thought("debate", ONE, LONGER, rounds=2, judges=1)
    assert [state.nodes[name].move for name in (n("R1.A1"), n("R1.A2"))] == ["fresh", "other_method"]


def test_a_side_whose_call_failed_goes_on_with_what_it_had() -> None:
    script = {"R2.A2": failed(), "R3.A1": Reply(text="short"), "R3.A2": Reply(text="longer by far")}
    state, _, _ = thought("debate", TWO, script, rounds=3, judges=1)
    assert state.nodes[n("R3.A1")].saw == ("R2.A1", "R1.A2")
    assert state.nodes[n("R3.A2")].saw == ("R1.A2", "R2.A1")
    end = state.finished
    assert end is not None
    assert (end.answer_node, end.status) == ("R3.A2", "degraded")
    assert end.missing == ("R2.A2",)


def test_a_last_statement_that_is_cut_gives_way_to_the_whole_one_before_it() -> None:
    script = {"R2.A1": cut("x" * 500), "R2.A2": Reply(text="y")}
    state, log, _ = thought("debate", TWO, script, rounds=2, judges=1)
    assert {frozenset(v.order) for v in log.bodies(ev.Verdict)} == {frozenset(("R1.A1", "R2.A2"))}
    assert state.finished is not None
    assert state.finished.answer_node == "R1.A1"


def test_where_only_one_side_answers_there_is_no_debate() -> None:
    state, _, model = thought("debate", TWO, {"R1.A1": failed()}, rounds=3, judges=3)
    assert asked(model) == ["R1.A1", "R1.A2"]
    end = state.finished
    assert end is not None
    assert (end.answer_node, end.status) == ("R1.A2", "degraded")
    assert end.reason.text == "Only the second side answered; R1.A2 stands."


def test_an_exchange_without_a_word_is_the_last() -> None:
    script = {"R2.A1": failed(), "R2.A2": failed()}
    state, log, model = thought("debate", TWO, script, rounds=5, judges=1)
    assert not any(name.startswith("R3") for name in asked(model))
    assert {frozenset(v.order) for v in log.bodies(ev.Verdict)} == {frozenset(("R1.A1", "R1.A2"))}
    assert state.finished is not None
    assert state.finished.answer_node in ("R1.A1", "R1.A2")


@pytest.mark.parametrize(
    ("calls", "exchanges", "judges"), [(7, 2, 3), (6, 2, 2), (5, 2, 1), (4, 1, 1), (3, 1, 1)]
)
def test_short_of_calls_there_are_fewer_judges_then_fewer_exchanges(
    calls: int, exchanges: int, judges: int
) -> None:
    script = LONGER | {"R1.A1": Reply(text="s"), "R1.A2": Reply(text="much longer")}
    state, _, model = thought("debate", TWO, script, budget=Budget(calls=calls), rounds=2, judges=3)
    names = asked(model)
    assert sum(".A" in name for name in names) == 2 * exchanges
    assert sum(".J" in name for name in names) == judges
    assert state.finished is not None
    assert state.finished.status == "complete"


def test_no_room_for_a_first_exchange_costs_nothing() -> None:
    state, _, model = thought("debate", TWO, budget=Budget(calls=2), rounds=2, judges=3)
    assert model.requests == []
    assert state.finished is not None
    assert state.finished.reason.rule == "calls"


@pytest.mark.parametrize("after", ["R1.A1", "R2.A1"])
def test_stopped_before_the_judges_the_first_sides_last_statement_stands(after: str) -> None:
    def watch(run: object, event: ev.Event) -> None:
        body = event.body
        if isinstance(body, ev.NodeFinished) and body.node == after:
            run.steer(ev.UserEvent(verb="stopped"))  # type: ignore[attr-defined]

    state, _, _ = thought(
        "debate", TWO, {"R1.A2": Reply(text="b", seconds=1.5)}, watch=watch, rounds=2, judges=3
    )
    end = state.finished
    assert end is not None
    assert (end.answer_node, end.status) == (after, "stopped")
    assert "not judged" in end.reason.text


def test_an_alternative_that_a_person_wants_meets_the_winner() -> None:
    _, log, _ = thought("debate", TWO, LONGER, rounds=2, judges=1)
    state, more = again(log, None, {"R3.A1": Reply(text="long " * 90)}, wishing.added_alternative())
    assert next(body.node for body in more.bodies(ev.NodeStarted)) == "R3.A1"
    assert state.finished is not None
    assert state.finished.answer_node == "R3.A1"


def test_a_statement_that_is_tried_again_when_the_debate_went_on_challenges_the_winner() -> None:
    _, log, _ = thought("debate", TWO, {**LONGER, "R1.A2": Reply(text="ok")}, rounds=2, judges=1)
    failing = {"R2.A1": failed(), "R3.A1": Reply(text="short"), "R3.A2": Reply(text="longer by far")}
    _, log, _ = thought("debate", TWO, failing, rounds=3, judges=1)
    state, more = again(log, "R2.A1", {"R2.A1": Reply(text="longest " * 90)})
    assert {frozenset(v.order) for v in more.bodies(ev.Verdict)} == {frozenset(("R3.A2", "R2.A1"))}
    assert state.finished is not None
    assert state.finished.answer_node == "R2.A1"
