"""``universal_self_consistency``: N independent answers, and one call that picks the most consistent.

Chen et al. 2023 (arXiv:2311.17311): where no value can be taken out of an answer and counted, a model reads
all of them and says which one most others agree with. Here that call is a blind judge's: the answers are
shuffled and labelled, it ranks by agreement alone, and a verifier goes before it. Where it can't be read, the
answer that has most in common with the others stands, and the run says so. Calls: N + 1. Depth: T_g + T_j.
"""

from __future__ import annotations

from dataclasses import replace

from cort_desktop.domain.events import RoundFinished, Verdict
from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import RunSpec
from cort_desktop.domain.strategy_settings import WholeSetting
from cort_desktop.engine import fallback, judging, verifying
from cort_desktop.engine.decisions import Decision, Finish, Job, Record
from cort_desktop.engine.judges import judge_name
from cort_desktop.engine.latecomers import Challenge, challenge
from cort_desktop.engine.panel import round_missing
from cort_desktop.engine.strategies.base import Calls, Depth, pick_model, settled_candidates
from cort_desktop.engine.strategies.sampling import ROUND, sample_starts, samples_running
from cort_desktop.engine.thrift import Wanted, cut_to_budget, wished
from cort_desktop.engine.verdict_jobs import pending


class UniversalSelfConsistency:
    """N samples, one call says which most of them agree with."""

    name = "universal_self_consistency"
    summary = "Several independent answers; one call picks the one that most of the others agree with."
    source = "Chen et al. 2023, arXiv:2311.17311"
    settings = (
        WholeSetting(
            name="alternatives",
            default=8,
            low=1,
            high=40,
            words="independent answers to choose from",
            noun="answers",
        ),
    )

    def calls(self, spec: RunSpec, question: str) -> tuple[Calls, ...]:
        """N answers and one selection; at most it is put in order once."""
        del question
        wanted = spec.alternatives or 1
        answers = Calls(role="proposer", low=wanted, high=wanted)
        return (answers,) if wanted == 1 else (answers, Calls(role="judge", low=1, high=2, seen=wanted))

    def depth(self, spec: RunSpec, question: str) -> Depth:
        """All answers at once, then the selection."""
        del question
        return Depth(answers=1, verdicts=min(1, (spec.alternatives or 1) - 1))

    def decide(self, state: RunState) -> list[Decision]:
        """Sample, then select, then let those that came late challenge the selected, then finish."""
        if ROUND not in state.rounds and (cut := _cut(state)) is not None:
            return [cut]
        starts = sample_starts(state, state.spec.alternatives or 1, "answer")
        if starts:
            return list(starts)
        if samples_running(state):
            return []
        round_ = state.rounds.get(ROUND)
        if round_ is not None and round_.result is not None:
            return self._end(state, round_.result)
        everybody = tuple(node.name for node in settled_candidates(state, ROUND))
        if not everybody:
            return [self.close(state)]
        if verifying.is_due(state, everybody):
            return []
        names = verifying.foremost(state, everybody)
        wanted = None if len(names) == 1 else pending(state, [_selection(state, names)])
        if wanted is not None:
            return list(wanted)
        return [Record(body=_result(state, everybody, names))]

    def close(self, state: RunState) -> Finish:
        """Who was selected; else the answer that has most in common with the others."""
        round_ = state.rounds.get(ROUND)
        everybody = tuple(node.name for node in settled_candidates(state, ROUND))
        if round_ is None or not everybody:
            return Finish(rule="no_candidate", text="No call brought an answer.", degraded=True)
        result = round_.result or _result(state, everybody, verifying.foremost(state, everybody))
        standing = result.winner or everybody[0]
        end = self._finish(state, result, challenge(state, standing))
        return replace(end, results=() if round_.result is not None else (result,))

    def _end(self, state: RunState, result: RoundFinished) -> list[Decision]:
        if result.winner is None:
            return [self.close(state)]
        late = challenge(state, result.winner)
        return list(late.decisions) if late.is_open else [self._finish(state, result, late)]

    def _finish(self, state: RunState, result: RoundFinished, late: Challenge) -> Finish:
        answers = len(settled_candidates(state, ROUND))
        verdict = _verdict(state)
        numbers = {"answers": answers, "missing": len(round_missing(state, ROUND))}
        if verdict is not None and result.method == "vote":
            numbers["alike"] = len(verdict.ranking[0])
        return Finish(
            rule="selection",
            text=_words(state, result, verdict, answers) + late.words,
            numbers=numbers,
            answer=late.answer,
            scores=result.scores,
            degraded=result.method == "consensus",
        )


