"""What an Ollama has and fetches: lists, what each model can do, a pull with its progress."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest

from cort_desktop.domain.budget import FREE
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.models import ModelProfile
from cort_desktop.errors import ProviderError
from cort_desktop.providers.http import Transport
from cort_desktop.providers.limits import Limits
from cort_desktop.providers.lookup import Lookup
from cort_desktop.providers.ollama_models import Loaded, list_models, loaded, version
from cort_desktop.providers.ollama_pull import PULL_LIMITS, OllamaPull
from tests.fakes.loops import LoopClock, run_virtual
from tests.fakes.ollama import line, lines_reply, ollama, shown
from tests.fakes.replies import Hang, Reply, Send, Wait, body_reply, framed, head, json_reply, status_reply
from tests.fakes.scripted_server import Request, Script, ScriptedServer

T = TypeVar("T")


def looked(script: Script, look: Callable[[Lookup], Awaitable[T]]) -> tuple[T, list[Request]]:
    async def main() -> tuple[T, list[Request]]:
        async with ScriptedServer(script) as server:
            transport = Transport()
            service = Lookup(
                provider="ollama", base_url=server.origin, key=None, transport=transport, clock=LoopClock()
            )
            try:
                return await look(service), server.requests
            finally:
                await transport.aclose()

    return run_virtual(main())


def listed(script: Script) -> tuple[ModelProfile, ...]:
    return looked(script, lambda service: list_models(service, local=True))[0]


def test_the_models_with_what_they_can_do() -> None:
    models = {
        "llama3.2:latest": shown(),
        "qwen3:8b": shown(context=40960, abilities=["completion", "thinking"]),
        "nomic-embed-text:latest": shown(context=2048, abilities=["embedding"]),
        "old:7b": shown(context=4096, abilities=None),
    }
    llama, qwen, old = listed(ollama(models))
    assert llama == ModelProfile(
        ref=ModelRef("ollama/llama3.2"),
        context_tokens=131072,
        price=FREE,
        local=True,
        tools=True,
        reasoning=False,
    )
    assert (qwen.ref, qwen.reasoning, qwen.thinking_tokens > 0, qwen.tools) == (
        "ollama/qwen3:8b",
        True,
        True,
        False,
    )
    assert (old.ref, old.context_tokens, old.reasoning, old.tools) == ("ollama/old:7b", 4096, None, None)


def test_none_and_many_and_nonsense() -> None:
    assert listed(ollama({})) == ()
    assert listed([json_reply({"models": None})]) == ()
    names = {f"m{number}:1b": shown() for number in range(40)}
    assert len(listed(ollama(names))) == 40
    odd = [None, {}, {"name": 5}, {"name": "a\nb"}, {"name": "x" * 300}, {"model": "good"}]
    (one,) = listed(lambda r: json_reply({"models": odd}) if r.method == "GET" else json_reply([]))
    assert one == ModelProfile(ref=ModelRef("ollama/good"), price=FREE, local=True)
    for reply in (json_reply([]), json_reply({"models": "no"}), body_reply("Ollama is running")):
        with pytest.raises(ProviderError) as failed:
            listed([reply])
        assert failed.value.kind == "not_an_api"


def test_a_model_that_cannot_be_looked_at_is_still_there() -> None:
    tags = json_reply({"models": [{"name": f"m{number}"} for number in range(20)]})
    gone = listed(lambda r: tags if r.method == "GET" else status_reply(404, "model not found"))
    assert (len(gone), gone[0].context_tokens) == (20, None)


def test_a_silent_ollama_is_not_asked_for_every_model() -> None:
    tags = json_reply({"models": [{"name": f"m{number}"} for number in range(20)]})

    def script(request: Request) -> Reply:
        return tags if request.method == "GET" else [Hang()]

    found, requests = looked(script, list_models)
    assert (len(found), len(requests)) == (20, 5)


def test_what_is_loaded_and_which_version() -> None:
    entry = {"name": "llama3.2:latest", "size": 2_000_000_000, "size_vram": 0, "context_length": 8192}
    told = json_reply({"models": [entry, {"name": "x"}, {"size": 1}, None]})
    assert looked([told], loaded)[0] == (
        Loaded(name="llama3.2:latest", context_tokens=8192, bytes=2_000_000_000),
        Loaded(name="x", context_tokens=None, bytes=0),
    )
    assert looked([json_reply([])], loaded)[0] == ()
    assert looked(ollama(), version)[0] == "0.12.6"
    with pytest.raises(ProviderError, match="is no Ollama"):
        looked([json_reply({})], version)


def pulled(
    reply: Reply, limits: Limits = PULL_LIMITS
) -> tuple[list[tuple[int, int]], ProviderError | None, Any]:
    steps: list[tuple[int, int]] = []

    async def main() -> tuple[ProviderError | None, Any]:
        async with ScriptedServer([reply]) as server:
            transport = Transport(limits=limits)
            pull = OllamaPull(
                provider="ollama", base_url=server.base_url, key=None, transport=transport, clock=LoopClock()
            )
            try:
                await pull.pull("llama3.2:1b", lambda part, whole: steps.append((part, whole)))
            except ProviderError as error:
                return error, server.requests
            finally:
                await transport.aclose()
            return None, server.requests

    error, requests = run_virtual(main())
    (request,) = requests
    assert (request.path, request.json) == ("/api/pull", {"model": "llama3.2:1b", "stream": True})
    return steps, error, requests


def course(*lines: Any) -> Reply:
    return lines_reply([line(each) for each in lines])


def layer(digest: str, total: int, completed: int | None = None) -> dict[str, Any]:
    told = {"status": f"pulling {digest}", "digest": digest, "total": total}
    return told if completed is None else {**told, "completed": completed}


def test_a_pull_tells_how_far_it_is_over_all_files() -> None:
    steps, error, _ = pulled(
        course(
            {"status": "pulling manifest"},
            layer("sha256:a", 100),
            layer("sha256:a", 100, 60),
            layer("sha256:a", 100, 100),
            layer("sha256:b", 20, 20),
            {"status": "verifying sha256 digest"},
            {"status": "success"},
        )
    )
    assert (steps, error) == ([(0, 100), (60, 100), (100, 100), (120, 120)], None)


def test_checking_a_huge_file_takes_minutes_of_silence() -> None:
    begun = Send(head(200, {"Content-Type": "application/x-ndjson", "Transfer-Encoding": "chunked"}))
    reply: Reply = [
        begun,
        framed(line(layer("a", 9, 9))),
        Wait(600),
        framed(line({"status": "success"})),
        Send(b"0\r\n\r\n"),
    ]
    assert pulled(reply)[1] is None


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (
            course({"error": "pull model manifest: file does not exist"}),
            "not_found",
            "has no model llama3.2:1b",
        ),
        (status_reply(404, "model not found"), "not_found", "has no model"),
        (
            course(layer("a", 9, 3), {"error": "no space left on device"}),
            "unavailable",
            "“no space left on device”",
        ),
        (course(layer("a", 9, 3)), "unreachable", "what is there already is kept"),
        (lines_reply([b"<html>\n"]), "not_an_api", "can't be read"),
        (status_reply(500, "registry is down"), "unavailable", "registry is down"),
        ([Hang()], "timeout", ""),
    ],
)
def test_a_pull_that_fails_says_why(reply: Reply, kind: str, words: str) -> None:
    _, error, _ = pulled(reply)
    assert error is not None
    assert error.kind == kind
    assert words in str(error)


def test_a_cancelled_pull_closes_the_connection() -> None:
    async def main() -> None:
        begun = Send(head(200, {"Content-Type": "application/x-ndjson", "Transfer-Encoding": "chunked"}))
        async with ScriptedServer([[begun, framed(line(layer("a", 9, 3))), Hang()]]) as server:
            transport, moved = Transport(limits=PULL_LIMITS), asyncio.Event()
            pull = OllamaPull(
                provider="o", base_url=server.base_url, key=None, transport=transport, clock=LoopClock()
            )
            task = asyncio.create_task(pull.pull("m", lambda *_: moved.set()))
            await moved.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await server.connections[0].gone.wait()
            await transport.aclose()

    run_virtual(main())
