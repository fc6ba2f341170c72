"""What a person asked for on top of a strategy, whichever it is: played when it has come to its end.

A further round is one of varied challengers before a panel; an alternative, a candidate of the person's own
and a text that is tried again afterwards each meet the answer head to head, as those do that come late
(``latecomers.py``). Every wish is a round of its own, so that nothing a strategy came to is upset. A round
asked for by a person is played whatever the stop rules say. Alternatives and candidates that join a round in
time are the strategies'; a further look by judges is ``rejudging.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.nodes import Node
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import Reason
from cort_desktop.domain.wishes import Wish
from cort_desktop.engine import judging, moves, verifying
from cort_desktop.engine.contenders import instead_of, is_in
from cort_desktop.engine.decisions import Cancel, Decision, Finish, Job, Record, Start, Task
from cort_desktop.engine.latecomers import meet
from cort_desktop.engine.panel import Panel, panel_step, round_missing
from cort_desktop.engine.strategies import contest
from cort_desktop.engine.strategies.base import Strategy, fallback_answer, free_indexes, settled_candidates

ALTERNATIVES = 3
"""Challengers in an added round of a strategy that has no rounds of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """How far a wish is: decisions until it is settled (perhaps none: wait), else who stands after it."""

    decisions: tuple[Decision, ...] | None = None
    standing: NodeName | None = None
    words: str = ""


def decide(state: RunState, strategy: Strategy) -> list[Decision]:
    """The strategy's decisions until its end, then those that carry out what a person asked for."""
    if state.looked_back is not None:
        return [_as_it_was(state.looked_back)]
    if state.contest is None:
        own = strategy.decide(state)
        end = next((each for each in own if isinstance(each, Finish)), None)
        if end is None or state.is_closing or not _open_wishes(state, end.answer):
            return own
        left = [node.name for node in state.running.values() if not _is_further_look(node)]
        if left:
            return [Cancel(node=name) for name in left]
        return [*(Record(body=result) for result in end.results), Record(body=_contest(state, end))]
    return _carried_out(state, state.contest)


def close(state: RunState) -> Finish | None:
    """The end of a run whose wishes can't all be carried out; None when its strategy is still at it."""
    if state.looked_back is not None:
        return _as_it_was(state.looked_back)
    if state.contest is None:
        return None
    standing, words, _ = _so_far(state, state.contest)
    standing = standing or fallback_answer(state)
    return _finish(state, state.contest, standing, words)


def _as_it_was(end: ev.RunFinished) -> Finish:
    return Finish(
        rule=end.reason.rule,
        text=end.reason.text,
        numbers=end.reason.numbers,
        answer=end.answer_node,
        scores=end.scores,
        degraded=end.status == "degraded" and not end.missing,
    )


def _open_wishes(state: RunState, answer: NodeName | None) -> list[Wish]:
    """Those that the strategy's own contest did not carry out."""
    return [
        wish
        for wish in state.wishes
        if wish.kind == "round"
        or (wish.kind == "alternative" and wish.node is None)
        or (wish.kind == "candidate" and wish.node != answer and not _was_shown(state, wish.node))
    ]


def _was_shown(state: RunState, name: NodeName | None) -> bool:
    """Whether judges compared a person's candidate with others already, or it is out."""
    return name in state.out or any(name in verdict.order for verdict in state.verdicts.values())


def _contest(state: RunState, end: Finish) -> ev.ContestFinished:
    still_open = {wish.number for wish in _open_wishes(state, end.answer)}
    return ev.ContestFinished(
        reason=Reason(rule=end.rule, text=end.text, numbers=end.numbers),
        answer_node=end.answer,
        scores=end.scores,
        degraded=end.degraded,
        wishes=tuple(wish.number for wish in state.wishes if wish.number not in still_open),
    )


def _carried_out(state: RunState, base: ev.ContestFinished) -> list[Decision]:
    standing, words, step = _so_far(state, base)
    if step is not None:
        return list(step)
    return [_finish(state, base, standing, words)]


