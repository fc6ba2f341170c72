"""``ab_mcts``: a tree of answers that grows where it pays: another attempt, or one that mends an earlier one.

AB-MCTS-A, Inoue et al. 2025 (arXiv:2503.04412); which node is grown is ``branching.py``'s. Each answer is
scored alone by K judges, who don't see the others: its score is the mean of the rubric's scores over 10. A
node's round is its depth. As many nodes as ``batch`` are in the making at once, and as soon as one is scored
the next is chosen. Calls: N(1+K), fewer when an answer can't be bettered. Depth: N/batch (T_g + T_j).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from random import Random
from typing import cast

from cort_desktop.domain.events import RoundFinished
from cort_desktop.domain.ids import ModelRef, NodeName, candidate_name
from cort_desktop.domain.nodes import Node
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import RunSpec
from cort_desktop.domain.strategy_settings import ChoiceSetting, Way, WholeSetting
from cort_desktop.engine.branching import Belief, Branch, grow
from cort_desktop.engine.decisions import Decision, Finish, Job, Record, Start
from cort_desktop.engine.moves import flaws_of
from cort_desktop.engine.quorum import quorum
from cort_desktop.engine.scoring import (
    TOP,
    best_scored,
    is_being_scored,
    score_of,
    score_result,
    score_step,
)
from cort_desktop.engine.strategies.base import (
    Calls,
    Depth,
    fallback_answer,
    free_indexes,
    index_of,
    models_for,
    setting,
)
from cort_desktop.engine.thrift import Wanted, count_to_budget, wished

NODES = 12
BATCH = WholeSetting(
    name="batch",
    default=4,
    low=1,
    high=16,
    words="answers in the making at once; fewer let each choice know more, more are faster",
    noun="answers at once",
)
BELIEF = ChoiceSetting(
    name="belief",
    default="gaussian",
    ways=(
        Way(value="gaussian", words="scores scatter around a mean"),
        Way(value="beta", words="scores are shares of success; bolder after few of them"),
    ),
    words="what is believed of a branch from its scores",
)


class AbMcts:
    """Adaptive branching tree search."""

    name = "ab_mcts"
    summary = (
        "A tree of answers: each step tries anew or mends an earlier one, wherever the scores promise more."
    )
    source = "Inoue et al. 2025, arXiv:2503.04412 (AB-MCTS-A)"
    settings = (
        WholeSetting(
            name="alternatives",
            default=NODES,
            low=1,
            high=64,
            words="answers in the whole tree",
            noun="answers",
        ),
        WholeSetting(name="judges", default=1, low=1, high=9, words="judges that score each answer"),
        BATCH,
        BELIEF,
    )

    def calls(self, spec: RunSpec, question: str) -> tuple[Calls, ...]:
        """N(1+K); the first answers may already be as good as can be."""
        del question
        nodes, judges = spec.alternatives or NODES, spec.judges or 1
        first = min(nodes, setting(spec, BATCH))
        answers = Calls(role="proposer", low=first, high=nodes, seen=1)
        if nodes == 1:
            return (answers,)
        return (answers, Calls(role="judge", low=first * judges, high=nodes * judges, seen=1))

    def depth(self, spec: RunSpec, question: str) -> Depth:
        """An answer and its score, as often as batches go into the tree."""
        del question
        nodes = spec.alternatives or NODES
        waves = math.ceil(nodes / setting(spec, BATCH))
        return Depth(answers=waves, verdicts=waves if nodes > 1 else 0)

    def decide(self, state: RunState) -> list[Decision]:
        """Score what has come, write down what that changes, grow the tree; then finish."""
        nodes = _nodes(state)
        if not any(_is_open(state, node) for node in nodes) and (cut := _cut(state, nodes)) is not None:
            return [cut]
        scores = score_step(state, [node.name for node in nodes if _wants_score(state, node)])
        news = [Record(body=result) for result in _results(state, nodes)]
        if scores or news:
            return [*scores, *news]
        if not _is_done(state, nodes) and (starts := list(_starts(state, nodes))):
            return list(starts)
        waited_for = [node for node in nodes if _is_open(state, node) and node.name not in state.overdue]
        if waited_for:
            late = quorum(max(state.rounds), nodes, incumbent_there=True) if _is_full(state, nodes) else None
            return [] if late is None or any(node.status != "running" for node in waited_for) else [late]
        return [self._end(state, nodes)]

    def close(self, state: RunState) -> Finish:
        """The best scored so far; without any scores the first answer."""
        nodes = _nodes(state)
        results = tuple(_results(state, nodes))
        best = best_scored(state, nodes)
        if best is None:
            answer = fallback_answer(state)
            text = (
                "No call brought an answer." if answer is None else f"{answer} is the best so far, unscored."
            )
            return Finish(rule="no_score", text=text, answer=answer, degraded=True)
        return Finish(
            rule="best_so_far",
            text=f"{best} is the best so far ({_score_words(state, best)}).",
            answer=best,
            scores=_scores(state, nodes),
            results=results,
        )

    def _end(self, state: RunState, nodes: list[Node]) -> Finish:
        best = best_scored(state, nodes)
        there = [node for node in nodes if node.is_candidate]
        if best is None and len(nodes) == 1 and there:
            text = f"{there[0].name} was the only answer."
            return Finish(rule="nodes", text=text, numbers={"nodes": 1}, answer=there[0].name)
        if best is None:
            return self.close(state)
        scores = _scores(state, nodes)
        deepest = max(node.round for node in there)
        unscored = len(there) - len(scores)
        perfect = scores[best] >= TOP and len(nodes) < (state.spec.alternatives or NODES)
        words = [f"{best} is rated best of {len(scores)} answers in a tree {deepest} deep"]
        words.append(f"({_score_words(state, best)}).")
        if perfect:
            words.append("No answer can be rated higher, so the search ended early.")
        if unscored:
            words.append(f"{unscored} could not be scored.")
        return Finish(
            rule="perfect_score" if perfect else "nodes",
            text=" ".join(words),
            numbers={"nodes": len(nodes), "scored": len(scores), "depth": deepest, "score": scores[best]},
            answer=best,
            scores=scores,
            degraded=2 * len(scores) < len(there),
        )


def _nodes(state: RunState) -> list[Node]:
    """The tree's own nodes in the order in which they were begun; a person's additions are none of them."""
    nodes = [node for node in state.nodes.values() if node.role == "proposer" and node.wish is None]
    return sorted(nodes, key=lambda node: node.ordinal)


def _is_alone(state: RunState) -> bool:
    """One answer needs no score."""
    return (state.spec.alternatives or NODES) == 1


def _wants_score(state: RunState, node: Node) -> bool:
    return node.is_candidate and not _is_alone(state) and node.name not in state.out


def _is_open(state: RunState, node: Node) -> bool:
    """Whether a node is still in the making, its score included."""
    if node.status == "running" or node.may_ask_again:
        return True
    return _wants_score(state, node) and is_being_scored(state, node.name)


def _is_full(state: RunState, nodes: list[Node]) -> bool:
    return len(nodes) >= (state.spec.alternatives or NODES)


def _is_done(state: RunState, nodes: list[Node]) -> bool:
    """Whether nothing more may grow: no node can be rated higher than one that there is."""
    best = best_scored(state, nodes)
    return best is not None and (score_of(state, best) or 0.0) >= TOP


def _starts(state: RunState, nodes: list[Node]) -> Iterator[Start]:
    """Those to be asked again, then new ones until as many are in the making as may be."""
    for node in nodes:
        if node.may_ask_again:
            yield Start(job=_job(state, node.round, index_of(node.name), node.parents, node.model))
    making = sum(_is_open(state, node) for node in nodes)
    room = min(setting(state.spec, BATCH) - making, (state.spec.alternatives or NODES) - len(nodes))
    if room <= 0:
        return
    scored = [node for node in nodes if score_of(state, node.name) is not None]
    place = {node.name: index for index, node in enumerate(scored)}
    tree = [
        Branch(
            parent=place.get(node.parents[0]) if node.parents else None,
            score=score_of(state, node.name) or 0.0,
            author=str(node.model),
        )
        for node in scored
    ]
    closed = {place[node.name] for node in scored if node.name in state.out}
    authors = list(dict.fromkeys(map(str, models_for(state.spec, "proposer"))))
    free: dict[int, Iterator[int]] = {}
    for number in range(len(nodes), len(nodes) + room):
        draw = Random(f"{state.spec.seed}:ab_mcts:{number}").random
        growth = grow(tree, authors, draw, belief=cast("Belief", setting(state.spec, BELIEF)), closed=closed)
        parent = None if growth.parent is None else scored[growth.parent]
        depth = 1 if parent is None else parent.round + 1
        if depth not in free:
            free[depth] = free_indexes(_placed(state, depth))
        parents = () if parent is None else (parent.name,)
        yield Start(job=_job(state, depth, next(free[depth]), parents, ModelRef(growth.author)))


def _placed(state: RunState, depth: int) -> list[Node]:
    names = state.rounds[depth].candidates if depth in state.rounds else []
    return [state.nodes[name] for name in names if state.nodes[name].role == "proposer"]


def _job(
    state: RunState, depth: int, index: int, parents: tuple[NodeName, ...], model: ModelRef | None
) -> Job:
    parent = parents[0] if parents else None
    return Job(
        name=candidate_name(depth, index),
        task="answer" if parent is None else "fix",
        role="proposer",
        kind="fresh" if parent is None else "revision",
        move="fresh" if parent is None else "targeted_fix",
        round=depth,
        model=model or models_for(state.spec, "proposer")[0],
        parents=parents,
        saw=parents,
        sample=index,
        flaws=() if parent is None else flaws_of(state, depth, parent),
    )


def _scores(state: RunState, nodes: list[Node]) -> dict[NodeName, float]:
    found = ((node.name, score_of(state, node.name)) for node in nodes)
    return {name: score for name, score in found if score is not None}


def _results(state: RunState, nodes: list[Node]) -> Iterator[RoundFinished]:
    """What the depths come to where it isn't written down as it is; each counts those above it too."""
    before: NodeName | None = None
    for depth in itertools.count(1):
        if depth not in state.rounds or state.rounds[depth].added is not None:
            return
        is_settled = not any(node.round == depth and _is_open(state, node) for node in nodes)
        result = score_result(state, depth, nodes, before=before, is_settled=is_settled)
        if result is None:
            return
        before = result.winner
        if not _is_written(result, state.rounds[depth].result):
            yield result


def _is_written(result: RoundFinished, there: RoundFinished | None) -> bool:
    """Whether a result is the one that there is, whatever else was found out when that was written down."""
    return there is not None and (result.winner, result.kept, result.scores, result.missing) == (
        there.winner,
        there.kept,
        there.scores,
        there.missing,
    )


def _score_words(state: RunState, name: NodeName) -> str:
    return f"{(score_of(state, name) or 0.0) * 10:.1f} of 10"


def _cut(state: RunState, nodes: list[Node]) -> Record | None:
    """The tree is cut to what the budget still holds, or let grow again where there is more of it."""
    answers, judges = wished(state)
    left = answers - len(nodes)
    if left <= 0 or _is_done(state, nodes):
        return None
    return count_to_budget(
        state, Wanted(answers=left, judges=0 if answers == 1 else judges), before=len(nodes)
    )
