"""How a service is to be asked where a person has a say: how hard to think, where OpenRouter may send it.

Not here: reading them out of a configuration (``settings_asking``), other names on the wire (``providers``).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from cort_desktop.domain.models import Effort

DataCollection = Literal["allow", "deny"]
Sort = Literal["price", "throughput", "latency"]
ROUTING_LISTS = ("order", "only", "ignore", "quantizations")
ROUTING_SWITCHES = ("allow_fallbacks", "require_parameters", "zdr")
ROUTING_PRICES = ("prompt", "completion")


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """Which of its own providers OpenRouter may send a request to; what is None or empty is left to it.

    The names are OpenRouter's (openrouter.ai/docs/features/provider-routing). max_price: the most to be paid
    for a million tokens sent and made, in US dollars.
    """

    order: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    quantizations: tuple[str, ...] = ()
    allow_fallbacks: bool | None = None
    require_parameters: bool | None = None
    zdr: bool | None = None
    data_collection: DataCollection | None = None
    sort: Sort | None = None
    most_prompt_usd: Decimal | None = None
    most_completion_usd: Decimal | None = None

    def wire(self) -> dict[str, Any]:
        """The ``provider`` object of a request; empty when nothing is asked for."""
        found: dict[str, Any] = {
            name: list(getattr(self, name)) for name in ROUTING_LISTS if getattr(self, name)
        }
        for name in (*ROUTING_SWITCHES, "data_collection", "sort"):
            if getattr(self, name) is not None:
                found[name] = getattr(self, name)
        prices = dict(zip(ROUTING_PRICES, (self.most_prompt_usd, self.most_completion_usd), strict=True))
        dearest = {name: float(price) for name, price in prices.items() if price is not None}
        return found | ({"max_price": dearest} if dearest else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Efforts:
    """How hard a provider's models are to think: one word for all, or one for each model by name."""

    all: Effort | None = None
    each: tuple[tuple[str, Effort], ...] = ()

    def of(self, model: str) -> Effort | None:
        """The effort for a model, by its name at the provider; None leaves it to the service."""
        return dict(self.each).get(model, self.all)
