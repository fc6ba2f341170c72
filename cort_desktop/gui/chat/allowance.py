"""What going on with a run that met a cap would grant it, in words and numbers. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from cort_desktop.domain.allowance import granted_anew
from cort_desktop.domain.run import RunState
from cort_desktop.telling import figures

CAPS = ("calls", "tokens", "usd", "seconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """``words`` stand on the button, ``tip`` says what was spent and what would be the cap then."""

    words: str
    tip: str


def allowance_of(state: RunState) -> Allowance | None:
    """What going on grants; None for a run that no cap ended."""
    finished = state.finished
    if finished is None or finished.reason.rule not in CAPS or not state.limits:
        return None
    then = granted_anew(state)
    more, spent = [], []
    for which in CAPS:
        if which not in state.limits:
            continue
        caps = _cap(which, state), _granted(which, then)
        if caps[0] is None or caps[1] is None:
            continue
        used = _used(which, state)
        more.append(figure(which, caps[1] - used))
        spent.append(
            QCoreApplication.translate(
                "Allowance", "It spent {used} of {cap}; the cap becomes {then}."
            ).format(used=figure(which, used), cap=figure(which, caps[0]), then=figure(which, caps[1]))
        )
    if not more:
        return None
    words = QCoreApplication.translate("Allowance", "Go on with {amount} more")
    tail = QCoreApplication.translate("Allowance", "Nothing that is answered is asked again.")
    return Allowance(words=words.format(amount=", ".join(more)), tip="\n".join((*spent, tail)))


def figure(which: str, value: float) -> str:
    """An amount of a cap with its unit: ``12 calls``, ``60.0k tokens``, ``$0.50``, ``10 min 0 s``."""
    match which:
        case "calls":
            return figures.count(round(value), "call")
        case "tokens":
            return f"{figures.tokens(round(value))} tokens"
        case "usd":
            return figures.money(round(value))
        case _:
            return figures.seconds(value)


def _cap(which: str, state: RunState) -> float | None:
    return _granted(which, state.budget)


def _granted(which: str, caps: object) -> float | None:
    name = "cost_microusd" if which == "usd" else which
    found: float | None = getattr(caps, name)
    return found


def _used(which: str, state: RunState) -> float:
    spent = state.spent
    return {
        "calls": float(spent.calls),
        "tokens": float(spent.tokens),
        "usd": float(spent.booked_microusd),
        "seconds": state.active_seconds,
    }[which]