def _cut(state: RunState) -> Record | None:
    """The samples that the budget holds with the one call that selects, however many it reads."""
    answers, _ = wished(state)
    in_force = (state.spec.alternatives or 1, 0)
    return cut_to_budget(state, Wanted(answers=answers, judges=0, judged=0, last=1), in_force=in_force)


def _selection(state: RunState, names: tuple[NodeName, ...]) -> Job:
    """The call that reads ``names`` in an order drawn for the run."""
    (order,) = judging.panel_orders(names, 1, f"{state.spec.seed}:{ROUND}")
    return Job(
        name=judge_name(state, ROUND, 0),
        task="select",
        role="judge",
        model=pick_model(state.spec, "judge", 0),
        round=ROUND,
        saw=order,
        sample=1,
        purpose="select",
    )


def _verdict(state: RunState) -> Verdict | None:
    """What the selecting call said, when it could be read."""
    name = next(iter(state.rounds[ROUND].judges), None)
    verdict = None if name is None else state.verdicts.get(name)
    return verdict if verdict is not None and verdict.ranking and verdict.purpose == "select" else None


def _result(state: RunState, everybody: tuple[NodeName, ...], names: tuple[NodeName, ...]) -> RoundFinished:
    """Who is selected of ``names``, those of ``everybody`` whom no verifier puts behind others."""
    found = RoundFinished(round=ROUND, winner=names[0], missing=round_missing(state, ROUND))
    if len(names) == 1:
        return replace(found, method="verifier" if len(everybody) > 1 else None)
    cut = {name for name in names if state.nodes[name].finish == "length"}
    left = [name for name in names if name not in state.out] or list(names)
    barred = (cut if set(left) - cut else set()) | (set(names) - set(left))
    verdict = _verdict(state)
    read = judging.aggregate(
        names, [] if verdict is None else [verdict], incumbent=None, expected=1, cut=barred
    )
    if read.failed:
        voters = [state.nodes[name] for name in names if name not in barred] or [state.nodes[left[0]]]
        return replace(found, winner=fallback.most_in_common(voters), method="consensus")
    return replace(found, winner=read.winner, scores=_shares(verdict, len(names)), method="vote")


def _shares(verdict: Verdict | None, count: int) -> dict[NodeName, float]:
    """What share of the answers comes to the same as each; nothing where it was not said which do."""
    groups = () if verdict is None else verdict.ranking
    if all(len(group) == 1 for group in groups):
        return {}
    return {name: len(group) / count for group in groups for name in group}


def _words(state: RunState, result: RoundFinished, verdict: Verdict | None, answers: int) -> str:
    winner = result.winner
    if answers == 1:
        return f"{winner} was the only answer."
    if result.method == "verifier":
        return f"{winner} alone is put first by its check."
    if result.method == "consensus":
        judge = next((state.nodes[name] for name in state.rounds[ROUND].judges), None)
        why = "Nobody selected"
        if judge is not None:
            unread = f"What {judge.name} selected could not be read"
            why = unread if judge.status == "finished" else f"{judge.name} brought nothing"
        return f"{why}; {winner} has most in common with the others of {answers}."
    top = () if verdict is None else verdict.ranking[0]
    if winner not in top:
        cut = (
            f"{top[0]} was found the most consistent, but it can't win (cut at its token limit or taken out)"
        )
        return f"{cut}; {winner} comes next."
    if len(top) > 1:
        return f"{len(top)} of {answers} answers were found to come to the same; {winner} stands for them."
    return f"{winner} was found the most consistent of {answers} answers."
