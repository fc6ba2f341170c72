"""All breakers of one provider: one for each model and key, made when they are first needed."""

from __future__ import annotations

from cort_desktop.domain.clock import Clock
from cort_desktop.domain.health import CircuitHealth
from cort_desktop.domain.ids import ModelRef
from cort_desktop.resilience.breaker import Breaker


class Breakers:
    """Shared by all calls to one provider, on one event loop. A key goes by a short name, never by itself."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._breakers: dict[tuple[ModelRef, str], Breaker] = {}

    def of(self, model: ModelRef, key: str) -> Breaker:
        """The breaker of a model that is asked with a key."""
        found = self._breakers.get((model, key))
        if found is None:
            found = self._breakers[model, key] = Breaker(self._clock)
        return found

    def reset(self, model: ModelRef) -> None:
        """A person wants this model tried: whatever stood against it is forgotten."""
        for (each, _), breaker in self._breakers.items():
            if each == model:
                breaker.reset()

    def health(self) -> tuple[CircuitHealth, ...]:
        """Every breaker at this moment."""
        return tuple(
            breaker.health(model, key) for (model, key), breaker in sorted(self._breakers.items(), key=_name)
        )


def _name(item: tuple[tuple[ModelRef, str], Breaker]) -> tuple[ModelRef, str]:
    return item[0]
