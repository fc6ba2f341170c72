"""``best_of_n``: N independent answers, one blind panel picks.

Cobbe et al. 2021 (arXiv:2110.14168) sample and rank with a trained verifier; here the ranking is a panel of
language models (Zheng et al. 2023, arXiv:2306.05685) with shuffled orders. Calls: N + K. Depth: T_g + T_j.
"""

from __future__ import annotations

from dataclasses import replace

from cort_desktop.domain.events import RoundFinished
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import RunSpec
from cort_desktop.domain.strategy_settings import WholeSetting
from cort_desktop.engine import judging
from cort_desktop.engine.decisions import Decision, Finish, Record
from cort_desktop.engine.latecomers import Challenge, challenge
from cort_desktop.engine.panel import Panel, panel_calls, panel_step, partial_result, round_missing
from cort_desktop.engine.strategies.base import Calls, Depth, fallback_answer, settled_candidates
from cort_desktop.engine.strategies.sampling import ROUND, sample_starts, samples_running
from cort_desktop.engine.thrift import Wanted, cut_to_budget, wished


class BestOfN:
    """N samples, one verdict by K judges."""

    name = "best_of_n"
    summary = "Several independent answers; blind judges pick the best."
    source = "Cobbe et al. 2021, arXiv:2110.14168; Zheng et al. 2023, arXiv:2306.05685"
    settings = (
        WholeSetting(
            name="alternatives",
            default=4,
            low=1,
            high=40,
            words="independent answers to choose from",
            noun="answers",
        ),
        WholeSetting(
            name="judges", default=3, low=1, high=9, words="judges that rank them, each in another order"
        ),
    )

    def calls(self, spec: RunSpec, question: str) -> tuple[Calls, ...]:
        """N answers and a panel's verdicts."""
        del question
        wanted = spec.alternatives or 1
        answers = Calls(role="proposer", low=wanted, high=wanted)
        return (answers,) if wanted == 1 else (answers, panel_calls(wanted, spec))

    def depth(self, spec: RunSpec, question: str) -> Depth:
        """All answers at once, then all judges at once."""
        del question
        return Depth(answers=1, verdicts=min(1, (spec.alternatives or 1) - 1))

    def decide(self, state: RunState) -> list[Decision]:
        """Sample, then judge, then let those that came late challenge the winner, then finish."""
        if ROUND not in state.rounds:
            answers, judges = wished(state)
            cut = cut_to_budget(state, Wanted(answers=answers, judges=judges))
            if cut is not None:
                return [cut]
        starts = sample_starts(state, state.spec.alternatives or 1, "answer")
        if starts:
            return list(starts)
        if samples_running(state):
            return []
        round_ = state.rounds.get(ROUND)
        if round_ is not None and round_.result is not None:
            return self._end(state, round_.result)
        panel = self._panel(state)
        if panel is None:
            return [self.close(state)]
        step = panel_step(state, panel)
        if step.result is not None:
            return [Record(body=step.result)]
        return list(step.decisions)

    def close(self, state: RunState) -> Finish:
        """With half of the verdicts in, their winner; else the best so far."""
        panel = self._panel(state)
        if panel is None:
            return Finish(rule="no_candidate", text="No call brought an answer.", degraded=True)
        decided = state.rounds[ROUND].result
        result = decided or partial_result(state, panel)
        if result is not None and result.winner is not None:
            end = self._finish(state, result, challenge(state, result.winner))
            return replace(end, results=() if decided else (result,))
        return Finish(
            rule="unjudged",
            text="The answers were not judged; the first one stands.",
            answer=fallback_answer(state),
            degraded=True,
        )

    def _end(self, state: RunState, result: RoundFinished) -> list[Decision]:
        if result.winner is None:
            return [self.close(state)]
        late = challenge(state, result.winner)
        return list(late.decisions) if late.is_open else [self._finish(state, result, late)]

    def _finish(self, state: RunState, result: RoundFinished, late: Challenge) -> Finish:
        unread = result.method is None and len(settled_candidates(state, ROUND)) > 1
        text = (
            "Too few verdicts could be read; the first answer stands."
            if unread
            else _words(state, result, only=result.method is None)
        )
        return Finish(
            rule="panel",
            text=text + late.words,
            numbers={"judges": len(state.rounds[ROUND].judges), "missing": len(round_missing(state, ROUND))},
            answer=late.answer,
            scores=judging.bradley_terry(list(state.verdicts.values())),
            degraded=unread,
        )

    def _panel(self, state: RunState) -> Panel | None:
        names = tuple(node.name for node in settled_candidates(state, ROUND))
        if not names:
            return None
        return Panel(round=ROUND, contestants=names, judges=state.spec.judges or 1)


def _words(state: RunState, result: RoundFinished, *, only: bool = False) -> str:
    winner = result.winner
    if only:
        return f"{winner} was the only answer."
    judges = "judge" if len(state.rounds[ROUND].judges) == 1 else "judges"
    top = max(result.scores, key=result.scores.__getitem__, default=winner)
    if top is not None and top != winner and state.nodes[top].finish == "length":
        cut = f"The {judges} ranked {top} best, but it is cut at its token limit"
        return f"{cut}; {winner} is the best whole answer."
    if result.unstable:
        return f"The {judges} ranked {winner} best, but the first two changed places with their order."
    return f"The {judges} ranked {winner} best."
