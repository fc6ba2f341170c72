"""Disks that fail: a full one from the n-th write on, and one that loses power at the n-th write.

Both are virtual file systems under the very SQLite that ships. ``Power`` keeps what was written and what
was synced apart, and can say what a machine would find after the power came back.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import apsw

Loss = Literal["unsynced lost", "unsynced kept", "unsynced torn"]
LOSSES: tuple[Loss, ...] = ("unsynced lost", "unsynced kept", "unsynced torn")
_SECTOR = 512


class Disk(apsw.VFS):
    """Passes everything on and counts what changes the disk. Subclasses decide when it fails."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.count = 0
        super().__init__(name, "")

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        return _File(self, name, flags)

    def excepthook(self, etype: Any, evalue: Any, etraceback: Any) -> bool:
        """A disk's failure is told by its code; what SQLite makes of the code is what is tested."""
        return True

    def before(self, operation: str, path: str, *values: Any) -> None:
        """Called before each change. Raises an apsw error to make it fail."""


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: Any, flags: list[int]) -> None:
        self._disk = disk
        self._path = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        super().__init__("", name, flags)

    def xLock(self, level: int) -> None:  # noqa: N802
        try:
            super().xLock(level)
        except (
            apsw.IOError
        ) as error:  # a file opened for reading can't be locked for writing: the same as not now
            raise apsw.BusyError("no") from error

    def xWrite(self, data: Any, offset: int) -> None:  # noqa: N802
        self._disk.before("write", self._path, bytes(data), offset)
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._disk.before("sync", self._path)
        super().xSync(flags)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        self._disk.before("truncate", self._path, newsize)
        super().xTruncate(newsize)

    def excepthook(self, etype: Any, evalue: Any, etraceback: Any) -> bool:
        """As the disk's."""
        return True


class FullDisk(Disk):
    """Has no room from the ``fail_at``-th write on, until ``heal``."""

    def __init__(self, name: str, fail_at: int) -> None:
        self._fail_at: int | None = fail_at
        self.failed = False
        super().__init__(name)

    def heal(self) -> None:
        self._fail_at = None

    def before(self, operation: str, path: str, *values: Any) -> None:
        if operation != "write":
            return
        self.count += 1
        if self._fail_at is not None and self.count >= self._fail_at:
            self.failed = True
            raise apsw.FullError("no space left on this disk")


class Power(Disk):
    """Goes out at the ``out_at``-th change; nothing works from then on."""

    def __init__(self, name: str, out_at: int) -> None:
        self._out_at = out_at
        self._changes: dict[str, list[tuple[Any, ...]]] = {}
        super().__init__(name)

    @property
    def is_out(self) -> bool:
        return self.count >= self._out_at

    def before(self, operation: str, path: str, *values: Any) -> None:
        self.count += 1
        if self.is_out:
            raise apsw.IOError("the power is out")
        self._changes.setdefault(path, []).append((operation, *values))

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        if self.is_out:
            raise apsw.IOError("the power is out")
        self._changes.pop(filename, None)
        super().xDelete(filename, syncdir)

    def files_after(self, loss: Loss, seed: int) -> dict[str, bytes]:
        """The content of each file (by its name) when the machine is on again."""
        chance = random.Random(seed)
        return {
            Path(path).name: bytes(_content(changes, loss, chance)) for path, changes in self._changes.items()
        }


def _content(changes: list[tuple[Any, ...]], loss: Loss, chance: random.Random) -> bytearray:
    synced = max((place for place, change in enumerate(changes) if change[0] == "sync"), default=-1)
    content = bytearray()
    for place, change in enumerate(changes):
        safe = place <= synced or loss == "unsynced kept"
        if change[0] == "truncate" and (safe or (loss == "unsynced torn" and chance.random() < 0.5)):
            del content[change[1] :]
        elif change[0] == "write":
            _write(content, change[1], change[2], 1.0 if safe else 0.5 * (loss == "unsynced torn"), chance)
    return content


def _write(content: bytearray, data: bytes, offset: int, share: float, chance: random.Random) -> None:
    """Each sector arrives with the probability ``share``."""
    for start in range(0, len(data), _SECTOR):
        if chance.random() < share:
            piece = data[start : start + _SECTOR]
            at = offset + start
            content.extend(bytes(max(0, at + len(piece) - len(content))))
            content[at : at + len(piece)] = piece


@contextlib.contextmanager
def plugged_in(disk: Disk) -> Iterator[None]:
    """SQLite knows ``disk`` by its name within the block."""
    try:
        yield
    finally:
        disk.unregister()
