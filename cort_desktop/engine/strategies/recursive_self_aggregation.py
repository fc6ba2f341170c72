"""``recursive_self_aggregation``: a population of answers that is rewritten from itself, step by step.

Venkatraman et al. 2025 (arXiv:2509.26626): N independent answers; in each further step every member is
written anew from a few random ones of the step before, so that what is right in any of them can spread. The
last step's members vote where their answers can be compared, else a blind panel picks, of those at most six
that have most in common. Calls: at most
N·T + K, no verdicts where there is a vote. Depth: T·T_g + T_j.

Each step is a round. One that is not the last asks no judge: by its vote, else by what its texts have in
common, it only says who stands so far. It ends early when all agree or nothing new comes. What a budget is
too short for falls away in this order: judges, members, steps (``steps.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import NodeName, candidate_name
from cort_desktop.domain.nodes import Node
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import RunSpec
from cort_desktop.domain.strategy_settings import WholeSetting
from cort_desktop.engine import fallback, judging, verifying
from cort_desktop.engine.chance import shuffled
from cort_desktop.engine.decisions import Decision, Finish, Job, Record, Task
from cort_desktop.engine.extraction import is_checkable
from cort_desktop.engine.latecomers import challenge
from cort_desktop.engine.panel import Panel, panel_calls, panel_step, partial_result, round_missing
from cort_desktop.engine.strategies import contest, steps, voting
from cort_desktop.engine.strategies.base import (
    Calls,
    Depth,
    fallback_answer,
    pick_model,
    setting,
    settled_candidates,
)

SOURCES = WholeSetting(
    name="sources",
    default=3,
    low=1,
    high=10,
    words="earlier answers that each new one is written from",
    noun="sources",
)


class RecursiveSelfAggregation:
    """A population, rewritten from a few of its members each step; the last one votes or is judged."""

    name = "recursive_self_aggregation"
    summary = (
        "Many answers, each written anew from a few random others, step by step; a vote or blind judges pick "
        "one of the last."
    )
    source = "Venkatraman et al. 2025, arXiv:2509.26626"
    settings = (
        WholeSetting(
            name="rounds",
            default=4,
            low=1,
            high=20,
            words="steps; the first writes, each further one rewrites",
            noun="steps",
        ),
        WholeSetting(
            name="alternatives", default=8, low=1, high=40, words="answers in each step", noun="answers"
        ),
        WholeSetting(
            name="judges", default=3, low=1, high=9, words="judges of the last step, where there is no vote"
        ),
        SOURCES,
    )

    def calls(self, spec: RunSpec, question: str) -> tuple[Calls, ...]:
        """N·T answers and, where there is no vote, a panel's verdicts; at the least all agree at once."""
        wanted, number = spec.alternatives or 1, _steps(spec)
        sources = min(wanted, setting(spec, SOURCES))
        first = Calls(role="proposer", low=wanted, high=wanted)
        votes = is_checkable(question)
        further = wanted * (number - 1)
        again = Calls(role="proposer", low=0 if votes else further, high=further, seen=sources)
        panel = panel_calls(min(wanted, steps.MOST_FINALISTS), spec)
        panel = replace(panel, low=0) if votes else panel  # asked where no answer has a value
        return (first, *((again,) if further else ()), *((panel,) if wanted > 1 else ()))

    def depth(self, spec: RunSpec, question: str) -> Depth:
        """One answer after the other for each step, then all judges at once."""
        judged = (spec.alternatives or 1) > 1 and not is_checkable(question)
        return Depth(answers=_steps(spec), verdicts=int(judged))

    def decide(self, state: RunState) -> list[Decision]:
        """Step after step until the last one is decided; at the end those that came late challenge it."""
        late = contest.late_starts(state, _member)
        number = state.next_round
        if not state.taken_back and (ended := _ended(state)) is not None:
            return late or self._end(state, ended)
        starts = contest.challenger_starts(state, number, state.spec.alternatives or 1, _member)
        asked = bool(contest.proposed(state, number))
        if not asked and number == 1 and (cut := steps.plan(state, _wanted(state), done=0)) is not None:
            return [cut]
        if starts and not _is_judged(state, number):
            return [*late, *starts]
        if any(contest.is_challenger(node, number) for node in state.running.values()):
            return late
        return [*late, *_decided(state, number)]

    def close(self, state: RunState) -> Finish:
        """The last step of which half came: what its judges say so far, else its vote, else what its answers
        have in common.
        """
        answer = fallback_answer(state)
        if answer is None:
            return Finish(rule="no_candidate", text="No call brought an answer.", degraded=True)
        number = state.next_round
        if _is_half_there(state, number):
            result = _partial(state, number)
            return self._finish(state, "best_so_far", _pick_words(state, result), result.winner, result)
        last = state.rounds[state.rounds_finished].result if state.rounds_finished else None
        if last is None or last.winner != answer:
            return self._finish(state, "best_so_far", f"{answer} is the best so far.", answer)
        late = challenge(state, answer) if state.late else None
        words = _pick_words(state, last) + (late.words if late is not None else "")
        return self._finish(state, "best_so_far", words, late.answer if late is not None else answer)

    def _end(self, state: RunState, ended: steps.Ended) -> list[Decision]:
        result = state.rounds[state.rounds_finished].result
        if result is None or result.winner is None:
            return [self.close(state)]
        late = challenge(state, result.winner)
        if late.is_open:
            return list(late.decisions)
        text = f"{ended.text} {_pick_words(state, result)}{late.words}"
        return [self._finish(state, ended.rule, text.strip(), late.answer)]

    def _finish(
        self,
        state: RunState,
        rule: str,
        text: str,
        answer: NodeName | None,
        result: ev.RoundFinished | None = None,
    ) -> Finish:
        """``result``: of a step that is decided only now."""
        done = state.rounds_finished if result is None else result.round
        decided = result or (state.rounds[done].result if done else None)
        scores = judging.bradley_terry(list(state.verdicts.values()))
        unread = decided is not None and decided.method is None and _is_judged(state, done)
        return Finish(
            rule=rule,
            text=text,
            numbers={"steps": done, "members": len(steps.population(state, done))},
            answer=answer,
            scores=scores or (decided.scores if decided is not None else {}),
            degraded=unread,
            results=() if result is None else (result,),
        )


