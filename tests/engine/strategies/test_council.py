"""Members, a blind cross-ranking, a chairman with a stand-in."""

from __future__ import annotations

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Budget
from cort_desktop.engine.audit import audit
from cort_desktop.engine.strategies.council import Council
from tests.fakes.lineups import A, B, C, D, again, asked, cut, failed, thought
from tests.fakes.models import Reply
from tests.fakes.story import n

MEMBERS = {"proposer": (A, B, C), "judge": (A, B, C)}
LONG = {f"R1.A{index}": Reply(text="good word " * (10 - index)) for index in range(1, 5)}
"""Answers of which the first is the longest, so that judges who love length rank them in sample order."""


@pytest.mark.parametrize("count", [3, 4])
def test_it_takes_two_calls_for_each_member_and_one_more_and_three_calls_time(count: int) -> None:
    """2M + 1 and 2T_g + T_j, as declared."""
    models = (A, B, C, D)[:count]
    state, _, model = thought("council", {"proposer": models, "judge": models}, LONG, alternatives=None)
    assert state.finished is not None
    assert len(model.requests) == state.finished.calls == 2 * count + 1
    assert state.finished.seconds == pytest.approx(3.0)
    declared = Council().calls(state.spec, state.question)
    assert sum(call.low for call in declared) == 2 * count + 1
    depth = Council().depth(state.spec, state.question)
    assert (depth.answers, depth.verdicts) == (2, 1)


def test_nobody_ranks_their_own_answer_and_the_chairman_sees_all_best_first() -> None:
    state, log, model = thought("council", MEMBERS, LONG, alternatives=None)
    verdicts = log.bodies(ev.Verdict)
    assert [verdict.model for verdict in verdicts] == [A, B, C]
    for verdict in verdicts:
        own = {node.name for node in state.candidates() if node.model == verdict.model and node.round == 1}
        assert set(verdict.excluded) == own
        assert not own & set(verdict.order)
        assert len(verdict.order) == 2
    final = state.nodes[n("S")]
    assert final.saw == ("R1.A1", "R1.A2", "R1.A3")
    assert (final.model, final.role, final.parents, final.round) == (A, "synthesizer", ("R1.A1",), 2)
    prompt = model.requests[-1].messages[-1].text
    assert "put them in this order, best first" in prompt.replace("\n", " ")
    assert "It could be shorter." in prompt, "what was said of the best"
    assert not any(ref in prompt for ref in (A, B, C)), "the chairman doesn't know who wrote what"
    end = state.finished
    assert end is not None
    assert (end.status, end.answer_node) == ("complete", "S")
    ranked = "The members’ 3 rankings put R1.A1 first."
    assert end.reason.text == f"{ranked} The chairman wrote S out of 3 answers."
    assert audit(state).own_judged == 0


def test_the_named_synthesizer_is_the_chairman() -> None:
    state, _, _ = thought("council", {**MEMBERS, "synthesizer": (D,)}, LONG, alternatives=None)
    assert state.nodes[n("S")].model == D


def test_of_two_models_neither_can_be_left_out_and_the_audit_says_so() -> None:
    """Each would have the other's answers alone, and nothing would say which of them all is best."""
    state, log, _ = thought("council", {"proposer": (A, B), "judge": (A, B)}, LONG, alternatives=4)
    assert {verdict.excluded for verdict in log.bodies(ev.Verdict)} == {()}
    found = audit(state)
    assert (found.own_judged, found.verdicts, found.own_author) == (4, 4, False)


def test_one_model_is_judged_by_its_own_author_and_three_samples_of_it_are_the_members() -> None:
    state, _, model = thought("council", {"proposer": (A,), "judge": (A,)}, LONG, alternatives=None)
    assert len(model.requests) == 7
    assert audit(state).own_author
    assert state.finished is not None
    assert state.finished.answer_node == "S"


@pytest.mark.parametrize("brought", [failed(), Reply(text="  ")], ids=["failed", "empty"])
def test_a_stand_in_writes_where_the_chairman_brings_nothing(brought: Reply) -> None:
    state, _, model = thought("council", MEMBERS, {**LONG, "S": brought}, alternatives=None)
    assert asked(model)[-2:] == ["S", "S2"]
    assert state.nodes[n("S2")].model == B
    end = state.finished
    assert end is not None
    assert end.answer_node == "S2"
    assert "The stand-in for the chairman wrote S2 out of 3 answers." in end.reason.text


def test_without_chairman_and_stand_in_the_best_ranked_stands() -> None:
    state, _, _ = thought("council", MEMBERS, {**LONG, "S": failed(), "S2": failed()}, alternatives=None)
    end = state.finished
    assert end is not None
    assert (end.answer_node, end.status) == ("R1.A1", "degraded")
    assert end.reason.text.endswith("the chairman brought no text, so R1.A1 stands.")
    assert set(end.missing) == {"S", "S2"}
    result = state.rounds[2].result
    assert result is not None
    assert (result.winner, result.kept) == ("R1.A1", True)