def _so_far(
    state: RunState, base: ev.ContestFinished
) -> tuple[NodeName | None, str, tuple[Decision, ...] | None]:
    """Who stands after the wishes that are settled, the sentences on them, and what the next one needs."""
    standing, words = instead_of(state, base.answer_node), ""
    for wish in state.wishes:
        if wish.is_look or wish.number in state.in_contest:
            continue
        step = _round(state, wish, standing) if wish.kind == "round" else _duel(state, wish, standing)
        if step.decisions is not None:
            return standing, words, step.decisions
        standing, words = instead_of(state, step.standing), words + step.words
    return standing, words, None


def _finish(state: RunState, base: ev.ContestFinished, standing: NodeName | None, words: str) -> Finish:
    ratings = judging.bradley_terry(list(state.verdicts.values()))
    return Finish(
        rule=base.reason.rule,
        text=base.reason.text + words,
        numbers=base.reason.numbers,
        answer=standing,
        scores=ratings or base.scores,
        degraded=base.degraded,
    )


def _next_round(state: RunState) -> int:
    """The number of a round to add: after all in which models were asked."""
    begun = (
        number
        for number, round_ in state.rounds.items()
        if round_.judges or round_.result is not None or contest.proposed(state, number)
    )
    return max(begun, default=0) + 1


# A further round


def _round(state: RunState, wish: Wish, standing: NodeName | None) -> _Step:
    number = wish.played_in
    added = None if number is None else state.rounds[number].added
    if number is None or added is None:
        has_rounds = state.spec.rounds is not None
        body = ev.RoundAdded(
            round=_next_round(state),
            wish=wish.number,
            standing=standing,
            alternatives=(state.spec.alternatives if has_rounds else None) or ALTERNATIVES,
            judges=state.spec.judges or 1,
        )
        return _Step(decisions=(Record(body=body),))
    result = state.rounds[number].result
    if result is not None:
        return _after_round(state, number, result, standing)
    judged = bool(state.rounds[number].judges)
    incumbent = added.standing if judged or added.standing not in state.out else standing
    starts = _starts(state, number, added, incumbent)
    if starts:
        return _Step(decisions=tuple(starts))
    if any(contest.is_challenger(node, number) for node in state.running.values()):
        return _Step(decisions=())
    panel = _panel(state, number, added, incumbent)
    if not panel.contestants:
        return _Step(decisions=(Record(body=_nothing_came(state, number)),))
    step = panel_step(state, panel)
    return _Step(decisions=step.decisions if step.result is None else (Record(body=step.result),))


def _starts(state: RunState, number: int, added: ev.RoundAdded, incumbent: NodeName | None) -> list[Start]:
    if state.rounds[number].judges:
        return []

    job = moves.challengers()

    def challenger(state: RunState, number: int, index: int, _before: NodeName | None) -> Job:
        return job(state, number, index, incumbent)

    return contest.challenger_starts(state, number, added.alternatives, challenger)


def _panel(state: RunState, number: int, added: ev.RoundAdded, incumbent: NodeName | None) -> Panel:
    """Who stands, the round's challengers, and those that came too late for the rounds before."""
    judged = bool(state.rounds[number].judges)
    joined = state.rounds[number].joined if judged else state.latecomers()
    names = [node.name for node in settled_candidates(state, number)]
    others = [name for name in dict.fromkeys((*names, *joined)) if name != incumbent]
    contestants = ((incumbent,) if incumbent else ()) + tuple(others)
    return Panel(round=number, contestants=contestants, judges=added.judges, incumbent=incumbent)


def _nothing_came(state: RunState, number: int) -> ev.RoundFinished:
    return ev.RoundFinished(round=number, winner=None, missing=round_missing(state, number))


def _after_round(state: RunState, number: int, result: ev.RoundFinished, standing: NodeName | None) -> _Step:
    """Who stands after an added round: the best rated of all verdicts until then."""
    said = f" Round {number}, which you asked for,"
    if result.winner is None:
        return _Step(standing=standing, words=f"{said} brought no answer.")
    until_then = [verdict for verdict in state.verdicts.values() if verdict.round <= number]
    best = contest.best(state, judging.bradley_terry(until_then), result.winner)
    words = f"{said} was won by {result.winner}."
    if result.winner == standing:
        words = f"{said} brought nothing better than {standing}."
    if best != result.winner:
        words += f" Over all verdicts {best} is rated best."
    return _Step(standing=best, words=words)


