"""Asks a key store that may hang: on a thread of its own, one call at a time, for a limited time.

The thread is a daemon, so that a dead store never holds up the exit. What is asked is ``secrets``'.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from cort_desktop.errors import StorageError
from cort_desktop.storage.key_backends import NamedBackend
from cort_desktop.storage.side_thread import deliver

T = TypeVar("T")


class KeyThread:
    """The only way to a key store. For use on one event loop."""

    def __init__(self, open_backend: Callable[[], NamedBackend], *, limit_s: float) -> None:
        self._open_backend = open_backend
        self._limit_s = limit_s
        self._opened: NamedBackend | None = None
        self._one_call = asyncio.Lock()
        self._late: Future[Any] | None = None

    async def call(self, work: Callable[[NamedBackend], T]) -> T:
        """Let the thread do ``work`` with the key store. Raises StorageError with half a sentence.

        After a call that ran out of time no further one is started until it has come back: it may be waiting
        for a person at an unlock prompt.
        """
        async with self._one_call:
            if self._late is not None and not self._late.done():
                raise StorageError("it is still not answering")
            answer: Future[T] = Future()
            job = (answer, lambda: work(self._store()))
            threading.Thread(target=deliver, args=job, name="key store", daemon=True).start()
            return _outcome(await self._waited(answer))

    async def _waited(self, answer: Future[T]) -> asyncio.Future[T]:
        """The answer, once it is there. Cut short, it is remembered as late."""
        waiting = asyncio.wrap_future(answer)
        waiting.add_done_callback(_seen)
        try:
            await asyncio.wait({waiting}, timeout=self._limit_s)
        finally:
            if not waiting.done():
                self._late = answer
                waiting.cancel()
        if waiting.cancelled() or not waiting.done():
            raise StorageError(f"it did not answer within {self._limit_s:g} seconds")
        return waiting

    def _store(self) -> NamedBackend:
        """The key store, looked for until one is found; runs on the thread."""
        if self._opened is None:
            self._opened = self._open_backend()
        return self._opened


def _seen(waiting: asyncio.Future[T]) -> None:
    """Look at the outcome once, for the case that whoever waited for it was cancelled."""
    if not waiting.cancelled():
        waiting.exception()


def _outcome(answer: asyncio.Future[T]) -> T:
    error = answer.exception()
    if isinstance(error, StorageError) or (error is not None and not isinstance(error, Exception)):
        raise error
    if error is not None:
        # A backend stands on D-Bus, COM or plug-ins and may raise anything; it all says: of no use now. The
        # words of the error are left out, because they may repeat what was to be stored.
        raise StorageError(f"it failed ({type(error).__name__})") from None
    return answer.result()
