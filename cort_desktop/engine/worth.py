"""“Was it worth it?”: the first answer against the final one, judged blind, head to head in both orders.

One of the further looks (``rejudging.py``): its verdicts are kept apart from those that decide and change no
answer. Every model among the run's judges that wrote neither of the two is asked; where there is none, every
judging model. Both orders, because a judge's taste for a place would else be taken for a preference (Wang et
al. 2023, arXiv:2305.17926). What is known without asking (what it took, what changed) is ``domain/worth.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import ModelRef, NodeName
from cort_desktop.domain.run import RunState
from cort_desktop.domain.wishes import Wish
from cort_desktop.domain.worth import first_answer
from cort_desktop.engine.ballots import ballot_of
from cort_desktop.engine.judges import authors_of
from cort_desktop.engine.order_effects import decide_head_to_head
from cort_desktop.engine.strategies.base import models_for
from cort_desktop.errors import UsageError

_HALF = 0.5


def seats(wish: Wish) -> list[tuple[ModelRef, tuple[NodeName, ...]]]:
    """Each judging model twice: once for each order."""
    first, final = wish.nodes
    return [(model, order) for model in wish.models for order in ((first, final), (final, first))]


def result(wish: Wish, verdicts: Sequence[ev.Verdict]) -> ev.RoundRejudged:
    """What the judges came to: a winner where more of them prefer the one in both orders than the other.

    ``scores``: the share of the points that each got over all verdicts that could be read, ties halved.
    """
    first, final = wish.nodes
    readable = [verdict for verdict in verdicts if ballot_of(verdict, {first, final}) is not None]
    won = [_preferred(wish, model, readable) for model in wish.models]
    ahead = won.count(final) - won.count(first)
    winner = final if ahead > 0 else first if ahead < 0 else None
    share = _share_of(final, first, readable)
    pair = (first, final)
    is_read = any(decide_head_to_head(pair, _of(m, readable))[1] is not None for m in wish.models)
    return ev.RoundRejudged(
        round=wish.round or 1,
        wish=wish.number,
        winner=winner,
        scores={} if share is None else {first: round(1 - share, 6), final: round(share, 6)},
        method="head_to_head" if is_read else None,
    )


def asked(state: RunState) -> ev.UserEvent:
    """The person's word, once there are two different texts to compare. Raises UsageError."""
    if state.finished is None:
        raise UsageError("The run is still at work; when it has ended, you can ask whether it was worth it.")
    first, final = first_answer(state), state.answer_node
    if first is None or final is None:
        raise UsageError("There is no answer in this run, so there is nothing to compare.")
    if first.name == final:
        raise UsageError(
            f"{final}, the first answer, is the answer: nothing that came after it was chosen, "
            "so there is nothing to compare."
        )
    if first.text.strip() == (state.answer or "").strip():
        raise UsageError(f"{final} says the same as {first.name}, the first answer, word for word.")
    models = _judges(state, first.name, final)
    decided = [number for number, round_ in state.rounds.items() if round_.result is not None]
    return ev.UserEvent(
        verb="worth",
        node=final,
        nodes=(first.name, final),
        models=models,
        n=len(models),
        round=max(decided, default=1),
    )


def _judges(state: RunState, first: NodeName, final: NodeName) -> tuple[ModelRef, ...]:
    """The run's judging models without the authors of the two, where any are left."""
    models = tuple(dict.fromkeys(models_for(state.spec, "judge")))
    authors = {model for name in (first, final) for model in authors_of(state.nodes[name])}
    return tuple(model for model in models if model not in authors) or models


def _preferred(wish: Wish, model: ModelRef, verdicts: Sequence[ev.Verdict]) -> NodeName | None:
    """Whom a model prefers in both orders; None when it can't say."""
    first, final = wish.nodes
    return decide_head_to_head((first, final), _of(model, verdicts))[0]


def _of(model: ModelRef, verdicts: Sequence[ev.Verdict]) -> list[ev.Verdict]:
    return [verdict for verdict in verdicts if verdict.model == model]


def _share_of(name: NodeName, other: NodeName, verdicts: Sequence[ev.Verdict]) -> float | None:
    """The mean of 1 for each verdict that prefers ``name``, a half for a tie; None without any."""
    points = []
    for verdict in verdicts:
        ballot = ballot_of(verdict, {name, other})
        if ballot is not None:
            top = ballot.top({name, other})
            points.append(_HALF if len(top) > 1 else float(name in top))
    return fsum(points) / len(points) if points else None
