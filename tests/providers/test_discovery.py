"""Servers of this computer, told apart by what they answer, within a second, at loopback alone."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from cort_desktop.domain.local_servers import LocalServer
from cort_desktop.providers.discovery import LOOK_S, PORTS, find_servers
from tests.fakes.loops import LoopClock, run_virtual
from tests.fakes.ollama import ollama
from tests.fakes.replies import Hang, Reply, Wait, body_reply, json_reply, models_reply, status_reply
from tests.fakes.scripted_server import Request, ScriptedServer

TOP = Path(__file__).parents[2]

Script = Callable[[Request], Reply]


def pages(told: Mapping[str, Any], *, otherwise: int = 404) -> Script:
    """A server with these pages."""

    def reply(request: Request) -> Reply:
        page = told.get(request.path)
        if page is None:
            return status_reply(otherwise)
        return page if isinstance(page, list) else json_reply(page)

    return reply


LM_STUDIO = pages({
    "/api/v0/models": {"object": "list", "data": [
        {"id": "qwen2.5-7b-instruct", "type": "llm", "state": "loaded", "max_context_length": 32768},
        {"id": "text-embedding-nomic", "type": "embeddings"}, {"id": "pixtral", "type": "vlm"},
    ]},
})  # fmt: skip
LLAMA_SERVER = pages({
    "/props": {"default_generation_settings": {"n_ctx": 4096}, "build_info": "b6500-abc", "total_slots": 1},
    "/v1/models": {"object": "list", "data": [{"id": "mine.gguf", "owned_by": "llamacpp"}]},
})  # fmt: skip
VLLM = pages({"/version": {"version": "0.11.0"}, "/v1/models": {"data": [{"id": "Qwen/Qwen3-8B"}]}})


def found(*scripts: Script) -> tuple[list[LocalServer], list[list[Request]], list[str], float]:
    """What is found on ports with these, what each was asked, the origins told of, the seconds it took."""

    async def main() -> tuple[list[LocalServer], list[list[Request]], list[str], float]:
        async with AsyncExitStack() as stack:
            servers = [await stack.enter_async_context(ScriptedServer(script)) for script in scripts]
            contacted: list[str] = []
            began = asyncio.get_running_loop().time()
            there = await find_servers(
                clock=LoopClock(), contacted=contacted.append, ports=[server.port for server in servers]
            )
            took = asyncio.get_running_loop().time() - began
            plain = [
                LocalServer(**{**_fields(each), "base_url": each.base_url.rpartition(":")[0]})
                for each in there
            ]
            return plain, [server.requests for server in servers], contacted, took

    return run_virtual(main())


def _fields(server: LocalServer) -> dict[str, Any]:
    return {name: getattr(server, name) for name in server.__slots__}


def test_each_is_told_apart_by_its_answers() -> None:
    there, asked, contacted, _ = found(ollama(), LM_STUDIO, LLAMA_SERVER, VLLM)
    here = "http://127.0.0.1"
    assert there == [
        LocalServer(sort="ollama", base_url=here, version="0.12.6", models=("llama3.2",)),
        LocalServer(sort="lm_studio", base_url=here, models=("qwen2.5-7b-instruct", "pixtral")),
        LocalServer(sort="llama_server", base_url=here, version="b6500-abc", models=("mine.gguf",)),
        LocalServer(sort="vllm", base_url=here, version="0.11.0", models=("Qwen/Qwen3-8B",)),
    ]
    assert [server.title for server in there] == ["Ollama", "LM Studio", "llama-server", "vLLM"]
    requests = [request for each in asked for request in each]
    assert len(requests) == len(contacted) <= 16
    assert {request.method for request in requests} == {"GET"}
    assert not any("authorization" in request.headers for request in requests)


def test_a_server_with_a_key_and_one_that_nobody_knows() -> None:
    locked = pages({"/health": {"status": "ok"}}, otherwise=401)
    there, *_ = found(locked, lambda r: models_reply("m") if r.path == "/v1/models" else status_reply(404))
    assert [(server.sort, server.wants_key, server.models) for server in there] == [
        ("llama_server", True, ()),
        ("other", False, ("m",)),
    ]


@pytest.mark.reliability(27)
@pytest.mark.parametrize(
    "script",
    [
        lambda _: status_reply(404),
        lambda _: status_reply(401),
        lambda _: body_reply("<html>My page</html>", content_type="text/html"),
        lambda _: json_reply({}),
        lambda _: json_reply([]),
        lambda _: json_reply({"version": "1", "data": 3, "default": 1}),
        pages({"/api/version": {"version": "3"}, "/version": {"version": "3"}}),
        lambda _: json_reply({}, status=302, headers={"Location": "https://elsewhere.example.org/"}),
        lambda _: [Hang()],
        lambda _: [Wait(0.4), *json_reply({})],
    ],
)
def test_what_is_no_such_server_is_not_found_and_takes_a_second_at_most(script: Script) -> None:
    there, (asked,), _, took = found(script)
    assert there == []
    assert len(asked) <= 7
    assert took <= LOOK_S + 0.01


def test_one_that_is_slow_to_list_its_models_is_found_without_them() -> None:
    def script(request: Request) -> Reply:
        return [Hang()] if request.path == "/v1/models" else LLAMA_SERVER(request)

    (server,), *_ = found(script)
    assert (server.sort, server.models) == ("llama_server", ())


def test_a_port_without_a_server_costs_one_refused_connection() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        contacted: list[str] = []
        port = taken.getsockname()[1]
        there = run_virtual(find_servers(clock=LoopClock(), contacted=contacted.append, ports=[port]))
    assert (there, contacted) == ((), [f"http://127.0.0.1:{port}"])


def test_where_nothing_listens_nothing_is_loaded_that_could_ask() -> None:
    program = """
import asyncio, socket, sys
from cort_desktop.adapters.clock import SystemClock
from cort_desktop.providers.discovery import find_servers
with socket.socket() as taken:
    taken.bind(("127.0.0.1", 0))
    ports = [taken.getsockname()[1]]
    assert asyncio.run(find_servers(clock=SystemClock(), contacted=print, ports=ports)) == ()
assert not {"httpx", "aiohttp"} & set(sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=TOP, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_usual_ports_are_among_those_looked_at() -> None:
    assert {11434, 1234, 8080, 8000} <= set(PORTS)
