"""A lock on a file that the system itself takes back when its holder dies.

The file's content says who holds the lock; only the lock says whether anybody does. What the locks are for is
``owners.py`` and ``database.py``.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

_OUT_OF_THE_WAY = 1 << 30
"""Where Windows locks: bytes far behind the content, because a locked byte cannot be read by others there."""
_SHARES = 1000


class FileLock:
    """A held lock. Made by ``take``; ``release`` gives it back."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor: int | None = descriptor

    @classmethod
    def take(cls, path: Path, *, shared: bool = False, create: bool = True) -> FileLock | None:
        """The lock on ``path``, or None when another holder is in the way (or there is no file to lock).

        Raises OSError when the file can't be opened or made.
        """
        while True:
            try:
                descriptor = os.open(path, os.O_RDWR | os.O_CREAT if create else os.O_RDONLY, 0o600)
            except FileNotFoundError:
                if create:
                    raise
                return None
            if not _lock(descriptor, shared=shared):
                os.close(descriptor)
                return None
            if _is_still(path, descriptor):
                return cls(path, descriptor)
            os.close(descriptor)  # its last holder removed the file while we waited for it: take the new one

    def share(self) -> None:
        """Let others share the lock from here on."""
        if self._descriptor is not None:
            _downgrade(self._descriptor)

    def write(self, text: str) -> None:
        """Make ``text`` the file's content."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.lseek(self._descriptor, 0, os.SEEK_SET)
            os.write(self._descriptor, text.encode())

    def release(self, *, remove: bool = False) -> None:
        """Give the lock back; with ``remove`` the file goes too. A second time does nothing."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is None:
            return
        if remove and sys.platform != "win32":
            self._path.unlink(missing_ok=True)  # while it is still ours: nobody else's file is removed
        os.close(descriptor)
        if remove and sys.platform == "win32":
            with contextlib.suppress(OSError):  # an open file stays there: then somebody else has it by now
                self._path.unlink(missing_ok=True)


def _is_still(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int, *, shared: bool) -> bool:
        """All of the bytes, or one of them that is free: then nobody can have all."""
        if not shared:
            return _lock_bytes(descriptor, 0, _SHARES)
        return any(_lock_bytes(descriptor, place, 1) for place in range(_SHARES))

    def _lock_bytes(descriptor: int, place: int, count: int) -> bool:
        os.lseek(descriptor, _OUT_OF_THE_WAY + place, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, count)
        except OSError:
            return False
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)
        return True

    def _downgrade(descriptor: int) -> None:
        os.lseek(descriptor, _OUT_OF_THE_WAY, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, _SHARES)
        _lock(descriptor, shared=True)

else:
    import fcntl

    def _lock(descriptor: int, *, shared: bool) -> bool:
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _downgrade(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
