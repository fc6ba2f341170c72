"""One way to ask a model: its adapter, the states of its provider, and where to go when it doesn't work.

Pure but for what it holds. Who makes routes from settings is ``bootstrap``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from cort_desktop.domain.calls import ChatModel
from cort_desktop.domain.clock import Clock
from cort_desktop.domain.health import ProviderHealth
from cort_desktop.domain.ids import ModelRef, model_of
from cort_desktop.resilience.breakers import Breakers
from cort_desktop.resilience.hedge import FirstTokens, Hedges
from cort_desktop.resilience.limiter import Limiter
from cort_desktop.resilience.retry_budget import RetryBudget

MOST_FALLBACKS = 3
_SAME = (":free", ":latest", "-latest")


class UsedKey(Protocol):
    """Which key a provider is asked with, by a short name; the key itself is the adapter's matter."""

    async def look(self) -> str:
        """The name of the key that would be used now; empty without one. Never raises."""
        ...


class NoKey:
    """Of a provider that is asked without one."""

    async def look(self) -> str:
        """There is none."""
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderStates:
    """What the models of one provider have in common, and their calls change."""

    retries: RetryBudget
    limiter: Limiter
    breakers: Breakers
    hedges: Hedges

    def health(self, provider: str) -> ProviderHealth:
        """How it fares at this moment."""
        return ProviderHealth(
            provider=provider,
            places=self.limiter.places,
            most_places=self.limiter.most,
            running=self.limiter.running,
            waiting=self.limiter.waiting,
            is_staggered=self.limiter.is_staggered,
            retry_tokens=self.retries.tokens,
            circuits=self.breakers.health(),
        )


def fresh_states(clock: Clock, limiter: Limiter | None = None) -> ProviderStates:
    """The states of a provider that was never asked."""
    return ProviderStates(
        retries=RetryBudget(),
        limiter=limiter or Limiter(clock=clock),
        breakers=Breakers(clock),
        hedges=Hedges(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """``model`` as a plain adapter: one attempt a call. first_tokens: None where a missing first token is
    never asked for twice.
    """

    ref: ModelRef
    model: ChatModel
    states: ProviderStates
    key: UsedKey = field(default_factory=NoKey)
    first_tokens: FirstTokens | None = None


def in_order(ref: ModelRef, fallbacks: Iterable[ModelRef]) -> tuple[ModelRef, ...]:
    """Where to go instead of ``ref``: the same model elsewhere before another model, else as given."""
    others = [each for each in dict.fromkeys(fallbacks) if each != ref]
    return tuple(sorted(others, key=lambda each: not is_same_model(ref, each))[:MOST_FALLBACKS])


def is_same_model(one: ModelRef, other: ModelRef) -> bool:
    """Whether two services mean the same model, by its name: OpenRouter's ``vendor/name:free``, another one's
    plain ``name``, with points or dashes.
    """
    return _plain(one) == _plain(other)


def _plain(ref: ModelRef) -> str:
    name = model_of(ref).rpartition("/")[2].lower()
    for end in _SAME:
        name = name.removesuffix(end)
    return name.replace(".", "-").replace("_", "-")