def _steps(spec: RunSpec) -> int:
    return max(1, spec.rounds or 1)


def _begun(state: RunState) -> int:
    """The steps that were asked for, whatever the budget left of them."""
    return _steps(state.spec if state.started is None else state.started.spec)


def _is_judged(state: RunState, number: int) -> bool:
    return number in state.rounds and bool(state.rounds[number].judges)


def _wanted(state: RunState) -> steps.Wanted:
    return steps.wanted(state, votes=is_checkable(state.question))


def _ended(state: RunState) -> steps.Ended | None:
    """Why no further step is taken; None while one is, or has begun."""
    done = state.rounds_finished
    if not done or contest.proposed(state, done + 1):
        return None
    found = steps.settled(state, done) if done < _begun(state) else None
    if found is not None or (done < _steps(state.spec) and not _is_judged(state, done)):
        return found
    words = f"{done} of {_begun(state)} steps are done." if _begun(state) > 1 else ""
    return steps.Ended(rule="steps", text=words)


def _decided(state: RunState, number: int) -> list[Decision]:
    """What follows when a step's members are there: the panel's verdict or the vote after the last one, else
    who stands until the next.
    """
    members = steps.population(state, number)
    if not members:
        return [Finish(rule="no_candidate", text="No call brought an answer.", degraded=True)]
    names = tuple(node.name for node in members)
    if verifying.is_due(state, names):
        return []
    vote = voting.count(state, number, members) if is_checkable(state.question) else None
    if vote is not None and voting.last_vote(state, number) != vote:
        return [Record(body=vote)]
    is_last = _is_judged(state, number) or number >= _begun(state) or bool(steps.settled(state, number))
    if not is_last and (cut := steps.plan(state, _wanted(state), done=number)) is not None:
        return [cut]
    is_last = is_last or number >= _steps(state.spec)
    counted = None if vote is None else voting.result(state, vote)
    if counted is not None and counted.method is not None:
        return [Record(body=counted)]
    if not is_last:
        return [Record(body=_in_common(state, number, members))]
    step = panel_step(state, _panel(state, number))
    return list(step.decisions) if step.result is None else [Record(body=step.result)]


