"""How a provider fares as seen from here: what a doctor or a provider's page shows of it.

Frozen values of one moment; who keeps the live states is ``resilience``. A key is never part of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cort_desktop.domain.ids import ModelRef

CircuitState = Literal["closed", "open", "half_open", "held"]
"""closed: requests go out. open: none do until the next probe. half_open: one is trying. held: none do until
a person changes the key or the settings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitHealth:
    """The breaker of one model with one key. ``key``: a short name that tells keys apart, empty without one.

    since: when this state began. next_probe: when a request may try again; None when closed or held.
    requests and failures: those of the last 60 seconds that say something about the service.
    reason: what went wrong last, a sentence for a person; empty when closed.
    """

    model: ModelRef
    key: str
    state: CircuitState
    since: datetime
    next_probe: datetime | None = None
    requests: int = 0
    failures: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderHealth:
    """One provider with all its breakers.

    places: how many requests may run at once now, as learned; most_places: how many they may become. running
    and waiting: requests now. is_staggered: it said that there were too many, and they go out one by one.
    retry_tokens: what is left of 10 for asking again; at 5 or less nothing is asked again.
    """

    provider: str
    places: int
    most_places: int
    running: int
    waiting: int
    is_staggered: bool
    retry_tokens: float
    circuits: tuple[CircuitHealth, ...] = ()

    @property
    def trouble(self) -> tuple[CircuitHealth, ...]:
        """The breakers that let nothing or hardly anything through."""
        return tuple(each for each in self.circuits if each.state != "closed")
