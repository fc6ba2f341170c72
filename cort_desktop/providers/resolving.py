"""Looking names up, and refusing the addresses that nothing is ever sent to although a name leads there.

Loads aiohttp: import it where it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp.abc

from cort_desktop.domain.addresses import address_of, is_forbidden

if TYPE_CHECKING:
    from socket import AddressFamily


class ForbiddenAddressError(OSError):
    """A name leads to an address nothing is ever sent to: link-local, metadata, multicast, or none at all."""


class GuardedResolver(aiohttp.abc.AbstractResolver):
    """Looks names up with ``inner`` and refuses what must never be connected to.

    The text of an address is checked when it is set; a name may lead elsewhere today than yesterday (DNS
    rebinding), so what it leads to is checked each time, before anything is sent.
    """

    def __init__(self, inner: aiohttp.abc.AbstractResolver) -> None:
        self._inner = inner

    async def resolve(
        self, host: str, port: int = 0, family: AddressFamily | int = 0
    ) -> list[aiohttp.abc.ResolveResult]:
        """The addresses of ``host``. Raises ForbiddenAddressError when any of them is one."""
        found = await self._inner.resolve(host, port, family)  # type: ignore[arg-type]  # AF_UNSPEC is 0
        for each in found:
            address = address_of(each["host"].partition("%")[0])
            if address is not None and is_forbidden(address):
                raise ForbiddenAddressError(f"{host} leads to {address}")
        return found

    async def close(self) -> None:
        """Let go of the inner one."""
        await self._inner.close()
