"""The door to the network: connections, certificates, timers, and that nothing comes from the environment."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import aiohttp.abc
import psutil
import pytest
import trustme

from cort_desktop.errors import ProviderError
from cort_desktop.providers.http import Transport
from cort_desktop.providers.limits import MIB, Limits
from cort_desktop.providers.tls import trusted_tls
from tests.fakes.asking import KEY, Notices, remote, request
from tests.fakes.loops import run, run_virtual
from tests.fakes.replies import (
    Close,
    Hang,
    Reply,
    Send,
    Step,
    Wait,
    chat_reply,
    event,
    framed,
    head,
    piece,
    status_reply,
    stream_head,
)
from tests.fakes.scripted_server import Request, ScriptedServer


async def failure(base_url: str, **setting: Any) -> ProviderError:
    async with remote(base_url, **setting) as model:
        with pytest.raises(ProviderError) as failed:
            await model.complete(request(), Notices())
        return failed.value


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


# connecting


@pytest.mark.reliability(1)
def test_row_1_a_closed_port_is_unreachable_and_nothing_was_sent() -> None:
    port = free_port()
    error = run_virtual(failure(f"http://127.0.0.1:{port}/v1"))
    assert (error.kind, error.retryable, error.sent) == ("unreachable", True, False)
    assert f"http://127.0.0.1:{port}" in str(error)
    assert str(error).endswith("(connection refused). Is the server running?")


class Resolver(aiohttp.abc.AbstractResolver):
    """Names that lead where a test says; counts how often it is asked."""

    def __init__(self, port: int | None = None) -> None:
        self.asked = 0
        self._port = port

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[aiohttp.abc.ResolveResult]:
        self.asked += 1
        if self._port is None:
            raise OSError(socket.EAI_NONAME, "Name or service not known")
        return [
            {
                "hostname": host,
                "host": "127.0.0.1",
                "port": self._port,
                "family": socket.AF_INET,
                "proto": 0,
                "flags": 0,
            }
        ]

    async def close(self) -> None:
        pass


@pytest.mark.reliability(2)
def test_row_2_a_name_that_is_not_found_is_offline() -> None:
    resolver = Resolver()
    error = run_virtual(failure("https://api.example/v1", resolver=resolver))
    assert (error.kind, error.retryable, error.sent) == ("offline", True, False)
    assert "https://api.example" in str(error)
    assert resolver.asked == 1


@pytest.mark.reliability(3)
def test_row_3_a_connection_that_hangs_fails_after_five_seconds() -> None:
    async def main() -> None:
        with socket.socket() as full:
            full.bind(("127.0.0.1", 0))
            full.listen(0)
            waiting = []
            loop = asyncio.get_running_loop()
            for _ in range(8):  # the queue of a server that never accepts
                one = socket.socket()
                one.setblocking(False)
                one.connect_ex(full.getsockname())
                waiting.append(one)
            started = loop.time()
            error = await failure(f"http://127.0.0.1:{full.getsockname()[1]}/v1")
            for one in waiting:
                one.close()
            assert (error.kind, error.retryable, error.sent) == ("timeout", True, False)
            assert loop.time() - started == pytest.approx(5.0, abs=1.0)
            assert "within 5 s" in str(error)

    run_virtual(main())


@pytest.mark.reliability(3)
def test_row_3_the_handshake_counts_as_connecting() -> None:
    async def main() -> None:
        async with ScriptedServer([]) as server:  # takes the connection and never speaks TLS
            loop = asyncio.get_running_loop()
            started = loop.time()
            error = await failure(f"https://127.0.0.1:{server.port}/v1")
            assert (error.kind, error.sent) == ("timeout", False)
            assert loop.time() - started == pytest.approx(5.0, abs=1.0)
            await server.connections[0].gone.wait()

    run_virtual(main())


def test_an_address_that_is_none_is_said_so() -> None:
    for base_url in (
        "not an address",
        "http://",
        "http://[::1/v1",
        "ftp://127.0.0.1/v1",
        "http://h:99999/v1",
    ):
        error = run_virtual(failure(base_url))
        assert (error.kind, error.retryable, error.sent) == ("bad_request", False, False), base_url
        assert "base_url" in str(error)


def test_what_speaks_no_http_is_no_api() -> None:
    async def main() -> None:
        for said in (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", b"\x15\x03\x01\x00\x02\x02\x28" * 20 + b"\r\n\r\n"):
            async with ScriptedServer([[Send(said), Close()]]) as server:
                error = await failure(server.base_url)
                assert (error.kind, error.retryable) == ("not_an_api", False)

    run_virtual(main())


# certificates


@asynccontextmanager
async def tls_server(issued: trustme.LeafCert, script: Any) -> AsyncIterator[ScriptedServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued.configure_cert(context)
    async with ScriptedServer(script, tls=context) as server:
        yield server


def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = trusted_tls()
    authority.configure_trust(context)
    return context


@pytest.mark.reliability(4)
@pytest.mark.parametrize(
    ("fault", "cause"),
    [("expired", "expired"), ("host", "not valid for"), ("self", "unable to get local issuer")],
)
def test_row_4_a_bad_certificate_is_refused_and_nothing_sent(fault: str, cause: str) -> None:
    known, unknown = trustme.CA(), trustme.CA()
    past = datetime.now(UTC) - timedelta(days=2)
    issued = {
        "expired": lambda: known.issue_cert("127.0.0.1", not_before=past - timedelta(days=9), not_after=past),
        "host": lambda: known.issue_cert("other.test"),
        "self": lambda: unknown.issue_cert("127.0.0.1"),
    }[fault]()

    async def main() -> None:
        async with tls_server(issued, []) as server:
            error = await failure(server.base_url, tls=trusting(known))
            assert (error.kind, error.retryable, error.sent) == ("tls", False, False)
            assert cause in str(error)
            assert not server.connections  # the handshake never ended, so no byte came through
            assert not server.requests

    run_virtual(main())


@pytest.mark.reliability(4)
def test_row_4_certificates_and_tls_versions_are_checked_in_production() -> None:
    assert trusted_tls().minimum_version == ssl.TLSVersion.TLSv1_2
    assert trusted_tls().verify_mode == ssl.CERT_REQUIRED
    assert trusted_tls().check_hostname


def test_a_good_certificate_works_and_its_connection_is_reused() -> None:
    authority = trustme.CA()

    async def main() -> None:
        async with tls_server(authority.issue_cert("127.0.0.1"), lambda _: chat_reply("safe")) as server:
            async with remote(server.base_url, tls=trusting(authority)) as model:
                for _ in range(3):
                    assert (await model.complete(request(), Notices())).text == "safe"
            assert len(server.connections) == 1

    run_virtual(main())


# writing


def test_a_request_that_nobody_reads_fails_after_thirty_seconds() -> None:
    async def main() -> None:
        async with (
            ScriptedServer([[Hang()]], reads_bodies=False) as server,
            remote(server.base_url) as model,
        ):
            started = asyncio.get_running_loop().time()
            with pytest.raises(ProviderError, match="took nothing of the request for 30 s") as failed:
                await model.complete(request("x" * 32 * MIB), Notices())
            assert (failed.value.kind, failed.value.retryable) == ("timeout", True)
            assert failed.value.sent
            assert asyncio.get_running_loop().time() - started == pytest.approx(30.0, abs=0.1)

    run_virtual(main())


def test_a_long_request_arrives_whole() -> None:
    async def main() -> None:
        async with ScriptedServer([chat_reply("read")]) as server, remote(server.base_url) as model:
            text = "€" * MIB
            await model.complete(request(text), Notices())
            assert server.requests[0].prompt == text

    run_virtual(main())


def test_an_answer_that_comes_before_the_request_is_read_counts() -> None:
    async def main() -> None:
        reply: Reply = [*status_reply(413, "too much"), Wait(1.0), Close()]
        async with ScriptedServer([reply], reads_bodies=False) as server, remote(server.base_url) as model:
            with pytest.raises(ProviderError, match="too large") as failed:
                await model.complete(request("x" * 16 * MIB), Notices())
            assert failed.value.status == 413

    run_virtual(main())


# reading


def test_headers_are_bounded() -> None:
    async def main() -> None:
        for headers in ({"X": "v" * 70_000}, {f"X-{n}": "v" * 900 for n in range(100)}):
            async with ScriptedServer([[Send(head(200, headers)), Hang()]]) as server:
                error = await failure(server.base_url)
                assert error.kind == "cut_by_limit"
                assert "cut by a limit of ours" in str(error)
                assert "vvv" not in str(error)
                await server.connections[0].gone.wait()

    run_virtual(main())


def test_no_cookie_is_kept() -> None:
    async def main() -> None:
        script = [status_reply(503, headers={"Set-Cookie": "id=1; Path=/"}), chat_reply("a")]
        async with ScriptedServer(script) as server:
            named = f"http://api.localhost:{server.port}/v1"  # an address in numbers gets no cookies anyway
            async with remote(named, resolver=Resolver(server.port)) as model:
                with pytest.raises(ProviderError):
                    await model.complete(request(), Notices())
                await model.complete(request(), Notices())
            assert "cookie" not in server.requests[1].headers

    run_virtual(main())


def test_an_idle_connection_is_dropped_after_its_time() -> None:
    async def main() -> None:
        limits = Limits(keep_alive_s=0.05)
        async with (
            ScriptedServer(lambda _: chat_reply("a")) as server,
            remote(server.base_url, limits=limits) as model,
        ):
            for connections in (1, 2):
                await model.complete(request(), Notices())
                assert len(server.connections) == connections
                await asyncio.sleep(0.3)

    run(main())  # aiohttp reads the system's clock for this one
    assert Limits().keep_alive_s == 30


def test_a_dead_peer_is_noticed_by_the_system() -> None:
    async def main() -> None:
        async with ScriptedServer([chat_reply("a")]) as server, remote(server.base_url) as model:
            await model.complete(request(), Notices())
            session = model._transport._transport.client  # type: ignore[union-attr]
            ((connection, *_),) = session.connector._conns.values()  # type: ignore[union-attr]
            raw = connection[0].transport.get_extra_info("socket")  # type: ignore[union-attr]
            assert raw.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            if sys.platform == "linux":
                told = [raw.getsockopt(socket.IPPROTO_TCP, option) for option in (4, 5, 6)]
                assert told == [60, 60, 5]

    run_virtual(main())


# cancelling


def sockets() -> int:
    return len(psutil.Process().net_connections(kind="tcp"))


def slow(_: Request) -> Reply:
    """Says a word, then takes for ever."""
    return [stream_head(), framed(event(piece("word"))), Hang()]


@pytest.mark.reliability(31)
def test_row_31_cancelling_a_fan_out_closes_every_socket_at_once() -> None:
    async def main() -> None:
        async with ScriptedServer(slow) as server, remote(server.base_url) as model:
            before = sockets()
            notices = [Notices() for _ in range(32)]
            calls = [asyncio.create_task(model.complete(request(), one)) for one in notices]
            while not all(one.text == "word" for one in notices):  # noqa: ASYNC110  nothing tells
                await asyncio.sleep(0.01)
            assert sockets() >= before + 32
            started = asyncio.get_running_loop().time()
            for call in calls:
                call.cancel()
            ended = await asyncio.gather(*calls, return_exceptions=True)
            assert all(isinstance(one, asyncio.CancelledError) for one in ended)
            for connection in server.connections:
                await connection.gone.wait()
            assert asyncio.get_running_loop().time() - started < 0.2
            assert sockets() == before

    run_virtual(main())


@pytest.mark.reliability(32)
def test_row_32_a_thousand_random_cancels_leave_the_pool_serving() -> None:
    """Cancelled while connecting, while writing, while waiting, while reading: the pool loses no place."""

    async def main() -> None:
        random = Random(7)
        gate = asyncio.Semaphore(24)

        def script(_: Request) -> Reply:
            steps: list[Step] = [Wait(random.random() * 0.02), stream_head()]
            return [*steps, framed(event(piece("a"))), Wait(random.random() * 0.02), *chat_reply("b")[1:]]

        limits = Limits(connections=8)
        async with ScriptedServer(script) as server, remote(server.base_url, limits=limits) as model:

            async def one() -> bool:
                async with gate:
                    call = asyncio.create_task(model.complete(request(), Notices()))
                    await asyncio.sleep(random.choice((0, 0, random.random() * 0.05)))
                    return call.cancel()

            cancelled = await asyncio.gather(*(one() for _ in range(1000)))
            await asyncio.sleep(0.1)
            assert sum(cancelled) > 500
            after = await asyncio.gather(*(model.complete(request(), Notices()) for _ in range(16)))
            assert {done.text for done in after} == {"ab"}
            assert server.open_connections <= 8

    run_virtual(main())


def test_closing_while_calls_run_and_closing_twice_is_clean() -> None:
    async def main() -> None:
        async with ScriptedServer(slow) as server, remote(server.base_url) as model:
            call = asyncio.create_task(model.complete(request(), Notices()))
            while not server.requests:  # noqa: ASYNC110  nothing tells
                await asyncio.sleep(0.01)
            await model._transport.aclose()
            with pytest.raises(ProviderError):
                await call
            await model._transport.aclose()
            await server.connections[0].gone.wait()

    run_virtual(main())


def test_closing_before_anything_was_sent_is_fine() -> None:
    run(Transport().aclose())


# the environment


@pytest.mark.reliability(64)
def test_row_64_proxies_netrc_and_key_logs_of_the_environment_are_ignored(tmp_path: Path) -> None:
    """In a process of its own, because Python reads some of it when it starts."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login spy password secret\n")
    (tmp_path / ".netrc").chmod(0o600)
    keylog = tmp_path / "keys.log"
    program = Path(__file__).parent.parent / "fakes" / "one_tls_call.py"
    dead_end = f"http://127.0.0.1:{free_port()}"
    names = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
    proxies = dict.fromkeys(names, dead_end)
    for path in (keylog, tmp_path / "missing" / "keys.log"):
        told = subprocess.run(
            [sys.executable, "-W", "error", "-m", "tests.fakes.one_tls_call"],
            cwd=program.parents[2],
            env={**os.environ, **proxies, "HOME": str(tmp_path), "SSLKEYLOGFILE": str(path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (told.stdout, told.stderr) == (f"safe Bearer {KEY}\n", "")
        assert not path.exists()


def test_nothing_of_http_is_imported_before_it_is_used() -> None:
    program = (
        "import sys, cort_desktop.providers.openai_chat, cort_desktop.providers.catalog, "
        "cort_desktop.resilience.resilient as r\n"
        "from cort_desktop.providers.http import Transport; Transport()\n"
        "slow = {'httpx', 'aiohttp', 'httpx_aiohttp', 'certifi', 'anyio'}\n"
        "print(sorted(slow & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"
