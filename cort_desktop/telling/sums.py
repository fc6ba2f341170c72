"""What several calls took together, for a row that stands for all of them. Unknown parts stay unknown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from cort_desktop.domain.budget import add_cost
from cort_desktop.domain.nodes import Node
from cort_desktop.telling.outline import Row
from cort_desktop.telling.states import is_usage_unknown


def summed(row: Row, nodes: Iterable[Node], now: datetime | None) -> Row:
    """A row with what its nodes took: tokens and money added, the time from the first start to the last end.

    now: ends what is under way.
    """
    nodes = list(nodes)
    if not nodes:
        return row
    cost: int | None = 0
    for node in nodes:
        cost = add_cost(cost, node.booked.cost_microusd)
    tokens = sum(node.booked.usage.total for node in nodes)
    is_least = any(is_usage_unknown(node) for node in nodes)
    is_open = any(node.status == "running" for node in nodes)
    return replace(
        row,
        tokens=tokens if tokens or not (is_least or is_open) else None,
        is_least=is_least,
        cost_microusd=cost,
        least_microusd=sum(node.booked.known_microusd for node in nodes),
        seconds=_span_s(nodes, now),
        has_figures=True,
        is_open=is_open,
    )


def _span_s(nodes: list[Node], now: datetime | None) -> float | None:
    """Seconds from the first start to the last end; when a call was lost in a crash nobody knows."""
    known = [node for node in nodes if node.cancelled_by != "crash"]
    last = max((end for node in known if (end := node.ended_at or now) is not None), default=None)
    first = min((node.started_at for node in known), default=None)
    if first is None or last is None:
        return None
    return max(0.0, (last - first).total_seconds())
