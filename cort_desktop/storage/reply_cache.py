"""Kept answers on disk, for an event loop: every look at the file happens on a thread of its own.

A cache is something to do without: nothing here ever fails. What goes wrong is logged once and told by
``problem``, and the run goes on without what could not be kept or read. A disk that takes too long to look
at counts as one that has nothing.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from cort_desktop.domain.clock import Clock
from cort_desktop.domain.kept_replies import KeptEntry, KeptReply
from cort_desktop.domain.settings import CacheSettings
from cort_desktop.errors import StorageError
from cort_desktop.storage.reply_file import ReplyFile
from cort_desktop.storage.side_thread import SideThread

_LOG = logging.getLogger(__name__)
FOLDER = "replies"
PATIENCE_S = 2.0
"""What a call may wait for a disk before it is sent, and an exit for what is still to be written."""
MOST_WAITING_BYTES = 96 * 1024 * 1024
"""Answers on their way to a slow disk; further ones are not kept."""
_DAY_S = 86_400.0
MEGABYTE = 1_000_000
T = TypeVar("T")


class DiskReplies:
    """A place for answers (``ReplyStore``) in ``folder``. For use on one event loop."""

    def __init__(self, folder: Path, *, settings: Callable[[], CacheSettings], clock: Clock) -> None:
        self.problem: str | None = None
        self._file = ReplyFile(folder, on_set_aside=self._set_aside)
        self._settings = settings
        self._clock = clock
        self._thread = SideThread("kept answers")
        self._waiting_bytes = 0
        self._count = threading.Lock()
        self._has_complained = False

    @property
    def folder(self) -> Path:
        """Where the file is."""
        return self._file.folder

    async def find(self, key: str) -> KeptReply | None:
        """The answer kept under ``key``."""
        return await self._asked(lambda: self._file.get(key), None, PATIENCE_S)

    def keep(self, key: str, reply: KeptReply) -> None:
        """Keep ``reply`` as soon as the thread comes to it."""
        size = sys.getsizeof(reply.text) + sys.getsizeof(reply.reasoning)
        with self._count:
            if self._waiting_bytes + size > MOST_WAITING_BYTES:
                return
            self._waiting_bytes += size
        self._thread.post(lambda: self._written(key, reply, size))

    def used(self, key: str) -> None:
        """Count a use as soon as the thread comes to it."""
        at = self._clock.now()
        self._thread.post(lambda: self._tried(lambda: self._file.used(key, at), None))

    async def entries(self) -> tuple[KeptEntry, ...]:
        """All that is kept, the latest first."""
        return await self._asked(self._file.entries, ())

    async def drop(self, keys: Collection[str]) -> int:
        """Forget answers; how many there were."""
        return await self._asked(lambda: self._file.drop(keys), 0)

    async def clear(self) -> int:
        """Forget everything; how many answers there were."""
        return await self._asked(self._file.clear, 0)

    def bytes(self) -> int:
        """The room all of it takes on the disk. Blocks, and may be called on any thread."""
        return self._tried(self._file.bytes, 0)

    async def aclose(self) -> None:
        """Write what waits, as far as the disk can do that in a moment, and let go of the file."""
        self._thread.post(self._file.close)
        await asyncio.to_thread(self._thread.end, PATIENCE_S)

    async def _asked(self, work: Callable[[], T], without: T, patience_s: float | None = None) -> T:
        """What the thread says; ``without`` when it can't, or takes too long."""
        answer = asyncio.wrap_future(self._thread.do(lambda: self._tried(work, without)))
        try:
            async with asyncio.timeout(patience_s):
                return await answer
        except TimeoutError:
            self._complain(
                f"The kept answers in {self.folder} could not be looked at within {patience_s:g} s."
            )
            return without

    def _written(self, key: str, reply: KeptReply, size: int) -> None:
        settings = self._settings()
        limit_bytes, expire_s = settings.megabytes * MEGABYTE, settings.days * _DAY_S

        def put() -> None:
            self._file.put(key, reply, limit_bytes=limit_bytes, expire_s=expire_s)

        try:
            # A text that is none (half a surrogate pair) can't be written, and is just not kept.
            with suppress(UnicodeEncodeError):
                self._tried(put, None)
        finally:
            with self._count:
                self._waiting_bytes -= size

    def _tried(self, work: Callable[[], T], without: T) -> T:
        try:
            return work()
        except StorageError as error:
            self._complain(str(error))
            return without

    def _set_aside(self, why: str) -> None:
        self._complain(
            f"The kept answers in {self._file.folder} were not as this program left them: {why}. "
            f"They were set aside in {self._file.aside}."
        )

    def _complain(self, words: str) -> None:
        """Once in the log: a disk that is full would say so for every call."""
        self.problem = words
        if not self._has_complained:
            self._has_complained = True
            _LOG.warning("%s Runs go on without it.", words)
