"""What it would take to try a call of a run again or to carry out a wish, before a person says yes.

Found by playing what would follow (``play.py``), so it holds for every strategy and for whatever the run
still lacks. The estimate of a run that has not begun is ``estimate.py``.
"""

from __future__ import annotations

from collections.abc import Callable

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Estimate, add_cost
from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.run import RunState
from cort_desktop.engine import steering
from cort_desktop.engine.play import Bill, Stage, fold, played
from cort_desktop.engine.wishing import Wished


def price(
    fresh: Callable[[], RunState], wanted: NodeName | Wished, stage: Stage, *, working: bool
) -> Estimate:
    """Calls, tokens, money and seconds that trying a node again, or a wish, would add. Blocks; any thread.

    fresh: makes a state of the run, a new one each time, which is then changed. working: the run is being
    worked on, so what it takes anyway does not count; a run at rest is taken up again with all that it lacks.
    Raises UsageError when it can't be had.
    """

    def taken_up() -> RunState:
        state = fresh()
        again, wished = (None, wanted) if isinstance(wanted, Wished) else (wanted, None)
        if not working:
            steering.go_on(
                state,
                lambda bodies: fold(state, bodies),
                partials={},
                reopen=wished is None,
                again=again,
                wished=wished,
            )
        elif wished is not None:
            fold(state, wished.words(state))
        elif again is not None:
            fold(state, [steering.tried_again(state, again)])
        if state.paused:
            fold(state, [ev.UserEvent(verb="resumed")])
        return state

    def without() -> RunState:
        state = fresh()
        if state.paused:
            fold(state, [ev.UserEvent(verb="resumed")])
        return state

    def bill(*, dear: bool) -> Bill:
        whole = played(taken_up(), stage, dear=dear)
        return _without(whole, played(without(), stage, dear=dear)) if working else whole

    low, high = bill(dear=False), bill(dear=True)
    both = add_cost(low.cost_microusd, high.cost_microusd)
    return Estimate(
        calls_low=min(low.calls, high.calls),
        calls_high=max(low.calls, high.calls),
        tokens_low=min(low.tokens, high.tokens),
        tokens_high=max(low.tokens, high.tokens),
        cost_microusd=None if both is None else both // 2,
        seconds=None if low.seconds is None else round(low.seconds, 1),
    )


def _without(bill: Bill, other: Bill) -> Bill:
    """What ``bill`` has on top of ``other``."""
    cost, seconds = bill.cost_microusd, bill.seconds
    return Bill(
        calls=max(0, bill.calls - other.calls),
        tokens=max(0, bill.tokens - other.tokens),
        cost_microusd=None
        if cost is None or other.cost_microusd is None
        else max(0, cost - other.cost_microusd),
        seconds=None if seconds is None or other.seconds is None else max(0.0, seconds - other.seconds),
    )


def retry_price(fresh: Callable[[], RunState], node: NodeName, stage: Stage, *, working: bool) -> Estimate:
    """``price`` of trying ``node`` again."""
    return price(fresh, node, stage, working=working)
