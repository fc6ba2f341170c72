"""Models that answer late, never or not at all, as a test says, and tell who asked them and who left."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

from cort_desktop.domain.budget import Usage
from cort_desktop.domain.calls import (
    Admit,
    AttemptFirstContent,
    ChatRequest,
    Completion,
    Delta,
    Notify,
    always,
)
from cort_desktop.domain.ids import ModelRef
from cort_desktop.errors import ProviderError

Step = ProviderError | str | float


class Weathered:
    """A plain adapter: each attempt is steps, each an error, a text, or seconds to wait before the next step.

    The last attempt is repeated for ever when ``again`` says so. usage: told with every answer.
    """

    def __init__(self, *attempts: Sequence[Step], again: bool = False, usage: Usage | None = None) -> None:
        self._attempts = list(attempts)
        self._again = again
        self._usage = usage
        self.asked: list[ModelRef] = []
        self.asked_at: list[float] = []
        self.left_at: list[float] = []
        self.running = 0

    async def complete(self, request: ChatRequest, notify: Notify, admit: Admit = always) -> Completion:
        del admit
        loop = asyncio.get_running_loop()
        self.asked.append(request.model)
        self.asked_at.append(loop.time())
        steps = self._steps()
        began, first, text = loop.time(), None, ""
        self.running += 1
        try:
            for step in steps:
                if isinstance(step, ProviderError):
                    step.partial = text
                    raise step
                if isinstance(step, float):
                    await asyncio.sleep(step)
                    continue
                if first is None:
                    first = loop.time() - began
                    notify(AttemptFirstContent(attempt=1))
                text += step
                notify(Delta(text=step))
        except asyncio.CancelledError:
            self.left_at.append(loop.time())
            raise
        finally:
            self.running -= 1
        return Completion(
            text=text,
            model=request.model,
            usage=self._usage,
            seconds=loop.time() - began,
            first_content_seconds=first,
        )

    def _steps(self) -> Iterator[Step]:
        if len(self._attempts) > 1 or not self._again:
            return iter(self._attempts.pop(0))
        return iter(self._attempts[0])
