"""The answers that are kept to be used again: what there is, how much it saved, and forgetting it.

Keeping and using them happens inside a call (``resilience/cache.py``); whether it does is the settings'
([cache]) and the question's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cort_desktop.domain.ids import ConversationId
from cort_desktop.domain.kept_replies import KeptEntry, Tag
from cort_desktop.domain.settings import CacheSettings
from cort_desktop.errors import StorageError, UsageError
from cort_desktop.resilience.reply_stores import ReplyStore
from cort_desktop.storage.reply_cache import MEGABYTE, DiskReplies

SHORTEST_KEY = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheFigures:
    """The kept answers in numbers. used: calls they stood in for; saved_microusd: what those would have cost
    as far as that is known, ``is_least`` when for some it is not. file_bytes: the room on the disk.
    """

    enabled: bool
    entries: int
    used: int
    saved_microusd: int
    is_least: bool
    file_bytes: int
    limit_bytes: int
    days: int
    folder: Path
    problem: str | None = None


class CacheService:
    """For use on one event loop."""

    def __init__(self, store: ReplyStore, shelf: DiskReplies, settings: Callable[[], CacheSettings]) -> None:
        self._store = store
        self._shelf = shelf
        self._settings = settings

    async def entries(self, tags: Mapping[Tag, str] | None = None) -> tuple[KeptEntry, ...]:
        """What is kept, the latest first; with ``tags`` only what has all of them."""
        wanted = (tags or {}).items()
        return tuple(
            entry
            for entry in await self._store.entries()
            if all(entry.filing.tag(name) == value for name, value in wanted)
        )

    async def clear(self) -> int:
        """Forget everything; how many answers there were."""
        return await self._store.clear()

    async def clear_tagged(self, tags: Mapping[Tag, str]) -> int:
        """Forget what has all of ``tags``; how many answers there were."""
        if not tags:
            raise UsageError("Say which answers to forget: by model, conversation, run or stage.")
        return await self._store.drop([entry.key for entry in await self.entries(tags)])

    async def clear_one(self, key: str) -> KeptEntry:
        """Forget the one answer whose key begins so. Raises UsageError when there is none, or several."""
        if len(key) < SHORTEST_KEY:
            raise UsageError(
                f"“{key}” is too short: give at least {SHORTEST_KEY} characters of the answer's key."
            )
        found = [entry for entry in await self._store.entries() if entry.key.startswith(key)]
        if len(found) != 1:
            what = "No kept answer has" if not found else f"{len(found)} kept answers have"
            raise UsageError(
                f"{what} a key that begins with “{key[:16]}”; `cort-desktop cache list` shows them."
            )
        await self._store.drop([found[0].key])
        return found[0]

    async def forget_conversation(self, conversation: ConversationId) -> None:
        """Forget what was answered in a conversation that is deleted for good."""
        await self.clear_tagged({"conversation": conversation})

    async def figures(self) -> CacheFigures:
        """How much there is and what it saved; nothing of a place that does not answer, and its problem."""
        try:
            entries = await self._store.entries()
        except StorageError:
            entries = ()  # the place tells it as its problem
        settings = self._settings()
        saved = [entry.saved_microusd for entry in entries]
        return CacheFigures(
            enabled=settings.enabled,
            entries=len(entries),
            used=sum(entry.used for entry in entries),
            saved_microusd=sum(each or 0 for each in saved),
            is_least=None in saved,
            file_bytes=await asyncio.to_thread(self._shelf.bytes),
            limit_bytes=settings.megabytes * MEGABYTE,
            days=settings.days,
            folder=self._shelf.folder,
            problem=self._shelf.problem,
        )

    def look(self) -> dict[str, Any]:
        """The state of the cache, for the doctor; blocks."""
        settings = self._settings()
        return {
            "enabled": settings.enabled,
            "folder": str(self._shelf.folder),
            "bytes": self._shelf.bytes(),
            "limit_bytes": settings.megabytes * MEGABYTE,
            "days": settings.days,
            "stages": list(settings.stages),
            "problem": self._shelf.problem,
        }
