"""The one thread that writes. It drains a queue and commits everything that waits as one group.

Work is a function of the connection. It comes in three kinds: ``once`` (fails or succeeds), ``in_order``
(kept in memory in the order of its key until it is saved, tried again with the next work of that key) and
chores (partial texts: with the next group, or on their own after a moment). What is written is not known
here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

import apsw

from cort_desktop.errors import CortError, StorageError

T = TypeVar("T")
Work = Callable[[apsw.Connection], T]
Chore = Callable[[apsw.Connection], Callable[[], None]]
"""Writes, and returns what to do once it is committed."""

PATIENCE_S = 0.25
"""How long a chore may wait for company."""
LAST_TRY_MS = 100
"""How long closing waits for a lock that was waited for in vain before."""


@dataclass(slots=True, eq=False)
class _Item:
    work: Work[Any]
    future: Future[Any] = field(default_factory=Future)
    result: Any = None

    def __post_init__(self) -> None:
        self.future.set_running_or_notify_cancel()  # handed over is handed over: a waiter can't call it back

    def settle(self, error: CortError | None) -> None:
        if self.future.done():
            return  # its failure was told; that a later try saved it is told to nobody
        if error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(error)


@dataclass(slots=True)
class _Unit:
    """What is saved together or not at all."""

    items: list[_Item]
    key: str | None = None


class Writer:
    """Owns the writing ``connection``; ``explain`` puts its errors into words."""

    def __init__(
        self,
        connection: apsw.Connection,
        explain: Callable[[apsw.Error], StorageError],
        *,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._connection = connection
        self._explain = explain
        self._patience_s = patience_s
        self._ready = threading.Condition()
        self._queue: list[_Item | str] = []
        self._kept: dict[str, list[_Item]] = {}
        self._chores: dict[Chore, None] = {}
        self._hurry = False
        self._closing = False
        self._locked = False
        self._over: CortError | None = None
        self._working: list[_Unit] = []
        self._thread = threading.Thread(target=self._run, name="database-writer", daemon=True)
        self._thread.start()

    def once(self, work: Work[T]) -> Future[T]:
        """Do ``work`` in a transaction; the future has its result after the commit, or a CortError."""
        item = _Item(work)
        self._hand_over(item)
        return item.future

    def in_order(self, key: str, work: Work[None]) -> Future[None]:
        """Do ``work`` after all earlier work of ``key``; what fails is kept and tried again with the next."""
        item = _Item(work)
        self._hand_over(item, key)
        return item.future

    def is_behind(self, key: str) -> bool:
        """Whether work of ``key`` is not saved yet: on its way, or kept because it could not be."""
        with self._ready:
            return key in self._kept

    def forget(self, key: str) -> None:
        """Don't try the failed work of ``key`` again: whoever handed it over goes without it."""
        with self._ready:
            self._keep(key, [item for item in self._kept.get(key, ()) if not item.future.done()])

    def soon(self, chore: Chore, *, hurry: bool = False) -> None:
        """Do ``chore`` with the next group, or after a moment; at once with ``hurry``."""
        with self._ready:
            wake = hurry or not self._chores
            self._chores[chore] = None
            self._hurry = self._hurry or hurry
            if wake:
                self._ready.notify()

    def close(self) -> CortError | None:
        """Save all that waits, end the thread; returns why something could not be saved, if so."""
        with self._ready:
            self._closing = True
            self._ready.notify()
        self._thread.join()
        return self._over if self._kept else None

    def _hand_over(self, item: _Item, key: str | None = None) -> None:
        with self._ready:
            over = self._over
            if over is None and self._closing:
                over = StorageError(
                    "The database is closed: nothing can be saved any more. Start the program again."
                )
            if over is None:
                if key is not None:
                    self._kept.setdefault(key, []).append(item)
                self._queue.append(item if key is None else key)
                self._ready.notify()
        if over is not None:
            item.settle(over)

    def _run(self) -> None:
        last: StorageError | None = StorageError(
            "Saving stopped because of a fault in the program. What was saved before is safe; start it again."
        )
        try:
            while self._turn():
                pass
            last = None
        finally:
            self._end(last)

    def _turn(self) -> bool:
        """Save one group; False when it was the last."""
        with self._ready:
            self._ready.wait_for(lambda: self._queue or self._chores or self._closing)
            self._ready.wait_for(
                lambda: self._queue or self._hurry or self._closing,
                timeout=self._patience_s,
            )
            closing = self._closing
            if closing:
                self._queue.extend(self._kept)
                if self._locked:
                    self._connection.set_busy_timeout(LAST_TRY_MS)
            self._working = self._units()
            chores = list(self._chores)
            self._chores.clear()
            self._hurry = False
        failed = self._save(self._working, chores)
        self._working = []
        if closing and failed is not None:
            self._over = failed
        return not closing

    def _units(self) -> list[_Unit]:
        units: list[_Unit] = []
        seen: set[str] = set()
        for entry in self._queue:
            if isinstance(entry, _Item):
                units.append(_Unit(items=[entry]))
            elif entry not in seen and entry in self._kept:
                seen.add(entry)
                units.append(_Unit(items=list(self._kept[entry]), key=entry))
        self._queue.clear()
        return units

    def _save(self, units: list[_Unit], chores: list[Chore]) -> CortError | None:
        """All as one group; when that fails, each for itself, so that one fault is the fault of one.

        A lock is everybody's fault: who waited for it in vain doesn't wait for it again for each.
        """
        if not units and not chores:
            return None
        error = self._commit(units, chores)
        if error is None or self._locked or len(units) + len(chores) <= 1:
            self._settle(units, error)
            return error
        for unit in units:
            self._settle([unit], self._commit([unit], []))
        for chore in chores:
            self._commit([], [chore])
        return error

    def _commit(self, units: list[_Unit], chores: list[Chore]) -> CortError | None:
        """One transaction: synced to the disk with facts in it, left to the system with partial texts
        alone.
        """
        try:
            self._connection.execute(f"PRAGMA synchronous = {'FULL' if units else 'NORMAL'}")
            self._connection.execute("BEGIN IMMEDIATE")
            for unit in units:
                for item in unit.items:
                    item.result = item.work(self._connection)
            done = [chore(self._connection) for chore in chores]
            self._connection.execute("COMMIT")
        except apsw.Error as error:
            self._locked = isinstance(error, apsw.BusyError | apsw.LockedError)
            self._roll_back()
            return self._explain(error)
        except CortError as error:
            self._locked = False
            self._roll_back()
            return error
        self._locked = False
        for tell in done:
            tell()
        return None

    def _roll_back(self) -> None:
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except apsw.Error:
            return  # SQLite has rolled back by itself; the next BEGIN tells if not

    def _settle(self, units: list[_Unit], error: CortError | None) -> None:
        if error is None:
            with self._ready:
                for unit in units:
                    self._forget(unit)
        for unit in units:
            for item in unit.items:
                item.settle(error)

    def _forget(self, unit: _Unit) -> None:
        if unit.key is None:
            return
        done = {id(item) for item in unit.items}
        self._keep(unit.key, [item for item in self._kept.get(unit.key, ()) if id(item) not in done])

    def _keep(self, key: str, left: list[_Item]) -> None:
        if left:
            self._kept[key] = left
        else:
            self._kept.pop(key, None)

    def _end(self, error: StorageError | None) -> None:
        """Nobody waits for ever: what is left unsaved is told so."""
        with self._ready:
            if error is not None:
                self._over = error
            self._closing = True
            left = [item for unit in self._working for item in unit.items]
            left += [entry for entry in self._queue if isinstance(entry, _Item)]
            left += [item for items in self._kept.values() for item in items]
        over = self._over
        for item in left:
            item.settle(over)
