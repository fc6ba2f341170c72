"""``mixture_of_agents``: several answers, by several models or one, and an aggregator that writes one out of
them.

Wang et al. 2024 (arXiv:2406.04692), with one layer of proposers. A stand-in writes where the aggregator
can't; without either, the answer stands that most others agree with. Nobody judges. Calls: P + 1. Depth:
2T_g.
"""

from __future__ import annotations

from dataclasses import replace

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import FINAL, NodeName
from cort_desktop.domain.nodes import Node
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import RunSpec
from cort_desktop.domain.strategy_settings import WholeSetting
from cort_desktop.engine import fallback, judging
from cort_desktop.engine.decisions import Decision, Finish, Record
from cort_desktop.engine.latecomers import Challenge, challenge
from cort_desktop.engine.panel import round_missing
from cort_desktop.engine.strategies.base import Calls, Depth, settled_candidates
from cort_desktop.engine.strategies.final_text import (
    FINAL_ROUND,
    Order,
    concluded,
    final_calls,
    final_text,
    writing,
)
from cort_desktop.engine.strategies.sampling import ROUND, sample_starts, samples_running
from cort_desktop.engine.thrift import FEWEST_TO_JOIN, Wanted, cut_to_budget

DEFAULT_PROPOSERS = 4


class MixtureOfAgents:
    """Proposers and an aggregator."""

    name = "mixture_of_agents"
    summary = "Several answers, from several models or one; an aggregator writes one out of them."
    source = "Wang et al. 2024, arXiv:2406.04692"
    settings = (
        WholeSetting(
            name="alternatives",
            default=DEFAULT_PROPOSERS,
            low=1,
            high=20,
            words="answers to be put together",
            noun="answers",
        ),
    )

    def calls(self, spec: RunSpec, question: str) -> tuple[Calls, ...]:
        """P answers and one text out of them."""
        del question
        count = _proposers(spec)
        answers = Calls(role="proposer", low=count, high=count)
        if count < FEWEST_TO_JOIN:
            return (answers,)
        return (answers, final_calls(spec, count))

    def depth(self, spec: RunSpec, question: str) -> Depth:
        """All answers at once, then the aggregator."""
        del question
        return Depth(answers=1 if _proposers(spec) < FEWEST_TO_JOIN else 2)

    def decide(self, state: RunState) -> list[Decision]:
        """Answers, then one out of them; then those that came late challenge it."""
        if ROUND not in state.rounds and (cut := _cut(state)) is not None:
            return [cut]
        starts = sample_starts(state, _proposers(state.spec), "answer")
        if starts:
            return list(starts)
        if samples_running(state):
            return []
        names = _proposed(state)
        if not names:
            return [self.close(state)]
        if state.rounds[ROUND].result is None:
            return [Record(body=_gathered(state, names))]
        if len(names) >= FEWEST_TO_JOIN:
            step = writing(state, Order(task="combine", move="aggregate", saw=names, parent=_best(state)))
            if step.decisions is not None:
                return list(step.decisions)
            if state.rounds[FINAL_ROUND].result is None:
                return [Record(body=concluded(state, _standing(state, names)))]
        late = challenge(state, _standing(state, names))
        return list(late.decisions) if late.is_open else [self._finish(state, names, late)]

    def close(self, state: RunState) -> Finish:
        """The aggregator's text if there is one; else the answer most others agree with."""
        names = _proposed(state)
        if not names:
            return Finish(rule="no_candidate", text="No call brought an answer.", degraded=True)
        standing = _standing(state, names)
        end = self._finish(state, names, challenge(state, standing))
        if state.rounds[ROUND].result is None:
            return replace(end, results=(_gathered(state, names),))
        is_open = FINAL in state.nodes and state.rounds[FINAL_ROUND].result is None
        return replace(end, results=(concluded(state, standing),) if is_open else ())

    def _finish(self, state: RunState, names: tuple[NodeName, ...], late: Challenge) -> Finish:
        final = final_text(state)
        alone = len(names) < FEWEST_TO_JOIN
        text = f"{names[0]} was the only answer." if alone else _words(state, names, final)
        return Finish(
            rule="mixture",
            text=text + late.words,
            numbers={"answers": len(names), "missing": len(round_missing(state, ROUND))},
            answer=late.answer,
            scores=judging.bradley_terry(list(state.verdicts.values())),
            degraded=not alone and (final is None or final.finish == "length"),
        )


def _proposers(spec: RunSpec) -> int:
    return spec.alternatives or DEFAULT_PROPOSERS


def _cut(state: RunState) -> Record | None:
    begun = state.started.spec if state.started is not None else state.spec
    wanted = Wanted(answers=_proposers(begun), judges=0, last=1)
    return cut_to_budget(state, wanted, in_force=(_proposers(state.spec), 0))


def _proposed(state: RunState) -> tuple[NodeName, ...]:
    """The answers there are to put together, in sample order."""
    nodes = [node for node in settled_candidates(state, ROUND) if node.name not in state.out]
    return tuple(node.name for node in nodes)


def _best(state: RunState) -> NodeName | None:
    result = state.rounds[ROUND].result
    return None if result is None else result.winner


def _standing(state: RunState, names: tuple[NodeName, ...]) -> NodeName:
    """The aggregator's text; without it, or where that is cut at its limit and an answer is not, the answer
    most agree with.
    """
    final = final_text(state)
    if final is not None and final.finish != "length":
        return final.name
    stands = fallback.most_agreed(state, names).node or names[0]
    is_cut = state.nodes[stands].finish == "length"
    return final.name if final is not None and is_cut else stands


def _gathered(state: RunState, names: tuple[NodeName, ...]) -> ev.RoundFinished:
    """The end of the proposers' round: nobody judges it; the best so far is what most agree with."""
    return ev.RoundFinished(
        round=ROUND,
        winner=fallback.most_agreed(state, names).node,
        method="consensus" if len(names) >= FEWEST_TO_JOIN else None,
        missing=round_missing(state, ROUND),
    )


def _words(state: RunState, names: tuple[NodeName, ...], final: Node | None) -> str:
    if final is not None and _standing(state, names) == final.name:
        who = "The aggregator" if final.name == FINAL else "The stand-in for the aggregator"
        return f"{who} wrote {final.name} out of {len(final.saw)} answers."
    why = (
        "There is no text put together out of the answers."
        if final is None
        else f"{final.name} is cut at its token limit."
    )
    return f"{why} {fallback.most_agreed(state, names).words}"
