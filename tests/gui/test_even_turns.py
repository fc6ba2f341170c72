"""The interpreter's own pauses, made shorter."""

import gc
import sys
from collections.abc import Iterator

import pytest

from cort_desktop.gui.even_turns import SWITCH_S, keep_even


@pytest.fixture
def as_before() -> Iterator[None]:
    interval = sys.getswitchinterval()
    yield
    sys.setswitchinterval(interval)
    gc.unfreeze()


@pytest.mark.usefixtures("as_before")
def test_what_is_there_is_looked_through_no_more() -> None:
    held = [[each] for each in range(1000)]
    before = gc.get_freeze_count()
    keep_even()
    assert gc.get_freeze_count() >= before + len(held)
    assert sys.getswitchinterval() == pytest.approx(SWITCH_S)
