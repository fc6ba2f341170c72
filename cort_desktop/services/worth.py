"""“Was it worth it?”, over time: how often the final answer was preferred to the first one, by model, preset
and move, and what it took.

Folded from the logs of the runs that a person asked about. Asking about one run is a wish (``wishes.py``).
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from cort_desktop.domain.budget import add_cost
from cort_desktop.domain.ids import ModelRef, RunId
from cort_desktop.domain.run import RunState
from cort_desktop.domain.worth import Took, worth_of
from cort_desktop.domain.worth_shares import MoveShare, WorthRecord, WorthShare, shares
from cort_desktop.services.store import OpenStore, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class WorthReport:
    """All that was asked about: its sum, and the same by model, preset (or strategy, without one) and move of
    the final answer. more: what these runs took on top of their first answers, in all. moves: of every run,
    asked about or not, which candidates became the answer.
    """

    total: WorthShare
    models: Mapping[str, WorthShare] = field(default_factory=dict)
    presets: Mapping[str, WorthShare] = field(default_factory=dict)
    by_move: Mapping[str, WorthShare] = field(default_factory=dict)
    runs: int = 0
    more: Took = field(default_factory=lambda: Took(calls=0, tokens=0, cost_microusd=0, seconds=0.0))
    moves: tuple[MoveShare, ...] = ()


class WorthService:
    """Reads. Raises StorageError."""

    def __init__(self, store: OpenStore) -> None:
        self._open_store = store

    async def report(self) -> WorthReport:
        """Everything there is."""
        return await asyncio.to_thread(self._report)

    def _report(self) -> WorthReport:
        store = self._open_store()
        found = [record for run in store.worth.asked() if (record := _record(store, run)) is not None]
        return WorthReport(
            total=shares(found),
            models=_split(found, lambda record: str(record.model)),
            presets=_split(found, lambda record: record.preset or record.strategy),
            by_move=_split(found, lambda record: record.move),
            runs=len(found),
            more=_sum([record.more for record in found]),
            moves=store.worth.moves(),
        )


def _record(store: Store, run: RunId) -> WorthRecord | None:
    """What a run tells; None while the comparison is not done, or could not be read."""
    events = store.log.events(run)
    state = RunState(run).fold(events)
    worth = worth_of(state)
    if worth is None or worth.outcome is None or state.started is None:
        return None
    final = state.nodes[worth.final]
    texts = f"{state.nodes[worth.first].text}\0{final.text}"
    return WorthRecord(
        at=events[-1].at,
        model=next(iter(state.spec.lineup.get("proposer", ())), ModelRef("")),
        preset=state.started.preset,
        strategy=state.strategy,
        move=final.move or final.kind or final.role,
        outcome=worth.outcome,
        more=worth.more,
        texts=hashlib.sha256(texts.encode(errors="surrogatepass")).hexdigest(),
    )


def _split(records: Sequence[WorthRecord], by: Callable[[WorthRecord], str]) -> dict[str, WorthShare]:
    """The sums by a property, the one with most runs first."""
    groups: defaultdict[str, list[WorthRecord]] = defaultdict(list)
    for record in records:
        groups[by(record)].append(record)
    return {
        name: shares(groups[name]) for name in sorted(groups, key=lambda name: (-len(groups[name]), name))
    }


def _sum(took: Sequence[Took]) -> Took:
    total = Took(calls=0, tokens=0, cost_microusd=0, seconds=0.0)
    for each in took:
        total = Took(
            calls=total.calls + each.calls,
            tokens=total.tokens + each.tokens,
            cost_microusd=add_cost(total.cost_microusd, each.cost_microusd),
            seconds=total.seconds + each.seconds,
        )
    return total
