"""How long the log takes: the hand-over on the caller's thread, until all is on disk, and reading it back.

``python -m tests.fakes.log_bench [EVENTS]`` prints it; ``measure`` is for other benchmarks. Nothing fails
by it.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from tests.fakes.library import RUN, shelf, stalled


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFigures:
    """Seconds for ``events`` events, each handed over on its own."""

    events: int
    hand_over_s: float
    saved_s: float
    read_s: float

    def __str__(self) -> str:
        return (
            f"{self.events} events: {self.hand_over_s / self.events * 1e6:.1f} µs each to hand over, "
            f"{self.saved_s:.3f} s until all are on disk, {self.read_s:.3f} s to read"
        )


def measure(folder: Path, events: int = 5000) -> LogFigures:
    """Append ``events`` events one by one and read them back."""
    with shelf(folder) as books:
        books.begin().result()
        made = [stalled(seq) for seq in range(1, events + 1)]
        start = perf_counter()
        futures = [books.log.append([one]) for one in made]
        handed_over = perf_counter()
        futures[-1].result()
        saved = perf_counter()
        read = books.log.events(RUN)
        end = perf_counter()
    if read != made:
        raise AssertionError("what was read is not what was written")
    return LogFigures(
        events=events, hand_over_s=handed_over - start, saved_s=saved - start, read_s=end - saved
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        print(measure(Path(place) / "data", int(sys.argv[1]) if len(sys.argv) > 1 else 5000))  # noqa: T201
