"""The way out of this computer: proxies, certificate authorities, IPv6, and names that lead where nothing is
ever sent.
"""

from __future__ import annotations

import asyncio
import base64
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp.abc
import pytest
import trustme

from cort_desktop.domain.network import Network
from cort_desktop.errors import ProviderError
from cort_desktop.providers.tls import AuthoritiesError, trusted_tls
from tests.fakes.asking import Notices, remote, request
from tests.fakes.loops import run
from tests.fakes.replies import chat_reply, status_reply
from tests.fakes.scripted_server import ScriptedServer


class Leads(aiohttp.abc.AbstractResolver):
    """Every name leads to one address."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[aiohttp.abc.ResolveResult]:
        self.asked.append(host)
        found = []
        for address in self.addresses:
            kind = socket.AF_INET6 if ":" in address else socket.AF_INET
            found.append(
                aiohttp.abc.ResolveResult(
                    hostname=host, host=address, port=port, family=kind, proto=0, flags=0
                )
            )
        return found

    async def close(self) -> None:
        """Nothing is held."""


class TunnelProxy:
    """An HTTP proxy that knows CONNECT; wants ``login`` where one is given."""

    def __init__(self, target: tuple[str, int], login: str = "") -> None:
        self.target = target
        self.login = login
        self.asked: list[str] = []

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            server.close()
            await server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.asked.append(head.splitlines()[0])
        wanted = f"Basic {base64.b64encode(self.login.encode()).decode()}"
        if self.login and wanted not in head:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
        else:
            far_reader, far_writer = await asyncio.open_connection(*self.target)
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))
        writer.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


async def failure(base_url: str, **setting: Any) -> ProviderError:
    async with remote(base_url, **setting) as model:
        with pytest.raises(ProviderError) as failed:
            await model.complete(request(), Notices())
        return failed.value


def test_a_plain_request_goes_through_the_proxy() -> None:
    async def main() -> None:
        async with ScriptedServer(lambda _: chat_reply("by proxy")) as proxy:
            network = Network(proxy=proxy.base_url.removesuffix("/v1"))
            async with remote("http://model.test/v1", network=network, proxy_login="me:s3cret") as model:
                assert (await model.complete(request(), Notices())).text == "by proxy"
            (asked,) = proxy.requests
            assert asked.path == "http://model.test/v1/chat/completions"
            assert asked.headers["proxy-authorization"] == "Basic bWU6czNjcmV0"

    run(main())


@pytest.mark.parametrize("login", ["", "me:s3cret"])
def test_a_secure_request_is_tunnelled_and_its_certificate_checked(login: str) -> None:
    authority = trustme.CA()
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("model.test").configure_cert(served)
    trusting = trusted_tls()
    authority.configure_trust(trusting)

    async def main() -> None:
        async with ScriptedServer(lambda _: chat_reply("safe"), tls=served) as server:
            proxy = TunnelProxy(("127.0.0.1", server.port), login)
            async with proxy.serving() as address:
                ways: dict[str, Any] = {"network": Network(proxy=address), "tls": trusting}
                async with remote("https://model.test/v1", proxy_login=login, **ways) as model:
                    assert (await model.complete(request(), Notices())).text == "safe"
                assert proxy.asked == ["CONNECT model.test:443 HTTP/1.1"]
                strange = await failure(
                    "https://other.test/v1", proxy_login=login, **ways
                )  # the proxy leads to a server of another name
                assert strange.kind == "tls"
        assert len(server.requests) == 1

    run(main())


def test_a_proxy_that_refuses_is_named() -> None:
    async def main() -> None:
        proxy = TunnelProxy(("127.0.0.1", 9), "me:right")
        async with proxy.serving() as address:
            error = await failure(
                "https://model.test/v1", network=Network(proxy=address), proxy_login="me:no"
            )
        assert (error.kind, error.retryable) == ("unreachable", False)
        assert "proxy_env" in str(error)
        assert "407" in str(error)
        assert "wrong" not in str(error)

    run(main())


def test_this_computer_and_the_named_hosts_are_asked_directly() -> None:
    network = Network(proxy="http://127.0.0.1:9", direct=("intranet.test",))
    assert network.proxy_for("http://127.0.0.1:8080/v1") == ""
    assert network.proxy_for("http://[::1]:8080/v1") == ""
    assert network.proxy_for("https://intranet.test/v1") == ""
    assert network.proxy_for("https://models.intranet.test/v1") == ""
    assert network.proxy_for("https://notintranet.test/v1") == "http://127.0.0.1:9"

    async def main() -> None:
        async with (
            ScriptedServer(lambda _: chat_reply("direct")) as server,
            remote(server.base_url, network=network) as model,
        ):
            assert (await model.complete(request(), Notices())).text == "direct"

    run(main())


def test_a_company_s_authority_is_trusted_when_its_file_is_named(tmp_path: Path) -> None:
    authority = trustme.CA()
    file = tmp_path / "company.pem"
    authority.cert_pem.write_to_path(file)
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(served)

    async def main() -> None:
        async with ScriptedServer(lambda _: chat_reply("trusted"), tls=served) as server:
            assert (await failure(server.base_url)).kind == "tls"
            async with remote(server.base_url, network=Network(ca_file=str(file))) as model:
                assert (await model.complete(request(), Notices())).text == "trusted"

    run(main())


@pytest.mark.parametrize("content", [None, "no certificate at all", ""])
def test_a_file_of_authorities_that_holds_none_is_said_before_anything_is_sent(
    tmp_path: Path, content: str | None
) -> None:
    file = tmp_path / "company.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(AuthoritiesError):
        trusted_tls(Network(ca_file=str(file)))

    async def main() -> None:
        error = await failure("https://127.0.0.1:9/v1", network=Network(ca_file=str(file)))
        assert (error.kind, error.retryable, error.sent) == ("tls", False, False)
        assert "ca_file" in str(error)

    run(main())


def test_the_system_s_trust_is_asked_where_it_is_chosen() -> None:
    issued = trustme.CA().issue_cert("127.0.0.1")
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued.configure_cert(served)

    async def main() -> None:
        async with ScriptedServer(lambda _: chat_reply("never"), tls=served) as server:
            error = await failure(server.base_url, network=Network(trust="system"))
            assert error.kind == "tls"
            assert not server.requests

    run(main())


def test_a_server_on_ipv6_is_reached() -> None:
    async def main() -> None:
        async with (
            ScriptedServer(lambda _: chat_reply("six"), host="::1") as server,
            remote(f"http://[::1]:{server.port}/v1") as model,
        ):
            assert (await model.complete(request(), Notices())).text == "six"

    run(main())


@pytest.mark.reliability(61)
@pytest.mark.parametrize(
    "addresses",
    [
        ("169.254.169.254",),
        ("::ffff:169.254.169.254",),
        ("fe80::1%eth0",),
        ("fd00:ec2::254",),
        ("0.0.0.0",),  # noqa: S104  refused, not bound
        ("127.0.0.1", "169.254.169.254"),
    ],
)
def test_row_61_a_name_that_leads_to_a_forbidden_address_is_never_connected_to(
    addresses: tuple[str, ...],
) -> None:
    async def main() -> None:
        leads = Leads(*addresses)
        error = await failure("http://rebound.test/v1", resolver=leads)
        assert leads.asked == ["rebound.test"]
        assert (error.kind, error.retryable, error.sent) == ("unreachable", False, False)
        assert "rebound.test" in str(error)
        assert "base_url" in str(error)

    run(main())


@pytest.mark.reliability(61)
def test_row_61_a_name_is_looked_at_anew_for_each_connection() -> None:
    """It led to an honest server first, and elsewhere when it was looked up again."""

    async def main() -> None:
        leads = Leads("127.0.0.1")
        async with ScriptedServer(lambda _: chat_reply("honest")) as server:
            address = f"http://rebound.test:{server.port}/v1"
            async with remote(address, resolver=leads) as model:
                assert (await model.complete(request(), Notices())).text == "honest"
        leads.addresses = ("169.254.169.254",)
        assert "link-local" in str(await failure(address, resolver=leads))

    run(main())


def test_a_proxy_s_refusal_to_an_unsecured_request_is_no_answer() -> None:
    async def main() -> None:
        async with ScriptedServer(lambda _: status_reply(407, "who are you?")) as proxy:
            error = await failure(
                "http://model.test/v1", network=Network(proxy=proxy.base_url.removesuffix("/v1"))
            )
        assert not error.retryable
        assert "proxy_env" in str(error)

    run(main())
