"""One call at work: its notices become attempt events, its end becomes the node's.

A call that fails is an event, never a candidate; the text that had arrived is kept beside the error. The
price of an attempt is what the service billed, else the price table's, else unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import assert_never

from cort_desktop.domain import calls
from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Reserved, Usage
from cort_desktop.domain.ids import Blob, NodeName
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

    def _admit(self, used: Usage | None) -> bool:
        """Whether a further attempt fits the budget. It takes over the reservation of the one that failed,
        whose own use, when unknown its worst case, comes on top.
        """
        if self._state.is_closing or self._is_given_up(self.node.name):
            return False
        worst = self._asking.reserved
        on_top = Reserved(
            tokens=worst.tokens if used is None else used.total,
            cost_microusd=worst.cost_microusd if used is None else self._cost(used, None),
        )
        return ledger.refusal(self._state, on_top) is None

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
                if why == "first" and self._was_lost:
                    why = "again"
                body = ev.AttemptStarted(node=node, attempt=self._nth(attempt), model=model, why=why)
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
                    cost_microusd=self._cost(usage, cost),
                )
            case calls.Idle(idle_seconds=idle):
                body = ev.NodeStalled(node=node, idle_seconds=idle)
            case _:
                assert_never(notice)
        self._record([body])

    def _nth(self, attempt: int) -> int:
        return self._attempts_before + attempt

    def _attempt_failed(self, notice: calls.AttemptFailure) -> ev.AttemptFailed:
        return ev.AttemptFailed(
            node=self.node.name,
            attempt=self._nth(notice.attempt),
            model=notice.model,
            error=fault(notice.error),
            usage=notice.usage,
            cost_microusd=self._cost(notice.usage, notice.cost_microusd),
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
            cost_microusd=0 if done.cached else self._cost(done.usage, done.cost_microusd),
            saved_microusd=done.saved_microusd,
            seconds=round(done.seconds, 3),
            first_token_seconds=_rounded(done.first_content_seconds),
            attempts=self._attempts_before + done.attempts,
            cached=done.cached,
        )
        if job.role != "judge":
            return [end]
        schema_asked = self._asking.request.reply_schema is not None
        verdict = verdict_of(job, self._state, done.text, schema_asked=schema_asked)
        return [end] if verdict is None else [end, verdict]

    def _cost(self, usage: Usage | None, billed_microusd: int | None) -> int | None:
        if billed_microusd is not None:
            return billed_microusd
        price = self._handle.profile.price
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
    )


def refused(job: Job, state: RunState, error: ProviderError) -> list[ev.Body]:
    """The events of a call that could not even be sent: it began and failed, and cost nothing."""
    started = node_started(job, temperature(state.spec, job.role), None, Reserved(calls=0))
    return [started, ev.NodeFailed(node=job.name, error=fault(error), attempts=0, cost_microusd=0)]
