"""The key of one provider: found for its adapter, known to its breakers by a name that says nothing of it.

And the one secret that belongs to no provider, the proxy's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from cort_desktop.domain.clock import Clock
from cort_desktop.domain.settings import ProviderSettings, Settings
from cort_desktop.errors import ProviderError
from cort_desktop.storage.secrets import FoundKey, KeyStore

_NAME_BYTES = 4
FRESH_S = 1.0
"""A key that was just looked up for the breaker is the one that the adapter sends: one look-up an attempt."""


class ProviderKey:
    """salt: of this process, so that a key's name means nothing elsewhere."""

    def __init__(self, provider: ProviderSettings, keys: KeyStore, *, clock: Clock, salt: bytes) -> None:
        self._provider = provider
        self._keys = keys
        self._clock = clock
        self._salt = salt
        self._found: FoundKey | None = None
        self._found_at = 0.0

    async def find(self) -> str | None:
        """The key, or None where it can be done without. Raises ProviderError."""
        found = self._found
        if found is None or self._clock.monotonic() - self._found_at > FRESH_S:
            found = await self._look_up()
        if found.key is None and self._provider.needs_key:
            name, why = self._provider.name, found.place.note or "none is stored"
            raise ProviderError(
                f"There is no API key for {name} ({why}). Enter one.",
                kind="auth",
                sent=False,
            )
        return found.key

    async def look(self) -> str:
        """The name of the key that would be used now; empty without one."""
        if not self._provider.takes_key:
            return ""
        key = (await self._look_up()).key
        if key is None:
            return ""
        return hashlib.blake2b(key.encode(), key=self._salt, digest_size=_NAME_BYTES).hexdigest()

    async def _look_up(self) -> FoundKey:
        self._found = await self._keys.get(self._provider)
        self._found_at = self._clock.monotonic()
        return self._found


def proxy_password(settings: Settings, environment: Mapping[str, str]) -> str:
    """What the proxy's variable holds after the name; all of it where there is no name; empty without one."""
    variable = settings.network.proxy_env
    login = environment.get(variable, "") if variable else ""
    return login.partition(":")[2] or login
