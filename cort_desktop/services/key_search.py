"""Looks for the keys in use in the files of this program, however they are written there.

A key that is found is named by whose it is and where it lies, never repeated. Files are read as streams and
databases value by value, for a limited time; what was not looked at is said. Not here: which keys are in use
(passed in), and the proof that nothing writes one (``bootstrap/key_proof``).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from cort_desktop.domain.key_spellings import written_forms
from cort_desktop.errors import StorageError
from cort_desktop.storage.text_columns import StoredText, is_database, stored_texts

SHORTEST = 8
"""Characters. A shorter key is a made-up one of a local server, and stands in ordinary words."""
LIMIT_S = 10.0
_PIECE_BYTES = 1024 * 1024
_BATCH_BYTES = 256 * 1024
_INDEX = "-shm"
"""Of SQLite's log: page numbers alone, and locked while a database is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """Whose key lies where, written in which way, and how many times it was met in that file."""

    whose: str
    file: str
    place: str
    how: str
    times: int = 1

    @property
    def words(self) -> str:
        """In one line."""
        times = f", {self.times} times" if self.times > 1 else ""
        return f"the key of {self.whose} is in {self.file}, {self.place}, {self.how}{times}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """What was looked at and what was found. left_out: what was not, with the reason, a phrase each."""

    keys: int
    files: int
    bytes: int
    finds: tuple[Find, ...]
    left_out: tuple[str, ...]


@dataclass(slots=True)
class _Seen:
    """What a search has come to; for one thread."""

    files: int = 0
    bytes: int = 0
    finds: dict[tuple[str, str], Find] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


class _TimeIsUpError(Exception):
    """The search has taken as long as it may."""


class KeySearch:
    """One search for ``keys``, by whose they are. Blocks; for a thread of its own."""

    def __init__(
        self, keys: Mapping[str, str], *, monotonic: Callable[[], float], limit_s: float = LIMIT_S
    ) -> None:
        self._forms = {
            form: (whose, how)
            for key, whose in _owners(keys).items()
            if len(key) >= SHORTEST
            for form, how in written_forms(key).items()
        }
        self._overlap = max(map(len, self._forms), default=1) - 1
        self._keys = len({whose for whose, _ in self._forms.values()})
        self._short = sorted(whose for whose, key in keys.items() if len(key) < SHORTEST)
        self._monotonic = monotonic
        self._limit_s = limit_s

    def files(self, paths: Iterable[Path]) -> Searched:
        """Look into each file, as long as there is time."""
        seen = _Seen()
        seen.left_out += [
            f"the key of {whose}: it is too short to be told from a word" for whose in self._short
        ]
        end = self._monotonic() + self._limit_s
        waiting = list(paths) if self._forms else []
        for number, path in enumerate(waiting):
            try:
                self._file(path, seen, end)
            except _TimeIsUpError:
                rest = len(waiting) - number - 1
                seen.left_out.append(f"a part of {path} and {rest} more files: {self._limit_s:g} s were over")
                break
            except OSError as error:
                seen.left_out.append(f"{path}: {error.strerror or type(error).__name__}")
        return Searched(
            keys=self._keys,
            files=seen.files,
            bytes=seen.bytes,
            finds=tuple(seen.finds.values()),
            left_out=tuple(seen.left_out),
        )

    def _file(self, path: Path, seen: _Seen, end: float) -> None:
        with open_plain(path) as file:
            before = len(seen.finds)
            if is_database(file):
                self._database(path, seen, end)
            if before == len(seen.finds):
                self._stream(path, file, seen, end)
        seen.files += 1

    def _database(self, path: Path, seen: _Seen, end: float) -> None:
        try:
            with closing(stored_texts(path)) as texts:
                for batch in _batches(texts):
                    self._texts(path, batch, seen)
                    self._check_time(end)
        except StorageError as error:
            seen.left_out.append(f"a part of {path}: {error}")

    def _stream(self, path: Path, file: IO[bytes], seen: _Seen, end: float) -> None:
        """A file from its beginning to its end; what lies across two pieces is in their overlap."""
        tail, offset, lines, is_text = b"", 0, 1, True
        while piece := file.read(_PIECE_BYTES):
            is_text = is_text and b"\0" not in piece
            data = tail + piece
            for at, form in sorted(self._found(data)):
                if at + len(form) > len(tail):  # else it was met before
                    line = lines + data.count(b"\n", 0, at)
                    place = f"line {line}" if is_text else f"byte {offset - len(tail) + at}"
                    self._note(seen, path, place, form)
            tail = data[max(0, len(data) - self._overlap) :] if self._overlap else b""
            lines += data.count(b"\n", 0, len(data) - len(tail))
            offset += len(piece)
            seen.bytes += len(piece)
            self._check_time(end)

    def _texts(self, path: Path, batch: list[StoredText], seen: _Seen) -> None:
        seen.bytes += sum(len(each.body) for each in batch)
        if next(self._found(b"\0".join(each.body for each in batch)), None) is None:
            return
        for each in batch:
            for _, form in self._found(each.body):
                self._note(seen, path, each.place, form)

    def _found(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Where each form stands."""
        for form in self._forms:
            at = data.find(form)
            while at >= 0:
                yield at, form
                at = data.find(form, at + len(form))

    def _note(self, seen: _Seen, path: Path, place: str, form: bytes) -> None:
        whose, how = self._forms[form]
        known = seen.finds.get((whose, str(path)))
        times = 1 if known is None else known.times + 1
        first = known or Find(whose=whose, file=str(path), place=place, how=how)
        seen.finds[whose, str(path)] = Find(
            whose=whose, file=first.file, place=first.place, how=first.how, times=times
        )

    def _check_time(self, end: float) -> None:
        if self._monotonic() > end:
            raise _TimeIsUpError


def _owners(keys: Mapping[str, str]) -> dict[str, str]:
    """Whose each key is: several may have the same."""
    owners: dict[str, str] = {}
    for whose, key in keys.items():
        owners[key] = f"{owners[key]} and {whose}" if key in owners else whose
    return owners


def own_files(config_file: Path, folders: Iterable[Path], without: Iterable[Path]) -> list[Path]:
    """The files of this program: the settings with their copies, and all below ``folders`` but ``without``.

    Those written last come first. Blocks; what vanishes meanwhile is left out.
    """
    left = set(without)
    found: dict[Path, float] = {}
    for path in config_file.parent.glob(f"{config_file.name}*"):
        _add(found, path)
    for folder in folders:
        for place, inner, names in os.walk(folder):
            inner[:] = [each for each in inner if Path(place, each) not in left]
            for name in names:
                if not name.endswith(_INDEX):
                    _add(found, Path(place, name))
    return sorted(found, key=lambda path: -found[path])


def _add(found: dict[Path, float], path: Path) -> None:
    try:
        facts = path.lstat()
    except OSError:
        return
    if stat.S_ISREG(facts.st_mode):
        found[path] = facts.st_mtime


def open_plain(path: Path) -> IO[bytes]:
    """A file for reading, and only a file: neither a link nor a pipe that waits for a writer.

    Raises OSError.
    """
    wanted = ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY")
    flags = os.O_RDONLY | sum(getattr(os, name, 0) for name in wanted)
    handle = os.open(path, flags)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError("it is no plain file")
        return os.fdopen(handle, "rb")
    except OSError:
        os.close(handle)
        raise


def _batches(texts: Iterable[StoredText]) -> Iterator[list[StoredText]]:
    batch: list[StoredText] = []
    size = 0
    for each in texts:
        batch.append(each)
        size += len(each.body)
        if size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
