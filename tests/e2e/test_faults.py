"""Each case of the fault table goes as it is promised, through the whole program (see ``fault_table``)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.fault_cases import CASES, Case
from tests.e2e.fault_table import meet

ROWS = [
    pytest.param(case, marks=pytest.mark.reliability(case.row), id=f"row {case.row} {number}")
    for number, case in enumerate(CASES)
]


@pytest.mark.expects_log
@pytest.mark.parametrize("case", ROWS)
def test_a_fault_ends_as_promised(case: Case, tmp_path: Path) -> None:
    met = meet(case, tmp_path)
    assert case.differs(met.exit_code, met.requests, met.spare_requests) == "", (met.attempts, met.words)
    assert bool(met.answer) == (met.exit_code == 0)
    assert bool(met.words) == (met.exit_code != 0)
    assert "sk-canary" not in met.words
