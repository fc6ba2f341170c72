"""A few dozen runs in bad weather; thousands of them are a trial of endurance (``packaging/soak``)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.weather_runs import play


@pytest.mark.reliability(31, 67)
@pytest.mark.expects_log
def test_row_67_every_run_ends_clearly_and_the_services_count_the_same(tmp_path: Path) -> None:
    tally = play(tmp_path, 80, seed=3)
    assert not tally.faults
    assert sum(tally.ends.values()) == 80
    assert tally.ends["complete"] > 60
    assert set(tally.whys) >= {"first", "retry", "hedge", "fallback", "again"}
    assert sum(tally.faults_sent.values()) > 0.1 * tally.requests
