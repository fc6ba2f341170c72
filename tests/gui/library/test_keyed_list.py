from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtWidgets import QApplication

from cort_desktop.gui.library.keyed_list import KeyedListModel
from tests.fakes.item_models import under_tester

KEYS = st.lists(st.integers(0, 12), unique=True, max_size=12)


@dataclass(frozen=True)
class Thing:
    key: int
    words: str = ""


class Things(KeyedListModel[Thing]):
    def data(self, index: Any, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.row_at(index)
        return None if row is None or role != Qt.ItemDataRole.DisplayRole else f"{row.key}{row.words}"


def model(keys: list[int]) -> Things:
    made = Things()
    made.show([Thing(key) for key in keys])
    return made


def steps(of: Things) -> list[str]:
    """What the model told its views since."""
    told: list[str] = []
    of.rowsInserted.connect(lambda _p, first, last: told.append(f"insert {first}-{last}"))
    of.rowsRemoved.connect(lambda _p, first, last: told.append(f"remove {first}-{last}"))
    of.rowsMoved.connect(lambda _p, first, _l, _d, to: told.append(f"move {first} to {to}"))
    of.dataChanged.connect(lambda first, last: told.append(f"change {first.row()}-{last.row()}"))
    of.modelReset.connect(lambda: told.append("reset"))
    return told


@pytest.mark.usefixtures("qt_app")
@given(KEYS, KEYS)
def test_any_list_becomes_any_other_without_a_reset(before: list[int], after: list[int]) -> None:
    things = model(before)
    tester = under_tester(things, KeyedListModel)
    kept = {key: QPersistentModelIndex(things.index_of(key)) for key in before}
    told = steps(things)
    things.show([Thing(key, "!") for key in after])
    assert [row.key for row in things.rows] == after
    assert [things.index(row, 0).data() for row in range(len(after))] == [f"{key}!" for key in after]
    assert "reset" not in told
    for key, index in kept.items():  # selections, editors and scroll anchors hang on these
        assert index.isValid() == (key in after)
        assert not index.isValid() or index.row() == after.index(key)
    tester.deleteLater()


@pytest.mark.usefixtures("qt_app")
@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ([1, 2, 3, 4], [4, 1, 2, 3], ["move 3 to 0"]),
        ([1, 2, 3, 4], [2, 3, 4, 1], ["move 0 to 4"]),
        ([1, 2, 3, 4], [1, 4], ["remove 1-2"]),
        ([1, 4], [9, 1, 2, 3, 4], ["insert 0-0", "insert 2-3"]),
        ([1, 2], [1, 2], []),
    ],
)
def test_a_change_takes_as_few_steps_as_it_can(before: list[int], after: list[int], told: list[str]) -> None:
    things = model(before)
    seen = steps(things)
    things.show([Thing(key) for key in after])
    assert seen == told


@pytest.mark.usefixtures("qt_app")
def test_what_changed_side_by_side_is_told_at_once() -> None:
    things = model([1, 2, 3, 4, 5])
    told = steps(things)
    things.show([Thing(1, "a"), Thing(2, "b"), Thing(3), Thing(4, "c"), Thing(5)])
    assert told == ["change 0-1", "change 3-3"]


def test_thousands_of_rows_move_in_one_step(qt_app: QApplication) -> None:
    keys = list(range(5000))
    things = model(keys)
    told = steps(things)
    things.show([Thing(key) for key in [*keys[1:], keys[0]]])
    assert told == ["move 0 to 5000"]
    assert all(one.key + 1 == other.key for one, other in pairwise(things.rows[:-1]))
