"""One model of one service as a ChatModel: one streamed request per call, whatever protocol it speaks.

A stream that ended is not a stream that finished: only the protocol's own end or a reason to finish is one.
Before the first content a fault keeps its kind; after it the answer is "interrupted" and carries the partial
text. A protocol is a subclass that says where to ask, with which body, and how the answer is read.
Not here: asking again (``resilience``), limits (``http``), reading the answer (``chat_reading``).
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, Protocol

from cort_desktop.domain.calls import Admit, ChatRequest, Completion, Notify, always
from cort_desktop.domain.clock import Clock
from cort_desktop.domain.ids import model_of
from cort_desktop.domain.models import ModelProfile
from cort_desktop.errors import ProviderError
from cort_desktop.providers.answer_text import AnswerText
from cort_desktop.providers.causes import ExchangeError
from cort_desktop.providers.chat_reading import ChatReading
from cort_desktop.providers.faults import Faults, Service
from cort_desktop.providers.http import Outgoing, Reply, Transport
from cort_desktop.providers.keys import Key, bearer, resolve
from cort_desktop.providers.limits import Limits
from cort_desktop.providers.reports import Report, read_body

Learn = Callable[[str, str], None]
"""Is told what a service turned out not to take, by its name, and the service's own words about it."""

_REFUSALS = (400, 422)
_FAILURE = 500
_ABOUT_TEMPLATES = ("role", "template")
"""Some servers fail over a role that the model's template does not know; other failures refuse nothing."""


def forget(_what: str, _said: str) -> None:
    """The Learn of an adapter whose lessons nobody keeps."""


class Body(Protocol):
    """How a request becomes a JSON body, and what was learned from refusals of it."""

    def body(self, request: ChatRequest) -> dict[str, Any]:
        """The JSON body of ``request``, without what was refused before."""
        ...

    def refuse(self, report: Report, sent: dict[str, Any]) -> tuple[str, ...]:
        """What of ``sent`` the ``report`` refuses, left out from now on; nothing when it is about others."""
        ...


class StreamedChat(ABC):
    """One model of one service.

    key: the API key, or a coroutine function that finds it. reasoning: whether the model is known to think
    before it answers, which it is given more time for; seeing thoughts teaches it too. learn: see ``Learn``.
    """

    stream_of: ClassVar[type[AnswerText]]
    """How the chunks of an answer are read."""

    def __init__(  # noqa: PLR0913 - what a call needs, each by name
        self,
        *,
        provider: str,
        base_url: str,
        key: Key,
        profile: ModelProfile,
        transport: Transport,
        clock: Clock,
        reasoning: bool = False,
        learn: Learn = forget,
    ) -> None:
        self._provider = provider
        self._url = self.address(base_url)
        self._key = key
        self._profile = profile
        self._transport = transport
        self._clock = clock
        self._reasoning = reasoning or profile.reasoning is True
        self._learn = learn
        self._parameters = self.body_of(profile)

    @staticmethod
    @abstractmethod
    def address(base_url: str) -> str:
        """Where a question is sent, from the provider's checked base address."""

    @abstractmethod
    def body_of(self, profile: ModelProfile) -> Body:
        """How requests to this model become bodies."""

    def headers(self, key: str | None) -> dict[str, str]:
        """The headers that are this protocol's own, the key's among them."""
        return bearer(key)

    async def complete(
        self,
        request: ChatRequest,
        notify: Notify,
        admit: Admit = always,  # noqa: ARG002  one attempt needs no further leave
    ) -> Completion:
        """Ask once. Raises ProviderError; see ``domain.calls.ChatModel``."""
        limits = self._transport.limits
        key = await resolve(self._key, self._provider)
        service = Service(provider=self._provider, url=self._url, model=model_of(request.model), key=key)
        faults = Faults(service, limits, self._clock.now())
        body = self._parameters.body(request)
        reading = ChatReading(self.stream_of, notify, limits, faults, self._clock, reasoning=self._reasoning)

        async def use(reply: Reply) -> None:
            if not 200 <= reply.status < 300:  # noqa: PLR2004  HTTP's range of success
                raise self._refusal(reply, await reply.start(limits.error_body_bytes), body, faults)
            await reading.read(reply)

        try:
            await self._transport.exchange(self._outgoing(body, key, limits), use)
        except ExchangeError as error:
            if not reading.complete_without(error):
                raise reading.broken(faults.of_exchange(error)) from error
        finally:
            reading.stop()
            self._reasoning = self._reasoning or reading.stream.thought
        return reading.completion(request)

    def _outgoing(self, body: dict[str, Any], key: str | None, limits: Limits) -> Outgoing:
        first_event_s = limits.first_event_s
        if self._profile.local:
            first_event_s = limits.first_event_local_s
        elif self._reasoning:
            first_event_s = limits.first_event_reasoning_s
        return Outgoing(
            method="POST",
            url=self._url,
            headers={
                "Content-Type": "application/json",
                "Accept": "text/event-stream, application/json",
                **self.headers(key),
            },
            body=json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(errors="replace"),
            first_event_s=first_event_s,
            response_bytes=limits.response_bytes,
        )

    def _refusal(self, reply: Reply, told: bytes, sent: dict[str, Any], faults: Faults) -> ProviderError:
        fault = faults.of_reply(reply.status, reply.headers, told)
        report = read_body(told)
        is_refusal = reply.status in _REFUSALS and fault.kind == "bad_request"
        if is_refusal or (reply.status == _FAILURE and report.says(*_ABOUT_TEMPLATES)):
            refused = self._parameters.refuse(report, sent)
            for what in refused:
                self._learn(what, faults.quoted(report))
            if refused:
                return faults.unsupported(refused, reply.status, report)
        return fault
