"""The parts of a provider's table that say how it is asked: ``reasoning``, ``routing``.

What is wrong is noted, and left to the service.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from cort_desktop.domain.asking_ways import (
    ROUTING_LISTS,
    ROUTING_PRICES,
    ROUTING_SWITCHES,
    DataCollection,
    Efforts,
    Routing,
    Sort,
)
from cort_desktop.domain.models import EFFORTS, Effort
from cort_desktop.domain.settings_values import Table

_ROUTING = (*ROUTING_LISTS, *ROUTING_SWITCHES, "data_collection", "sort", "max_price")


def read_efforts(table: Table) -> Efforts | None:
    """``reasoning`` of a provider: a word, or a table of words by model, where "*" is for the rest."""
    if not isinstance(table.raw("reasoning"), Mapping):
        effort = _effort(table, "reasoning")
        return None if effort is None else Efforts(all=effort)
    words = table.table("reasoning")
    found = {name: effort for name in words if (effort := _effort(words, name)) is not None}
    rest = found.pop("*", None)
    return Efforts(all=rest, each=tuple(found.items())) if found or rest else None


def read_routing(table: Table, *, kind: object) -> Routing | None:
    """``routing`` of a provider that is OpenRouter; elsewhere it means nothing."""
    if "routing" not in table:
        return None
    if kind != "openrouter":
        where = 'is read where kind = "openrouter" alone, and has no effect here'
        table.notes.doubtful((*table.path, "routing"), where)
        return None
    told = table.table("routing")
    told.doubt_unknown(_ROUTING)
    prices = told.table("max_price")
    prices.doubt_unknown(ROUTING_PRICES)
    routing = Routing(
        order=told.texts("order"),
        only=told.texts("only"),
        ignore=told.texts("ignore"),
        quantizations=told.texts("quantizations"),
        allow_fallbacks=told.truth("allow_fallbacks"),
        require_parameters=told.truth("require_parameters"),
        zdr=told.truth("zdr"),
        data_collection=cast("DataCollection | None", told.word("data_collection", ("allow", "deny"))),
        sort=cast("Sort | None", told.word("sort", ("price", "throughput", "latency"))),
        most_prompt_usd=prices.number("prompt", 10**6),
        most_completion_usd=prices.number("completion", 10**6),
    )
    return routing if routing.wire() else None


def _effort(table: Table, name: str) -> Effort | None:
    return cast("Effort | None", table.word(name, EFFORTS))
