"""The runs this process works on: who may be spoken to right now, and when a run is let go of.

A run is held from the moment it is claimed until everything of it is on disk and the claim is given back; in
between it is at work, for as long as it has not ended. Nothing of a run at rest is here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import RunId
from cort_desktop.engine.engine import Run
from cort_desktop.services.recorder import Recorder


@dataclass(slots=True, kw_only=True)
class Held:
    """One run in our hands; ``going`` once it works. ``is_stored``: it has a log."""

    is_stored: bool
    going: Run | None = None
    _words: list[ev.UserEvent] = field(default_factory=list)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def work(self, going: Run, recorder: Recorder, *, is_wanted: bool = True) -> None:
        """Let a run work to its end and everything of it reach the disk, even when we are cancelled: then
        it is stopped first, unless a person has paused it. Without ``is_wanted`` that has happened before it
        began: it is stopped at once, and the disk gets it in its own time.
        """
        self.going = going
        self.tell()
        for word in self._words:
            going.steer(word)
        if not is_wanted:
            going.steer(ev.UserEvent(verb="stopped"))
            await going.answer()
            raise asyncio.CancelledError
        work = asyncio.ensure_future(going.answer())
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            if going.state.is_held:
                work.cancel()  # nothing is in flight: it stays as it is, and can be gone on with
                await asyncio.gather(work, return_exceptions=True)
            elif not work.cancelled():
                going.steer(ev.UserEvent(verb="stopped"))
                await work
            raise
        finally:
            await recorder.flush()

    def steer(self, word: ev.UserEvent) -> None:
        """Say something to the run. Before it works, it will hear that first; when it has ended, never."""
        if self.going is None:
            self._words.append(word)
        elif self.going.state.finished is None:
            self.going.steer(word)

    def tell(self) -> None:
        """Wake up who waits for a change."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def change(self) -> None:
        """Wait until it begins or is let go of."""
        await self._changed.wait()


class LiveRuns:
    """All runs in the hands of this process, by id."""

    def __init__(self) -> None:
        self._held: dict[RunId, Held] = {}

    @contextmanager
    def hold(self, run: RunId, *, stored: bool) -> Iterator[Held]:
        """Have ``run`` in hand within the block. Who wants it too waits for ``settled`` first."""
        held = self._held[run] = Held(is_stored=stored)
        try:
            yield held
        finally:
            del self._held[run]
            held.tell()

    def working(self) -> tuple[RunId, ...]:
        """The runs that work, or whose last words are on their way to the disk; oldest first."""
        return tuple(run for run, held in self._held.items() if held.going is not None)

    def is_held(self, run: RunId) -> bool:
        """Whether ``run`` is in our hands."""
        return run in self._held

    def is_stored(self, run: RunId) -> bool:
        """Whether a run in our hands has a log."""
        return self._held[run].is_stored

    def at_work(self, run: RunId) -> Run | None:
        """The run, if it can still be spoken to."""
        held = self._held.get(run)
        if held is None or held.going is None or held.going.state.finished is not None:
            return None
        return held.going

    def steer(self, run: RunId, word: ev.UserEvent) -> None:
        """Say something to a run in our hands, also to one that is about to work. Else nothing happens."""
        held = self._held.get(run)
        if held is not None:
            held.steer(word)

    async def settled(self, run: RunId) -> Run | None:
        """The run when it is at work; None when it is not ours (any more). Waits while it is in between."""
        while run in self._held and self.at_work(run) is None:
            await self._held[run].change()
        return self.at_work(run)
