"""Kept answers around the models: one store for the program, a wrapper for each model.

Part of the composition root. What can be seen and cleared of them is ``services/cache.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from cort_desktop.domain.clock import Clock
from cort_desktop.domain.settings import CacheSettings, ProviderSettings
from cort_desktop.engine.lineup import ModelHandle
from cort_desktop.resilience.cache import Cached, ReplyCache
from cort_desktop.resilience.reply_stores import LayeredReplies, MemoryReplies
from cort_desktop.services.cache import CacheService
from cort_desktop.storage.reply_cache import FOLDER, DiskReplies

_WITHOUT_EFFECT = frozenset({"key_env", "max_concurrency", "models", "fallbacks", "hedge", "keep_alive"})
"""Settings of a provider that change none of its answers; any other is part of every key."""


class KeptReplies:
    """Nothing is opened before the first answer is looked for."""

    def __init__(self, folder: Path, settings: Callable[[], CacheSettings], clock: Clock) -> None:
        self._disk = DiskReplies(folder / FOLDER, settings=settings, clock=clock)
        store = LayeredReplies(MemoryReplies(clock), self._disk)
        self._cache = ReplyCache(store, settings=settings, clock=clock)
        self.service = CacheService(store, self._disk, settings)

    def around(self, handle: ModelHandle, provider: ProviderSettings, basis: object = None) -> ModelHandle:
        """The model, not asked again what it has answered. basis: what else its answers depend on, like the
        file of the built-in one; a value that says all of itself.
        """
        service: dict[str, Any] = {
            name: value for name, value in asdict(provider).items() if name not in _WITHOUT_EFFECT
        }
        chat = Cached(
            handle.chat,
            self._cache,
            service=service | {"basis": None if basis is None else repr(basis)},
            price=handle.profile.price,
        )
        return replace(handle, chat=chat)

    async def aclose(self) -> None:
        """Write what waits and let go of the file."""
        await self._disk.aclose()
