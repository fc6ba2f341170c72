"""Where kept answers lie: the shape of such a place, the one in memory, and the two in one.

The place on disk is ``storage/reply_cache.py``. Memory is bounded by bytes, the least recently given answer
goes first; it only saves the way to the disk, which is the one that counts.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Collection
from typing import Protocol

from cort_desktop.domain.clock import Clock
from cort_desktop.domain.kept_replies import KeptEntry, KeptReply

MEMORY_BYTES = 16 * 1024 * 1024
_LARGEST_SHARE = 4
"""An answer that would take more than one part in so many of the memory is not held there."""


class ReplyStore(Protocol):
    """A place for answers. No call fails by it: what can't be kept or read is not there. ``entries``,
    ``drop`` and ``clear`` raise StorageError when the place does not answer in time.
    """

    async def find(self, key: str) -> KeptReply | None:
        """The answer kept under ``key``."""
        ...

    def keep(self, key: str, reply: KeptReply) -> None:
        """Keep ``reply`` in the place of what was there; returns at once."""
        ...

    def used(self, key: str) -> None:
        """Note that the answer was given in place of a call; returns at once."""
        ...

    async def entries(self) -> tuple[KeptEntry, ...]:
        """All that is kept, the latest first."""
        ...

    async def drop(self, keys: Collection[str]) -> int:
        """Forget answers; how many there were."""
        ...

    async def clear(self) -> int:
        """Forget everything; how many answers there were."""
        ...


class MemoryReplies:
    """Answers in memory, at most ``limit_bytes`` of them."""

    def __init__(self, clock: Clock, *, limit_bytes: int = MEMORY_BYTES) -> None:
        self._clock = clock
        self._limit_bytes = limit_bytes
        self._held: OrderedDict[str, tuple[KeptReply, KeptEntry]] = OrderedDict()
        self.bytes = 0

    def held(self, key: str) -> KeptReply | None:
        """The answer under ``key``, which is now the last to go."""
        found = self._held.get(key)
        if found is None:
            return None
        self._held.move_to_end(key)
        return found[0]

    async def find(self, key: str) -> KeptReply | None:
        """As ``held``."""
        return self.held(key)

    def keep(self, key: str, reply: KeptReply) -> None:
        """Keep it, unless it is too large, and let go of what then goes over the limit."""
        self._let_go(key)
        size = sys.getsizeof(reply.text) + sys.getsizeof(reply.reasoning)
        if size * _LARGEST_SHARE > self._limit_bytes:
            return
        entry = KeptEntry(
            key=key, filing=reply.filing, made=reply.made, bytes=size, cost_microusd=reply.cost_microusd
        )
        self._held[key] = (reply, entry)
        self.bytes += size
        while self.bytes > self._limit_bytes:
            self._let_go(next(iter(self._held)))

    def used(self, key: str) -> None:
        """Count it."""
        found = self._held.get(key)
        if found is None:
            return
        reply, before = found
        now = KeptEntry(
            key=key,
            filing=before.filing,
            made=before.made,
            last_used=self._clock.now(),
            used=before.used + 1,
            bytes=before.bytes,
            cost_microusd=before.cost_microusd,
        )
        self._held[key] = (reply, now)

    async def entries(self) -> tuple[KeptEntry, ...]:
        """What is held, the latest first."""
        return tuple(sorted((entry for _, entry in self._held.values()), key=lambda e: e.made, reverse=True))

    async def drop(self, keys: Collection[str]) -> int:
        """Let go of these."""
        return sum(self._let_go(key) for key in keys)

    async def clear(self) -> int:
        """Let go of all."""
        return await self.drop(tuple(self._held))

    def _let_go(self, key: str) -> bool:
        gone = self._held.pop(key, None)
        if gone is not None:
            self.bytes -= gone[1].bytes
        return gone is not None


class LayeredReplies:
    """Memory before a slower place, which is the one that is listed and counted."""

    def __init__(self, memory: MemoryReplies, below: ReplyStore) -> None:
        self._memory = memory
        self._below = below

    async def find(self, key: str) -> KeptReply | None:
        """From memory, else from below; then memory has it too."""
        found = self._memory.held(key)
        if found is None:
            found = await self._below.find(key)
            if found is not None:
                self._memory.keep(key, found)
        return found

    def keep(self, key: str, reply: KeptReply) -> None:
        """In both."""
        self._memory.keep(key, reply)
        self._below.keep(key, reply)

    def used(self, key: str) -> None:
        """In both."""
        self._memory.used(key)
        self._below.used(key)

    async def entries(self) -> tuple[KeptEntry, ...]:
        """All there are, the latest first: memory may still have what is let go of below."""
        below, held = await self._below.entries(), await self._memory.entries()
        known = {entry.key for entry in below}
        both = (*below, *(entry for entry in held if entry.key not in known))
        return tuple(sorted(both, key=lambda entry: entry.made, reverse=True))

    async def drop(self, keys: Collection[str]) -> int:
        """From both."""
        return max(await self._memory.drop(keys), await self._below.drop(keys))

    async def clear(self) -> int:
        """Both."""
        return max(await self._memory.clear(), await self._below.clear())
