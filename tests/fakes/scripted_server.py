"""A real HTTP server on loopback: does what a test says, byte by byte, and writes down what it saw.

A script is a list of replies (``replies``), or a function of the request that returns one::

    async with ScriptedServer([chat_reply("Hello"), status_reply(503)]) as server:
        ...  # ask server.base_url
    assert len(server.requests) == 2

    def script(request: Request) -> Reply:          # for whole runs: answer by what is asked
        return chat_reply("42" if "sum" in request.prompt else "no", first_delay=2.0)

It runs in the loop of its test, so on virtual time (``run_virtual``) its delays cost nothing. Not here: TLS
certificates (pass an ``ssl.SSLContext``), judging what a client did.
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from tests.fakes.replies import Close, Hang, Reply, Reset, Send, Step, Until, Wait, status_reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a client sent. ``at`` is the loop's time; ``connection`` counts from 1."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    connection: int
    number: int
    at: float

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def messages(self) -> list[dict[str, str]]:
        return list(self.json["messages"])

    @property
    def prompt(self) -> str:
        """All that was said, in one text."""
        return "\n\n".join(message["content"] for message in self.messages)


Script = Sequence[Reply] | Callable[[Request], Reply]


@dataclass(slots=True)
class Connection:
    """What happened on one connection. ``lost_at`` is the loop's time, ``received`` counts plain bytes."""

    number: int
    opened_at: float
    lost_at: float | None = None
    received: int = 0
    requests: list[Request] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def open(self) -> bool:
        return self.lost_at is None


class ScriptedServer:
    """An async context manager. Leaving it fails when a list of replies ran out."""

    def __init__(
        self,
        script: Script,
        *,
        tls: ssl.SSLContext | None = None,
        reads_bodies: bool = True,
        host: str = "127.0.0.1",
    ) -> None:
        self._host = host
        self.requests: list[Request] = []
        self.connections: list[Connection] = []
        self.port = 0
        self._script = script
        self._tls = tls
        self._reads_bodies = reads_bodies
        self._unexpected = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @property
    def origin(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        return f"{self.origin}/v1"

    @property
    def open_connections(self) -> int:
        return sum(connection.open for connection in self.connections)

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Wire(self), self._host, 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for connection in self.connections:
            await connection.gone.wait()
        if self._tls:
            await asyncio.sleep(0.01)  # handshakes that a client broke off live in tasks of the loop's own
        if kind is None:
            assert not self._unexpected, f"{self._unexpected} requests more than the script has replies"

    def reply_to(self, request: Request) -> Reply:
        """The script's reply."""
        self.requests.append(request)
        if callable(self._script):
            return self._script(request)
        if request.number > len(self._script):
            self._unexpected += 1
            return status_reply(400, "the script of this test has no reply left")
        return self._script[request.number - 1]


class _Wire(asyncio.Protocol):
    """One connection: collects requests, plays replies, one after another."""

    def __init__(self, server: ScriptedServer) -> None:
        self._server = server
        self._buffer = bytearray()
        self._arrived = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._transport: asyncio.Transport | None = None
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        loop = asyncio.get_running_loop()
        connections = self._server.connections
        self._seen = Connection(number=len(connections) + 1, opened_at=loop.time())
        connections.append(self._seen)
        self._task = loop.create_task(self._serve())
        self._server._tasks.add(self._task)
        self._task.add_done_callback(self._done)

    def data_received(self, data: bytes) -> None:
        self._seen.received += len(data)
        self._buffer += data
        self._arrived.set()
        if not self._server._reads_bodies and b"\r\n\r\n" in self._buffer:
            assert self._transport is not None
            self._transport.pause_reading()

    def connection_lost(self, error: Exception | None) -> None:
        self._seen.lost_at = asyncio.get_running_loop().time()
        self._seen.gone.set()
        self._writable.set()
        if self._task is not None:
            self._task.cancel()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def _done(self, task: asyncio.Task[None]) -> None:
        self._server._tasks.discard(task)
        if self._transport is not None:
            self._transport.abort()
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error

    async def _serve(self) -> None:
        while True:
            request = await self._request()
            for step in self._server.reply_to(request):
                await self._play(step)

    async def _request(self) -> Request:
        while b"\r\n\r\n" not in self._buffer:
            await self._more()
        head, _, _ = self._buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        size = int(headers.get("content-length", "0"))
        del self._buffer[: len(head) + 4]
        while len(self._buffer) < size and self._server._reads_bodies:
            await self._more()
        body = bytes(self._buffer[:size])
        del self._buffer[:size]
        method, path, _ = first.split(" ")
        request = Request(
            method=method,
            path=path,
            headers=headers,
            body=body,
            connection=self._seen.number,
            number=len(self._server.requests) + 1,
            at=asyncio.get_running_loop().time(),
        )
        self._seen.requests.append(request)
        return request

    async def _more(self) -> None:
        self._arrived.clear()
        await self._arrived.wait()

    async def _play(self, step: Step) -> None:
        assert self._transport is not None
        match step:
            case Send():
                if self._transport.is_closing():  # the client left: its end cancels this task in a moment
                    await asyncio.get_running_loop().create_future()
                self._transport.write(step.data)
                await self._writable.wait()
            case Wait():
                await asyncio.sleep(step.seconds)
            case Until():
                await step.event.wait()
            case Hang():
                await asyncio.get_running_loop().create_future()
            case Close():
                self._transport.close()
                await asyncio.get_running_loop().create_future()
            case Reset():
                raw: socket.socket = self._transport.get_extra_info("socket")
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self._transport.abort()
                await asyncio.get_running_loop().create_future()
