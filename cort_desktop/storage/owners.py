"""Who works on a run: one process at a time, known by a locked file under ``data/owners/``.

The system drops a dead process's lock, so a crashed owner needs no clearing up: unfinished and owned by
nobody is what "interrupted" means. Nothing of a run is stored here.
"""

from __future__ import annotations

import errno
import os
import re
import time
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from cort_desktop.domain.ids import RunId
from cort_desktop.domain.stamps import stamp
from cort_desktop.errors import RunError, StorageError
from cort_desktop.storage.faults import cant_save
from cort_desktop.storage.file_lock import FileLock

FOLDER = "owners"
_IN_THE_WAY = (errno.EEXIST, errno.ENOTDIR, errno.EISDIR)
_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,100}")
_LOOKS = 5
_PAUSE_S = 0.01
"""Somebody who only looks whether a run is owned holds its file for an instant: look again before saying no.
"""


class Owned:
    """A run that is ours until ``release``, the end of the ``with`` block or the end of the process."""

    def __init__(self, lock: FileLock) -> None:
        self._lock = lock

    def release(self) -> None:
        """Let others work on the run. A second time does nothing."""
        self._lock.release(remove=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


class Owners:
    """The owners of runs, in ``folder``/owners. ``program`` and ``started`` are told to others who ask."""

    def __init__(
        self, folder: Path, *, program: str = "cort-desktop", started: datetime | None = None
    ) -> None:
        self._folder = folder / FOLDER
        self._program = program
        self._started = started

    def claim(self, run: RunId) -> Owned:
        """Make ``run`` ours. Raises RunError naming the process that has it, StorageError when that can't be
        told.
        """
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = self._take(run)
            if lock is None:
                raise RunError(
                    f"Run {run} is being worked on by {self._holder(run)}. "
                    "Wait until it has ended there, or stop it there first."
                )
            self._sign(lock)
        except OSError as error:
            if error.errno in _IN_THE_WAY:
                raise StorageError(
                    f"Run {run} can't be claimed in {self._folder} ({error.strerror}). "
                    "Move what stands there away, then try again."
                ) from error
            raise StorageError(cant_save(self._folder.parent, error)) from error
        return Owned(lock)

    def owner(self, run: RunId) -> str | None:
        """The process that works on ``run``, in words; None when nobody does."""
        try:
            lock = FileLock.take(self._file(run), shared=True, create=False)
        except OSError:  # another user's file: it can't be asked, and it is not ours to take
            return self._holder(run)
        if lock is not None:
            lock.release()
            return None
        return self._holder(run) if self._file(run).exists() else None

    def _sign(self, lock: FileLock) -> None:
        try:
            lock.write(self._card())
        except OSError:
            lock.release(remove=True)
            raise

    def _take(self, run: RunId) -> FileLock | None:
        for look in range(_LOOKS):
            if look:
                time.sleep(_PAUSE_S)
            lock = FileLock.take(self._file(run))
            if lock is not None:
                return lock
        return None

    def _file(self, run: RunId) -> Path:
        name: str = run
        if not _PLAIN.fullmatch(run):
            import hashlib  # loads OpenSSL for what hardly ever happens

            name = hashlib.sha256(run.encode(errors="replace")).hexdigest()
        return self._folder / f"{name}.lock"

    def _card(self) -> str:
        import json

        started = None if self._started is None else stamp(self._started)
        return json.dumps({"pid": os.getpid(), "program": self._program, "started": started})

    def _holder(self, run: RunId) -> str:
        import json

        try:
            card = json.loads(self._file(run).read_text(encoding="utf-8"))
            words = f"process {card['pid']} ({card['program']}"
            return f"{words}, started {card['started']})" if card["started"] else f"{words})"
        except (OSError, ValueError, KeyError, TypeError):
            return "another process"
