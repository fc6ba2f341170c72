"""The tree of answers: who is scored by whom, what is seen where, and how the search ends."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Budget
from cort_desktop.domain.calls import ChatRequest
from cort_desktop.domain.run import RunState
from cort_desktop.engine import wishing
from cort_desktop.engine.strategies.ab_mcts import AbMcts
from tests.fakes.formulas import mean_near
from tests.fakes.lineups import A, B, C, again, asked, cut, failed, node_of, thought
from tests.fakes.loops import run_virtual
from tests.fakes.models import Reply, ScriptedModel, handle, is_judge, judged, verdict_json
from tests.fakes.runs import Log, finish
from tests.fakes.story import n

ONE = {"proposer": (A,), "judge": (A,)}
BATCHED = {"batch": 4}


def rubric(label_text: str, score: int, **more: Any) -> str:
    """A judge's reply on one candidate."""
    found = json.loads(verdict_json([[label_text]], score=lambda _: score))
    found["analysis"][0].update(more)
    return json.dumps(found)


def scoring(scores: dict[str, int]) -> ScriptedModel:
    """Answers that say which node they are; judges give each what ``scores`` says, else 5."""

    def reply(request: ChatRequest, _nth: int) -> Reply:
        if not is_judge(request):
            return Reply(text=f"This is {node_of(request)}.")
        ((label, text),) = judged(request)
        given = next((score for name, score in scores.items() if f"is {name}." in text), 5)
        return Reply(text=rubric(label, given))

    return ScriptedModel(reply)


def searched(scores: dict[str, int], **sizes: Any) -> tuple[RunState, Log, ScriptedModel]:
    model, log = scoring(scores), Log()
    state = run_virtual(finish(handle(model, concurrency=64), "ab_mcts", log, **sizes))
    return state, log, model


@pytest.mark.parametrize(("nodes", "judges", "batch"), [(1, 3, 4), (4, 1, 4), (8, 2, 4), (5, 1, 1)])
def test_it_takes_one_and_k_calls_a_node(nodes: int, judges: int, batch: int) -> None:
    """N(1+K) and N/batch (T_g+T_j), as declared; one answer alone needs no score."""
    state, _, model = searched({}, alternatives=nodes, judges=judges, settings={"batch": batch})
    end = state.finished
    assert end is not None
    assert (end.status, end.reason.rule) == ("complete", "nodes")
    calls = 1 if nodes == 1 else nodes * (1 + judges)
    assert len(model.requests) == end.calls == calls
    told = AbMcts().calls(state.spec, state.question)
    assert sum(call.low for call in told) <= calls == sum(call.high for call in told)
    depth = AbMcts().depth(state.spec, state.question)
    assert end.seconds == pytest.approx(depth.answers + depth.verdicts)


def test_each_is_scored_alone_and_the_best_score_wins() -> None:
    state, log, model = searched({"R1.A2": 8, "R1.A3": 7}, alternatives=4, judges=2, settings=BATCHED)
    verdicts = log.bodies(ev.Verdict)
    assert {(len(v.order), v.purpose) for v in verdicts} == {(1, "score")}
    assert sorted(v.order[0] for v in verdicts) == sorted([f"R1.A{i}" for i in range(1, 5)] * 2)
    end = state.finished
    assert end is not None
    assert (end.answer_node, end.scores[n("R1.A2")], end.scores[n("R1.A3")]) == ("R1.A2", 0.8, 0.7)
    assert end.reason.text == "R1.A2 is rated best of 4 answers in a tree 1 deep (8.0 of 10)."
    last = log.bodies(ev.RoundFinished)[-1]
    assert (last.winner, last.method, last.kept) == ("R1.A2", "rubric", None)
    prompts = [r.messages[-1].text for r in model.requests if is_judge(r)]
    assert all(text.count("<candidate id=") == 1 for text in prompts)


def test_a_deeper_node_sees_its_parent_and_what_was_said_of_it() -> None:
    state, _, model = searched({"R1.A1": 9}, alternatives=8, judges=1, settings={"batch": 1}, seed=5)
    deeper = [node for node in state.nodes.values() if node.role == "proposer" and node.round > 1]
    assert deeper, "a search of eight with one good answer goes deeper"
    for node in deeper:
        (parent,) = node.parents
        assert node.saw == (parent,)
        assert state.nodes[parent].round == node.round - 1
        assert (node.kind, node.move) == ("revision", "targeted_fix")
        prompt = model.requests[asked(model).index(node.name)].messages[-1].text
        assert f"This is {parent}." in prompt
        assert "It could be shorter." in prompt, "the judge's critique"
    for number in sorted(state.rounds):
        result = state.rounds[number].result
        assert result is not None
        assert result.winner == "R1.A1"
        assert result.kept is (None if number == 1 else True)


def test_an_answer_that_nobody_can_better_ends_the_search() -> None:
    state, _, model = searched({"R1.A1": 10}, alternatives=12, judges=1, settings=BATCHED)
    end = state.finished
    assert end is not None
    assert (end.status, end.reason.rule, end.answer_node) == ("complete", "perfect_score", "R1.A1")
    assert len(model.requests) == 8


