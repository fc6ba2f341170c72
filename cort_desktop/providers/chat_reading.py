"""Reads one chat answer: from a reply's bytes to notices, and to the completion or the fault at its end.

Not here: the request (``streamed_chat``), the shape of chunks (``chat_stream``, ``anthropic_stream``), words
of faults (``faults``).
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Any

from cort_desktop.domain.calls import (
    AttemptFirstContent,
    BilledError,
    Channel,
    ChatRequest,
    Completion,
    Delta,
    Idle,
    Notify,
    RateHints,
)
from cort_desktop.domain.clock import Clock
from cort_desktop.errors import ProviderError
from cort_desktop.providers.answer_text import (
    AnswerText,
    AnswerTooLargeError,
    ErrorInAnswerError,
    LoopingError,
)
from cort_desktop.providers.causes import ExchangeError
from cort_desktop.providers.faults import Faults
from cort_desktop.providers.http import Reply
from cort_desktop.providers.limits import Limits
from cort_desktop.providers.lines import LineDecoder
from cort_desktop.providers.opening import is_event_stream, is_line_stream, opening_of
from cort_desktop.providers.payload import JsonReader, PayloadError
from cort_desktop.providers.rates import read_hints
from cort_desktop.providers.reports import read_report
from cort_desktop.providers.sse import EventTooLargeError, ServerEvent, SseDecoder

_log = logging.getLogger(__name__)
_BROKEN = (PayloadError, EventTooLargeError, AnswerTooLargeError, LoopingError, ErrorInAnswerError)


class ChatReading:
    """The reading of one answer: from pieces of bytes to notices, and to the completion at its end."""

    def __init__(
        self,
        stream_of: type[AnswerText],
        notify: Notify,
        limits: Limits,
        faults: Faults,
        clock: Clock,
        *,
        reasoning: bool,
    ) -> None:
        self._notify = notify
        self._limits = limits
        self._faults = faults
        self._clock = clock
        self._reasoning = reasoning
        self._json = JsonReader(limits)
        self._decoder: SseDecoder | LineDecoder = SseDecoder(limits)
        self._started_at = clock.monotonic()
        self._ended_at = self._started_at
        self._first_content_s: float | None = None
        self._silence = _Silence(limits.idle_notice_s, notify)
        self._fresh = False
        self._finishing = False
        self._hints: RateHints | None = None
        self._began = False
        self.stream = stream_of(self._show, limits)

    async def read(self, reply: Reply) -> None:
        """Read a reply that began with 200 to its end. Raises ProviderError or ExchangeError."""
        self._began = True
        self._hints = read_hints(reply.headers, self._clock.now())
        piece, looks_like = await opening_of(reply)
        try:
            if is_event_stream(reply.headers) or looks_like == "events":
                await self._read_events(reply, piece)
            elif self.stream.in_lines and (is_line_stream(reply.headers) or looks_like == "json"):
                self._decoder = LineDecoder(self._limits)
                await self._read_events(reply, piece)
            elif looks_like == "json":
                await self._read_whole(reply, piece)
            else:
                raise self._faults.not_an_api(reply.headers, await self._more(reply, piece))
            self._close()
        except _BROKEN as error:
            raise self.broken(self._fault_of(error, reply)) from error
        self.stop()
        await reply.drain(self._limits.drain_s)

    async def _more(self, reply: Reply, piece: bytes) -> bytes:
        """What is quoted of an answer that is none: as much as comes in a moment."""
        with suppress(TimeoutError, ExchangeError):
            async with asyncio.timeout(self._limits.drain_s):
                while len(piece) < self._limits.page_chars and (more := await reply.read()):
                    piece += more
        return piece[: self._limits.error_body_bytes]

    async def _read_events(self, reply: Reply, piece: bytes) -> None:
        while piece:
            if self._take(self._decoder.feed(piece)):
                return
            self._move_deadlines(reply)
            piece = await reply.read()
        with suppress(PayloadError):  # half a line at the end is a broken answer, not a strange one
            if self._take(self._decoder.close()):
                return
        if self.stream.finish is None:
            raise self.broken(
                self._faults.of_kind("unreachable", "ended its answer too early.", retryable=True)
            )

    def _take(self, events: list[ServerEvent]) -> bool:
        """Fold events; True when the last one closed the answer."""
        for event in events:
            data = event.data.strip()
            if data == "[DONE]":
                return True
            if event.name == "error":
                told = self._error_event(data)
                self.stream.take(told)  # which raises it, once it has counted what comes with it
                raise ErrorInAnswerError(told)
            if data:
                self._fold(self._json.read(data))
            if self.stream.ended:
                return True
        return False

    def _fold(self, chunk: Any) -> None:
        self.stream.take(chunk)
        if self.stream.in_lines and not self.stream.started and not self.stream.is_answer(chunk):
            raise self._faults.of_kind("not_an_api", "sent JSON that is no part of an answer.")

    def _error_event(self, data: str) -> Any:
        try:
            return self._json.read(data)
        except PayloadError:
            return data

    async def _read_whole(self, reply: Reply, piece: bytes) -> None:
        """A service that does not stream sends one JSON body."""
        body = bytearray()
        while piece:
            body += piece
            piece = await reply.read()
        told = self._json.read(body.decode("utf-8-sig", errors="replace"))
        self.stream.take(told)
        if not self.stream.is_answer(told):
            raise self._faults.not_an_api(reply.headers, bytes(body[: self._limits.error_body_bytes]))
        self.stream.finish = self.stream.finish or "stop"

    def _show(self, channel: Channel, text: str) -> None:
        if self._first_content_s is None:
            self._first_content_s = self._clock.monotonic() - self._started_at
            self._notify(AttemptFirstContent(attempt=1))
        self._fresh = True
        self._notify(Delta(text=text, channel=channel))

    def _move_deadlines(self, reply: Reply) -> None:
        """Text came: the limit on silence starts anew. Once per piece of bytes, not once per word."""
        if self._finishing:
            return
        if self.stream.finish is not None:
            self._finishing = True
            limit_s = self._limits.after_finish_s
        elif self._fresh:
            thinking = self._reasoning or not self.stream.answering
            limit_s = self._limits.content_idle_reasoning_s if thinking else self._limits.content_idle_s
        else:
            self._allow_for_thoughts(reply)
            return
        self._fresh = False
        self._silence.broken()
        reply.deadlines.clear("first_event")
        reply.deadlines.set("content_idle", limit_s)

    def _allow_for_thoughts(self, reply: Reply) -> None:
        """A model began to think unseen: from here on it has the time of those that are known to."""
        if self.stream.thought and not self.stream.started and not self._reasoning:
            self._reasoning = True
            reply.deadlines.set("first_event", self._limits.first_event_reasoning_s)

    def _fault_of(self, error: Exception, reply: Reply) -> ProviderError:
        match error:
            case ErrorInAnswerError():
                return self._faults.of_report(read_report(error.payload), reply.headers)
            case LoopingError():
                return self._faults.of_kind("looping", f"repeats itself ({error}); the answer was stopped.")
            case EventTooLargeError() | AnswerTooLargeError():
                return self._faults.of_kind("cut_by_limit", f"sent too much: {error}. The answer was cut.")
            case _:
                return self._faults.of_kind("not_an_api", f"sent what can't be read: {error}.")

    def _close(self) -> None:
        self._ended_at = self._clock.monotonic()
        self.stream.close()

    def complete_without(self, error: ExchangeError) -> bool:
        """Whether the connection failed only after the text was complete: that is an end like any other."""
        if self.stream.finish is None or error.cause == "too_large":
            return False
        with suppress(AnswerTooLargeError):
            self._close()
        return True

    def broken(self, fault: ProviderError) -> ProviderError:
        """``fault`` as it stands before the first content; after it, the answer that broke off, and its text.
        Once a reply began with 200, what it used is what its service told, and else unknown.
        """
        with suppress(AnswerTooLargeError):
            self.stream.cut()
        if not self._began:
            return fault
        if self.stream.started and fault.kind not in ("looping", "cut_by_limit"):
            fault = self._faults.broken_off(fault)
        return self._billed(fault)

    def _billed(self, fault: ProviderError) -> ProviderError:
        billed = BilledError(
            str(fault),
            kind=fault.kind,
            status=fault.status,
            retryable=fault.retryable,
            retry_after_s=fault.retry_after_s,
            partial=self.stream.answer,
            reasoning=self.stream.reasoning,
        )
        billed.usage, billed.cost_microusd = self.stream.usage, self.stream.cost_microusd
        billed.hints = fault.hints
        return billed

    def stop(self) -> None:
        """No further notices."""
        self._silence.stop()

    def completion(self, request: ChatRequest) -> Completion:
        """The finished answer. Raises ProviderError when there is none."""
        if self.stream.replaced or self._decoder.replaced:
            _log.warning("%s sent bytes that are no characters; they read as U+FFFD", request.model)
        if not self.stream.answer.strip():
            raise self._empty()
        return Completion(
            text=self.stream.answer,
            reasoning=self.stream.reasoning,
            finish=self.stream.finish or "stop",
            model=request.model,
            usage=self.stream.usage,
            cost_microusd=self.stream.cost_microusd,
            seconds=self._ended_at - self._started_at,
            first_content_seconds=self._first_content_s,
            generation=self.stream.generation,
            hints=self._hints,
        )

    def _empty(self) -> ProviderError:
        if self.stream.finish == "filter":
            return self._billed(
                self._faults.of_kind("moderated", "answered, but its service withheld the text.")
            )
        if self.stream.finish == "length" and self.stream.reasoning:
            sentence = "spent all its tokens on thoughts and none on an answer: allow a longer answer."
            return self._billed(self._faults.of_kind("no_content", sentence))
        return self._billed(self._faults.of_kind("no_content", "ended without an answer.", retryable=True))


_HAIR_S = 1e-6
"""Timers may come that much too early; waiting for the rest of it would be a spin."""


class _Silence:
    """Tells, every so often, that nothing has come for a while."""

    def __init__(self, every_s: float, notify: Notify) -> None:
        self._every_s = every_s
        self._notify = notify
        self._loop = asyncio.get_running_loop()
        self._since = self._loop.time()
        self._timer = self._loop.call_later(every_s, self._tick)

    def broken(self) -> None:
        """Something came."""
        self._since = self._loop.time()

    def stop(self) -> None:
        """The call is over."""
        self._timer.cancel()

    def _tick(self) -> None:
        idle_s = self._loop.time() - self._since
        left_s = self._every_s - idle_s
        if left_s < _HAIR_S:
            self._notify(Idle(idle_seconds=idle_s))
            left_s = self._every_s
        self._timer = self._loop.call_later(left_s, self._tick)