def _panel(state: RunState, number: int) -> Panel:
    names = tuple(node.name for node in steps.finalists(state, number))
    return Panel(round=number, contestants=names, judges=state.spec.judges or 1)


def _in_common(state: RunState, number: int, members: Sequence[Node]) -> ev.RoundFinished:
    """Who stands of a step that nobody judged."""
    names = verifying.foremost(state, [node.name for node in members])
    return ev.RoundFinished(
        round=number,
        winner=fallback.most_in_common([state.nodes[name] for name in names]),
        method="consensus" if len(names) > 1 else "verifier" if len(members) > 1 else None,
        missing=round_missing(state, number),
    )


def _is_half_there(state: RunState, number: int) -> bool:
    """Whether a step that is not decided has enough members to speak for it."""
    own = settled_candidates(state, number)
    return bool(own) and (2 * len(own) >= (state.spec.alternatives or 1) or number == 1)


def _partial(state: RunState, number: int) -> ev.RoundFinished:
    """An unfinished step as it can be decided without another call."""
    members = steps.population(state, number)
    if _is_judged(state, number):
        judged = partial_result(state, _panel(state, number))
        if judged is not None and judged.winner is not None:
            return judged
    if is_checkable(state.question):
        counted = voting.result(state, voting.count(state, number, members))
        if counted.method is not None:
            return counted
    return _in_common(state, number, members)


def _pick_words(state: RunState, result: ev.RoundFinished) -> str:
    """How the answer came out of its step, in a sentence."""
    winner, size = result.winner, len(steps.population(state, result.round))
    where = f" of step {result.round}" if _steps(state.spec) > 1 else ""
    if result.method == "vote":
        vote = voting.last_vote(state, result.round)
        vote = vote or voting.count(state, result.round, steps.population(state, result.round))
        lead, _ = voting.lead(vote)
        return f"{lead} of {size} answers{where} agree on “{voting.leading(vote)}”."
    if result.method == "consensus":
        return f"{winner} has most in common with the others of {size} answers{where}."
    if result.method == "verifier":
        return f"{winner} is put first{where} by its check."
    if result.method is not None:
        judges = "judge" if len(state.rounds[result.round].judges) == 1 else "judges"
        unsure = ", but the order they were shown in changed the outcome" if result.unstable else ""
        shown = len(steps.finalists(state, result.round))
        of = f"{size}" if shown == size else f"the {shown} of {size} that have most in common"
        return f"The {judges} ranked {winner} best of {of}{unsure}."
    if _is_judged(state, result.round):
        return f"Too few verdicts could be read; {winner} stands as the first."
    return f"{winner} is the only answer{where}."


def _member(state: RunState, number: int, index: int, _stands: NodeName | None) -> Job:
    """The ``index``-th member of a step: in the first a sample, later written from a few of the step before,
    drawn by the run's seed and its own name.
    """
    name = candidate_name(number, index)
    votes = is_checkable(state.question)
    before = steps.sources(state, number - 1) if number > 1 else []
    drawn = shuffled(before, f"{state.spec.seed}:{name}")[: setting(state.spec, SOURCES)]
    plain = Job(
        name=name,
        task="answer_checkable" if votes else "answer",
        role="proposer",
        kind="sample",
        move="fresh",
        round=number,
        model=pick_model(state.spec, "proposer", index - 1),
        parents=tuple(drawn),
        saw=tuple(drawn),
        sample=index,
    )
    if not drawn:
        return plain
    task: Task = "combine_checkable" if votes else "combine"
    return replace(plain, task=task, kind="synthesis", move="combine")
