"""A few rounds of kill -9; ``dev.py soak kill_runs`` plays two hundred."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.kill_rounds import rounds

EACH = 2


@pytest.mark.reliability(39)
@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.endurance)])
def test_row_39_kill_9_loses_nothing_that_was_shown(tmp_path: Path, seed: int) -> None:
    """Row 39: acknowledged facts are on disk, the database is sound, resume repeats no answered call."""
    with rounds(tmp_path, seed) as played:
        for _ in range(EACH):
            played.play()
    assert not played.tally.faults, "\n".join([*played.tally.lines(), *played.tally.faults])
    assert played.tally.rounds.total() == EACH
