"""A run that a cap ended, in words: which cap, what was used, what was to come, what going on grants.

How caps are held is the engine's; what going on grants is worked out by ``domain/allowance.py``.
"""

from __future__ import annotations

from cort_desktop.domain.allowance import granted_anew
from cort_desktop.domain.budget import MICRO, Budget
from cort_desktop.domain.events import LimitReached
from cort_desktop.domain.run import RunState
from cort_desktop.telling import figures
from cort_desktop.telling.safe import one_line

CAPS = ("calls", "tokens", "usd", "seconds")


def end_words(state: RunState) -> str:
    """Why a run ended, on one line; of a cap all that there is to say. Empty while it goes on."""
    if state.finished is None:
        return ""
    text = one_line(state.finished.reason.text)
    met = state.limits.get(state.finished.reason.rule)
    if met is None or state.finished.reason.rule not in CAPS:
        return text
    _, _, rest = text.partition(". ")
    return f"{cap_words(state, met)} {rest}".rstrip()


def cap_words(state: RunState, met: LimitReached) -> str:
    """``The run met the cap of 20.0k tokens: it used 14.2k tokens, and what was to come could have brought it
    to 21.4k tokens. Going on grants 20.0k tokens more.``
    """
    used, cap = _used(state, met.which), _known(_of(state.budget, met.which), met.cap, met.which)
    left_of = f", what was left of the {state.budget.left_of}'s limit" if _is_rest(state, met) else ""
    said = f"The run met the cap of {_amount(met.which, cap)}{left_of}: it used {_amount(met.which, used)}"
    value = met.value * MICRO if met.which == "usd" else met.value
    if value > max(used, cap):
        said += f", and what was to come could have brought it to {_amount(met.which, value)}"
    granted = _of(granted_anew(state), met.which)
    if granted is not None and granted > used:
        said += f". Going on grants {_amount(met.which, granted - used)} more"
    return f"{said}."


def _is_rest(state: RunState, met: LimitReached) -> bool:
    """Whether the cap was no cap of the run's own."""
    return met.which == "usd" and state.budget.left_of is not None


def _known(now: float | None, met: float, which: str) -> float:
    return (met * MICRO if which == "usd" else met) if now is None else now


def _used(state: RunState, which: str) -> float:
    """What counts against a cap; money in micro-dollars, as reserved where nobody told what it cost."""
    spent = state.spent
    return {
        "calls": float(spent.calls),
        "tokens": float(spent.tokens),
        "usd": float(spent.booked_microusd),
        "seconds": state.active_seconds,
    }[which]


def _of(budget: Budget, which: str) -> float | None:
    return {
        "calls": budget.calls,
        "tokens": budget.tokens,
        "usd": budget.cost_microusd,
        "seconds": budget.seconds,
    }[which]


def _amount(which: str, value: float) -> str:
    match which:
        case "usd":
            return figures.money(round(value))
        case "tokens":
            return f"{figures.tokens(round(value))} tokens"
        case "seconds":
            return figures.seconds(value)
        case _:
            return figures.count(round(value), "call")
