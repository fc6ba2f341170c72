"""One look at a service: a small request below its base address that is answered with JSON.

Not here: what is looked up (``catalog``, ``account``).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from cort_desktop.domain.clock import Clock
from cort_desktop.providers.causes import ExchangeError
from cort_desktop.providers.faults import Faults, Service
from cort_desktop.providers.http import Outgoing, Reply, Transport
from cort_desktop.providers.keys import Key, bearer, resolve
from cort_desktop.providers.limits import KIB, Limits
from cort_desktop.providers.payload import JsonReader, PayloadError
from cort_desktop.providers.troubles import PageError, is_page

_LONG = 64 * KIB
"""Reading a longer text takes more than a few milliseconds, which is done beside the loop."""


def _ignored(_date: str) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """A service that can be looked at.

    base_url: its checked address. headers_of: what carries its key. told_time: gets the date of each answer's
    head, as it came.
    """

    provider: str
    base_url: str
    key: Key
    transport: Transport
    clock: Clock
    headers_of: Callable[[str | None], Mapping[str, str]] = bearer
    told_time: Callable[[str], None] = _ignored

    async def get(self, path: str) -> Any:
        """What the service tells at ``path``, which begins with a slash. Raises ProviderError."""
        return await self._told("GET", path, b"")

    async def ask(self, path: str, question: Mapping[str, Any]) -> Any:
        """The same for what wants to be asked with a JSON body. Raises ProviderError."""
        return await self._told("POST", path, json.dumps(question).encode())

    async def _told(self, method: Literal["GET", "POST"], path: str, body: bytes) -> Any:
        limits = self.transport.limits
        key = await resolve(self.key, self.provider)
        faults = self._faults(path, key)

        async def use(reply: Reply) -> Any:
            self.told_time(reply.headers.get("date", ""))
            reply.deadlines.set("content_idle", limits.model_list_s)
            if not 200 <= reply.status < 300:  # noqa: PLR2004  HTTP's range of success
                raise faults.of_reply(reply.status, reply.headers, await reply.start(limits.error_body_bytes))
            told = await reply.start(limits.models_bytes + 1)
            if len(told) > limits.models_bytes:
                raise ExchangeError("too_large", f"more than {limits.models_bytes} bytes", sent=True)
            try:
                return await _read(told, limits)
            except PayloadError as error:
                fault = faults.not_an_api(reply.headers, told)
                if is_page(reply.headers.get("content-type", ""), told):
                    fault = PageError(str(fault), kind=fault.kind, status=fault.status)
                raise fault from error

        kind = {"Content-Type": "application/json"} if body else {}
        outgoing = Outgoing(
            method=method,
            url=self._url(path),
            headers={"Accept": "application/json", **kind, **self.headers_of(key)},
            body=body,
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


async def _read(told: bytes, limits: Limits) -> Any:
    """The JSON of an answer. Raises PayloadError."""

    def read() -> Any:
        return JsonReader(limits).read(told.decode("utf-8-sig", errors="replace"))

    return read() if len(told) < _LONG else await asyncio.to_thread(read)
