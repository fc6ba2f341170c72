"""What a service can say, in words of our own: the same few things for all of them.

A case of the suite is written once, in these words; a wire says them as its service does. Not here: the
cases, the services (``wires``), and what is one service's alone (the adapters' own tests).
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from cort_desktop.bootstrap.adapters import adapter_of
from cort_desktop.domain.budget import Usage
from cort_desktop.domain.calls import ChatModel, Finish, ReplySchema
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.models import ModelProfile
from cort_desktop.domain.settings import ProviderKind, ProviderSettings
from cort_desktop.providers.http import Transport
from cort_desktop.providers.limits import Limits
from tests.fakes.asking import KEY
from tests.fakes.loops import LoopClock
from tests.fakes.replies import LAST, Reply, Send, Step, framed, head, json_reply
from tests.fakes.scripted_server import Request

MODEL_NAME = "fast"


class Wire(ABC):
    """One adapter and the way its service speaks."""

    name: str
    kind: ProviderKind = "openai"
    path: str
    content_type = "text/event-stream"
    idle: bytes
    """What keeps a connection alive and says nothing."""
    tells_filtered = True
    """Whether its service says that it withheld something."""
    refusals: Mapping[str, str]
    """Parameters that are left out once they are refused, by their path, with the words of the refusal."""

    @property
    def ref(self) -> ModelRef:
        return ModelRef(f"{self.name}/{MODEL_NAME}")

    def adapter(self, base_url: str, transport: Transport, profile: ModelProfile) -> ChatModel:
        """The adapter, as the composition root makes it."""
        provider = ProviderSettings(name=self.name, kind=self.kind, base_url=base_url)
        return adapter_of(
            provider,
            profile,
            key=KEY,
            transport=transport,
            clock=LoopClock(),
            learn=lambda _what, _said: None,
            attribution=False,
        )

    @asynccontextmanager
    async def opened(
        self, base_url: str, *, limits: Limits | None = None, profile: ModelProfile | None = None
    ) -> AsyncIterator[ChatModel]:
        """The adapter on connections of its own."""
        door = Transport(limits=limits)
        try:
            yield self.adapter(base_url, door, profile or ModelProfile(ref=self.ref))
        finally:
            await door.aclose()

    def head(self, *, chunked: bool = True) -> Send:
        framing = {"Transfer-Encoding": "chunked"} if chunked else {"Connection": "close"}
        return Send(head(200, {"Content-Type": self.content_type, **framing}))

    def stream(self, events: Sequence[bytes]) -> Reply:
        """A reply of exactly these events."""
        steps: list[Step] = [self.head(), *map(framed, events), LAST]
        return steps

    def answer(
        self,
        *texts: str,
        thoughts: Sequence[str] = (),
        finish: Finish = "stop",
        usage: Usage | None = None,
    ) -> Reply:
        """A whole answer."""
        return self.stream(self.events(*texts, thoughts=thoughts, finish=finish, usage=usage))

    def events(
        self,
        *texts: str,
        thoughts: Sequence[str] = (),
        finish: Finish = "stop",
        usage: Usage | None = None,
    ) -> list[bytes]:
        said = [self.thought(one) for one in thoughts] + [self.text(one) for one in texts]
        return [*self.opening(), *said, *self.ending(finish, usage or Usage(input=20, output=5))]

    def status(
        self, status: int, message: str = "no", *, headers: Mapping[str, str] | None = None, **facts: Any
    ) -> Reply:
        """A refusal as this service words it."""
        return json_reply(self.error(message, **facts), status=status, headers=headers)

    def error(self, message: str, **facts: Any) -> Any:
        return {"error": {"message": message, **facts}}

    def key_of(self, headers: Mapping[str, str]) -> str:
        """The key in the headers of a request."""
        return headers.get("authorization", "").removeprefix("Bearer ")

    def said_to(self, request: Request) -> list[tuple[str, str]]:
        """What the model was told: role and text."""
        return [(one["role"], one["content"]) for one in request.json["messages"]]

    def opening(self) -> list[bytes]:
        return []

    @abstractmethod
    def text(self, text: str, *, ascii_only: bool = False) -> bytes:
        """A piece of the answer; ``ascii_only`` escapes all else, as half a surrogate pair must be."""

    @abstractmethod
    def thought(self, text: str) -> bytes: ...

    @abstractmethod
    def ending(self, finish: Finish, usage: Usage) -> list[bytes]: ...

    @abstractmethod
    def failure(self, message: str) -> bytes:
        """An error in the middle of an answer."""

    @abstractmethod
    def raw(self, data: str) -> bytes:
        """What is no JSON, or none in good faith, where a chunk should be."""

    @abstractmethod
    def whole(self, text: str) -> Any:
        """An answer that is not streamed."""

    @abstractmethod
    def schema_in(self, request: Request) -> Any:
        """The schema the reply is held to; None without one."""

    def holds(self, request: Request, parameter: str) -> bool:
        """Whether a request carries a parameter, by its path."""
        found: Any = request.json
        for name in parameter.split("."):
            if not isinstance(found, dict) or name not in found:
                return False
            found = found[name]
        return True


def dumps(value: Any, *, ascii_only: bool = False) -> str:
    return json.dumps(value, ensure_ascii=ascii_only, separators=(",", ":"))


SCHEMA = ReplySchema(
    name="verdict",
    schema={
        "type": "object",
        "properties": {"winner": {"type": "string", "enum": ["kqz", "bcd"]}},
        "required": ["winner"],
        "additionalProperties": False,
    },
)
