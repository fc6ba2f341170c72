"""Which turns are sent where not all fit: laws over made-up conversations."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from cort_desktop.engine.choosing import Chosen, choose

COSTS = st.lists(st.integers(1, 200), min_size=1, max_size=30)
NUMBERS = st.lists(st.integers(0, 33), max_size=8, unique=True)
ROOM = st.integers(-50, 3000)


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[int], dict[str, object]]:
    return draw(COSTS), {
        "room": draw(ROOM),
        "pinned": draw(NUMBERS),
        "relevant": draw(NUMBERS),
        "summary_cost": draw(st.none() | st.integers(1, 300)),
        "note_cost": draw(st.integers(0, 60)),
    }


def taken(costs: list[int], chosen: Chosen) -> int:
    return sum(costs[number - 1] for number in chosen.numbers)


@given(cases())
def test_the_room_is_never_exceeded_and_every_turn_is_taken_once(
    case: tuple[list[int], dict[str, object]],
) -> None:
    costs, wishes = case
    chosen = choose(costs, **wishes)  # type: ignore[arg-type]
    room = int(str(wishes["room"]))
    assert chosen.used <= max(0, room)
    extra = (int(str(wishes["summary_cost"])) if chosen.has_summary else 0) + int(str(wishes["note_cost"]))
    is_empty = not chosen.numbers and not chosen.has_summary
    assert chosen.used == taken(costs, chosen) + (0 if chosen.is_whole or is_empty else extra)
    assert len(chosen.numbers) == len(chosen.pinned) + len(chosen.retrieved) + len(chosen.recent)
    assert all(1 <= number <= len(costs) for number in chosen.numbers)
    assert choose(costs, **wishes) == chosen  # type: ignore[arg-type]


@given(cases())
def test_what_fits_is_sent_whole(case: tuple[list[int], dict[str, object]]) -> None:
    costs, wishes = case
    chosen = choose(costs, **wishes)  # type: ignore[arg-type]
    fits = sum(costs) <= int(str(wishes["room"]))
    assert chosen.is_whole == fits
    if fits:
        assert chosen.numbers == tuple(range(1, len(costs) + 1))
        assert not chosen.has_summary


@given(cases())
def test_pins_come_before_new_turns_and_those_before_found_ones(
    case: tuple[list[int], dict[str, object]],
) -> None:
    costs, wishes = case
    chosen = choose(costs, **wishes)  # type: ignore[arg-type]
    room, note = int(str(wishes["room"])), int(str(wishes["note_cost"]))
    pins = [n for n in wishes["pinned"] if 1 <= n <= len(costs)]  # type: ignore[attr-defined]
    left = room - note
    for number in sorted(pins, reverse=True) if not chosen.is_whole else []:
        # a pin is left out only where it doesn't fit beside the newer pins
        if number in chosen.pinned:
            left -= costs[number - 1]
        else:
            assert costs[number - 1] > max(0, left)
    newest = len(costs)
    if chosen.retrieved and newest not in chosen.numbers:
        spent = sum(costs[n - 1] for n in chosen.pinned) + note
        spent += int(str(wishes["summary_cost"])) if chosen.has_summary else 0
        assert costs[-1] > room - spent  # the last turn goes first wherever it fits at all
    recent = [number for number in range(1, newest + 1) if number in chosen.recent]
    if recent:
        between = range(recent[0], newest + 1)
        assert all(number in chosen.numbers for number in between)  # new turns have no gap


@given(COSTS, NUMBERS, st.integers(0, 60))
def test_less_room_never_brings_more_new_turns(costs: list[int], pinned: list[int], note: int) -> None:
    """Without turns that were found, a shorter model sees a part of what a longer one sees."""
    before: set[int] = set(range(1, len(costs) + 1))
    kept = {n for n in pinned if 1 <= n <= len(costs)}
    for room in range(sum(costs), 0, -37):
        chosen = choose(costs, room=room, note_cost=note)
        assert set(chosen.recent) <= before
        before = set(chosen.recent)
        assert set(choose(costs, room=room, pinned=pinned, note_cost=note).pinned) <= kept


def test_a_summary_that_eats_half_of_the_room_is_left_out() -> None:
    costs = [100] * 10
    assert choose(costs, room=500, summary_cost=200).has_summary
    assert not choose(costs, room=500, summary_cost=300).has_summary


def test_turns_that_matter_get_a_quarter_even_after_a_long_last_hour() -> None:
    chosen = choose([50] * 100, room=1000, relevant=[3, 9, 40])
    assert chosen.retrieved == (3, 9, 40)
    assert chosen.recent == tuple(range(84, 101))
    assert chosen.used == 1000


def test_2000_turns_are_chosen_from_in_no_time() -> None:
    """The best of five, so that a busy machine doesn't tell; the bar for the whole of it is 50 ms."""
    costs = [500] * 2000
    times = []
    for _ in range(5):
        begin = time.process_time()
        choose(costs, room=120_000, pinned=range(1, 200, 7), relevant=range(300, 350), summary_cost=600)
        times.append(time.process_time() - begin)
    assert min(times) < 0.05
