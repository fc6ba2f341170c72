"""A service that can think, scripted: a real HTTP server whose answers follow from what it is asked.

It runs on a thread of its own, because the programs under test are processes and the tests wait for them.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.fakes.models import CANDIDATE, verdict_json
from tests.fakes.replies import Reply, chat_reply, models_reply
from tests.fakes.scripted_server import Request, ScriptedServer

_LABELLED = re.compile(r'id="')
Answer = Callable[[Request], Reply]


@contextmanager
def serving(script: Answer) -> Iterator[ScriptedServer]:
    """The server, up for the length of the block."""
    server = ScriptedServer(script)
    ready = threading.Event()
    loop: list[asyncio.AbstractEventLoop] = []
    over = asyncio.Event()

    async def serve() -> None:
        async with server:
            loop.append(asyncio.get_running_loop())
            ready.set()
            await over.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="scripted-server")
    thread.start()
    ready.wait()
    try:
        yield server
    finally:
        loop[0].call_soon_threadsafe(over.set)
        thread.join()


def is_judge(request: Request) -> bool:
    """Whether a request asks for a verdict."""
    last = request.messages[-1]["content"]
    return '<candidate id="' in last and '"ranking"' in last


def is_rounds(request: Request) -> bool:
    """Whether a request asks how many rounds there shall be."""
    return bool(request.json["max_tokens"] <= 16)


def verdict(request: Request) -> str:
    """A judge that ranks by length, equal lengths tied."""
    shown = CANDIDATE.findall(request.messages[-1]["content"])
    lengths = sorted({len(text) for _, text in shown}, reverse=True)
    return verdict_json([[label for label, text in shown if len(text) == size] for size in lengths])


def words_for(request: Request) -> str:
    """An answer that only this call gets: its length (hardly ever a second one's) and a word of its own."""
    chance = random.Random(request.json["seed"])
    body = " ".join(
        chance.choices(("light", "scatters", "air", "short", "waves", "blue"), k=chance.randint(5, 30))
    )
    body += " " + "o" * (request.json["seed"] % 499)
    return f"Try {marker(request)}: {body}.\nAnswer: {chance.choice('AB')}"


def marker(request: Request) -> str:
    """The word that only the answer to this call has."""
    return f"word{request.json['seed']}"


def think(request: Request, **timing: Any) -> Reply:
    """Whatever is asked: a list of models, a verdict, a number of rounds or an answer."""
    if request.method == "GET":
        return models_reply("fast", "big")
    if is_judge(request):
        return chat_reply(verdict(request), **timing)
    if is_rounds(request):
        return chat_reply('{"rounds": 2}', **timing)
    return chat_reply(words_for(request), **timing)


def slowly(first_delay: float, delay: float = 0.0) -> Answer:
    """``think``, with waits before the first piece and between pieces."""
    return lambda request: think(request, first_delay=first_delay, delay=delay)


def identity(request: Request) -> str:
    """What is asked, as one text: two requests with the same are the same job."""
    body = request.json
    return json.dumps([body["model"], body["messages"], body.get("seed")], ensure_ascii=False)
