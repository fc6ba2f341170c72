"""``council``: the members answer, rank each other's answers blind, and a chairman writes the answer out of
all of them.

After Karpathy's llm-council (2025): first opinions, a review in which nobody knows who wrote what, a final
text by the chairman. Here no model ranks its own answer where the others can do without it
(``engine/judges.py``), a stand-in writes where the chairman can't, and without either the best ranked answer
stands. With one model the members are samples of it, and the audit says that it judged itself. Ties are left
to the chairman, who sees all. Calls: 2M + 1. Depth: 2T_g + T_j.
"""

from __future__ import annotations

from dataclasses import replace

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import FINAL, NodeName
from cort_desktop.domain.nodes import Node
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import RunSpec
from cort_desktop.domain.strategy_settings import WholeSetting
from cort_desktop.engine import judging, moves
from cort_desktop.engine.decisions import Decision, Finish, Record
from cort_desktop.engine.latecomers import Challenge, challenge
from cort_desktop.engine.panel import Panel, panel_calls, panel_step, partial_result, round_missing
from cort_desktop.engine.strategies.base import Calls, Depth, fallback_answer, settled_candidates
from cort_desktop.engine.strategies.final_text import (
    FINAL_ROUND,
    Order,
    concluded,
    final_calls,
    final_text,
    writing,
)
from cort_desktop.engine.strategies.sampling import ROUND, sample_starts, samples_running
from cort_desktop.engine.thrift import FEWEST_TO_JOIN, Wanted, cut_to_budget, judges_within

FEWEST_MEMBERS = 3


class Council:
    """Members, a blind cross-ranking, a chairman."""

    name = "council"
    summary = "Several models answer, rank each other's answers blind, and a chairman writes the final one."
    source = "Karpathy, llm-council, 2025"
    settings = (
        WholeSetting(
            name="alternatives",
            default=None,
            low=1,
            high=20,
            words=f"members; left out, one for each model that answers, {FEWEST_MEMBERS} at least",
            noun="members",
        ),
    )

    def calls(self, spec: RunSpec, question: str) -> tuple[Calls, ...]:
        """M answers, M rankings, one final text."""
        del question
        count = members(spec)
        answers = Calls(role="proposer", low=count, high=count)
        if count < FEWEST_TO_JOIN:
            return (answers,)
        rankings = panel_calls(count, replace(spec, judges=spec.judges or count))
        return (answers, rankings, final_calls(spec, count))

    def depth(self, spec: RunSpec, question: str) -> Depth:
        """All answers at once, then all rankings, then the chairman."""
        del question
        alone = members(spec) < FEWEST_TO_JOIN
        return Depth(answers=1) if alone else Depth(answers=2, verdicts=1)

    def decide(self, state: RunState) -> list[Decision]:
        """Answers, rankings, the final text; then those that came late challenge it."""
        if ROUND not in state.rounds and (cut := _cut(state)) is not None:
            return [cut]
        starts = sample_starts(state, members(state.spec), "answer")
        if starts:
            return list(starts)
        if samples_running(state):
            return []
        panel = _panel(state)
        if panel is None:
            return [self.close(state)]
        ranked = state.rounds[ROUND].result
        if ranked is None:
            return self._rank(state, panel)
        return self._write(state, panel, ranked)

    def close(self, state: RunState) -> Finish:
        """The final text if there is one; else the best ranked, as far as rankings are in."""
        panel = _panel(state)
        if panel is None:
            return Finish(rule="no_candidate", text="No call brought an answer.", degraded=True)
        ranked = state.rounds[ROUND].result
        result = ranked or partial_result(state, panel)
        if result is None or result.winner is None:
            return Finish(
                rule="unjudged",
                text="The members' answers were not ranked; the first one stands.",
                answer=fallback_answer(state),
                degraded=True,
            )
        results: list[ev.RoundFinished] = [] if ranked else [result]
        standing = _standing(state, result.winner)
        if FINAL in state.nodes and state.rounds[FINAL_ROUND].result is None:
            results.append(concluded(state, standing))
        end = self._finish(state, result, challenge(state, standing))
        return replace(end, results=tuple(results))

    def _rank(self, state: RunState, panel: Panel) -> list[Decision]:
        if not state.rounds[ROUND].judges and len(panel.contestants) > 1:
            fitting = judges_within(
                state, Wanted(answers=0, judges=panel.judges, judged=len(panel.contestants), last=1)
            )
            if fitting < panel.judges and not state.is_closing:
                plan = replace(state.spec, judges=fitting)
                why = f"What is left of the budget is enough for {fitting} of {panel.judges} rankings."
                return [Record(body=ev.RunPlanned(strategy=state.strategy, spec=plan, why=why))]
        step = panel_step(state, panel)
        return [Record(body=step.result)] if step.result is not None else list(step.decisions)

    def _write(self, state: RunState, panel: Panel, ranked: ev.RoundFinished) -> list[Decision]:
        order = _order(state, panel, ranked)
        if len(order.saw) >= FEWEST_TO_JOIN and ranked.winner is not None:
            step = writing(state, order)
            if step.decisions is not None:
                return list(step.decisions)
            if state.rounds[FINAL_ROUND].result is None:
                return [Record(body=concluded(state, _standing(state, ranked.winner)))]
        standing = None if ranked.winner is None else _standing(state, ranked.winner)
        if standing is None:
            return [self.close(state)]
        late = challenge(state, standing)
        return list(late.decisions) if late.is_open else [self._finish(state, ranked, late)]

    def _finish(self, state: RunState, ranked: ev.RoundFinished, late: Challenge) -> Finish:
        final = final_text(state)
        alone = len(settled_candidates(state, ROUND)) < FEWEST_TO_JOIN
        unread = ranked.method is None and not alone
        text = f"{ranked.winner} was the only answer." if alone else _words(state, ranked, final)
        return Finish(
            rule="council",
            text=text + late.words,
            numbers={
                "members": len(state.rounds[ROUND].candidates),
                "rankings": len(state.rounds[ROUND].judges),
                "missing": len(round_missing(state, ROUND)),
            },
            answer=late.answer,
            scores=judging.bradley_terry(list(state.verdicts.values())),
            degraded=unread or (not alone and (final is None or final.finish == "length")),
        )


