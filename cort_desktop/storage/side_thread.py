"""A thread of its own for work that may block and that nobody must wait for at the end.

It is a daemon: a disk that hangs never holds up the exit. What is left of its work then is lost, so it is
only for what can be done without. It starts with the first piece of work.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import TypeVar

T = TypeVar("T")
_Piece = Callable[[], None]


class SideThread:
    """Does one piece of work after the other, in the order they are given."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._work: queue.SimpleQueue[_Piece | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    @property
    def has_begun(self) -> bool:
        """Whether anything was ever given to it."""
        return self._thread is not None

    def do(self, work: Callable[[], T]) -> Future[T]:
        """Have ``work`` done; its result or its error are the future's. One that is cancelled is left out."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()
        answer: Future[T] = Future()
        self._work.put(lambda: deliver(answer, work))
        return answer

    def post(self, work: Callable[[], None]) -> None:
        """Have ``work`` done, with nobody waiting for it; an error it ends with is logged."""
        self.do(work).add_done_callback(Future.result)

    def end(self, patience_s: float) -> bool:
        """Do what is left and end; False when that takes longer than ``patience_s``. Blocks."""
        if self._thread is None:
            return True
        self._work.put(None)
        self._thread.join(patience_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (piece := self._work.get()) is not None:
            piece()


class _Handover:
    """Gives whatever ends the work, an error included, to the one who waits for it."""

    def __init__(self, answer: Future[T]) -> None:
        self._answer = answer

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if error is not None:
            self._answer.set_exception(error)
        return True


def deliver(answer: Future[T], work: Callable[[], T]) -> None:
    """Do ``work``, unless ``answer`` was cancelled before; its result or its error are the answer's."""
    if answer.set_running_or_notify_cancel():
        with _Handover(answer):
            answer.set_result(work())
