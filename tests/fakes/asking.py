"""A remote model under test: the real adapter and transport, a request, and a list of what it told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from random import Random
from typing import Any

from cort_desktop.domain.calls import (
    AttemptFailure,
    AttemptStart,
    CallNotice,
    ChatRequest,
    Delta,
    ReplySchema,
)
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.messages import user
from cort_desktop.domain.models import ModelProfile
from cort_desktop.providers.http import Transport
from cort_desktop.providers.keys import Key
from cort_desktop.providers.limits import Limits
from cort_desktop.providers.openai_chat import OpenAIChat
from cort_desktop.resilience.limiter import Limiter
from cort_desktop.resilience.resilient import Resilient
from cort_desktop.resilience.retry_budget import RetryBudget
from cort_desktop.resilience.route import ProviderStates, Route, fresh_states
from tests.fakes.loops import LoopClock

MODEL = ModelRef("my-server/fast")
KEY = "sk-canary-0123456789"


class Notices(list[CallNotice]):
    """Keeps every notice; itself a Notify."""

    def __call__(self, notice: CallNotice) -> None:
        self.append(notice)

    @property
    def text(self) -> str:
        return "".join(one.text for one in self if isinstance(one, Delta) and one.channel == "answer")

    @property
    def deltas(self) -> list[str]:
        return [one.text for one in self if isinstance(one, Delta)]

    def of(self, kind: type) -> list[Any]:
        return [one for one in self if isinstance(one, kind)]

    @property
    def whys(self) -> list[str]:
        return [one.why for one in self.of(AttemptStart)]

    @property
    def nexts(self) -> list[str]:
        return [one.next for one in self.of(AttemptFailure)]


def request(text: str = "Why?", **changes: Any) -> ChatRequest:
    fields: dict[str, Any] = {
        "model": MODEL,
        "messages": (user(text),),
        "max_tokens": 100,
        "temperature": 0.7,
    }
    return ChatRequest(**(fields | changes))


SCHEMA = ReplySchema(name="verdict", schema={"type": "object"})


@asynccontextmanager
async def remote(
    base_url: str,
    *,
    limits: Limits | None = None,
    key: Key = KEY,
    profile: ModelProfile | None = None,
    reasoning: bool = False,
    **transport: Any,
) -> AsyncIterator[OpenAIChat]:
    """The adapter on a transport of its own."""
    door = Transport(limits=limits, **transport)
    try:
        yield OpenAIChat(
            provider="my-server",
            base_url=base_url,
            key=key,
            profile=profile or ModelProfile(ref=MODEL),
            transport=door,
            clock=LoopClock(),
            reasoning=reasoning,
        )
    finally:
        await door.aclose()


def states(retries: RetryBudget | None = None, limiter: Limiter | None = None) -> ProviderStates:
    """The states of a provider that was never asked, or with these among them."""
    made = fresh_states(LoopClock(), limiter)
    return made if retries is None else replace(made, retries=retries)


def route(model: Any, ref: ModelRef = MODEL, **parts: Any) -> Route:
    """A way to ``model`` with states of its own, unless some are given."""
    return Route(ref=ref, model=model, **({"states": states()} | parts))


def resilient(
    model: Any,
    *,
    seed: int = 0,
    retries: RetryBudget | None = None,
    limiter: Limiter | None = None,
    **changes: Any,
) -> Resilient:
    """The retry loop around ``model``, with a budget and places of its own. Needs a running loop."""
    way = model if isinstance(model, Route) else route(model, states=states(retries, limiter))
    parts: dict[str, Any] = {"clock": LoopClock(), "random": Random(seed)}
    return Resilient(way, **(parts | changes))