def test_one_model_alone_has_no_stand_in() -> None:
    state, _, model = thought(
        "council", {"proposer": (A,), "judge": (A,)}, {**LONG, "S": failed()}, alternatives=None
    )
    assert "S2" not in asked(model)
    assert state.finished is not None
    assert state.finished.answer_node == "R1.A1"


def test_a_final_text_that_is_cut_loses_to_a_whole_answer_but_not_to_one_that_is_cut_too() -> None:
    state, _, _ = thought("council", MEMBERS, {**LONG, "S": cut("half")}, alternatives=None)
    assert state.finished is not None
    assert state.finished.answer_node == "R1.A1"
    assert "S is cut at its token limit" in state.finished.reason.text
    halves = {f"R1.A{index}": cut("word " * index) for index in (1, 2, 3)}
    state, _, _ = thought("council", MEMBERS, {**halves, "S": cut("half")}, alternatives=None)
    assert state.finished is not None
    assert state.finished.answer_node == "S"


def test_a_ranking_that_nobody_can_read_leaves_the_chairman_without_an_order() -> None:
    babble = {f"R1.J{index}": Reply(text="Hm.") for index in (1, 2, 3)}
    state, _, model = thought("council", MEMBERS, {**LONG, **babble}, alternatives=None)
    end = state.finished
    assert end is not None
    assert (end.answer_node, end.status) == ("S", "degraded")
    assert "Too few rankings could be read" in end.reason.text
    assert "best first" not in model.requests[-1].messages[-1].text


def test_who_shares_the_first_place_is_left_to_the_chairman() -> None:
    same = {f"R1.A{index}": Reply(text="equal text") for index in (1, 2, 3)}
    state, log, model = thought("council", MEMBERS, same, alternatives=None)
    assert len(model.requests) == 7
    assert {verdict.purpose for verdict in log.bodies(ev.Verdict)} == {"panel"}
    assert state.finished is not None
    assert state.finished.answer_node == "S"


@pytest.mark.parametrize(
    ("calls", "members", "rankings"), [(7, 3, 3), (6, 3, 2), (5, 3, 1), (4, 2, 1), (1, 1, 0)]
)
def test_short_of_calls_there_are_fewer_rankings_then_fewer_members_and_the_chairman_stays(
    calls: int, members: int, rankings: int
) -> None:
    state, _, model = thought("council", MEMBERS, LONG, budget=Budget(calls=calls), alternatives=None)
    names = asked(model)
    assert sum(name.startswith("R1.A") for name in names) == members
    assert sum(name.startswith("R1.J") for name in names) == rankings
    assert ("S" in names) == (members > 1)
    assert state.finished is not None
    assert state.finished.status == "complete"


def test_a_part_of_the_tokens_is_kept_for_the_chairman() -> None:
    """70 tokens for each call: seven take 490, and 15 % of the cap stay free for the last."""
    script = {name: Reply(text=reply.text[:40]) for name, reply in LONG.items()}
    took = []
    for cap in range(900, 3000, 150):
        state, _, _ = thought("council", MEMBERS, script, budget=Budget(tokens=cap), alternatives=None)
        assert state.spent.tokens <= cap
        took.append((len(state.rounds[1].judges) if 1 in state.rounds else 0, "S" in state.nodes))
    with_chairman = [judges for judges, is_written in took if is_written]
    assert with_chairman == sorted(with_chairman)
    assert with_chairman[-1] == 3
    assert all(is_written for judges, is_written in took if judges == 3)


def test_who_is_taken_out_before_the_chairman_writes_is_not_shown_to_it() -> None:
    def watch(run: object, event: ev.Event) -> None:
        if isinstance(event.body, ev.RoundFinished) and event.body.round == 1:
            run.steer(ev.UserEvent(verb="dropped", node="R1.A2"))  # type: ignore[attr-defined,arg-type]

    state, _, _ = thought("council", MEMBERS, LONG, watch=watch, alternatives=None)
    assert state.nodes[n("S")].saw == ("R1.A1", "R1.A3")


def test_a_member_that_is_tried_again_after_the_end_challenges_the_final_text() -> None:
    _, log, _ = thought("council", MEMBERS, {**LONG, "R1.A2": failed()}, alternatives=None)
    state, more = again(log, "R1.A2", {"R1.A2": Reply(text="the longest of all " * 40)})
    duels = [verdict for verdict in more.bodies(ev.Verdict) if verdict.purpose == "head_to_head"]
    assert {frozenset(verdict.order) for verdict in duels} == {frozenset(("S", "R1.A2"))}
    assert state.finished is not None
    assert state.finished.answer_node == "R1.A2"
    assert "R1.A2, tried again, was preferred to S in both orders." in state.finished.reason.text


def test_a_chairman_that_is_tried_again_writes_in_the_end() -> None:
    _, log, _ = thought("council", MEMBERS, {**LONG, "S": failed(), "S2": failed()}, alternatives=None)
    state, more = again(log, "S")
    assert [body.node for body in more.bodies(ev.NodeStarted)] == ["S"]
    assert state.finished is not None
    assert state.finished.answer_node == "S"
