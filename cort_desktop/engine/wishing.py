"""What a person may ask for on top of what a run does, checked, as the events it becomes: rounds,
alternatives, candidates of their own, who is out, a further look, their own ranking.

Pure. What follows is ``encore.py``'s, ``rejudging.py``'s and the strategies'; words on single calls are
``steering.py``'s.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Reserved, Usage
from cort_desktop.domain.ids import ModelRef, NodeName
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import Criterion
from cort_desktop.engine import rejudging, worth
from cort_desktop.engine.contenders import instead_of
from cort_desktop.engine.moves import MOVES
from cort_desktop.engine.strategies import contest
from cort_desktop.engine.strategies.base import index_of
from cort_desktop.errors import UsageError

MOST_ROUNDS = 20
MOST_JUDGES = 9
LONGEST_TEXT = 200_000
FEWEST = 2
SEEING = ("targeted_fix", "synthesis")
"""Moves that need an answer to look at."""

Words = tuple[ev.Body, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wished:
    """A wish that was not said yet: why a run at rest is reopened for it, the events it becomes in the state
    it finds, and whether the end of a run stands as it is (``looks_back``). Raises UsageError there.
    """

    why: str
    words: Callable[[RunState], Words]
    looks_back: bool = False


def added_rounds(count: int) -> Wished:
    """``count`` further rounds, played whatever the stop rules say."""
    if not 1 <= count <= MOST_ROUNDS:
        raise UsageError(f"{count} rounds were asked for; 1 to {MOST_ROUNDS} can be added at once.")
    why = "a further round" if count == 1 else f"{count} further rounds"

    def words(state: RunState) -> Words:
        _demand_open(state)
        return (ev.UserEvent(verb="added", n=count),)

    return Wished(why=why, words=words)


def added_alternative(move: str | None = None, model: ModelRef | None = None) -> Wished:
    """One more alternative, by a move and from a model where they are named: in the round that is open,
    before its judges are asked; else head to head with the answer.
    """
    if move is not None and move not in MOVES:
        raise UsageError(f"There is no move {move}; there are {', '.join(MOVES)}.")

    def words(state: RunState) -> Words:
        _demand_open(state)
        models = () if model is None else (model,)
        return (ev.UserEvent(verb="added", round=_joinable(state, move), move=move, models=models),)

    return Wished(why="a further alternative", words=words)


def own_candidate(text: str) -> Wished:
    """A candidate the person wrote: in the panel of the round that is open, else before the next judges."""
    if not text.strip():
        raise UsageError("Your candidate is empty; write the answer you want to see compared.")
    if len(text) > LONGEST_TEXT:
        raise UsageError(f"Your candidate has {len(text):,} characters; it may have {LONGEST_TEXT:,}.")

    def words(state: RunState) -> Words:
        _demand_open(state)
        number = _round_for_text(state)
        names = state.rounds[number].candidates if number in state.rounds else []
        index = max((index_of(name) for name in names if state.nodes[name].role == "person"), default=0) + 1
        name = NodeName(f"R{number}.H{index}")
        wish = len(state.wishes) + 1
        answer = state.answer_node
        parents = (answer,) if answer else ()
        return (
            ev.UserEvent(verb="candidate", node=name, text=text),
            ev.NodeStarted(
                node=name,
                role="person",
                kind="human",
                round=number,
                parents=parents,
                reserved=Reserved(calls=0),
                wish=wish,
            ),
            ev.NodeFinished(node=name, text=text, finish="stop", usage=Usage(), cost_microusd=0, attempts=0),
        )

    return Wished(why="a candidate of your own", words=words)


def taken_out(state: RunState, name: NodeName) -> ev.UserEvent | None:
    """Take a finished candidate out of the contest; None when it is out already. Raises UsageError when it is
    none, when the person chose it, or when it is the last.
    """
    _demand_candidate(state, name)
    if name in state.out:
        return None
    if name == state.override:
        raise UsageError(f"You made {name} the answer; take that back before you take it out.")
    if not any(node.name != name and node.name not in state.out for node in state.candidates()):
        raise UsageError(f"{name} is the only answer left in the contest; it can't be taken out.")
    after = state.copy()
    after.out.add(name)
    return ev.UserEvent(verb="dropped", node=name, instead=_stand_in(after))


def put_back(state: RunState, name: NodeName) -> ev.UserEvent | None:
    """Put a candidate back into the contest; None when it is in."""
    _demand_candidate(state, name)
    if name not in state.out:
        return None
    after = state.copy()
    after.out.discard(name)
    return ev.UserEvent(verb="dropped", node=name, n=0, instead=_stand_in(after))


def judged_again(
    number: int | None = None,
    *,
    models: tuple[ModelRef, ...] = (),
    criteria: tuple[Criterion, ...] = (),
    judges: int = 1,
) -> Wished:
    """A further look at a round, or (None) at the finalists, by ``judges`` judges."""
    if not 1 <= judges <= MOST_JUDGES:
        raise UsageError(f"{judges} judges were asked for; it takes 1 to {MOST_JUDGES}.")

    def words(state: RunState) -> Words:
        _demand_not_ending(state)
        round_, names = _looked_at(state, number)
        what = "the finalists" if number is None else f"round {number}"
        if len(names) < FEWEST:
            raise UsageError(f"There are not two answers in {what}, so there is nothing to compare.")
        return (
            ev.UserEvent(
                verb="rejudge", round=round_, models=models, criteria=criteria, n=judges, nodes=names
            ),
        )

    what = "the finalists" if number is None else f"round {number}"
    return Wished(why=f"judge {what} again", words=words, looks_back=True)


def was_it_worth_it() -> Wished:
    """Have the first answer and the final one compared blind, once the run has ended."""
    return Wished(why="was it worth it", words=lambda state: (worth.asked(state),), looks_back=True)


def ranked(state: RunState, ranking: tuple[tuple[NodeName, ...], ...]) -> ev.UserEvent:
    """The person's own ranking, best first, ties together, of two candidates or more of one round's panel."""
    names = [name for place in ranking for name in place]
    for name in names:
        _demand_candidate(state, name)
    if len(names) < FEWEST:
        raise UsageError("A ranking needs two candidates at least.")
    if len(set(names)) != len(names):
        raise UsageError("A candidate stands twice in your ranking; name each once.")
    number = max(state.nodes[name].round for name in names)
    return ev.UserEvent(verb="ranked", ranking=ranking, round=number, n=number)


def paused(state: RunState) -> ev.UserEvent | None:
    """Start nothing new once the round is decided; None when that is so already."""
    _demand_not_ending(state)
    return None if state.paused else ev.UserEvent(verb="paused")


def resumed(state: RunState) -> ev.UserEvent | None:
    """Go on after a pause; None when there is none."""
    return ev.UserEvent(verb="resumed") if state.paused else None


def _stand_in(state: RunState) -> NodeName | None:
    """Who is shown instead of an answer that is out; None while the answer is in."""
    answer = state.finished.answer_node if state.finished is not None else state.best
    return None if answer is None or answer not in state.out else instead_of(state, answer)


def _demand_open(state: RunState) -> None:
    """Something that goes into the contest can't come while a run that was cut short is only looked at."""
    _demand_not_ending(state)
    if state.looked_back is not None:
        raise UsageError("Judges look again at what there is; when they have, you can ask for that.")


