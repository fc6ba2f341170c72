"""Run the suite and print its table: a row for each case, a column for each adapter.

``python -m tests.providers.conformance``; further arguments go to pytest. A number is how many checks of the
case passed, ``FAILED`` that one of them did not, a dash that the case is not the service's, as skipped.
"""

from __future__ import annotations

import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from tests.providers.conformance.wires import WIRES

NAMES = tuple(wire.name for wire in WIRES)


class Table:
    """A pytest plugin that counts outcomes by case and adapter."""

    def __init__(self) -> None:
        self._seen: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        case, _, parameters = report.nodeid.rpartition("::")[2].partition("[")
        adapter = next((name for name in NAMES if name in re.split(r"[-\]]", parameters)), None)
        if adapter is not None and (report.when == "call" or report.outcome != "passed"):
            self._seen[case][adapter][report.outcome] += 1

    def lines(self) -> list[str]:
        rows = [("case", *NAMES)]
        for case, by_adapter in self._seen.items():
            words = case.removeprefix("test_").replace("_", " ")
            rows.append((words, *(_cell(by_adapter[name]) for name in NAMES)))
        widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
        lines = ["| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in rows]
        return [lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]]


def _cell(outcomes: Counter[str]) -> str:
    if outcomes["failed"]:
        return "FAILED"
    return str(outcomes["passed"]) if outcomes["passed"] else "–"


def main(arguments: list[str]) -> int:
    table = Table()
    here = Path(__file__).parent
    code = pytest.main([str(here), "-q", *arguments], plugins=[table])
    sys.stdout.write("\n".join(["", *table.lines(), ""]))
    return int(code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
