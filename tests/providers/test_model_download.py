"""Fetching a model without pip, from a real server on loopback that breaks off, sends on, lies."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cort_desktop.errors import ProviderError
from cort_desktop.providers.http import Transport
from cort_desktop.providers.model_download import ModelDownload
from cort_desktop.providers.model_file import KnownModel, ModelFiles
from cort_desktop.providers.model_install import Installed
from tests.fakes.builtin import small_model
from tests.fakes.loops import run
from tests.fakes.replies import Close, Reply, Send, body_reply, head
from tests.fakes.scripted_server import Request, ScriptedServer

CONTENT = bytes(range(256)) * 2000
HALF = len(CONTENT) // 2


def whole(request: Request) -> Reply:
    """As a server of files does it: from where one asks, or all of it."""
    begin = int(request.headers.get("range", "bytes=0-").removeprefix("bytes=").partition("-")[0])
    if not begin:
        return body_reply(CONTENT)
    told = {"Content-Range": f"bytes {begin}-{len(CONTENT) - 1}/{len(CONTENT)}"}
    return body_reply(CONTENT[begin:], status=206, headers=told)


class World:
    """A models folder and the servers of one test."""

    def __init__(self, top: Path) -> None:
        self.folder = top / "models"
        self.cache = top / "cache"
        self.seen: list[tuple[int, int]] = []
        self.contacted: list[str] = []
        self.model = small_model(CONTENT)

    def files(self, model: KnownModel) -> ModelFiles:
        return ModelFiles({"small": model}, folder=self.folder, cache=self.cache, place_of=lambda _: None)

    async def install(self, address: str, **changes: object) -> Installed:
        model = replace(self.model, address=address, **changes)  # type: ignore[arg-type]
        transport = Transport(contacted=self.contacted.append)
        try:
            return await ModelDownload(self.files(model), transport).install(
                "small", lambda done, total: self.seen.append((done, total))
            )
        finally:
            await transport.aclose()

    async def refusal(self, address: str, **changes: object) -> str:
        with pytest.raises(ProviderError) as failed:
            await self.install(address, **changes)
        assert failed.value.kind == "model_file"
        assert str(failed.value).startswith("The built-in model small was not installed: ")
        return str(failed.value)

    def left(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_the_file_is_fetched_checked_and_put_in_place(world: World) -> None:
    async def main() -> None:
        async with ScriptedServer(whole) as server:
            installed = await world.install(f"{server.origin}/small.gguf")
            assert installed == Installed(path=world.folder / "small.gguf", was_there=False)
            assert installed.path.read_bytes() == CONTENT
            assert installed.path.stat().st_mode & 0o777 == 0o600
            assert world.left() == ["small.gguf"]
            assert world.seen[-1] == (len(CONTENT), len(CONTENT))
            assert world.contacted == [server.origin]
            assert (await world.install(f"{server.origin}/small.gguf")).was_there
            assert len(server.requests) == 1

    run(main())


def test_a_download_that_broke_off_goes_on_from_there(world: World) -> None:
    def script(request: Request) -> Reply:
        if "range" in request.headers:
            return whole(request)
        return [Send(head(200, {"Content-Length": str(len(CONTENT))}) + CONTENT[:HALF]), Close()]

    async def main() -> None:
        async with ScriptedServer(script) as server:
            told = await world.refusal(server.origin)
            assert "broke off" in told
            assert "what has come is kept" in told
            assert [path.stat().st_size for path in world.folder.iterdir()] == [HALF]
            assert (await world.install(server.origin)).path.read_bytes() == CONTENT
            assert server.requests[1].headers["range"] == f"bytes={HALF}-"

    run(main())


def test_a_server_that_can_not_go_on_starts_again(world: World) -> None:
    async def main() -> None:
        async with ScriptedServer(lambda _: body_reply(CONTENT)) as server:
            world.folder.mkdir()
            part = world.folder / f".small.gguf.{world.model.sha256[:16]}.part"
            part.write_bytes(b"x" * 100)
            assert (await world.install(server.origin)).path.read_bytes() == CONTENT

    run(main())


def test_a_part_that_does_not_fit_is_thrown_away_not_installed(world: World) -> None:
    async def main() -> None:
        async with ScriptedServer(whole) as server:
            world.folder.mkdir()
            part = world.folder / f".small.gguf.{world.model.sha256[:16]}.part"
            part.write_bytes(b"x" * HALF)
            assert "SHA-256" in await world.refusal(server.origin)
            assert world.left() == []
            assert (await world.install(server.origin)).path.read_bytes() == CONTENT

    run(main())


def test_it_follows_where_it_is_sent_on_this_computer_alone_without_encryption(world: World) -> None:
    async def main() -> None:
        async with ScriptedServer(whole) as files:
            moved = head(302, {"Location": f"{files.origin}/there", "Content-Length": "0"})
            async with ScriptedServer(lambda _: [Send(moved)]) as server:
                await world.install(server.origin)
                assert world.contacted == [server.origin, files.origin]

    run(main())


def test_it_is_never_sent_on_to_an_address_without_encryption(world: World) -> None:
    async def main() -> None:
        moved = head(302, {"Location": "http://example.org/small.gguf", "Content-Length": "0"})
        async with ScriptedServer(lambda _: [Send(moved)]) as server:
            assert "isn't encrypted" in await world.refusal(server.origin)
            assert world.contacted == [server.origin]

    run(main())


def test_a_circle_ends(world: World) -> None:
    async def main() -> None:
        moved = head(302, {"Location": "/again", "Content-Length": "0"})
        async with ScriptedServer(lambda _: [Send(moved)]) as server:
            assert "from one address to the next" in await world.refusal(server.origin)
            assert len(server.requests) == 5

    run(main())


def test_what_is_larger_than_it_should_be_is_refused(world: World) -> None:
    async def main() -> None:
        async with ScriptedServer(lambda _: body_reply(CONTENT + b"more")) as server:
            told = await world.refusal(server.origin)
            assert "broke off" in told or "larger" in told
            assert not (world.folder / "small.gguf").exists()

    run(main())


def test_a_refusal_of_the_server_names_it(world: World) -> None:
    async def main() -> None:
        async with ScriptedServer(lambda _: body_reply("gone", status=404)) as server:
            assert "127.0.0.1 answered with status 404" in await world.refusal(server.origin)

    run(main())


def test_no_address_is_told(world: World) -> None:
    async def main() -> None:
        assert "knows no address" in await world.refusal("")

    run(main())
