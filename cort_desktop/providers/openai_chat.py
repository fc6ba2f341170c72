"""Any OpenAI-compatible service as a ChatModel: one streamed request to ``/chat/completions`` per call.

A stream that ended is not a stream that finished: only ``[DONE]`` or a reason to finish is an end. Before the
first content a fault keeps its kind; after it the answer is "interrupted" and carries the partial text.
Not here: asking again (``resilience``), limits (``http``), reading the answer (``chat_reading``).
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

from cort_desktop.domain.calls import Admit, ChatRequest, Completion, Notify, always
from cort_desktop.domain.clock import Clock
from cort_desktop.domain.ids import model_of
from cort_desktop.domain.models import ModelProfile
from cort_desktop.errors import ProviderError
from cort_desktop.providers.causes import ExchangeError
from cort_desktop.providers.chat_reading import ChatReading
from cort_desktop.providers.faults import Faults, Service
from cort_desktop.providers.http import Outgoing, Reply, Transport
from cort_desktop.providers.keys import Key, bearer, resolve
from cort_desktop.providers.limits import Limits
from cort_desktop.providers.parameters import Parameters
from cort_desktop.providers.reports import read_body

_REFUSALS = (400, 422)


class OpenAIChat:
    """One model of one service.

    key: the API key, or a coroutine function that finds it. reasoning: whether the model is known to think
    before it answers, which it is given more time for; seeing thoughts teaches it too.
    """

    parameters_of: ClassVar[type[Parameters]] = Parameters
    """How a request becomes a body; a service that wants it other than most has a class of its own."""

    def __init__(
        self,
        *,
        provider: str,
        base_url: str,
        key: Key,
        profile: ModelProfile,
        transport: Transport,
        clock: Clock,
        reasoning: bool = False,
    ) -> None:
        self._provider = provider
        self._url = base_url.rstrip("/") + "/chat/completions"
        self._key = key
        self._profile = profile
        self._transport = transport
        self._clock = clock
        self._reasoning = reasoning
        self._parameters = self.parameters_of(profile)

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
        reading = ChatReading(notify, limits, faults, self._clock, reasoning=self._reasoning)

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
            self._reasoning = self._reasoning or bool(reading.stream.reasoning)
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
                **bearer(key),
            },
            body=json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(errors="replace"),
            first_event_s=first_event_s,
            response_bytes=limits.response_bytes,
        )

    def _refusal(self, reply: Reply, told: bytes, sent: dict[str, Any], faults: Faults) -> ProviderError:
        fault = faults.of_reply(reply.status, reply.headers, told)
        if reply.status in _REFUSALS and fault.kind == "bad_request":
            parameter = self._parameters.refuse(read_body(told), sent)
            if parameter is not None:
                return faults.unsupported(parameter, reply.status, told)
        return fault