# One text against the answer


def _duel(state: RunState, wish: Wish, standing: NodeName | None) -> _Step:
    if wish.kind == "candidate" and wish.played_in is None and _was_shown(state, wish.node):
        return _Step(standing=standing)  # it was in the panel of a round that was added
    node = None if wish.node is None else state.nodes[wish.node]
    if wish.played_in is None:
        body = ev.RoundAdded(
            round=_duel_round(state, node),
            wish=wish.number,
            standing=standing,
            challengers=() if node is None else (node.name,),
        )
        return _Step(decisions=(Record(body=body),))
    result = state.rounds[wish.played_in].result
    if result is not None:
        return _after_duel(state, wish, result, standing)
    if node is None or node.may_ask_again:
        return _Step(decisions=(Start(job=_job(state, wish, node, standing)),))
    if node.status == "running":
        return _Step(decisions=())
    return _Step(decisions=_met(state, wish, node, standing))


def _duel_round(state: RunState, node: Node | None) -> int:
    """That of the text itself, where nothing but it is in it; else a new one."""
    if node is not None and node.round:
        round_ = state.rounds[node.round]
        alone = all(name == node.name or state.nodes[name].role == "person" for name in round_.candidates)
        if alone and not round_.judges and round_.result is None:
            return node.round
    return _next_round(state)


def _job(state: RunState, wish: Wish, node: Node | None, standing: NodeName | None) -> Job:
    if node is None:
        number = wish.played_in or 1
        index = next(free_indexes(contest.proposed(state, number)))
        return contest.wished_job(state, wish, number, index, standing)
    return Job(
        name=node.name,
        task=_TASKS.get(node.move or "", "answer"),
        role="proposer",
        kind=node.kind,
        move=node.move,
        round=node.round,
        model=node.model or state.spec.lineup["proposer"][0],
        parents=node.parents,
        saw=node.saw,
        sample=node.sample,
        flaws=moves.flaws_of(state, node.round, node.saw[0]) if node.saw else (),
        wish=wish.number,
    )


_TASKS: dict[str, Task] = {move.name: move.task for move in moves.MOVES.values()} | {
    "revise": "revise",
    "mend": "mend",
    "combine": "combine",
}


def _met(state: RunState, wish: Wish, node: Node, standing: NodeName | None) -> tuple[Decision, ...]:
    """What the meeting of a text with the answer still needs; its result once it has that."""
    number = wish.played_in or 1
    result = ev.RoundFinished(
        round=number,
        winner=standing,
        kept=None if standing is None else True,
        missing=round_missing(state, number),
    )
    if is_in(state, node.name) and standing is None:
        result = replace(result, winner=node.name)
    elif is_in(state, node.name) and standing is not None and standing != node.name:
        if verifying.is_due(state, (standing, node.name)):
            return ()
        met = meet(state, number, standing, node.name, turn=wish.number)
        if met.decisions is not None:
            return met.decisions
        kept = met.winner == standing
        result = replace(result, winner=met.winner, kept=kept, method=met.method, unstable=met.unstable)
    return (Record(body=result),)


def _after_duel(state: RunState, wish: Wish, result: ev.RoundFinished, before: NodeName | None) -> _Step:
    """Who stands after a meeting, and a sentence on it."""
    name = wish.node
    after = result.winner or before
    if name is None:
        return _Step(standing=after)
    who = f" {name}, your own," if wish.kind == "candidate" else f" {name}, which you asked for,"
    if not state.nodes[name].is_candidate:
        said = "brought no answer."
    elif before is None or before == name:
        said = "is the answer."
    elif name in state.out:
        said = "was taken out."
    else:
        said = meet(state, result.round, before, name, turn=wish.number).words
    return _Step(standing=after, words=f"{who} {said}")


def _is_further_look(node: Node) -> bool:
    return node.role == "judge" and node.wish is not None
