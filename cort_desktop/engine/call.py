"""One call at work: its notices become attempt events, its end becomes the node's.

A call that fails is an event, never a candidate; the text that had arrived is kept beside the error. The
price of an attempt is what the service billed, else the price table's, else unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import assert_never

from cort_desktop.domain import calls
from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Reserved, Usage
from cort_desktop.domain.ids import Blob, ModelRef, NodeName
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import CancelledBy, Fault
from cort_desktop.engine import ledger
from cort_desktop.engine.asking import Asking, temperature, verdict_of
from cort_desktop.engine.decisions import Job
from cort_desktop.engine.lineup import ModelHandle
from cort_desktop.errors import ProviderError

RecordBodies = Callable[[Sequence[ev.Body]], None]


class Call:
    """Performs one job against its model. ``was_lost``: it was asked before a crash or a stop.
    ``is_given_up`` tells of a call that is being cancelled.
    """

    def __init__(
        self,
        asking: Asking,
        handle: ModelHandle,
        state: RunState,
        record: RecordBodies,
        is_given_up: Callable[[NodeName], bool],
        *,
        was_lost: bool,
    ) -> None:
        self._asking = asking
        self._handle = handle
        self._state = state
        self._record = record
        self._is_given_up = is_given_up
        self.node = state.nodes[asking.job.name]
        self._attempts_before = self.node.attempts
        self._was_lost = was_lost
        self._partial: list[str] = []
        self._profiles = {each.ref: each for each in (*handle.fallbacks, handle.profile)}
        self._asked = asking.request.model
        self._models: dict[int, ModelRef] = {}

    async def perform(self) -> None:
        """Ask, and record the end. A cancelled call records nothing: by whom is the engine's to say, and a
        cancellation nobody asked for leaves the node in flight, to be resumed.
        """
        try:
            completion = await self._handle.chat.complete(self._asking.request, self._notice, self._admit)
        except ProviderError as error:
            self._record([self._failed(error)])
        else:
            self._record(self._finished(completion))

    def cancelled(self, by: CancelledBy) -> ev.NodeCancelled:
        """The event of this call when it was given up."""
        usage, cost = self._known()
        partial = "".join(self._partial) or None
        return ev.NodeCancelled(node=self.node.name, by=by, partial=partial, usage=usage, cost_microusd=cost)

    def _admit(self, used: Usage | None, model: ModelRef | None = None, /) -> bool:
        """Whether a further attempt fits the budget. It takes over the reservation of the one that failed,
        whose own use, when unknown its worst case, comes on top. Another ``model`` is reserved by its own
        price, and its context must hold the request.
        """
        if self._state.is_closing or self._is_given_up(self.node.name):
            return False
        held = self.node.reserved
        on_top = Reserved(
            calls=1 if self.node.open_attempts else 0,  # nothing was sent to an open breaker
            tokens=held.tokens if used is None else used.total,
            cost_microusd=held.cost_microusd if used is None else self._cost(self._asked, used, None),
        )
        if model is not None:
            other = self._worst_case(model)
            if other is None:
                return False
            dearer = (other.cost_microusd or 0) - (held.cost_microusd or 0)
            on_top = replace(on_top, cost_microusd=(on_top.cost_microusd or 0) + dearer)
        return ledger.refusal(self._state, on_top) is None

    def _worst_case(self, model: ModelRef) -> Reserved | None:
        """What a fallback may take at most; None when it may not be asked at all."""
        asking, profile = self._asking, self._profiles[model]
        if profile.context_tokens is not None and asking.reserved.tokens > profile.context_tokens:
            return None
        if profile.price is None and self._state.budget.cost_microusd is not None:
            return None  # a cap on money can't be held over what nobody knows
        longest = asking.request.max_tokens
        return ledger.worst_case(
            input_tokens=asking.reserved.tokens - longest, max_tokens=longest, price=profile.price
        )

    def _notice(self, notice: calls.CallNotice) -> None:
        """Turn what the adapter tells into events."""
        node = self.node.name
        match notice:
            case calls.Delta(text=text, channel=channel):
                if channel == "answer":
                    self._partial.append(text)
                body: ev.Body = ev.NodeDelta(node=node, text=text, channel=channel)
            case calls.AttemptStart(attempt=attempt, model=model, why=why):
                self._partial.clear()
                body = self._attempt_started(attempt, model, why)
            case calls.AttemptFirstContent(attempt=attempt):
                body = ev.AttemptFirstContent(node=node, attempt=self._nth(attempt))
            case calls.AttemptFailure():
                body = self._attempt_failed(notice)
            case calls.AttemptCancel(attempt=attempt, why=reason, usage=usage, cost_microusd=cost):
                body = ev.AttemptCancelled(
                    node=node,
                    attempt=self._nth(attempt),
                    why=reason,
                    usage=usage,
                    cost_microusd=self._cost(self._models.get(attempt, self._asked), usage, cost),
                )
            case calls.Idle(idle_seconds=idle):
                body = ev.NodeStalled(node=node, idle_seconds=idle)
            case _:
                assert_never(notice)
        self._record([body])

    def _nth(self, attempt: int) -> int:
        return self._attempts_before + attempt

    def _attempt_started(self, attempt: int, model: ModelRef, why: calls.AttemptWhy) -> ev.AttemptStarted:
        """A fallback holds what it may take by its own price from here on."""
        self._asked = self._models[attempt] = model
        return ev.AttemptStarted(
            node=self.node.name,
            attempt=self._nth(attempt),
            model=model,
            why="again" if why == "first" and self._was_lost else why,
            reserved=self._worst_case(model) if why == "fallback" else None,
        )

    def _attempt_failed(self, notice: calls.AttemptFailure) -> ev.AttemptFailed:
        return ev.AttemptFailed(
            node=self.node.name,
            attempt=self._nth(notice.attempt),
            model=notice.model,
            error=fault(notice.error),
            usage=notice.usage,
            cost_microusd=self._cost(notice.model, notice.usage, notice.cost_microusd),
            wait_seconds=notice.wait_seconds,
            next=notice.next,
        )

    def _failed(self, error: ProviderError) -> ev.NodeFailed:
        usage, cost = self._known()
        return ev.NodeFailed(
            node=self.node.name,
            error=fault(error),
            attempts=self.node.attempts,
            partial=error.partial or "".join(self._partial) or None,
            usage=usage,
            cost_microusd=cost,
        )

    def _known(self) -> tuple[Usage | None, int | None]:
        """What the node's attempts are known to have taken so far."""
        booked = self.node.booked
        return (booked.usage if booked.usage.total else None), booked.cost_microusd

    def _finished(self, done: calls.Completion) -> list[ev.Body]:
        """The node's end and, for a judge, the verdict read from it: one batch, one commit."""
        job = self._asking.job
        end = ev.NodeFinished(
            node=job.name,
            text=done.text,
            reasoning=done.reasoning or None,
            finish=done.finish,
            model=done.model,
            usage=Usage() if done.cached else done.usage,
            cost_microusd=0 if done.cached else self._cost(done.model, done.usage, done.cost_microusd),
            saved_microusd=done.saved_microusd,
            seconds=round(done.seconds, 3),
            first_token_seconds=_rounded(done.first_content_seconds),
            attempts=self._attempts_before + done.attempts,
            cached=done.cached,
            generation=done.generation or None,
        )
        if job.role != "judge":
            return [end]
        schema_asked = self._asking.request.reply_schema is not None
        verdict = verdict_of(job, self._state, done.text, schema_asked=schema_asked)
        return [end] if verdict is None else [end, verdict]

    def _cost(self, model: ModelRef, usage: Usage | None, billed_microusd: int | None) -> int | None:
        if billed_microusd is not None:
            return billed_microusd
        price = self._profiles.get(model, self._handle.profile).price
        if price is not None and price.is_free:
            return 0
        return None if price is None or usage is None else price.cost_microusd(usage)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)


def fault(error: ProviderError) -> Fault:
    """An error as part of the record."""
    return Fault(kind=error.kind, message=str(error), status=error.status, retryable=error.retryable)


def node_started(job: Job, warmth: float, blob: Blob | None, reserved: Reserved) -> ev.NodeStarted:
    """The event of a call that begins: its place in the tree and what it may take."""
    return ev.NodeStarted(
        node=job.name,
        role=job.role,
        kind=job.kind,
        round=job.round,
        parents=job.parents,
        saw=job.saw,
        move=job.move,
        side=job.side,
        model=job.model,
        temperature=warmth,
        sample=job.sample,
        request=blob,
        reserved=reserved,
        wish=job.wish,
    )


def refused(job: Job, state: RunState, error: ProviderError) -> list[ev.Body]:
    """The events of a call that could not even be sent: it began and failed, and cost nothing."""
    started = node_started(job, temperature(state.spec, job.role), None, Reserved(calls=0))
    return [started, ev.NodeFailed(node=job.name, error=fault(error), attempts=0, cost_microusd=0)]
