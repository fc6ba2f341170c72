"""How often the final answer was better than the first one, over many runs, and which moves' candidates win.

Sums and what may be claimed from them: nothing from few, nothing while an even chance lies in the interval.
What is known of one run is ``worth.py``; reading the runs is ``storage/worth_log.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.shares import wilson
from cort_desktop.domain.worth import Took, WorthOutcome

ENOUGH = 10
"""Clear outcomes below which nothing is said about a share."""
_EVEN = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class WorthRecord:
    """One run whose first and final answer were compared.

    move: by which the final answer came about. ``texts`` names the two texts: the same two count once.
    """

    at: datetime
    model: ModelRef
    preset: str | None
    strategy: str
    move: str
    outcome: WorthOutcome
    more: Took
    texts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorthShare:
    """How often the final answer was preferred to the first one, over runs that were asked about.

    interval: of the share among the clear outcomes, 95 % (Wilson 1927); unclear ones are left out of it, as
    in a sign test. None without a clear one.
    """

    final: int = 0
    first: int = 0
    unclear: int = 0

    @property
    def clear(self) -> int:
        """Outcomes with a preference."""
        return self.final + self.first

    @property
    def asked(self) -> int:
        """All comparisons that could be read."""
        return self.clear + self.unclear

    @property
    def interval(self) -> tuple[float, float] | None:
        """Between these the share lies; None where nothing is known."""
        if not self.clear:
            return None
        found = wilson(self.final, self.clear)
        return found.low, found.high

    @property
    def says(self) -> Literal["too_few", "open", "final", "first"]:
        """What may be claimed: nothing from too few, nothing while an even chance lies in the interval."""
        interval = self.interval
        if interval is None or self.clear < ENOUGH:
            return "too_few"
        if interval[0] > _EVEN:
            return "final"
        return "first" if interval[1] < _EVEN else "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveShare:
    """How often candidates of a move became the answer, over runs with several. by_chance: how many would
    have, had each of a run's candidates been as likely.
    """

    move: str
    candidates: int
    answers: int
    by_chance: float


def shares(records: Sequence[WorthRecord]) -> WorthShare:
    """The sum over runs; the same two texts, judged in several runs, count once, by the last."""
    last = {(record.model, record.texts): record.outcome for record in sorted(records, key=lambda r: r.at)}
    outcomes = list(last.values())
    return WorthShare(
        final=outcomes.count("final"), first=outcomes.count("first"), unclear=outcomes.count("unclear")
    )
