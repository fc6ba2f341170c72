"""Kept answers on disk, for an event loop: every look at the file happens on a thread of its own.

A cache is something to do without: no call ever fails by it. What goes wrong is logged once and told by
``problem``, and the run goes on without what could not be kept or read. A disk that takes too long to look
at counts as one that has nothing, and is passed by for a while; only who asks for a list, or to forget, is
told that it does not answer.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from cort_desktop.domain.clock import Clock
from cort_desktop.domain.kept_replies import KeptEntry, KeptReply
from cort_desktop.domain.settings import CacheSettings
from cort_desktop.errors import StorageError
from cort_desktop.storage.side_thread import SideThread

if TYPE_CHECKING:
    from cort_desktop.storage.reply_file import ReplyFile, Uses

_LOG = logging.getLogger(__name__)
FOLDER = "replies"
SET_ASIDE = "-set-aside"
PATIENCE_S = 5.0
"""What a call may wait for a disk before it is sent, and an exit for what is still to be written."""
PASSED_BY_S = 60.0
"""How long calls don't ask a disk that took too long: each of them would wait as long again."""
LOOKED_AT_S = 15.0
"""What a person may wait for a list, or to have answers forgotten."""
MOST_WAITING_BYTES = 96 * 1024 * 1024
"""Answers on their way to a slow disk; further ones are not kept."""
MOST_USES = 64
"""Answers whose uses are counted in memory before they are written."""
_DAY_S = 86_400.0
MEGABYTE = 1_000_000
T = TypeVar("T")


class DiskReplies:
    """A place for answers (``ReplyStore``) in ``folder``, made with the first of them. For use on one event
    loop. What could not be believed is in ``aside``.
    """

    def __init__(self, folder: Path, *, settings: Callable[[], CacheSettings], clock: Clock) -> None:
        self.problem: str | None = None
        self.folder = folder
        self.aside = folder.with_name(folder.name + SET_ASIDE)
        self._opened: ReplyFile | None = None
        self._settings = settings
        self._clock = clock
        self._thread = SideThread("kept answers")
        self._waiting_bytes = 0
        self._count = threading.Lock()
        self._has_complained = False
        self._uses: dict[str, Uses] = {}
        self._passed_until_s = clock.monotonic()

    async def find(self, key: str) -> KeptReply | None:
        """The answer kept under ``key``."""
        if self._clock.monotonic() < self._passed_until_s:
            return None
        try:
            return await self._asked(lambda: self._file().get(key), None, PATIENCE_S)
        except StorageError:
            self._passed_until_s = self._clock.monotonic() + PASSED_BY_S
            return None

    def keep(self, key: str, reply: KeptReply) -> None:
        """Keep ``reply`` as soon as the thread comes to it."""
        size = sys.getsizeof(reply.text) + sys.getsizeof(reply.reasoning)
        with self._count:
            if self._waiting_bytes + size > MOST_WAITING_BYTES:
                return
            self._waiting_bytes += size
        self._thread.post(lambda: self._written(key, reply, size))
        self._write_uses()

    def used(self, key: str) -> None:
        """Count a use. Uses are written several at a time, and with what is written anyway: those of the last
        moments before a crash are not counted.
        """
        times, _ = self._uses.get(key, (0, None))
        self._uses[key] = (times + 1, self._clock.now())
        if len(self._uses) >= MOST_USES:
            self._write_uses()

    async def entries(self) -> tuple[KeptEntry, ...]:
        """All that is kept, the latest first. Raises StorageError when the disk does not answer."""
        self._write_uses()
        return await self._asked(lambda: self._file().entries(), (), LOOKED_AT_S)

    async def drop(self, keys: Collection[str]) -> int:
        """Forget answers; how many there were. Raises StorageError when the disk does not answer."""
        return await self._asked(lambda: self._file().drop(keys), 0, LOOKED_AT_S)

    async def clear(self) -> int:
        """Forget everything; how many answers there were. Raises StorageError as ``drop`` does."""
        return await self._asked(lambda: self._file().clear(), 0, LOOKED_AT_S)

    def bytes(self) -> int:
        """The room all of it takes on the disk. Blocks, and may be called on any thread."""
        folders = [folder for folder in (self.folder, self.aside) if folder.is_dir()]
        return sum(file_bytes(path) for folder in folders for path in folder.iterdir())

    async def aclose(self) -> None:
        """Write what waits, as far as the disk can do that in a moment, and let go of the file."""
        if not self._thread.has_begun:
            return
        self._write_uses()
        self._thread.post(lambda: self._file().close())
        await asyncio.to_thread(self._thread.end, PATIENCE_S)

    def _file(self) -> ReplyFile:
        """The file, on the thread: its library is loaded with the first look at it."""
        if self._opened is None:
            from cort_desktop.storage.reply_file import ReplyFile

            self._opened = ReplyFile(self.folder, self.aside, on_set_aside=self._set_aside)
        return self._opened

    async def _asked(self, work: Callable[[], T], without: T, patience_s: float) -> T:
        """What the thread says; ``without`` when it can't. Raises StorageError when it takes too long."""
        answer = asyncio.wrap_future(self._thread.do(lambda: self._tried(work, without)))
        try:
            async with asyncio.timeout(patience_s):
                return await answer
        except TimeoutError:
            late = f"The kept answers in {self.folder} could not be looked at within {patience_s:g} s."
            self._complain(late)
            raise StorageError(f"{late} Look whether its disk answers, then try again.") from None

    def _write_uses(self) -> None:
        uses, self._uses = self._uses, {}
        if uses:
            self._thread.post(lambda: self._tried(lambda: self._file().used(uses), None))

    def _written(self, key: str, reply: KeptReply, size: int) -> None:
        settings = self._settings()
        limit_bytes, expire_s = settings.megabytes * MEGABYTE, settings.days * _DAY_S

        def put() -> None:
            self._file().put(key, reply, limit_bytes=limit_bytes, expire_s=expire_s)

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
            f"The kept answers in {self.folder} were not as this program left them: {why}. "
            f"They were set aside in {self.aside}."
        )

    def _complain(self, words: str) -> None:
        """Once in the log: a disk that is full would say so for every call."""
        self.problem = words
        if not self._has_complained:
            self._has_complained = True
            _LOG.warning("%s Runs go on without it.", words)


def file_bytes(path: Path) -> int:
    """The size of a file; 0 when it is gone."""
    try:
        return path.lstat().st_size
    except OSError:
        return 0
