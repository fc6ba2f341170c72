"""What the scripted server can do, step by step, and replies made of such steps. Start with ``chat_reply``.

Not here: the server (``scripted_server``).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Send:
    """Write these bytes."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Wait:
    """Do nothing for so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Until:
    """Do nothing until a test sets this event."""

    event: asyncio.Event


@dataclass(frozen=True, slots=True)
class Hang:
    """Do nothing until the client goes away."""


@dataclass(frozen=True, slots=True)
class Close:
    """End the connection in order."""


@dataclass(frozen=True, slots=True)
class Reset:
    """Break the connection with a TCP reset. What was sent before may or may not arrive, so Wait first."""


Step = Send | Wait | Until | Hang | Close | Reset
Reply = Sequence[Step]


def head(status: int = 200, headers: Mapping[str, str] | None = None) -> bytes:
    """A status line and headers, as they are."""
    lines = [f"HTTP/1.1 {status} Scripted", *(f"{name}: {value}" for name, value in (headers or {}).items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def body_reply(
    body: bytes | str,
    *,
    status: int = 200,
    content_type: str = "text/plain",
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """A whole body with its length."""
    data = body.encode() if isinstance(body, str) else body
    fields = {"Content-Type": content_type, "Content-Length": str(len(data)), **(headers or {})}
    return [Send(head(status, fields) + data)]


def json_reply(value: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """A JSON body."""
    return body_reply(json.dumps(value), status=status, content_type="application/json", headers=headers)


def status_reply(
    status: int, message: str = "no", *, headers: Mapping[str, str] | None = None, **error: Any
) -> Reply:
    """An error as OpenAI tells it; ``error`` are further fields: type, code, param."""
    return json_reply({"error": {"message": message, **error}}, status=status, headers=headers)


def stream_head(*, chunked: bool = True) -> Send:
    """The head of an event stream; not chunked, it ends with the connection."""
    framing = {"Transfer-Encoding": "chunked"} if chunked else {"Connection": "close"}
    return Send(head(200, {"Content-Type": "text/event-stream", **framing}))


def framed(data: bytes) -> Send:
    """One chunk of a chunked body."""
    return Send(f"{len(data):x}\r\n".encode() + data + b"\r\n")


LAST = Send(b"0\r\n\r\n")
"""The end of a chunked body."""
DONE = b"data: [DONE]\n\n"


def event(value: Any) -> bytes:
    """One server-sent event with a JSON value (or a text as it is)."""
    data = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return f"data: {data}\n\n".encode()


def piece(
    content: str | None = None, *, reasoning: str | None = None, finish: str | None = None, **more: Any
) -> dict[str, Any]:
    """One chunk of an answer."""
    delta: dict[str, Any] = {}
    if content is not None:
        delta["content"] = content
    if reasoning is not None:
        delta["reasoning_content"] = reasoning
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "c1", "object": "chat.completion.chunk", "choices": [choice], **more}


def stream_reply(events: Iterable[bytes], *, delay: float = 0.0, first_delay: float = 0.0) -> Reply:
    """A chunked event stream of exactly these bytes, in order."""
    steps: list[Step] = [stream_head()]
    for number, data in enumerate(events):
        wait = first_delay if number == 0 else delay
        if wait:
            steps.append(Wait(wait))
        steps.append(framed(data))
    return [*steps, LAST]


def chat_reply(
    text: str,
    *,
    reasoning: str = "",
    finish: str = "stop",
    usage: Mapping[str, Any] | None = None,
    first_delay: float = 0.0,
    delay: float = 0.0,
    words_per_piece: int = 4,
) -> Reply:
    """A streamed answer as OpenAI sends it, with usage: by default about a token for each four characters.

    first_delay: seconds before the first piece; delay: between pieces.
    """
    words = text.split(" ")
    pieces = [
        " ".join(words[start : start + words_per_piece])
        + (" " if start + words_per_piece < len(words) else "")
        for start in range(0, len(words), words_per_piece)
    ]
    counted = (
        dict(usage)
        if usage is not None
        else {
            "prompt_tokens": 20,
            "completion_tokens": 1 + (len(text) + len(reasoning)) // 4,
        }
    )
    events = [event(piece(reasoning=reasoning))] if reasoning else []
    events += [event(piece(one)) for one in pieces]
    events += [
        event(piece(finish=finish)),
        event({"id": "c1", "choices": [], "usage": counted}),
        DONE,
    ]
    return stream_reply(events, first_delay=first_delay, delay=delay)


def models_reply(*names: str) -> Reply:
    """A list of models with nothing but their ids."""
    return json_reply({"object": "list", "data": [{"id": name, "object": "model"} for name in names]})
