"""From the events of a run to what each of them costs, by the very fold that guards its budget.

So the sum of a run's bookings is what its ledger says, attempt by attempt: failed, hedged, cancelled and lost
ones too. Where bookings are kept is ``storage/spending.py``.
"""

from __future__ import annotations

from dataclasses import replace

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Usage
from cort_desktop.domain.ids import ModelRef, NodeName
from cort_desktop.domain.nodes import Spent
from cort_desktop.domain.run import RunState
from cort_desktop.domain.spending import Booking, Spend

_BOOKING = (
    ev.AttemptStarted,
    ev.AttemptFailed,
    ev.AttemptCancelled,
    ev.NodeFinished,
    ev.NodeCancelled,
)
"""Bodies that can change what is spent."""


class Books:
    """Follows one run. ``state`` is its fold so far, and is folded on here: hand in a copy."""

    def __init__(self, state: RunState) -> None:
        self._state = state
        self._asked: dict[tuple[NodeName, int], ModelRef] = {}

    def take(self, event: ev.Event) -> Booking | None:
        """Fold the next event; what it adds to what is spent, None when nothing. Raises OutOfOrderError."""
        before = replace(self._state.spent)
        self._state.apply(event)
        body = event.body
        if isinstance(body, ev.AttemptStarted):
            self._asked[body.node, body.attempt] = body.model
        if not isinstance(body, _BOOKING) or event.seq is None or self._state.started is None:
            return None
        spend = _saved(body, _difference(before, self._state.spent))
        if spend.is_nothing:
            return None
        return Booking(
            run=event.run,
            conversation=self._state.started.conversation,
            seq=event.seq,
            at=event.at,
            model=self._model(body),
            spend=spend,
        )

    def _model(self, body: ev.Body) -> ModelRef | None:
        match body:
            case ev.AttemptStarted() | ev.AttemptFailed():
                return body.model
            case ev.AttemptCancelled():
                asked = self._asked.get((body.node, body.attempt))
                return asked or self._state.nodes[body.node].model
            case ev.NodeFinished():
                return body.model or self._state.nodes[body.node].model
            case ev.NodeCancelled():
                node = self._state.nodes[body.node]
                return self._asked.get((body.node, node.attempts)) or node.model
            case _:
                return None


def spend_of(spent: Spent) -> Spend:
    """A ledger's sum as a value."""
    return _difference(Spent(), spent)


def _difference(before: Spent, after: Spent) -> Spend:
    a, b = before.usage, after.usage
    return Spend(
        calls=after.calls - before.calls,
        usage=Usage(
            input=b.input - a.input,
            cached_input=b.cached_input - a.cached_input,
            cache_write=b.cache_write - a.cache_write,
            output=b.output - a.output,
            reasoning=b.reasoning - a.reasoning,
        ),
        known_microusd=after.known_microusd - before.known_microusd,
        unknown=after.unknown - before.unknown,
        booked_microusd=after.booked_microusd - before.booked_microusd,
    )


def _saved(body: ev.Body, spend: Spend) -> Spend:
    """``spend`` with what an answer from the cache saved."""
    if not isinstance(body, ev.NodeFinished) or not body.cached:
        return spend
    is_unknown = body.saved_microusd is None
    return replace(spend, kept=1, saved_microusd=body.saved_microusd or 0, saved_unknown=int(is_unknown))
