"""`dev.py bench`: each figure of speed or memory beside its reference, measured in the same run.

A figure is a file in `packaging/bench/` with

    BOUND: float                 # the ratio it may reach
    def measure() -> Result      # both numbers in one unit

Absolute numbers say little on a machine that others use too; the ratio to a reference measured a moment
before or after says what the code adds. A file may import `Result` from `devtools.bench`.
"""

import sys
from typing import NamedTuple

from devtools.console import Refusal, say
from devtools.discovery import modules, table
from devtools.places import here

HEAD = ["figure", "measured", "reference", "ratio", "bound", "verdict"]


class Result(NamedTuple):
    """What was measured and what it is compared with, both in `unit`."""

    measured: float
    reference: float
    unit: str

    @property
    def ratio(self) -> float:
        return self.measured / self.reference


def row(name: str, result: Result, bound: float) -> list[str]:
    """One line of the table."""
    return [
        name,
        f"{result.measured:.4g} {result.unit}",
        f"{result.reference:.4g} {result.unit}",
        f"{result.ratio:.2f}",
        f"{bound:.2f}",
        "kept" if result.ratio <= bound else "MISSED",
    ]


def main(names: list[str]) -> int:
    """Measure, print the table; 1 if a bound is missed, 3 if there is nothing to measure."""
    rows = []
    try:
        for name, figure in modules(here().packaging / "bench", names):
            say(f"measuring {name} …")
            rows.append(row(name, figure.measure(), figure.BOUND))
    except Refusal as refusal:
        say(str(refusal))
        return 3
    print(table(HEAD, rows))
    return int(any(cells[-1] == "MISSED" for cells in rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