def members(spec: RunSpec) -> int:
    """How many answer: as said, else one for each model, and three at least."""
    return spec.alternatives or max(FEWEST_MEMBERS, len(set(spec.lineup["proposer"])))


def _rankings(spec: RunSpec) -> int:
    """As many as there are members, unless the budget is short."""
    return spec.judges or members(spec)


def _cut(state: RunState) -> Record | None:
    begun = state.started.spec if state.started is not None else state.spec
    wanted = Wanted(answers=members(begun), judges=_rankings(begun), last=1)
    return cut_to_budget(state, wanted, in_force=(members(state.spec), _rankings(state.spec)))


def _panel(state: RunState) -> Panel | None:
    names = tuple(node.name for node in settled_candidates(state, ROUND))
    if not names:
        return None
    return Panel(round=ROUND, contestants=names, judges=_rankings(state.spec), settles_ties=False)


def _order(state: RunState, panel: Panel, ranked: ev.RoundFinished) -> Order:
    """All answers, best first, with what was said of the best; where no ranking could be read, in sample
    order.
    """
    names = [name for name in panel.contestants if name not in state.out]
    if ranked.method is None or ranked.winner is None:
        return Order(task="combine", move="chair", saw=tuple(names), parent=ranked.winner)
    names.sort(key=lambda name: (name != ranked.winner, -ranked.scores.get(name, 0.0)))
    flaws = moves.flaws_of(state, FINAL_ROUND, names[0]) if names else ()
    return Order(task="chair", move="chair", saw=tuple(names), parent=ranked.winner, flaws=flaws)


def _standing(state: RunState, winner: NodeName) -> NodeName:
    """The final text; without it, or where that alone is cut at its limit, the best ranked."""
    final = final_text(state)
    if final is None or (final.finish == "length" and state.nodes[winner].finish != "length"):
        return winner
    return final.name


def _words(state: RunState, ranked: ev.RoundFinished, final: Node | None) -> str:
    judges = len(state.rounds[ROUND].judges)
    put = "1 ranking puts" if judges == 1 else f"{judges} rankings put"
    said = (
        "Too few rankings could be read"
        if ranked.method is None
        else f"The members’ {put} {ranked.winner} first"
    )
    if FINAL not in state.nodes:
        return f"{said}; it stands."
    if final is None:
        return f"{said}; the chairman brought no text, so {ranked.winner} stands."
    who = "The chairman" if final.name == FINAL else "The stand-in for the chairman"
    if final.finish == "length" and _standing(state, ranked.winner or final.name) != final.name:
        return f"{said}; {final.name} is cut at its token limit, so {ranked.winner} stands."
    return f"{said}. {who} wrote {final.name} out of {len(final.saw)} answers."
