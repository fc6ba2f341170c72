"""A model service on this computer that repeats the key it is sent, in every way a service might.

The other side of ``key_proof``. It serves one proof, listens on loopback alone, and knows nothing of the
program but the shapes of two protocols.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from urllib.parse import quote

_HEAD_BYTES = 64 * 1024
_PATIENCE_S = 10.0
_ANSWER = {"choices": [{"index": 0, "delta": {"role": "assistant", "content": "As far as was tried, yes."}}]}
_END = {
    "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 9, "completion_tokens": 7},
}


class CanaryService:
    """Answers below ``/answering``, refuses elsewhere. ``carried``: requests that came with the canary."""

    def __init__(self, canary: str) -> None:
        self.carried = 0
        self.origin = ""
        self._canary = canary

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request of one connection."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                writer.write(await self._reply(reader))
                await writer.drain()
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError):
            pass  # the program has gone away; what it carried is counted
        finally:
            writer.close()

    async def _reply(self, reader: asyncio.StreamReader) -> bytes:
        first, *rest = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {
            name.strip().lower(): value.strip() for name, _, value in (each.partition(":") for each in rest)
        }
        await reader.readexactly(int(headers.get("content-length", "0")))
        _, path, _ = f"{first}  ".split(" ", 2)
        if not path.endswith(("/chat/completions", "/messages")):
            return _message("404 Not Found", {"error": {"message": "nothing of that name is here"}})
        if self._canary in headers.get("authorization", "") + headers.get("x-api-key", ""):
            self.carried += 1
        if path.startswith("/answering/"):
            return _stream(_ANSWER, _END)
        words = f"Incorrect API key: {', '.join(spelt(self._canary))}; headers: {headers}"
        if path.startswith("/refusing/"):
            return _message("401 Unauthorized", {"error": {"message": words, "code": "invalid_api_key"}})
        return _message(
            "400 Bad Request", {"type": "error", "error": {"type": "invalid_request_error", "message": words}}
        )


def spelt(key: str) -> Iterator[str]:
    """A key in the ways it may turn up in a text."""
    yield key
    yield f"Bearer {key}"
    yield quote(key, safe="")
    yield quote(key)
    yield json.dumps({"key": key})
    yield repr(key)
    for before in ("", "x", "xy"):
        yield base64.b64encode(f"{before}{key}".encode()).decode()
        yield base64.urlsafe_b64encode(f"{before}{key}:".encode()).decode()


@asynccontextmanager
async def canary_service(canary: str) -> AsyncIterator[CanaryService]:
    """The service, up for the length of the block. Raises OSError where nothing may listen."""
    service = CanaryService(canary)
    server = await asyncio.start_server(service.serve, "127.0.0.1", 0, limit=_HEAD_BYTES)
    try:
        host, port = server.sockets[0].getsockname()[:2]
        service.origin = f"http://{host}:{port}"
        yield service
    finally:
        server.close()
        await server.wait_closed()


def _message(status: str, body: object) -> bytes:
    return _http(status, "application/json", json.dumps(body).encode())


def _stream(*events: object) -> bytes:
    lines = "".join(f"data: {json.dumps(event)}\n\n" for event in events)
    return _http("200 OK", "text/event-stream", f"{lines}data: [DONE]\n\n".encode())


def _http(status: str, kind: str, body: bytes) -> bytes:
    fields = (f"Content-Type: {kind}", f"Content-Length: {len(body)}", "Connection: close")
    return "\r\n".join((f"HTTP/1.1 {status}", *fields, "", "")).encode() + body
