"""Runs that nobody works on, read to be gone on with or looked at: from the log, or kept in memory where
nothing is to be stored.

Which runs this process works on is ``live_runs.py``; who may work on a stored one is ``storage/owners.py``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import Blob, ConversationId, NodeName, RunId, TurnId
from cort_desktop.domain.run import RunState
from cort_desktop.engine.context import ContextView
from cort_desktop.errors import RunError
from cort_desktop.services.places import Place
from cort_desktop.services.recorder import nodes_with_text
from cort_desktop.services.store import OpenStore


@dataclass(frozen=True, slots=True, kw_only=True)
class RestingRun:
    """A run with all that is needed to go on. ``place`` is that of one that is not stored; its events are not
    kept, and ``state`` is then the very state it had.
    """

    run: RunId
    conversation: ConversationId
    turn: TurnId
    state: RunState
    view: ContextView
    events: tuple[ev.Event, ...] = ()
    partials: Mapping[NodeName, str] = field(default_factory=dict)
    place: Place | None = None

    @property
    def is_stored(self) -> bool:
        """Whether it has a log."""
        return self.place is None


class RestingRuns:
    """Finds runs by their id or, stored ones, the beginning of it."""

    def __init__(self, store: OpenStore) -> None:
        self._open_store = store
        self._unstored: dict[RunId, RestingRun] = {}
        self._texts: dict[RunId, dict[Blob, str]] = {}

    def keep(self, place: Place, state: RunState) -> None:
        """Remember a run that is not stored, as long as the program runs."""
        self._unstored[state.run] = RestingRun(
            run=state.run,
            conversation=place.conversation,
            turn=place.turn,
            state=state,
            view=place.view,
            place=place,
        )

    def forget(self, run: RunId) -> None:
        """Let go of a run that is not stored, and of its texts."""
        self._unstored.pop(run, None)
        self._texts.pop(run, None)

    def texts(self, run: RunId) -> dict[Blob, str]:
        """What stands behind the blobs of a run that is not stored; whoever records it fills this."""
        return self._texts.setdefault(run, {})

    def is_stored(self, run: RunId) -> bool:
        """Whether ``run`` has a log, if there is such a run."""
        return run not in self._unstored

    def unstored(self, conversation: ConversationId) -> list[RestingRun]:
        """The remembered runs of a conversation, oldest first."""
        return [kept for kept in self._unstored.values() if kept.conversation == conversation]

    def at_hand(self, run: RunId) -> RestingRun | None:
        """A run that is not stored, as it came to rest."""
        return self._unstored.get(run)

    async def name(self, run: str) -> RunId:
        """The one run whose id begins so. Raises UsageError when there is none, or several."""
        if run in self._unstored:
            return RunId(run)
        return await asyncio.to_thread(lambda: self._open_store().conversations.find(run))

    async def read(self, run: RunId) -> RestingRun:
        """The run as it is. Raises UsageError, StorageError, or RunError when only its question was kept."""
        kept = self._unstored.get(run)
        return kept if kept is not None else await asyncio.to_thread(self._read, run)

    async def taken_up(self, run: RunId) -> RestingRun:
        """As ``read``, for whoever goes on with it: what of it could not be saved before is saved first, or
        what comes next would not follow. Raises StorageError when it still can't be.
        """
        if self.is_stored(run):
            await asyncio.to_thread(lambda: self._open_store().log.catch_up(run))
        return await self.read(run)

    def _read(self, run: RunId) -> RestingRun:
        store = self._open_store()
        row = store.conversations.run(run)
        events = store.log.events(run)
        state = RunState(run).fold(events)
        started = state.started
        if started is None:
            raise RunError(f"Run {run} was stored without its first event; ask the question again.")
        view = ContextView(system=None, turns=(), question=started.question)
        if started.context is not None:
            view = ContextView.from_json(store.log.blob(started.context), started.question)
        return RestingRun(
            run=run,
            conversation=row.conversation,
            turn=row.turn,
            state=state,
            view=view,
            events=tuple(events),
            partials=nodes_with_text(store.log.partials(run)),
        )
