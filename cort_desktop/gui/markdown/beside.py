"""Slow pure work beside the loop: a thread that lives while there is something to do. Knows nothing of Qt."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Name = TypeVar("Name", bound=Hashable)
Made = TypeVar("Made")


class Beside(Generic[Name, Made]):
    """Works through what is asked, one after the other; each name is worked on once."""

    def __init__(self, work: Callable[[Name], Made], title: str) -> None:
        self._work = work
        self._title = title
        self._lock = threading.Lock()
        self._asked: deque[Name] = deque()
        self._waiting: set[Name] = set()
        self._made: dict[Name, Made] = {}
        self._is_running = False

    @property
    def is_busy(self) -> bool:
        """Whether results are still to come or to be fetched."""
        with self._lock:
            return bool(self._waiting or self._made)

    def ask(self, name: Name) -> None:
        """Have ``name`` worked on, if it isn't already."""
        with self._lock:
            if name in self._waiting or name in self._made:
                return
            self._waiting.add(name)
            self._asked.append(name)
            if not self._is_running:
                self._is_running = True
                threading.Thread(target=self._run, name=self._title, daemon=True).start()

    def results(self) -> dict[Name, Made]:
        """What was made since this was asked last."""
        with self._lock:
            made, self._made = self._made, {}
            return made

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._asked:
                    self._is_running = False
                    return
                name = self._asked.popleft()
            made = self._work(name)
            with self._lock:
                self._waiting.discard(name)
                self._made[name] = made
