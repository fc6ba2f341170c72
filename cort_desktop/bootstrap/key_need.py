"""Looks at a service without the stored key where that will do.

Reading a key out of a locked key store makes the system ask the person to unlock it: nobody wants that for a
list of models that is open to everybody. Part of the composition root.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from cort_desktop.domain.settings import ProviderSettings
from cort_desktop.errors import ProviderError
from cort_desktop.storage.secrets import KeyStore

T = TypeVar("T")
_THROTTLED = 429
_REFUSED = range(400, 500)


async def by_need(
    provider: ProviderSettings, key: str | None, keys: KeyStore, ask: Callable[[str | None], Awaitable[T]]
) -> T:
    """What ``ask`` gets with ``key``; for None with the stored one, but only if it gets nothing without.

    Raises ProviderError.
    """
    if key is not None or keys.is_at_hand(provider) or _is_closed(provider):
        return await ask(key)
    try:
        return await ask("")
    except ProviderError as error:
        if error.status not in _REFUSED or error.status == _THROTTLED:
            raise
        if (await keys.known(provider)).kind == "none":
            raise
    return await ask(None)


def _is_closed(provider: ProviderSettings) -> bool:
    """Whether its list is for those with a key alone; OpenRouter's is open."""
    return provider.needs_key and provider.kind != "openrouter"
