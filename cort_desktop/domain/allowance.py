"""What a run is allowed to spend when it is gone on with after a cap. How caps are held is the engine's."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cort_desktop.domain.budget import MICRO, Budget

if TYPE_CHECKING:
    from cort_desktop.domain.run import RunState
    from cort_desktop.domain.search import CapName


def granted_anew(state: RunState, *, every: bool = False) -> Budget:
    """The caps of a run that goes on: each one it met is granted once more on top of what was spent, and at
    least what the call that met it would have needed; the others stay. ``every``: as if all had been met.
    """
    first = state.budget if state.started is None else state.started.budget
    now, spent, met = state.budget, state.spent, state.limits

    def granted(which: CapName, first: float | None, used: float, now: float | None) -> float | None:
        if first is None or (which not in met and not every):
            return now
        unit = {"usd": MICRO, "seconds": 0}.get(which, 1)
        return max(first + used, met[which].value * unit if which in met else 0)

    return Budget(
        calls=_whole(granted("calls", first.calls, spent.calls, now.calls)),
        tokens=_whole(granted("tokens", first.tokens, spent.tokens, now.tokens)),
        cost_microusd=_whole(granted("usd", first.cost_microusd, spent.booked_microusd, now.cost_microusd)),
        seconds=granted("seconds", first.seconds, state.active_seconds, now.seconds),
    )


def _whole(cap: float | None) -> int | None:
    return None if cap is None else math.ceil(cap)
