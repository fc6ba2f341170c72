"""Rounds in which challengers meet the incumbent before blind judges: what ``cort``,
``tournament`` and ``self_refine`` share.

Who challenges whom, who waits for whom, and whom all rounds together hold best. Which prompt a challenger is
asked with is its strategy's; who is ranked and how is ``engine/panel.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice

from cort_desktop.domain.ids import DRAFT, NodeName
from cort_desktop.domain.nodes import Node
from cort_desktop.domain.run import RunState
from cort_desktop.domain.wishes import Wish
from cort_desktop.engine import judging, moves, verifying
from cort_desktop.engine.contenders import instead_of
from cort_desktop.engine.decisions import Decision, Finish, Job, Start
from cort_desktop.engine.latecomers import challenge
from cort_desktop.engine.panel import Panel, partial_result
from cort_desktop.engine.strategies.base import (
    MOST_STARTS,
    fallback_answer,
    free_indexes,
    index_of,
    settled_candidates,
    wished_for,
)
from cort_desktop.engine.strategies.single import draft_job

Challenger = Callable[[RunState, int, int, NodeName | None], Job]
"""The job of a round's challenger: its round, its place from 1, and the incumbent there is to beat."""


def incumbent_of(state: RunState, number: int) -> NodeName | None:
    """Whom a round challenges: once it has begun, its challengers' parent; else the last winner before it,
    else the draft; None when the draft failed.
    """
    challengers = proposed(state, number)
    is_judged = number in state.rounds and bool(state.rounds[number].judges)
    if number > 1 and challengers:
        parent = next(iter(challengers[0].parents), DRAFT)
        if _can_stand(state, parent) and (is_judged or parent not in state.out):
            return parent
    before = state.rounds[number - 1].result if number - 1 in state.rounds else None
    if before is not None and before.winner is not None:
        return instead_of(state, before.winner, before=number)
    if DRAFT in state.out and not is_judged:
        return None
    return DRAFT if _can_stand(state, DRAFT) else None


def proposed(state: RunState, number: int) -> list[Node]:
    """The round's challengers that models were asked for, in the order of their names."""
    names = state.rounds[number].candidates if number in state.rounds else []
    return [node for name in names if (node := state.nodes[name]).role == "proposer"]


def _can_stand(state: RunState, name: NodeName) -> bool:
    node = state.nodes.get(name)
    return node is not None and node.is_candidate and (name != DRAFT or not node.is_late)


def is_challenger(node: Node, number: int) -> bool:
    """Whether a round's judges wait for it."""
    return node.role == "proposer" and node.round == number and not node.is_late


def challenger_starts(state: RunState, number: int, wanted: int, challenger: Challenger) -> list[Start]:
    """Starts for the round's challengers up to ``wanted`` that are not asked yet, those to be asked again
    first.
    """
    nodes = proposed(state, number)
    incumbent = incumbent_of(state, number)
    free = free_indexes(nodes)
    again = [node for node in nodes if node.may_ask_again and not node.is_late]
    jobs = [_again(state, node, incumbent, challenger) for node in again]
    plain = wanted - sum(node.wish is None for node in nodes)
    jobs += [challenger(state, number, index, incumbent) for index in islice(free, max(0, plain))]
    jobs += [wished_job(state, wish, number, next(free), incumbent) for wish in wished_for(state, number)]
    return [Start(job=job) for job in jobs[:MOST_STARTS]]


def wished_job(state: RunState, wish: Wish, number: int, index: int, incumbent: NodeName | None) -> Job:
    """The job of an alternative that a person wants, by the move and from the model they chose."""
    move = moves.MOVES.get(wish.move or "") or (moves.FRESH if incumbent is None else moves.TARGETED_FIX)
    model = wish.models[0] if wish.models else None
    return moves.job_of(state, number, index, incumbent, move, model=model, wish=wish.number)


