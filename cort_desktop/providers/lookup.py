"""One look at a service: a GET below its base address that answers with JSON.

Not here: what is looked up (``catalog``, ``account``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cort_desktop.domain.clock import Clock
from cort_desktop.providers.causes import ExchangeError
from cort_desktop.providers.faults import Faults, Service
from cort_desktop.providers.http import Outgoing, Reply, Transport
from cort_desktop.providers.keys import Key, bearer, resolve
from cort_desktop.providers.payload import JsonReader, PayloadError


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """A service that can be looked at. base_url: its checked address. headers_of: what carries its key."""

    provider: str
    base_url: str
    key: Key
    transport: Transport
    clock: Clock
    headers_of: Callable[[str | None], Mapping[str, str]] = bearer

    async def get(self, path: str) -> Any:
        """What the service tells at ``path``, which begins with a slash. Raises ProviderError."""
        limits = self.transport.limits
        key = await resolve(self.key, self.provider)
        faults = self._faults(path, key)

        async def use(reply: Reply) -> Any:
            reply.deadlines.set("content_idle", limits.model_list_s)
            if not 200 <= reply.status < 300:  # noqa: PLR2004  HTTP's range of success
                raise faults.of_reply(reply.status, reply.headers, await reply.start(limits.error_body_bytes))
            body = await reply.start(limits.models_bytes + 1)
            if len(body) > limits.models_bytes:
                raise ExchangeError("too_large", f"more than {limits.models_bytes} bytes", sent=True)
            try:
                return JsonReader(limits).read(body.decode("utf-8-sig", errors="replace"))
            except PayloadError as error:
                raise faults.not_an_api(reply.headers, body) from error

        outgoing = Outgoing(
            method="GET",
            url=self._url(path),
            headers={"Accept": "application/json", **self.headers_of(key)},
            first_event_s=limits.model_list_s,
            response_bytes=limits.models_bytes + limits.header_bytes,
        )
        try:
            return await self.transport.exchange(outgoing, use)
        except ExchangeError as error:
            raise faults.of_exchange(error) from error

    async def faults(self, path: str) -> Faults:
        """The faults of a look at ``path``, for what it tells and should not. Raises ProviderError."""
        return self._faults(path, await resolve(self.key, self.provider))

    def _faults(self, path: str, key: str | None) -> Faults:
        service = Service(provider=self.provider, url=self._url(path), key=key)
        return Faults(service, self.transport.limits, self.clock.now())

    def _url(self, path: str) -> str:
        return self.base_url.rstrip("/") + path
