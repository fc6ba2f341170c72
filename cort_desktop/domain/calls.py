"""The seam between the engine and every model: one request in, one completion out, notices on the way.

Adapters speak a protocol; wrappers (retry, cache) are models around models. Nothing here knows HTTP.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from cort_desktop.domain.budget import Usage
from cort_desktop.domain.ids import ConversationId, ModelRef, NodeName, RunId
from cort_desktop.domain.messages import Message
from cort_desktop.domain.search import CacheUse, NodeRole
from cort_desktop.errors import ProviderError

Finish = Literal["stop", "length", "filter"]
Channel = Literal["answer", "reasoning"]
Next = Literal["retry", "hedge", "fallback", "give_up"]
AttemptWhy = Literal["first", "retry", "hedge", "fallback", "again"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplySchema:
    """A JSON schema the reply must fit, where the service can hold a model to it."""

    name: str
    schema: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a call is for. Never sent: an answer that is kept is found again, and filed, by it.

    node: the call's own name in its run, so that no two calls of one run are ever taken for each other;
    prompts: the version of the words it is asked with.
    """

    run: RunId
    conversation: ConversationId
    question: str
    node: NodeName
    role: NodeRole
    prompts: str
    cache: CacheUse = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """Everything that is sent, and its origin. ``sample`` tells equal requests apart (it is part of every
    cache key). Without an origin it belongs to no run, and its answer is never kept.
    """

    model: ModelRef
    messages: tuple[Message, ...]
    max_tokens: int
    temperature: float
    seed: int | None = None
    sample: int = 0
    reply_schema: ReplySchema | None = None
    origin: Origin | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RateHints:
    """What a service tells of its own limits beside an answer or a refusal; None where it is silent.

    limit: how many requests, or tokens, it takes in its window. left: how many of them it still takes.
    reset_s: the seconds until the window is fresh again, from when this was told.
    """

    requests_limit: int | None = None
    requests_left: int | None = None
    requests_reset_s: float | None = None
    tokens_limit: int | None = None
    tokens_left: int | None = None
    tokens_reset_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """A call that ended well. ``usage`` is None when the service told none or nonsense.

    cost_microusd: only what the service itself billed; prices are applied by the engine.
    seconds spans from the sending of the successful attempt to its end; attempts counts requests sent.
    cached: it was answered before, and no request was sent; saved_microusd is what it cost then.
    generation: the service's own name for this answer, by which it can be looked up there; empty without.
    hints: what the service told of its limits with this answer.
    """

    text: str
    reasoning: str = ""
    finish: Finish = "stop"
    model: ModelRef
    usage: Usage | None = None
    cost_microusd: int | None = None
    saved_microusd: int | None = None
    seconds: float = 0.0
    first_content_seconds: float | None = None
    attempts: int = 1
    cached: bool = False
    generation: str = ""
    hints: RateHints | None = None


class BilledError(ProviderError):
    """A failed attempt whose service told what it used: that is booked like the use of any other."""

    usage: Usage | None = None
    cost_microusd: int | None = None


def hints_of(error: ProviderError) -> RateHints | None:
    """What a service told of its limits with a failed attempt."""
    return error.hints if isinstance(error.hints, RateHints) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """A piece of streamed text, whole characters only."""

    text: str
    channel: Channel = "answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptStart:
    """A request is about to leave. ``attempt`` counts from 1 within the call."""

    attempt: int
    model: ModelRef
    why: AttemptWhy


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptFirstContent:
    """The first piece of content of an attempt arrived: from here on it is committed."""

    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptFailure:
    """A request failed; ``next`` says what is done about it, ``wait_seconds`` when."""

    attempt: int
    model: ModelRef
    error: ProviderError
    next: Next
    wait_seconds: float | None = None
    usage: Usage | None = None
    cost_microusd: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptCancel:
    """A request was given up by our side; it is neither success nor failure."""

    attempt: int
    why: str
    usage: Usage | None = None
    cost_microusd: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """No content for a while although the connection lives."""

    idle_seconds: float


CallNotice = Delta | AttemptStart | AttemptFirstContent | AttemptFailure | AttemptCancel | Idle
Notify = Callable[[CallNotice], None]


class Admit(Protocol):
    """Asked before each attempt after the first, with what the failed one used (None: unknown, or still
    running) and, where another model is to be asked, with that one.
    """

    def __call__(self, used: Usage | None, model: ModelRef | None = None, /) -> bool:
        """Whether the budget and, for another model, its context have room for it."""
        ...


def always(_used: Usage | None, _model: ModelRef | None = None, /) -> bool:
    """The Admit of a caller without a budget."""
    return True


class ChatModel(Protocol):
    """A model that can be asked."""

    async def complete(self, request: ChatRequest, notify: Notify, admit: Admit = always) -> Completion:
        """Ask once and stream what comes.

        A plain adapter sends one attempt and notifies only Delta, AttemptFirstContent(attempt=1) and Idle;
        it leaves the other Attempt notices and ``admit`` to the resilient wrapper around it. Raises
        ProviderError; its ``partial`` holds the text that had arrived. Cancelling closes the connection.
        """
        ...


class TokenCounter(Protocol):
    """Counts tokens, exactly or roughly, without ever taking long."""

    def count(self, text: str) -> int:
        """The number of tokens of ``text``, as near as is cheap, rounded up."""
        ...

    def exact(self, text: str) -> int:
        """The number by a real vocabulary, where it matters; slower, and not that of every model."""
        ...
