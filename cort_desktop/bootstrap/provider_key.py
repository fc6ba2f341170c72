"""The key of one provider: found for its adapter, known to its breakers by a name that says nothing of it."""

from __future__ import annotations

import hashlib

from cort_desktop.domain.settings import ProviderSettings
from cort_desktop.errors import ProviderError
from cort_desktop.storage.secrets import FoundKey, KeyStore

_NAME_BYTES = 4


class ProviderKey:
    """salt: of this process, so that a key's name means nothing elsewhere."""

    def __init__(self, provider: ProviderSettings, keys: KeyStore, salt: bytes) -> None:
        self.name: str | None = None if provider.takes_key else ""
        self._provider = provider
        self._keys = keys
        self._salt = salt

    async def find(self) -> str | None:
        """The key, or None where it can be done without. Raises ProviderError."""
        found = await self._found()
        if found.key is None and self._provider.needs_key:
            name, why = self._provider.name, found.place.note or "none is stored"
            raise ProviderError(
                f"There is no API key for {name} ({why}). Store one with `cort-desktop keys set {name}`.",
                kind="auth",
                sent=False,
            )
        return found.key

    async def look(self) -> str:
        """The name of the key that would be used now; empty without one."""
        await self._found()
        return self.name or ""

    async def _found(self) -> FoundKey:
        found = await self._keys.get(self._provider)
        self.name = "" if found.key is None else self._named(found.key)
        return found

    def _named(self, key: str) -> str:
        return hashlib.blake2b(key.encode(), key=self._salt, digest_size=_NAME_BYTES).hexdigest()
