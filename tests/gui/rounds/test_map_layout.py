"""The tidy tree of the map: no two cards overlap, parents in the middle, deep and wide ones in no time."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from cort_desktop.gui.rounds.map_layout import Spot, tidy

GAP = 20.0


def spot(key: str, parent: str | None, column: int, height: float = 100.0) -> Spot[str]:
    return Spot(key=key, parent=parent, column=column, height=height)


def test_a_parent_stands_in_the_middle_of_its_children() -> None:
    places = tidy(
        [spot("D", None, 0), spot("A", "D", 1), spot("B", "D", 1), spot("C", "D", 1), spot("E", "B", 2)], GAP
    )
    assert places == {"D": 0, "A": -120, "B": 0, "C": 120, "E": 0}


def test_the_first_head_does_not_move_as_the_tree_grows() -> None:
    spots = [spot("D", None, 0)]
    for name in "ABCDEFGH":
        spots.append(spot(f"1{name}", "D", 1))
        assert tidy(spots, GAP)["D"] == 0


def test_subtrees_are_pushed_apart_only_where_they_would_touch() -> None:
    spots = [spot("D", None, 0), spot("A", "D", 1), spot("B", "D", 1)]
    spots += [spot(f"A{index}", "A", 2) for index in range(3)]
    alone = tidy(spots, GAP)
    assert alone["B"] - alone["A"] == 120  # B has no children: it need not make room
    both = tidy([*spots, spot("B0", "B", 2)], GAP)
    assert both["B0"] - both["A2"] == 120


def test_a_line_across_a_column_is_kept_free() -> None:
    """The answer hangs on a winner of two rounds ago: nothing stands in the way of the line to it."""
    spots = [spot("D", None, 0), spot("A", "D", 1), spot("B", "D", 1), spot("answer", "B", 3, 60)]
    spots += [spot(f"A{index}", "A", 2) for index in range(5)]
    places = tidy(spots, GAP)
    lowest = max(places[f"A{index}"] + 50 for index in range(5))
    assert places["answer"] - 30 >= lowest + GAP
    assert places["B"] == places["answer"]


def test_a_forest_and_unknown_parents_stand_below_each_other() -> None:
    places = tidy([spot("A", None, 1), spot("B", "nobody", 1), spot("C", "C", 1), spot("D", "A", 0)], GAP)
    assert [places[name] for name in "ABC"] == [0, 120, 240]


def test_nothing_to_place() -> None:
    assert tidy([], GAP) == {}


@st.composite
def trees(draw: st.DrawFn) -> list[Spot[str]]:
    spots: list[Spot[str]] = []
    for index in range(draw(st.integers(1, 40))):
        above = draw(st.sampled_from([None, *spots]))
        column = draw(st.integers(0, 3)) if above is None else above.column + draw(st.integers(1, 3))
        height = draw(st.sampled_from([20.0, 60.0, 100.0]))
        spots.append(
            Spot(key=str(index), parent=None if above is None else above.key, column=column, height=height)
        )
    return spots


@given(trees())
def test_no_two_cards_of_a_column_touch_and_siblings_keep_their_order(spots: list[Spot[str]]) -> None:
    places = tidy(spots, GAP)
    assert places.keys() == {each.key for each in spots}
    for column in {each.column for each in spots}:
        stack = sorted((each for each in spots if each.column == column), key=lambda each: places[each.key])
        for upper, lower in pairwise(stack):
            room = places[lower.key] - lower.height / 2 - places[upper.key] - upper.height / 2
            assert room >= GAP - 1e-6
    for parent in spots:
        children = [places[each.key] for each in spots if each.parent == parent.key]
        assert children == sorted(children)
        if children:
            assert abs(places[parent.key] - (children[0] + children[-1]) / 2) < 1e-6


def test_two_thousand_rounds_deep_and_wide() -> None:
    chain = [spot(str(index), str(index - 1) if index else None, index) for index in range(2_000)]
    assert set(tidy(chain, GAP).values()) == {0.0}
    comb = [
        spot(f"{round_}.{index}", f"{round_ - 1}.{index % 4}" if round_ else None, round_)
        for round_ in range(250)
        for index in range(8)
    ]
    assert len(set(tidy(comb, GAP).values())) > 8
