"""Counted lengths of replies, as the next run's estimate uses them."""

from __future__ import annotations

from pathlib import Path

from cort_desktop.domain import events as ev
from cort_desktop.domain.bookings import Books
from cort_desktop.domain.budget import Reserved, Usage
from cort_desktop.domain.ids import ModelRef, NodeName
from cort_desktop.domain.lengths import Length
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import NodeRole
from cort_desktop.storage.lengths import LAST, ReplyLengths
from tests.fakes.library import RUN, Shelf, event, shelf, started

MODEL = ModelRef("p/m")
ROLES: dict[str, NodeRole] = {
    "A": "proposer",
    "D": "proposer",
    "S": "synthesizer",
    "J": "judge",
    "C": "critic",
}


def write(at: Shelf, *replies: tuple[str, int, int], cached: bool = False) -> None:
    """A run whose calls brought so many tokens of output, so many of them thoughts."""
    at.begin().result()
    bodies: list[ev.Body] = [started()]
    for node, output, reasoning in replies:
        name = NodeName(node)
        role: NodeRole = ROLES.get(node.rpartition(".")[2][0], "router")
        bodies += [
            ev.NodeStarted(node=name, role=role, round=1, model=MODEL, reserved=Reserved(calls=1)),
            ev.NodeFinished(
                node=name,
                text="t",
                finish="stop",
                model=MODEL,
                usage=Usage() if cached else Usage(input=9, output=output, reasoning=reasoning),
                cached=cached,
                saved_microusd=1 if cached else None,
            ),
        ]
    events = [event(seq, body) for seq, body in enumerate(bodies, 1)]
    books = Books(RunState(RUN))
    bookings = [booked for each in events if (booked := books.take(each)) is not None]
    at.log.append(events, {}, bookings).result()


def test_the_fewest_and_the_most_by_kind_with_and_without_thoughts(tmp_path: Path) -> None:
    with shelf(tmp_path) as at:
        lengths = ReplyLengths(at.database)
        assert lengths.of(MODEL, verdict=False) is None
        write(
            at,
            ("D", 90, 40),
            ("R1.A1", 30, 0),
            ("S", 60, 5),
            ("R1.J1", 400, 300),
            ("R1.C1", 7, 0),
            ("X1", 2, 0),
        )
        assert lengths.of(MODEL, verdict=False) == Length(fewest=30, most=90, text_fewest=30, text_most=55)
        assert lengths.of(MODEL, verdict=True) == Length(fewest=400, most=400, text_fewest=100, text_most=100)
        assert lengths.of(ModelRef("p/other"), verdict=False) is None


def test_only_the_newest_count(tmp_path: Path) -> None:
    with shelf(tmp_path) as at:
        write(at, ("R1.A1", 5000, 0), *((f"R1.A{number}", 20, 0) for number in range(2, LAST + 2)))
        found = ReplyLengths(at.database).of(MODEL, verdict=False)
        assert found is not None
        assert (found.fewest, found.most) == (20, 20)


def test_what_came_from_the_cache_was_not_counted(tmp_path: Path) -> None:
    with shelf(tmp_path) as at:
        write(at, ("D", 90, 0), cached=True)
        assert ReplyLengths(at.database).of(MODEL, verdict=False) is None
