"""A bench's result on disk: a journal while it works, one JSON document when it has ended.

``NAME.part`` gets a line for each trial, on disk before the next is begun, so that what was paid for is never
asked twice: a process that is killed leaves at most one torn line, which is dropped. At the end all of it is
written to ``NAME`` as one document, and the journal goes. A line that is damaged, or belongs to another
bench, is never passed over: the file is refused with its place. The shapes are ``domain/bench_wire.py``.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

from cort_desktop.domain.bench import Origin, Recorded, Setup, Trial
from cort_desktop.domain.bench_wire import FORMAT, FORMAT_KEY, ShapeError, head_json, head_of, trial_json
from cort_desktop.domain.bench_wire import trial_of as _trial_of
from cort_desktop.errors import StorageError, UsageError
from cort_desktop.storage.file_lock import FileLock

JOURNAL_END = ".part"
_LARGEST_BYTES = 512 * 1024 * 1024
_HARMED = "It was damaged or changed; take it from a copy, or begin the bench anew under another name."


def read_result(path: Path) -> Recorded | None:
    """The result named ``path``, finished or, by its journal, as far as it came; None where there is none.

    Blocks. Raises StorageError when it can't be read, is damaged, of another version, or of two benches.
    """
    journal = _journal_of(path)
    with _said(path):
        is_closed, is_begun = path.exists(), journal.exists()
    if is_closed:
        return _document(path)
    if not is_begun:
        return None
    found, _ = _journal(journal)
    return found


class Journal:
    """Where a bench that works writes its trials; ``open`` makes or goes on with it. Its methods block."""

    def __init__(self, path: Path, lock: FileLock, recorded: Recorded, end: int) -> None:
        self.recorded = recorded
        self._path = path
        self._journal = _journal_of(path)
        self._lock = lock
        with _said(self._journal):
            self._file = self._journal.open("r+b")
            self._file.truncate(end)
            self._file.seek(end)

    @classmethod
    def open(cls, path: Path, setup: Setup, origin: Origin) -> Self:
        """Go on with what is there of the same setup, or begin; ``recorded`` is what is there.

        Raises UsageError when another process writes it or it is of another setup, and StorageError.
        """
        journal = _journal_of(path)
        with _said(journal):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = FileLock.take(path.with_name(path.name + ".lock"))
        if lock is None:
            raise UsageError(f"Another bench is writing {path}; wait for it, or name another --out.")
        try:
            if not journal.exists() or not journal.stat().st_size:
                write_bytes(journal, _first_line(setup, origin))
            recorded, end = _journal(journal)
            if recorded is None:  # killed while the first line was written
                write_bytes(journal, _first_line(setup, origin))
                recorded, end = _journal(journal)
            if recorded is None:
                raise StorageError(f"{journal} can't be written; look at the disk.")
            return cls(path, lock, recorded, end)
        except BaseException:
            lock.release(remove=True)
            raise

    def append(self, trial: Trial) -> None:
        """Put a trial on disk. Raises StorageError."""
        line = json.dumps(trial_json(trial, self.recorded.origin)) + "\n"
        with _said(self._journal):
            self._file.write(line.encode())
            self._file.flush()
            os.fsync(self._file.fileno())

    def finish(self) -> Recorded:
        """Write the document and take the journal away; what it holds. Raises StorageError."""
        found, _ = _journal(self._journal)
        if found is None:
            raise StorageError(f"{self._journal} was emptied while the bench worked.")
        data = head_json(found.setup, found.origin)
        trials = [trial_json(trial, found.origin) for trial in found.trials]
        whole = json.dumps(data | {"trials": trials}, indent=1) + "\n"
        write_bytes(self._path, whole.encode())
        self.close()
        with _said(self._journal):
            self._journal.unlink(missing_ok=True)
        return Recorded(setup=found.setup, origin=found.origin, trials=found.trials, is_closed=True)

    def close(self) -> None:
        """Let go of it; a second time does nothing."""
        with suppress(OSError):  # what is left of a trial that could not be put on disk: that was told then
            self._file.close()
        self._lock.release(remove=True)


def _first_line(setup: Setup, origin: Origin) -> bytes:
    return (json.dumps(head_json(setup, origin)) + "\n").encode()


def _journal_of(path: Path) -> Path:
    return path.with_name(path.name + JOURNAL_END)


def _document(path: Path) -> Recorded:
    try:
        data = json.loads(_text(path))
    except (ValueError, RecursionError) as error:
        raise StorageError(f"{path} is no result of a bench: it isn't whole JSON. {_HARMED}") from error
    setup, origin = _head(path, data)
    found = data.get("trials")
    if not isinstance(found, list):
        raise StorageError(f"{path} has no trials. {_HARMED}")
    trials = [_trial(path, f"trial {at}", each, origin) for at, each in enumerate(found, 1)]
    return Recorded(setup=setup, origin=origin, trials=_each_once(path, trials), is_closed=True)


def _journal(path: Path) -> tuple[Recorded | None, int]:
    """What a journal holds, and where its last whole line ends, in bytes; None without a whole first line."""
    lines = _text(path).splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines.pop()  # torn: we were killed while it was written, and nobody was told of it
    if not lines:
        return None, 0
    setup, origin = _head(path, _line(path, 1, lines[0]))
    trials = [
        _trial(path, f"line {at}", _line(path, at, line), origin) for at, line in enumerate(lines[1:], 2)
    ]
    end = sum(len(line.encode()) for line in lines)
    return Recorded(setup=setup, origin=origin, trials=_each_once(path, trials)), end


def _line(path: Path, at: int, line: str) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise StorageError(f"Line {at} of {path} can't be read. {_HARMED}") from error


def _head(path: Path, data: object) -> tuple[Setup, Origin]:
    if not isinstance(data, dict) or FORMAT_KEY not in data:
        raise StorageError(f"{path} is no result of a bench.")
    if data[FORMAT_KEY] != FORMAT:
        raise StorageError(
            f"{path} was written by another version of this program (format {str(data[FORMAT_KEY])[:20]}; "
            f"this one reads {FORMAT}). Use that version, or run the bench again."
        )
    try:
        return head_of(data)
    except ShapeError as error:
        raise StorageError(f"The beginning of {path} can't be read: {error}. {_HARMED}") from error


def _trial(path: Path, place: str, data: object, origin: Origin) -> Trial:
    try:
        trial, bench = _trial_of(data)
    except ShapeError as error:
        if isinstance(data, dict) and FORMAT_KEY in data:
            raise _merged(path, place) from error
        raise StorageError(f"{path}: {place} can't be read: {error}. {_HARMED}") from error
    if bench != origin.bench:
        raise _merged(path, place)
    return trial


def _merged(path: Path, place: str) -> StorageError:
    return StorageError(
        f"{path} was put together from two benches (from {place} on it is another one): their times and "
        "versions don't compare. Give each its own file to `bench report`."
    )


def _each_once(path: Path, trials: list[Trial]) -> tuple[Trial, ...]:
    found: dict[Any, Trial] = {}
    for trial in trials:
        if found.setdefault(trial.key, trial) != trial:
            raise StorageError(
                f"{path} has two results of {trial.label} on item {trial.item + 1} of {trial.task}. {_HARMED}"
            )
    return tuple(found.values())


def _text(path: Path) -> str:
    with _said(path):
        if path.stat().st_size > _LARGEST_BYTES:
            raise StorageError(f"{path} is too large for a result of a bench.")
        return path.read_text(encoding="utf-8", errors="replace")


def write_bytes(path: Path, data: bytes) -> None:
    """All of it or nothing, also when the machine dies meanwhile. Raises StorageError."""
    with _said(path):
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except OSError:
            Path(temporary).unlink(missing_ok=True)
            raise


@contextmanager
def _said(path: Path) -> Iterator[None]:
    """Turns what the system says of a file into a StorageError."""
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"{path} can't be read or written ({error.strerror or error}); make room or name another place "
            "with --out."
        ) from error
