"""Several answers, one written out of them."""

from __future__ import annotations

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Budget
from cort_desktop.engine.strategies.mixture_of_agents import MixtureOfAgents
from tests.fakes.lineups import A, B, C, again, asked, cut, failed, thought
from tests.fakes.models import Reply
from tests.fakes.story import n

LINEUP = {"proposer": (A, B), "judge": (A, B)}
TEXTS = {
    "R1.A1": Reply(text="An answer that nobody else gives at all."),
    "R1.A2": Reply(text="The sky is blue because air scatters blue light."),
    "R1.A3": Reply(text="The sky is blue because the air scatters blue light most."),
}


def test_it_takes_one_call_more_than_answers_and_the_time_of_two() -> None:
    state, log, model = thought("mixture_of_agents", LINEUP, TEXTS, alternatives=3)
    assert state.finished is not None
    assert asked(model) == ["R1.A1", "R1.A2", "R1.A3", "S"]
    assert state.finished.seconds == pytest.approx(2.0)
    assert sum(call.low for call in MixtureOfAgents().calls(state.spec, state.question)) == 4
    depth = MixtureOfAgents().depth(state.spec, state.question)
    assert (depth.answers, depth.verdicts) == (2, 0)
    assert [state.nodes[name].model for name in asked(model)] == [A, B, A, A]
    assert log.bodies(ev.Verdict) == []
    final = state.nodes[n("S")]
    assert final.saw == ("R1.A1", "R1.A2", "R1.A3")
    assert (state.finished.answer_node, state.finished.status) == ("S", "complete")
    assert state.finished.reason.text == "The aggregator wrote S out of 3 answers."


def test_while_it_is_written_the_best_so_far_is_what_most_agree_with() -> None:
    _, log, _ = thought("mixture_of_agents", LINEUP, TEXTS, alternatives=3)
    first, second = log.bodies(ev.RoundFinished)
    assert (first.winner, first.method) == ("R1.A2", "consensus")
    assert (second.winner, second.kept) == ("S", False)


def test_without_a_text_the_answer_stands_that_most_agree_with() -> None:
    script = {**TEXTS, "S": failed(), "S2": failed()}
    state, _, model = thought("mixture_of_agents", {**LINEUP, "synthesizer": (C,)}, script, alternatives=3)
    assert [state.nodes[name].model for name in asked(model)[-2:]] == [C, A]
    end = state.finished
    assert end is not None
    assert (end.answer_node, end.status) == ("R1.A2", "degraded")
    assert "R1.A2 is the answer that has most in common" in end.reason.text


def test_a_text_that_is_cut_loses_to_a_whole_answer() -> None:
    state, _, _ = thought("mixture_of_agents", LINEUP, {**TEXTS, "S": cut("half")}, alternatives=3)
    assert state.finished is not None
    assert (state.finished.answer_node, state.finished.status) == ("R1.A2", "degraded")


def test_one_answer_alone_is_the_answer() -> None:
    script = {"R1.A1": failed(), "R1.A2": failed()}
    state, _, model = thought("mixture_of_agents", LINEUP, script, alternatives=3)
    assert "S" not in asked(model)
    assert state.finished is not None
    assert (state.finished.answer_node, state.finished.status) == ("R1.A3", "degraded")
    assert state.finished.reason.text == "R1.A3 was the only answer."


@pytest.mark.parametrize(("calls", "answers"), [(5, 4), (4, 3), (3, 2), (2, 1), (1, 1)])
def test_short_of_calls_there_are_fewer_answers_and_the_aggregator_stays(calls: int, answers: int) -> None:
    state, _, model = thought("mixture_of_agents", LINEUP, budget=Budget(calls=calls), alternatives=4)
    assert sum(name.startswith("R1.A") for name in asked(model)) == answers
    assert ("S" in asked(model)) == (answers > 1)
    assert state.finished is not None
    assert state.finished.status == "complete"
    planned = state.planned
    assert (planned is not None) == (calls < 5)
    assert planned is None or "judge" not in planned.why


def test_an_answer_that_is_tried_again_after_the_end_challenges_the_text() -> None:
    _, log, _ = thought("mixture_of_agents", LINEUP, {**TEXTS, "R1.A2": failed()}, alternatives=3)
    state, more = again(log, "R1.A2", {"R1.A2": Reply(text="short")})
    assert next(body.node for body in more.bodies(ev.NodeStarted)) == "R1.A2"
    assert {frozenset(v.order) for v in more.bodies(ev.Verdict)} == {frozenset(("S", "R1.A2"))}
    assert state.finished is not None
    assert state.finished.answer_node == "S"
    assert "R1.A2, tried again, did not beat S." in state.finished.reason.text
