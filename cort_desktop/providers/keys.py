"""An API key on its way into a header: found, and checked to be one. Not here: where keys are stored."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from cort_desktop.errors import ProviderError

Key = str | None | Callable[[], Awaitable[str | None]]
"""The key, none, or a coroutine function that finds it when it is needed."""


async def resolve(key: Key, provider: str) -> str | None:
    """The key as it is sent, None without one. Raises ProviderError when it can't be a key."""
    found = key if key is None or isinstance(key, str) else await key()
    found = found.strip() if found else None
    if not found:
        return None
    if not (found.isascii() and found.isprintable() and " " not in found):
        raise ProviderError(
            f"the key of {provider} holds blanks or characters that no key has, and was not sent. Enter it "
            f"again.",
            kind="auth",
            sent=False,
        )
    return found


def bearer(key: str | None) -> dict[str, str]:
    """The header that carries ``key``."""
    return {"Authorization": f"Bearer {key}"} if key else {}
