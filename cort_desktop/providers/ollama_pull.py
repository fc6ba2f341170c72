"""Has an Ollama fetch a model from its library, telling how far it is.

Cancelling closes the connection and Ollama stops; what it has already is kept there and used the next time.
Not here: what is done with the model then (``ollama``).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from cort_desktop.domain.clock import Clock
from cort_desktop.errors import ProviderError
from cort_desktop.providers.causes import ExchangeError
from cort_desktop.providers.faults import Faults, Service
from cort_desktop.providers.http import Outgoing, Reply, Transport
from cort_desktop.providers.keys import Key, bearer, resolve
from cort_desktop.providers.limits import MIB, Limits
from cort_desktop.providers.lines import LineDecoder
from cort_desktop.providers.ollama import native_address
from cort_desktop.providers.payload import JsonReader, PayloadError
from cort_desktop.providers.reports import Report, plain, read_body, read_report
from cort_desktop.providers.sse import EventTooLargeError

Progress = Callable[[int, int], None]
"""Bytes so far, bytes in all."""

PULL_LIMITS = Limits(bytes_idle_s=900.0, first_event_s=120.0, events=20_000_000)
"""Checking a file of many gigabytes takes minutes in which nothing is said."""
_MOST_WORDS = 4096 * MIB
_NO_SUCH = ("file does not exist", "not found", "no such", "does not exist")


class OllamaPull:
    """Fetches into one Ollama. ``transport`` should have ``PULL_LIMITS``."""

    def __init__(self, *, provider: str, base_url: str, key: Key, transport: Transport, clock: Clock) -> None:
        self._provider = provider
        self._url = native_address(base_url) + "/api/pull"
        self._key = key
        self._transport = transport
        self._clock = clock

    async def pull(self, model: str, progress: Progress) -> None:
        """Fetch ``model`` and wait for it. Raises ProviderError: ``not_found`` when the library has none."""
        limits = self._transport.limits
        key = await resolve(self._key, self._provider)
        service = Service(provider=self._provider, url=self._url, model=model, key=key)
        faults = Faults(service, limits, self._clock.now())
        course = _Course(progress)

        async def use(reply: Reply) -> None:
            reply.deadlines.clear("first_event")
            if not 200 <= reply.status < 300:  # noqa: PLR2004  HTTP's range of success
                told = await reply.start(limits.error_body_bytes)
                raise self._refused(read_body(told), model) or faults.of_reply(
                    reply.status, reply.headers, told
                )
            await self._follow(reply, course, model, faults)

        outgoing = Outgoing(
            method="POST",
            url=self._url,
            headers={"Content-Type": "application/json", "Accept": "application/x-ndjson", **bearer(key)},
            body=json.dumps({"model": model, "stream": True}).encode(),
            first_event_s=limits.first_event_s,
            response_bytes=_MOST_WORDS,
        )
        try:
            await self._transport.exchange(outgoing, use)
        except ExchangeError as error:
            raise faults.of_exchange(error) from error

    async def _follow(self, reply: Reply, course: _Course, model: str, faults: Faults) -> None:
        decoder, reader = LineDecoder(self._transport.limits), JsonReader(self._transport.limits)
        try:
            while piece := await reply.read():
                for line in decoder.feed(piece):
                    course.take(reader.read(line.data))
            for line in decoder.close():
                course.take(reader.read(line.data))
        except (PayloadError, EventTooLargeError) as error:
            raise faults.of_kind(
                "not_an_api", f"was not fetched: what came can't be read ({error})."
            ) from error
        if course.error is not None:
            raise self._refused(course.error, model) or self._failed(model, course.error)
        if not course.succeeded:
            words = (
                "was not fetched: the connection ended too early. Try again; what is there already is kept."
            )
            raise faults.of_kind("unreachable", words, retryable=True)

    def _refused(self, report: Report, model: str) -> ProviderError | None:
        if not report.says(*_NO_SUCH):
            return None
        return ProviderError(
            f"Ollama's library has no model {plain(model, 200)}. Look for its name at ollama.com/library, "
            f"and write it with its tag, like llama3.2:1b.",
            kind="not_found",
        )

    def _failed(self, model: str, report: Report) -> ProviderError:
        said = plain(report.message, self._transport.limits.page_chars)
        return ProviderError(
            f"{self._provider}/{plain(model, 200)} was not fetched. Ollama said: “{said}”", kind="unavailable"
        )


class _Course:
    """How far it is: a model comes in several files, each with a size of its own."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._files: dict[str, tuple[int, int]] = {}
        self.succeeded = False
        self.error: Report | None = None

    def take(self, line: Any) -> None:
        """Take what was said in one line."""
        if not isinstance(line, dict):
            return
        if line.get("error"):
            self.error = read_report(line)
        self.succeeded = self.succeeded or line.get("status") == "success"
        digest, total, done = line.get("digest"), _size(line.get("total")), _size(line.get("completed"))
        if isinstance(digest, str) and total:
            self._files[digest] = (min(done, total), total)
            done_in_all, all_in_all = (sum(sizes) for sizes in zip(*self._files.values(), strict=True))
            self._progress(done_in_all, all_in_all)


def _size(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