def _again(state: RunState, node: Node, incumbent: NodeName | None, challenger: Challenger) -> Job:
    wish = next((wish for wish in state.wishes if wish.number == node.wish), None)
    index = index_of(node.name)
    if wish is None:
        return challenger(state, node.round, index, incumbent)
    return wished_job(state, wish, node.round, index, incumbent)


def panel(state: RunState, number: int) -> Panel:
    """The incumbent, the round's challengers, and those of rounds before that came after their verdict."""
    incumbent = incumbent_of(state, number)
    begun = number in state.rounds and state.rounds[number].judges
    joined = state.rounds[number].joined if begun else state.latecomers()
    challengers = [node.name for node in settled_candidates(state, number)]
    others = [name for name in (*challengers, *joined) if name != incumbent]
    contestants = ((incumbent,) if incumbent else ()) + tuple(dict.fromkeys(others))
    return Panel(round=number, contestants=contestants, judges=state.spec.judges or 1, incumbent=incumbent)


def late_starts(state: RunState, challenger: Challenger) -> list[Decision]:
    """Starts for those whose judges were asked before they were tried again."""
    jobs = []
    for name in state.late:
        node = state.nodes[name]
        if not node.may_ask_again:
            continue
        if name == DRAFT:
            jobs.append(draft_job(state))
        else:
            jobs.append(_again(state, node, incumbent_of(state, node.round), challenger))
    return [Start(job=job) for job in jobs]


def standing(state: RunState, done: int) -> NodeName | None:
    """What ``done`` rounds come to, without those that were tried again after their judges were asked: the
    best rated, else the last winner.
    """
    last = state.rounds[done].result if done else None
    stands = (last.winner if last else None) or fallback_answer(state)
    if stands is None:
        return None
    in_time = [v for v in state.verdicts.values() if not any(name in state.late for name in v.order)]
    return best(state, judging.bradley_terry(in_time), stands)


def best(state: RunState, ratings: Mapping[NodeName, float], stands: NodeName) -> NodeName:
    """The best rated of all ever judged whom no other outranks by a verifier; one cut at the token limit
    only when all are.
    """
    stands = instead_of(state, stands) or stands
    ratings = {name: rating for name, rating in ratings.items() if name not in state.out}
    first = verifying.foremost(state, tuple(dict.fromkeys((stands, *ratings))))
    if stands not in first:
        stands = max(first, key=lambda name: ratings.get(name, 0.0))
    whole = {name: ratings[name] for name in ratings if _is_whole(state, name) and name in first}
    instead = fallback_answer(state) if state.nodes[stands].finish == "length" else None
    if instead is not None and not state.nodes[instead].is_late:  # a late one challenges it first
        stands = instead
    return judging.best_rated(whole, standing=stands)


def _is_whole(state: RunState, name: NodeName) -> bool:
    return state.nodes[name].finish != "length"


def is_undecided(state: RunState, number: int) -> bool:
    """Whether a round had something to judge and no verdict to judge it by."""
    round_ = state.rounds[number]
    return round_.result is not None and round_.result.method is None and bool(round_.judges)


def best_so_far(state: RunState, *, has_ended: bool) -> Finish:
    """The end of a run that may start nothing more: the best of all judged; within an unfinished round, what
    its verdicts say so far. has_ended: its rounds are over, so those that came late count as far as they met
    the winner.
    """
    answer = fallback_answer(state)
    if answer is None:
        return Finish(rule="no_candidate", text="No call brought an answer.", degraded=True)
    number = state.next_round
    open_panel = panel(state, number)
    is_begun = bool(open_panel.contestants) and number in state.rounds
    result = partial_result(state, open_panel) if is_begun else None
    if result is not None and result.winner is not None and number > state.rounds_finished:
        answer = result.winner
    late = ""
    if state.late and has_ended:
        met = challenge(state, standing(state, state.rounds_finished) or answer)
        answer, late = met.answer, met.words
    return Finish(
        rule="best_so_far",
        text=f"{answer} is the best so far.{late}",
        answer=answer,
        scores=judging.bradley_terry(list(state.verdicts.values())),
        results=() if result is None else (result,),
    )
