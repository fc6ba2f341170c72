"""Replies of an Ollama's own interface, as a real one sends them. Start with ``chat_lines``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from tests.fakes.replies import LAST, Reply, Send, Step, Wait, framed, head, json_reply, status_reply
from tests.fakes.scripted_server import Request

STAMP = "2026-01-01T00:00:00.000000000Z"


def line(value: Any) -> bytes:
    """One line of a stream."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def said(content: str = "", *, thinking: str | None = None, **more: Any) -> dict[str, Any]:
    """A piece of an answer."""
    message = {
        "role": "assistant",
        "content": content,
        **({} if thinking is None else {"thinking": thinking}),
    }
    return {"model": "llama3.2", "created_at": STAMP, "message": message, "done": False, **more}


def done(reason: str = "stop", *, prompt: int | None = 20, made: int | None = 12) -> dict[str, Any]:
    """The last line."""
    counts = {"prompt_eval_count": prompt, "eval_count": made}
    told = {name: count for name, count in counts.items() if count is not None}
    return said() | {"done": True, "done_reason": reason, "total_duration": 1, **told}


def lines_reply(lines: Iterable[bytes], *, delay: float = 0.0, first_delay: float = 0.0) -> Reply:
    """A chunked stream of exactly these bytes, in order."""
    fields = {"Content-Type": "application/x-ndjson", "Transfer-Encoding": "chunked"}
    steps: list[Step] = [Send(head(200, fields))]
    for number, data in enumerate(lines):
        wait = delay if number else first_delay
        steps += [*([Wait(wait)] if wait else []), framed(data)]
    return [*steps, LAST]


def chat_lines(
    text: str,
    *,
    thinking: str = "",
    reason: str = "stop",
    prompt: int | None = 20,
    made: int | None = 12,
    delay: float = 0.0,
    first_delay: float = 0.0,
) -> Reply:
    """An answer, a word a line."""
    words = text.split(" ")
    pieces = [said(thinking=thinking)] if thinking else []
    pieces += [said(word if number == 0 else f" {word}") for number, word in enumerate(words)]
    every = [*map(line, pieces), line(done(reason, prompt=prompt, made=made))]
    return lines_reply(every, delay=delay, first_delay=first_delay)


def shown(
    *, context: int = 131072, abilities: Sequence[str] | None = ("completion", "tools")
) -> dict[str, Any]:
    """What ``/api/show`` tells of a model."""
    told: dict[str, Any] = {
        "details": {"family": "llama", "parameter_size": "3.2B"},
        "model_info": {"general.architecture": "llama", "llama.context_length": context},
    }
    return told if abilities is None else {**told, "capabilities": list(abilities)}


def ollama(
    models: dict[str, dict[str, Any]] | None = None, *, chat: Callable[[Request], Reply] | None = None
) -> Callable[[Request], Reply]:
    """A whole Ollama as a script: its models by name with what is shown of each, and what it answers."""
    there = {"llama3.2:latest": shown()} if models is None else models

    def reply(request: Request) -> Reply:
        match request.path:
            case "/api/version":
                return json_reply({"version": "0.12.6"})
            case "/api/tags":
                return json_reply({"models": [{"name": name, "model": name, "size": 1} for name in there]})
            case "/api/show":
                name = request.json["model"]
                known = there.get(name) or there.get(f"{name}:latest")
                return status_reply(404, f"model '{name}' not found") if known is None else json_reply(known)
            case "/api/chat" if chat is not None:
                return chat(request)
            case _:
                return status_reply(404, "404 page not found")

    return reply