def _demand_not_ending(state: RunState) -> None:
    if state.finished is None and state.is_closing:
        raise UsageError("The run is ending; when it has ended, you can ask for that.")


def _demand_candidate(state: RunState, name: NodeName) -> None:
    if name not in state.nodes:
        raise UsageError(f"There is no {name} in this run.")
    if not state.nodes[name].is_candidate:
        raise UsageError(f"{name} is no finished answer; only those are in the contest.")


def _is_over(state: RunState) -> bool:
    """Whether the strategy's own contest is over, so that what comes now comes on top."""
    return state.contest is not None or state.finished is not None or state.looked_back is not None


def _joinable(state: RunState, move: str | None) -> int | None:
    """The round that an alternative can still join; None when it is to meet the answer by itself."""
    number = state.next_round
    if _is_over(state) or not contest.proposed(state, number):
        return None
    round_ = state.rounds[number]
    if round_.judges or round_.result is not None or state.votes:
        return None
    if any(state.nodes[name].side is not None for name in round_.candidates):
        return None  # a debate has two sides; a third answer meets the winner
    return None if move in SEEING and contest.incumbent_of(state, number) is None else number


def _round_for_text(state: RunState) -> int:
    """The round a person's candidate belongs to: the one that is open, else one of its own."""
    open_ = [number for number in state.open_rounds if number and not _is_judged(state, number)]
    if open_:
        return open_[0]
    if not _is_over(state):
        return state.next_round
    begun = (
        number
        for number, round_ in state.rounds.items()
        if round_.judges or round_.result is not None or contest.proposed(state, number)
    )
    return max(begun, default=0) + 1


def _is_judged(state: RunState, number: int) -> bool:
    return number in state.rounds and bool(state.rounds[number].judges)


def _looked_at(state: RunState, number: int | None) -> tuple[int, tuple[NodeName, ...]]:
    """The round whose judges look again, and whom they compare."""
    decided = [n for n, round_ in state.rounds.items() if round_.result is not None]
    if number is None:
        return max(decided, default=1), rejudging.finalists(state)
    if number not in decided:
        raise UsageError(f"Round {number} is not decided yet, so there is nothing to judge again.")
    return number, rejudging.seen_in(state, number)
