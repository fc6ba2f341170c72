"""The one door to the network: httpx's transport seam over aiohttp, with our own timers and limits.

httpx's own pool loses connections for good when requests are cancelled while connecting, so the transport
is httpx-aiohttp's. It is driven without ``httpx.AsyncClient`` on purpose: nothing follows redirects, keeps
cookies, reads proxies or .netrc from the environment, decodes bodies or logs addresses, because nothing here
can. What that transport ignores is done here: the time a request may take to be written, TCP keep-alive, the
sizes of headers and bodies. Its exceptions say little, so they are told apart by their cause.

Not here: what an answer means (``openai_chat``, ``catalog``), words for a person (``faults``), asking again.
"""

from __future__ import annotations

import asyncio
import base64
import os
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeVar, cast

from cort_desktop import __version__
from cort_desktop.domain.addresses import origin_of
from cort_desktop.domain.network import Network
from cort_desktop.providers.causes import ExchangeError, cause_of, detail_of
from cort_desktop.providers.deadlines import DeadlineError, Deadlines
from cort_desktop.providers.limits import KIB, Limits
from cort_desktop.providers.sessions import open_session

if TYPE_CHECKING:
    import aiohttp
    import aiohttp.abc
    import httpx
    import httpx_aiohttp

T = TypeVar("T")
UPLOAD_PIECE = 64 * KIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One request. ``first_event_s`` runs from the end of its writing until the reader clears it."""

    method: Literal["GET", "POST"]
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    first_event_s: float
    response_bytes: int


class Reply:
    """A response whose body is read piece by piece, each within the time and size limits."""

    def __init__(
        self,
        response: httpx.Response,
        pieces: AsyncGenerator[bytes, None],
        deadlines: Deadlines,
        allowed: Allowed,
    ) -> None:
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers
        self.deadlines = deadlines
        self._pieces = pieces
        self._allowed = allowed
        self._received = 0

    async def read(self) -> bytes:
        """The next piece of the body; empty at its end. Raises ExchangeError."""
        import aiohttp  # loaded long ago; named here for the except clause
        import httpx

        try:
            piece = await anext(self._pieces, b"")
        except (httpx.HTTPError, aiohttp.ClientError) as error:
            raise ExchangeError(cause_of(error), detail_of(error), sent=True) from error
        if piece:
            self._received += len(piece)
            if self._received > self._allowed.response_bytes:
                detail = f"more than {self._allowed.response_bytes} bytes"
                raise ExchangeError("too_large", detail, sent=True)
            self.deadlines.set("bytes_idle", self._allowed.bytes_idle_s)
        return piece

    async def drain(self, seconds: float) -> None:
        """The answer is complete: read what is left, so that the connection can be used again."""
        with suppress(TimeoutError, ExchangeError):
            async with asyncio.timeout(seconds):
                while await self.read():
                    pass

    async def start(self, most: int) -> bytes:
        """The body up to ``most`` bytes; what comes after is left unread."""
        body = bytearray()
        while len(body) < most and (piece := await self.read()):
            body += piece
        return bytes(body[:most])


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """What one reply may take."""

    response_bytes: int
    bytes_idle_s: float


class Transport:
    """Connections to one provider, opened at the first request.

    contacted: told the origin of each request before anything of it leaves. network: proxy and trust.
    proxy_login: "user:password" for the proxy. ``tls`` and ``resolver`` are for tests.
    """

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        contacted: Callable[[str], None] | None = None,
        network: Network | None = None,
        proxy_login: str = "",
        tls: ssl.SSLContext | None = None,
        resolver: aiohttp.abc.AbstractResolver | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self._contacted = contacted
        self._network = network or Network()
        self._proxy_login = proxy_login
        self._busy = 0
        self._retired = False
        self._tls = tls
        self._resolver = resolver
        self._transport: httpx_aiohttp.AiohttpTransport | None = None

    async def exchange(self, outgoing: Outgoing, use: Callable[[Reply], Awaitable[T]]) -> T:
        """Send and let ``use`` read the reply; the connection is given back or closed when it returns.

        Raises ExchangeError; what ``use`` raises passes through. Cancelling closes the connection.
        """
        if self._contacted is not None:
            self._contacted(origin_of(outgoing.url))
        self._busy += 1
        try:
            return await self._timed(outgoing, use)
        finally:
            self._busy -= 1
            if self._retired and not self._busy:
                await self.aclose()

    async def _timed(self, outgoing: Outgoing, use: Callable[[Reply], Awaitable[T]]) -> T:
        deadlines = Deadlines()
        upload = _Upload(outgoing, deadlines, self.limits)
        load_http()
        import aiohttp  # needed in the except clause; loaded above
        import httpx

        try:
            async with deadlines:
                return await self._exchange(outgoing, upload, deadlines, use)
        except DeadlineError as error:
            sent, seconds = upload.started, error.seconds
            raise ExchangeError(error.phase, str(error), sent=sent, seconds=seconds) from error
        except (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError) as error:
            raise ExchangeError(cause_of(error), detail_of(error), sent=upload.started) from error

    async def _exchange(
        self, outgoing: Outgoing, upload: _Upload, deadlines: Deadlines, use: Callable[[Reply], Awaitable[T]]
    ) -> T:
        response = await self._open(outgoing.url).handle_async_request(self._request(outgoing, upload))
        deadlines.clear("writing")
        pieces = cast("AsyncGenerator[bytes, None]", aiter(cast("httpx.AsyncByteStream", response.stream)))
        try:
            _check_head(response, self.limits)
            allowed = Allowed(response_bytes=outgoing.response_bytes, bytes_idle_s=self.limits.bytes_idle_s)
            return await use(Reply(response, pieces, deadlines, allowed))
        finally:
            await pieces.aclose()
            await response.aclose()

    @property
    def is_busy(self) -> bool:
        """Whether a request is on its way."""
        return self._busy > 0

    async def retire(self) -> None:
        """Close as soon as no request is on its way; a later one opens connections for itself alone."""
        self._retired = True
        if not self._busy:
            await self.aclose()

    async def aclose(self) -> None:
        """Close every connection. Calling it twice is fine."""
        transport, self._transport = self._transport, None
        if transport is not None:
            await transport.aclose()

    def _request(self, outgoing: Outgoing, upload: _Upload) -> httpx.Request:
        import httpx

        headers = {
            "Accept-Encoding": "identity",
            "User-Agent": f"cort-desktop/{__version__}",
            **outgoing.headers,
        }
        if self._network.proxy_for(outgoing.url) and not outgoing.url.lower().startswith("https:"):
            headers |= self._proxy_headers()  # a tunnel is told by itself
        # To aiohttp "pool" spans waiting for a place, looking the name up, TCP and TLS together.
        timeout = {"pool": self.limits.connect_s, "connect": self.limits.connect_s, "read": None}
        extensions = {"timeout": timeout}
        if not outgoing.body:
            upload.finished()
            return httpx.Request(outgoing.method, outgoing.url, headers=headers, extensions=extensions)
        headers["Content-Length"] = str(len(outgoing.body))
        return httpx.Request(
            outgoing.method,
            outgoing.url,
            headers=headers,
            stream=cast("httpx.AsyncByteStream", upload),
            extensions=extensions,
        )

    def _open(self, url: str) -> httpx_aiohttp.AiohttpTransport:
        if self._transport is None:
            import httpx_aiohttp

            # An origin without TLS never needs certificates: reading them takes 20 ms.
            secure = url.lower().startswith("https:")
            tls = self._tls or (self._trusted() if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
            self._transport = httpx_aiohttp.AiohttpTransport(
                verify=tls,
                trust_env=False,
                proxy=self._proxy(url),
                client=lambda: open_session(tls, self.limits, self._resolver),
            )
        return self._transport

    def _trusted(self) -> ssl.SSLContext:
        from cort_desktop.providers.tls import AuthoritiesError, trusted_tls

        try:
            return trusted_tls(self._network)
        except AuthoritiesError as error:
            raise ExchangeError("authorities", str(error), sent=False) from error

    def _proxy(self, url: str) -> httpx.Proxy | None:
        import httpx

        proxy = self._network.proxy_for(url)
        return httpx.Proxy(proxy, headers=self._proxy_headers()) if proxy else None

    def _proxy_headers(self) -> dict[str, str]:
        login = base64.b64encode(self._proxy_login.encode()).decode("ascii")
        return {"Proxy-Authorization": f"Basic {login}"} if self._proxy_login else {}


class _Upload:
    """The body of a request in pieces: each may take ``write_s``, then the first event is awaited."""

    def __init__(self, outgoing: Outgoing, deadlines: Deadlines, limits: Limits) -> None:
        self._outgoing = outgoing
        self._deadlines = deadlines
        self._limits = limits
        self.started = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.started = True
        body = self._outgoing.body
        for start in range(0, len(body), UPLOAD_PIECE):
            self._deadlines.set("writing", self._limits.write_s)
            yield body[start : start + UPLOAD_PIECE]
        self.finished()

    async def aclose(self) -> None:
        """Part of the shape of a stream; nothing is held."""

    def finished(self) -> None:
        """Everything is written: the answer's time begins."""
        self._deadlines.clear("writing")
        self._deadlines.set("first_event", self._outgoing.first_event_s)


def load_http() -> None:
    """Import httpx, aiohttp and what joins them: a third of a second, so only when something is sent.

    aiohttp makes a TLS context while it is imported, and Python opens the file named by SSLKEYLOGFILE for
    each such context: the variable is out of sight meanwhile, so that it can't break the import.
    """
    hidden = os.environ.pop("SSLKEYLOGFILE", None)
    try:
        import httpx_aiohttp  # noqa: F401  the import is the point
    finally:
        if hidden is not None:
            os.environ["SSLKEYLOGFILE"] = hidden


def _check_head(response: httpx.Response, limits: Limits) -> None:
    size = sum(len(name) + len(value) + 4 for name, value in response.headers.raw)
    if size > limits.header_bytes:
        raise ExchangeError("too_large", f"headers of {size} bytes", sent=True)
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise ExchangeError("encoded", encoding, sent=True)