def test_an_answer_cut_at_its_limit_wins_only_when_all_are() -> None:
    long = {"R1.A1": cut("a very very long text that judges like best")}
    state, _, _ = thought("ab_mcts", ONE, long, alternatives=3, judges=1, settings=BATCHED)
    assert state.finished is not None
    assert state.finished.answer_node != "R1.A1"
    every = {f"R1.A{i}": cut(f"text {i}") for i in range(1, 4)}
    state, _, _ = thought("ab_mcts", ONE, every, alternatives=3, judges=1, settings=BATCHED)
    assert state.finished is not None
    assert (state.finished.answer_node, state.finished.status) == ("R1.A1", "degraded")


def test_judges_that_can_not_be_read_leave_a_node_unscored_and_it_is_said() -> None:
    babble = {f"R1.J{k}": Reply(text="I like it.") for k in (1, 3, 4)}
    state, log, model = thought("ab_mcts", ONE, babble, alternatives=4, judges=1, settings=BATCHED)
    assert sum(v.parsed_by == "abstained" for v in log.bodies(ev.Verdict)) == 3
    assert not any(name.startswith("X") for name in asked(model)), "a ranking of one is not asked for again"
    end = state.finished
    assert end is not None
    assert (end.answer_node, end.status) == ("R1.A2", "degraded")
    assert "3 could not be scored." in end.reason.text
    mute = {f"R1.J{k}": failed() for k in range(1, 5)}
    state, _, _ = thought("ab_mcts", ONE, mute, alternatives=4, judges=1, settings=BATCHED)
    assert state.finished is not None
    assert (state.finished.answer_node, state.finished.reason.rule) == ("R1.A1", "no_score")


def test_where_several_models_judge_nobody_scores_its_own() -> None:
    lineup = {"proposer": (A, B), "judge": (A, B, C)}
    state, _, _ = thought("ab_mcts", lineup, alternatives=6, judges=2, settings=BATCHED)
    for node in state.nodes.values():
        if node.role == "judge":
            assert node.model != state.nodes[node.saw[0]].model
    assert {node.model for node in state.nodes.values() if node.role == "proposer"} == {A, B}


def test_a_slow_one_is_not_waited_for_at_the_end() -> None:
    late = {"R1.A2": Reply(text="late", seconds=500.0)}
    state, _, _ = thought("ab_mcts", ONE, late, alternatives=4, judges=1, settings=BATCHED)
    end = state.finished
    assert end is not None
    assert end.seconds < 20.0
    assert end.answer_node not in (None, "R1.A2")


def test_short_of_budget_judges_go_first_then_answers() -> None:
    state, log, _ = searched({}, alternatives=4, judges=2, settings=BATCHED, budget=Budget(calls=8))
    (plan,) = log.bodies(ev.RunPlanned)
    assert (plan.spec.alternatives, plan.spec.judges) == (4, 1)
    assert plan.why == "The budget holds 4 answers with 1 judge each."
    assert state.finished is not None
    assert (state.finished.status, state.finished.calls) == ("complete", 8)
    state, log, _ = searched({}, alternatives=4, judges=2, settings=BATCHED, budget=Budget(calls=5))
    assert log.bodies(ev.RunPlanned)[0].spec.alternatives == 2


def test_a_failed_node_that_is_tried_again_is_scored_like_any_other() -> None:
    state, log, _ = thought(
        "ab_mcts", ONE, {"R1.A3": failed()}, alternatives=4, judges=1, settings=BATCHED, seed=2
    )
    assert state.finished is not None
    assert state.finished.missing == ("R1.A3",)
    state, more = again(log, "R1.A3", {"R1.A3": Reply(text="a far better and much longer answer")})
    assert "R1.A3" in [v.order[0] for v in more.bodies(ev.Verdict)]
    assert state.finished is not None
    assert (state.finished.status, state.finished.missing) == ("complete", ())


def test_a_persons_own_text_meets_the_best_of_the_tree_at_the_end() -> None:
    state, log, _ = searched({}, alternatives=3, judges=1, settings=BATCHED)
    state, more = again(log, None, wished=wishing.own_candidate("my own words " * 40))
    verdicts = more.bodies(ev.Verdict)
    assert {v.purpose for v in verdicts} == {"head_to_head"}
    assert {name for v in verdicts for name in v.order} == {n("R1.A1"), n("R2.H1")}
    assert state.finished is not None
    assert state.finished.answer_node == "R2.H1"


def test_the_same_seed_grows_the_same_tree_and_another_one_another() -> None:
    def tree(seed: int) -> list[tuple[str, tuple[str, ...]]]:
        state, _, _ = searched({}, alternatives=8, judges=1, settings={"batch": 1}, seed=seed)
        return [(node.name, node.parents) for node in state.nodes.values() if node.role == "proposer"]

    assert tree(3) == tree(3)
    assert len({str(tree(seed)) for seed in range(6)}) > 1


def test_in_simulation_the_answer_is_right_as_often_as_one_of_the_samples_is() -> None:
    """Judges that see a right answer for what it is find one whenever there is one: 1 - (1-p)^N, where each
    node is right by itself with chance p, whatever it mends.
    """
    right_chance, nodes = 0.3, 4
    hits: list[float] = []
    for seed in range(120):
        draw = random.Random(seed)
        right = {name for name in ("R1.A1", "R1.A2", "R1.A3", "R1.A4") if draw.random() < right_chance}
        state, _, _ = searched(dict.fromkeys(right, 9), alternatives=nodes, judges=1, settings=BATCHED)
        assert state.finished is not None
        hits.append(float(state.finished.answer_node in right))
    assert mean_near(hits, 1.0 - (1.0 - right_chance) ** nodes)
