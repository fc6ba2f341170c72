"""The one database of a process. Part of the composition root."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from cort_desktop.domain.clock import Clock
from cort_desktop.services.store import Store
from cort_desktop.storage.database import Database
from cort_desktop.storage.owners import Owners

_ID_BYTES = 8


class Stores:
    """The database of this process, opened once, when it is first needed, on whichever thread that is."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._lock = threading.RLock()
        self._database: Database | None = None
        self._store: Store | None = None

    def open(self) -> Store:
        """The parts of the database. Raises StorageError."""
        with self._lock:
            if self._store is None:
                owners = Owners(self._folder, started=self._clock.now())
                self._store = Store(self._open_database(), owners)
            return self._store

    def look(self) -> dict[str, Any]:
        """The database's state, for the doctor. Raises StorageError when it can't be read."""
        from cort_desktop.storage.failures import last_failures

        database = self._open_database()
        return {
            "file": str(database.path),
            "problem": database.problem,
            "last_failures": last_failures(database),
        }

    def close(self) -> None:
        """Write what waits. Raises StorageError when something could not be saved."""
        if self._database is not None:
            self._database.close()

    def _open_database(self) -> Database:
        with self._lock:
            if self._database is None:
                self._database = Database.open(self._folder, clock=self._clock)
            return self._database


def new_id() -> str:
    """A name that nothing else has."""
    import secrets

    return secrets.token_hex(_ID_BYTES)
