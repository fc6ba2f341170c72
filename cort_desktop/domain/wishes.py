"""What a person asked for on top of what a run does by itself: further rounds, alternatives, candidates of
their own, a further look by judges, the question whether it was worth it.

Shapes only. How events fill them in is ``run.py``'s, what is done about them ``engine/encore.py``'s.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import ModelRef, NodeName
from cort_desktop.domain.search import Criterion

WishKind = Literal["round", "alternative", "candidate", "rejudge", "worth"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One wish, as far as it has been carried out.

    number: its place among the run's wishes, from 1. round: the round it is about, where it names one. node:
    the text it brought, or began to. played_in: the round that was added for it. result: what a further look
    came to. given_up: a further look that was stopped.
    """

    number: int
    kind: WishKind
    round: int | None = None
    move: str | None = None
    models: tuple[ModelRef, ...] = ()
    judges: int = 1
    criteria: tuple[Criterion, ...] = ()
    nodes: tuple[NodeName, ...] = ()
    node: NodeName | None = None
    played_in: int | None = None
    result: ev.RoundRejudged | None = None
    given_up: bool = False

    @property
    def is_look(self) -> bool:
        """Whether it only looks at what there is: it changes no answer."""
        return self.kind in ("rejudge", "worth")


def wishes_of(word: ev.UserEvent, first: int) -> Iterator[Wish]:
    """The wishes in a person's word, numbered from ``first``; none in most."""
    if word.verb == "added" and word.n is not None:
        for place in range(word.n):
            yield Wish(number=first + place, kind="round")
    elif word.verb == "added":
        yield Wish(number=first, kind="alternative", round=word.round, move=word.move, models=word.models)
    elif word.verb == "candidate":
        yield Wish(number=first, kind="candidate", node=word.node)
    elif word.verb in ("rejudge", "worth"):
        yield Wish(
            number=first,
            kind="rejudge" if word.verb == "rejudge" else "worth",
            round=word.round,
            models=word.models,
            judges=word.n or 1,
            criteria=word.criteria,
            nodes=word.nodes,
        )
