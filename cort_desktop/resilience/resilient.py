"""The one retry loop of the program: a ChatModel around a ChatModel.

deadline → limiter → attempt → classify → wait → again. Before its first content an attempt may be repeated
as the kind of fault allows; after it, the call is asked once more as a fresh attempt, and if that fails too,
it has failed, with the text there was. A cancelled call is neither success nor failure.

Not here: what kind a fault is (the adapters say so), breaker, hedging and fallback.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from random import Random

from cort_desktop.domain.budget import Usage
from cort_desktop.domain.calls import (
    Admit,
    AttemptCancel,
    AttemptFailure,
    AttemptFirstContent,
    AttemptStart,
    AttemptWhy,
    BilledError,
    CallNotice,
    Channel,
    ChatModel,
    ChatRequest,
    Completion,
    Delta,
    Notify,
    always,
)
from cort_desktop.domain.clock import Clock
from cort_desktop.errors import ErrorKind, ProviderError
from cort_desktop.resilience.backoff import LONGEST_TOLD_S, wait_s
from cort_desktop.resilience.limiter import Limiter
from cort_desktop.resilience.retry_budget import RetryBudget

DEADLINE_S = 600.0
REASONING_DEADLINE_S = 1800.0
ATTEMPTS = 3
_MOST: dict[ErrorKind, int] = {"offline": 1, "no_content": 1, "unsupported": 5}
"""How often one kind may be asked again, where that differs from ATTEMPTS. A refused parameter is left out of
the next attempt, so that is no repetition and doesn't count among the three; there are five that can be."""


class Resilient:
    """``model``, asked until it answers or asking again makes no sense.

    retries and limiter belong to the provider and are shared by its models. deadline_s spans everything:
    waiting for a place, all attempts and the waits between them; reasoning_deadline_s holds once thoughts
    were seen.
    """

    def __init__(
        self,
        model: ChatModel,
        *,
        clock: Clock,
        random: Random,
        retries: RetryBudget,
        limiter: Limiter,
        deadline_s: float = DEADLINE_S,
        reasoning_deadline_s: float = REASONING_DEADLINE_S,
    ) -> None:
        self.model = model
        self.clock = clock
        self.random = random
        self.retries = retries
        self.limiter = limiter
        self.deadline_s = deadline_s
        self.reasoning_deadline_s = reasoning_deadline_s

    async def complete(self, request: ChatRequest, notify: Notify, admit: Admit = always) -> Completion:
        """Ask as often as it makes sense. Raises the last ProviderError."""
        deadline = asyncio.timeout(self.deadline_s)
        call = _Call(self, request, notify, admit, deadline)
        self.retries.begin()
        try:
            async with deadline:
                return await call.run()
        except asyncio.CancelledError:
            call.cancelled()
            raise
        except TimeoutError as error:
            if not deadline.expired():
                raise
            raise call.overdue() from error
        finally:
            self.retries.end()


