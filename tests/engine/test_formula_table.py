"""What is predicted of every strategy is what it takes; against drift of either."""

from __future__ import annotations

import pytest

from cort_desktop.engine.strategies import built_in
from tests.engine.formula_table import HEAD, Shape, cells, measured_depth, played, shapes


def test_every_strategy_is_in_the_table() -> None:
    assert {shape.strategy for shape in shapes()} == set(built_in())


@pytest.mark.parametrize("shape", shapes(), ids=lambda shape: f"{shape.strategy} {shape.words}")
def test_calls_depth_seconds_and_tokens_are_as_predicted(shape: Shape) -> None:
    row = played(shape)
    calls, depth = shape.calls(row.samples), shape.depth(row.samples)
    assert row.end.status == "complete"
    assert row.end.calls == calls
    assert row.told.calls_low <= calls <= row.told.calls_high
    assert measured_depth(row.state) == depth
    assert row.end.seconds == pytest.approx(row.seconds, abs=0.1)
    for told in (row.told, row.told_again):
        assert told.tokens_low <= row.end.usage.total <= told.tokens_high
    assert row.told_again.tokens_high < row.told.tokens_high
    assert len(cells(row)) == len(HEAD)
