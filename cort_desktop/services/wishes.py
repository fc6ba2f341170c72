"""What a person asks of a run beside single calls: further rounds and alternatives, a candidate of their own,
who is out of the contest, a pause, a further look by judges, their own ranking.

Each has its price first (``price``), works on a run at work as on one at rest, and is refused in a plain
sentence. What the words mean is ``engine/wishing.py``; asking, stopping and going on are ``chat.py``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Estimate
from cort_desktop.domain.ids import ModelRef, NodeName, RunId
from cort_desktop.domain.run import RunState
from cort_desktop.engine import endings, wishing
from cort_desktop.engine.wishing import (
    Wished,
    added_alternative,
    added_rounds,
    judged_again,
    own_candidate,
    was_it_worth_it,
)
from cort_desktop.services.foresight import Foresight
from cort_desktop.services.live_runs import Held, LiveRuns
from cort_desktop.services.recorder import Show
from cort_desktop.services.resting_runs import RestingRun, RestingRuns

if TYPE_CHECKING:
    from cort_desktop.services.outcomes import Outcome

__all__ = [
    "Wished",
    "Wishes",
    "added_alternative",
    "added_rounds",
    "judged_again",
    "own_candidate",
    "was_it_worth_it",
]


class GoOn(Protocol):
    """Works on a run at rest until it has ended again."""

    async def __call__(
        self, hands: Held, resting: RestingRun, show: Show, *, reopen: bool, wished: Wished
    ) -> Outcome:
        """See ``ChatService.resume``; the outcome."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """What of the service of runs the wishes stand on: finding a run, having it in hand, going on with it,
    writing a word down in the log of one at rest, letting one at work ask other models (``admit``, which may
    refuse that).
    """

    live: LiveRuns
    resting: RestingRuns
    foresight: Foresight
    name: Callable[[str], Awaitable[RunId]]
    in_hand: Callable[[RunId], AbstractContextManager[Held]]
    go_on: GoOn
    noted: Callable[[RestingRun, ev.UserEvent], Awaitable[tuple[ev.Event, ...]]]
    admit: Callable[[RunId, Sequence[ModelRef]], None]


class Wishes:
    """Carries a person's wishes to the runs."""

    def __init__(self, ways: Ways) -> None:
        self._ways = ways

    async def carry_out(
        self, run: str, wished: Wished, show: Show, *, after: int | None = None
    ) -> Outcome | None:
        """Ask for something on top. A run at work takes it in at once, and what follows is shown where its
        events are shown; a run at rest is reopened and worked on to its end, which is waited for.

        after: as in ``ChatService.resume``. None for a run at work. Raises UsageError when it can't be
        had, SettingsError when a model that is named isn't set up; then nothing has happened.
        """
        ways = self._ways
        name = await ways.name(run)
        going = await ways.live.settled(name)
        if going is not None:
            words = wished.words(going.state)
            models = [model for word in words if isinstance(word, ev.UserEvent) for model in word.models]
            ways.admit(name, models)
            going.hold(*models)
            going.steer(*words)
            return None
        with ways.in_hand(name) as hands:
            resting = await ways.resting.taken_up(name)
            for event in resting.events:
                if after is not None and (event.seq or 0) > after:
                    show(event)
            reopen = endings.can_go_on(resting.state) == "reopen"
            return await ways.go_on(hands, resting, show, reopen=reopen, wished=wished)

    async def price(self, run: str, wished: Wished) -> Estimate:
        """What it would take: calls, tokens, money and seconds. Raises as ``carry_out``."""
        ways = self._ways
        name = await ways.name(run)
        going = ways.live.at_work(name)
        if going is not None:
            return await ways.foresight.price(
                going.state, going.view, wished, working=True, stored=ways.live.is_stored(name)
            )
        resting = await ways.resting.read(name)
        return await ways.foresight.price(
            resting.state, resting.view, wished, working=False, stored=resting.is_stored
        )

    async def take_out(self, run: str, node: NodeName) -> tuple[ev.Event, ...]:
        """Take a finished candidate out of the contest: it can't win any more, and later judges don't see it.

        The events that this adds to a run at rest, for the views of it to fold; nothing is asked anew. Raises
        UsageError when it is none, was chosen by the person, or is the last.
        """
        return await self._said(run, lambda state: wishing.taken_out(state, node))

    async def put_back(self, run: str, node: NodeName) -> tuple[ev.Event, ...]:
        """Put a candidate back that was taken out. Raises and returns as ``take_out``."""
        return await self._said(run, lambda state: wishing.put_back(state, node))

    async def rank(self, run: str, ranking: tuple[tuple[NodeName, ...], ...]) -> tuple[ev.Event, ...]:
        """Keep the person's own ranking, best first, ties together; judges are held against it (audit).
        Raises UsageError when it doesn't rank two finished candidates at least, each once.
        """
        return await self._said(run, lambda state: wishing.ranked(state, ranking))

    def pause(self, run: RunId) -> bool:
        """Let a working run start nothing new once its round is decided; whether it was at work. Raises
        UsageError when it is ending.
        """
        going = self._ways.live.at_work(run)
        if going is not None:
            word = wishing.paused(going.state)
            going.steer(*(() if word is None else (word,)))
        return going is not None

    def go_on(self, run: RunId) -> bool:
        """Go on after a pause; whether the run was at work. One at rest is gone on with by ``resume``."""
        going = self._ways.live.at_work(run)
        if going is not None:
            word = wishing.resumed(going.state)
            going.forgive()
            going.steer(*(() if word is None else (word,)))
        return going is not None

    async def _said(self, run: str, make: Callable[[RunState], ev.UserEvent | None]) -> tuple[ev.Event, ...]:
        ways = self._ways
        name = await ways.name(run)
        going = await ways.live.settled(name)
        if going is not None:
            word = make(going.state)
            going.steer(*(() if word is None else (word,)))
            return ()
        with ways.in_hand(name):
            resting = await ways.resting.taken_up(name)
            word = make(resting.state)
            return () if word is None else await ways.noted(resting, word)
