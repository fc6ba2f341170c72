"""Where the calls of a run stand in the timeline: rows, lanes within a row, and seconds as a place across.

Each candidate has a row; the judges of a round share one, those that overlapped each on a lane of its own.
A run of hundreds of calls is packed the same way, the candidates of a round in one row. Pure; painting is
``timeline.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Literal

from PySide6.QtCore import QCoreApplication

from cort_desktop.domain.ids import NodeName
from cort_desktop.gui.rounds.trace import Call, Trace
from cort_desktop.telling import figures

ROWS_OF_THEIR_OWN = 60
"""With more candidates than this those of a round share a row."""
LEAST_CUT_S = 1.0
"""A shorter gap between a stop and a resume is not worth a mark."""
_LEAST_LENGTH_S = 0.5
_STEPS_S = (
    0.05,
    0.1,
    0.2,
    0.5,
    1,
    2,
    5,
    10,
    15,
    30,
    60,
    120,
    300,
    600,
    900,
    1800,
    3600,
    7200,
    14400,
    43200,
    86400,
)

PartKind = Literal["queue", "wait", "content", "pause"]


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of one call: in our queue, sent and waiting, content coming, or a pause between two tries."""

    kind: PartKind
    start: float
    end: float
    failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the timeline. ``lanes`` says on which lane, from 0, each of ``nodes`` is drawn."""

    label: str
    nodes: tuple[NodeName, ...]
    lanes: tuple[int, ...]

    @property
    def depth(self) -> int:
        """How many lanes there are."""
        return max(self.lanes, default=0) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Seconds to pixels across: ``seconds`` fill the room between ``left`` and ``right``."""

    left: float
    right: float
    seconds: float

    @property
    def per_second(self) -> float:
        """Pixels for each second."""
        return (self.right - self.left) / max(self.seconds, _LEAST_LENGTH_S)

    def x(self, second: float) -> float:
        """The place of a second."""
        length = max(self.seconds, _LEAST_LENGTH_S)
        return self.left + (self.right - self.left) * min(1.0, max(0.0, second / length))

    def second(self, x: float) -> float:
        """The second at a place; outside the room its nearest end."""
        room = self.right - self.left
        share = 0.0 if room <= 0 else min(1.0, max(0.0, (x - self.left) / room))
        return min(self.seconds, share * max(self.seconds, _LEAST_LENGTH_S))

    def ticks(self, least_px: float) -> list[tuple[float, str]]:
        """Round seconds at least ``least_px`` apart, with their words."""
        length = max(self.seconds, _LEAST_LENGTH_S)
        room = max(1.0, self.right - self.left)
        least = least_px / room * length
        step = next((each for each in _STEPS_S if each >= least), _STEPS_S[-1] * ceil(least / _STEPS_S[-1]))
        count = int(length / step + 1e-9)
        return [(index * step, tick_words(index * step, step)) for index in range(count + 1)]


def rows(trace: Trace) -> list[Row]:
    """All rows, top down: the draft, each round's candidates and judges, then the calls outside rounds."""
    candidates = sum(1 for call in trace.calls.values() if call.role != "judge")
    is_packed = candidates > ROWS_OF_THEIR_OWN
    groups: dict[tuple[int, int, str], list[Call]] = {}
    for call in trace.calls.values():
        groups.setdefault(_place(call, is_packed=is_packed), []).append(call)
    return [_row(groups[place]) for place in sorted(groups, key=lambda place: place[:2])]


def parts(call: Call, now: float) -> Iterator[Part]:
    """What of a call is drawn, in the order of time; ``now`` ends what is going on. An answer for which
    nothing was sent was there all along.
    """
    if call.end is not None and call.status == "finished" and not call.attempts:
        yield Part("content", call.start, call.end)
        return
    before: float | None = None
    sent = call.sent if call.sent is not None else now if call.end is None else call.end
    if sent > call.start:
        yield Part("queue", call.start, sent)
    for attempt in call.attempts:
        if before is not None and attempt.start > before:
            yield Part("pause", before, attempt.start)
        end = now if attempt.end is None else attempt.end
        failed = attempt.outcome == "failed"
        first = end if attempt.first is None else min(attempt.first, end)
        yield Part("wait", attempt.start, first, failed)
        if attempt.first is not None:
            yield Part("content", first, end, failed)
        before = end
    if call.status == "running" and before is not None and call.attempts[-1].end is not None:
        yield Part("pause", before, now)


def cut_words(away_s: float) -> str:
    """``3 h later``: how long nobody worked on the run."""
    return QCoreApplication.translate("Timeline", "{time} later").format(time=rough_seconds(away_s))


def rough_seconds(value: float) -> str:
    """``40 s``, ``5 min``, ``3 h``, ``2 days``: the largest unit is enough."""
    for length, words in ((86_400, _days), (3600, _hours), (60, _minutes)):
        if value >= length:
            return words(round(value / length))
    return f"{round(value)} s"


def _days(count: int) -> str:
    if count == 1:
        return QCoreApplication.translate("Timeline", "1 day")
    return QCoreApplication.translate("Timeline", "{count} days").format(count=count)


def _hours(count: int) -> str:
    return f"{count} h"


def _minutes(count: int) -> str:
    return QCoreApplication.translate("Timeline", "{count} min").format(count=count)


def tick_words(second: float, step: float) -> str:
    """``0``, ``2 s``, ``1 min 30 s``."""
    if second == 0:
        return "0"
    if second < 60:  # noqa: PLR2004 - seconds of a minute
        digits = 2 if step < 0.1 else 1 if step < 1 else 0  # noqa: PLR2004 - digits of a step
        return f"{second:.{digits}f} s"
    return figures.seconds(second).removesuffix(" 0 s").removesuffix(" 0 min")


def _place(call: Call, *, is_packed: bool) -> tuple[int, int, str]:
    """(round, place within it, name of the group); calls outside rounds come last."""
    if call.node.startswith("X"):
        return (1_000_000, 0, "X" if is_packed else call.node)
    if call.role == "judge":
        return (call.round, 2, "J")
    kind = 0 if call.role == "critic" else 1
    return (call.round, kind, str(kind) if is_packed else call.node)


def _row(calls: Sequence[Call]) -> Row:
    names = tuple(call.node for call in calls)
    return Row(label=_label(names), nodes=names, lanes=_lanes(calls))


def _label(names: tuple[NodeName, ...]) -> str:
    """``R1.A2``, or ``R1.J1–3`` for several."""
    if len(names) == 1:
        return names[0]
    stem = names[0].rstrip("0123456789")
    return f"{names[0]}–{names[-1].removeprefix(stem)}"


def _lanes(calls: Sequence[Call]) -> tuple[int, ...]:
    """The first lane that is free when a call starts."""
    free_at: list[float] = []
    chosen = []
    for call in calls:
        end = float("inf") if call.end is None else call.end
        lane = next((index for index, free in enumerate(free_at) if free <= call.start), len(free_at))
        if lane == len(free_at):
            free_at.append(end)
        else:
            free_at[lane] = end
        chosen.append(lane)
    return tuple(chosen)