class _Call:
    """One call through all its attempts."""

    def __init__(
        self,
        shared: Resilient,
        request: ChatRequest,
        notify: Notify,
        admit: Admit,
        deadline: asyncio.Timeout,
    ) -> None:
        self._shared = shared
        self._request = request
        self._notify = notify
        self._admit = admit
        self._deadline = deadline
        self._started = asyncio.get_running_loop().time()
        self._attempt = 0
        self._why: AttemptWhy = "first"
        self._running = False
        self._texts: dict[Channel, list[str]] = {"answer": [], "reasoning": []}
        self._failures: Counter[ErrorKind] = Counter()
        self._broken: ProviderError | None = None

    async def run(self) -> Completion:
        """Attempt after attempt, until one ends well or no further one makes sense."""
        while True:
            try:
                completion = await self._ask()
            except ProviderError as error:
                wait = self._consider(error)
                if wait is None:
                    raise
            else:
                self._shared.retries.succeeded()
                return replace(completion, attempts=self._attempt)
            await self._shared.clock.sleep(wait)

    async def _ask(self) -> Completion:
        retry = self._why != "first"
        if retry:
            self._shared.retries.begin_retry()
        try:
            async with self._shared.limiter:
                self._begin()
                completion = await self._shared.model.complete(self._request, self._forward)
                self._running = False
                return completion
        finally:
            if retry:
                self._shared.retries.end_retry()

    def _begin(self) -> None:
        self._attempt += 1
        self._running = True
        self._texts = {"answer": [], "reasoning": []}
        self._notify(AttemptStart(attempt=self._attempt, model=self._request.model, why=self._why))

    def _forward(self, notice: CallNotice) -> None:
        """What the adapter tells, with this call's count of attempts."""
        if isinstance(notice, AttemptFirstContent):
            notice = AttemptFirstContent(attempt=self._attempt)
        elif isinstance(notice, Delta):
            self._texts[notice.channel].append(notice.text)
            if notice.channel == "reasoning":
                self._give_time_to_think()
        self._notify(notice)

    def _give_time_to_think(self) -> None:
        """A model that shows thoughts is a reasoning model, and those may take longer."""
        due = self._started + self._shared.reasoning_deadline_s
        before = self._deadline.when()
        if before is not None and before < due and not self._deadline.expired():
            self._deadline.reschedule(due)

    @property
    def _committed(self) -> bool:
        return any(self._texts.values())

    def _consider(self, error: ProviderError) -> float | None:
        """Tell of the failure; the seconds to wait before the next attempt, or None to give up."""
        self._failures[error.kind] += 1
        self._shared.retries.failed(error.kind)
        wait = self._wait_s(error)
        if error.partial or error.reasoning:
            self._broken = error
        elif wait is None and self._broken is not None:
            # The fresh attempt brought nothing: what the broken one had brought is kept.
            error.partial, error.reasoning = self._broken.partial, self._broken.reasoning
        self._fail(error, wait)
        self._why = "again" if self._committed else "retry"
        return wait

    def _wait_s(self, error: ProviderError) -> float | None:
        if not error.retryable or not self._may_repeat(error.kind):
            return None
        if (error.retry_after_s or 0) > LONGEST_TOLD_S:
            return None
        counted = self._failures.total() - self._failures["unsupported"]
        wait = wait_s(error, max(1, counted), self._shared.random)
        due = self._deadline.when()
        if due is not None and asyncio.get_running_loop().time() + wait >= due:
            return None
        if not self._shared.retries.allows(error.kind) or not self._admit(self._used(error)[0]):
            return None
        return wait

    def _may_repeat(self, kind: ErrorKind) -> bool:
        if self._why == "again" or self._failures[kind] > _MOST.get(kind, ATTEMPTS):
            return False
        return kind == "unsupported" or self._failures.total() - self._failures["unsupported"] < ATTEMPTS

    def _fail(self, error: ProviderError, wait: float | None) -> None:
        usage, cost_microusd = self._used(error)
        self._running = False
        self._notify(
            AttemptFailure(
                attempt=self._attempt,
                model=self._request.model,
                error=error,
                next="give_up" if wait is None else "retry",
                wait_seconds=wait,
                usage=usage,
                cost_microusd=cost_microusd,
            )
        )

    def _used(self, error: ProviderError) -> tuple[Usage | None, int | None]:
        """What a failed attempt used: as told, nothing where nothing can have been billed, else unknown."""
        if isinstance(error, BilledError):
            return error.usage, error.cost_microusd
        refused = error.status is not None and error.status >= 400  # noqa: PLR2004  HTTP's range of errors
        if not self._committed and (not error.sent or refused):
            return Usage(), 0
        return None, None

    def cancelled(self) -> None:
        """The call was given up by our side."""
        if self._running:
            self._running = False
            self._notify(AttemptCancel(attempt=self._attempt, why="cancelled"))

    def overdue(self) -> ProviderError:
        """The deadline passed."""
        error = ProviderError(
            f"{self._request.model} did not finish within {self._shared.deadline_s:g} s, all attempts "
            f"together: try again later or use another model.",
            kind="timeout",
            partial="".join(self._texts["answer"]),
            reasoning="".join(self._texts["reasoning"]),
        )
        if self._broken is not None and not self._committed:
            error.partial, error.reasoning = self._broken.partial, self._broken.reasoning
        if self._running:
            self._shared.retries.failed(error.kind)
            self._fail(error, None)
        return error
