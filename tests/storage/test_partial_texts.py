from __future__ import annotations

import time
from pathlib import Path

import apsw

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import NodeName, RunId
from cort_desktop.storage.partial_texts import FLUSH_AT
from tests.fakes.library import DRAFT, RUN, Shelf, event, node_finished, shelf, stalled

OTHER = NodeName("R1.A1")
NEVER_S = 3600.0
"""A patience that no test waits for: what is saved was not saved by waiting."""


def on_disk(books: Shelf) -> list[tuple[object, ...]]:
    query = "SELECT node, piece, text, reasoning FROM partial_texts ORDER BY node, piece"
    return books.database.read(lambda connection: connection.execute(query).fetchall())


def test_the_newest_text_is_known_at_once(tmp_path: Path) -> None:
    with shelf(tmp_path, patience_s=NEVER_S) as books:
        books.begin().result()
        books.log.partial(RUN, DRAFT, "Ray", "let me")
        books.log.partial(RUN, DRAFT, "Rayleigh", "let me think")
        books.log.partial(RunId("other"), DRAFT, "not this", "")
        assert books.log.partials(RUN) == {DRAFT: ("Rayleigh", "let me think")}
        assert on_disk(books) == []


def test_a_moment_later_it_is_on_disk(tmp_path: Path) -> None:
    with shelf(tmp_path, patience_s=0.01) as books:
        books.begin().result()
        books.log.partial(RUN, DRAFT, "Ray", "")
        while not on_disk(books):
            time.sleep(0.005)
        assert on_disk(books) == [("D", 1, "Ray", "")]


def test_much_text_does_not_wait(tmp_path: Path) -> None:
    with shelf(tmp_path, patience_s=NEVER_S) as books:
        books.begin().result()
        books.log.partial(RUN, DRAFT, "x" * FLUSH_AT, "")
        while not on_disk(books):
            time.sleep(0.005)
        books.log.partial(RUN, DRAFT, "x" * FLUSH_AT + "y" * FLUSH_AT, "")
        while len(on_disk(books)) < 2:
            time.sleep(0.005)
        assert [row[2] for row in on_disk(books)] == ["x" * FLUSH_AT, "y" * FLUSH_AT]


def test_it_goes_along_with_the_next_fact_and_grows_piece_by_piece(tmp_path: Path) -> None:
    with shelf(tmp_path, patience_s=NEVER_S) as books:
        books.begin().result()
        books.log.partial(RUN, DRAFT, "Ray", "")
        books.log.append([stalled(1)]).result()
        books.log.partial(RUN, DRAFT, "Rayleigh", "hm")
        books.log.append([stalled(2)]).result()
        assert on_disk(books) == [("D", 1, "Ray", ""), ("D", 2, "leigh", "hm")]
        books.log.append([stalled(3)]).result()
        assert len(on_disk(books)) == 2


def test_a_fresh_attempt_replaces_the_text(tmp_path: Path) -> None:
    with shelf(tmp_path, patience_s=NEVER_S) as books:
        books.begin().result()
        books.log.partial(RUN, DRAFT, "Rayleigh sc", "")
        books.log.append([stalled(1)]).result()
        books.log.partial(RUN, DRAFT, "", "")
        books.log.append([stalled(2)]).result()
        books.log.partial(RUN, DRAFT, "Because", "")
        books.log.append([stalled(3)]).result()
        assert books.log.partials(RUN) == {DRAFT: ("Because", "")}
    with shelf(tmp_path) as books:
        assert books.log.partials(RUN) == {DRAFT: ("Because", "")}


def test_it_goes_when_its_node_ends_and_not_before(tmp_path: Path) -> None:
    with shelf(tmp_path, patience_s=NEVER_S) as books:
        books.begin().result()
        books.log.partial(RUN, DRAFT, "Ray", "")
        books.log.partial(RUN, OTHER, "Dust", "")
        books.log.append([stalled(1)]).result()
        books.log.append([event(2, node_finished())]).result()
        assert books.log.partials(RUN) == {OTHER: ("Dust", "")}
        books.log.append([event(3, ev.NodeCancelled(node=OTHER, by="crash", partial="Dust"))]).result()
        assert on_disk(books) == []
        assert books.log.partials(RUN) == {}


def test_what_a_dead_program_left_is_read_and_replaced(tmp_path: Path) -> None:
    with shelf(tmp_path) as books:
        books.begin().result()
        books.log.partial(RUN, DRAFT, "Ray\0 \ud800", "why")
    with shelf(tmp_path, patience_s=NEVER_S) as books:
        assert books.log.partials(RUN) == {DRAFT: ("Ray\0 \ufffd", "why")}
        books.log.partial(RUN, DRAFT, "Anew", "")
        books.log.append([stalled(1)]).result()
        assert on_disk(books) == [("D", 1, "Anew", "")]


def test_alone_it_is_not_synced_and_facts_are(tmp_path: Path) -> None:
    modes: list[str] = []

    def trace(_cursor: object, statement: str, _values: object) -> bool:
        if statement.startswith("PRAGMA synchronous"):
            modes.append(statement.rsplit(maxsplit=1)[-1])
        return True

    with shelf(tmp_path, patience_s=0.0) as books:
        books.begin().result()
        books.database.write(lambda connection: connection.set_exec_trace(trace)).result()
        books.log.partial(RUN, DRAFT, "Ray", "")
        while not on_disk(books):
            time.sleep(0.005)
        assert modes == ["NORMAL"]
        books.log.append([stalled(1)]).result()
        books.database.write(lambda connection: connection.set_exec_trace(None)).result()
    assert modes[:2] == ["NORMAL", "FULL"]


def test_what_belongs_to_no_run_is_dropped_quietly(tmp_path: Path) -> None:
    with shelf(tmp_path, patience_s=0.0) as books:
        books.log.partial(RunId("nobody"), DRAFT, "Ray", "")
        books.begin().result()
        books.log.append([stalled(1)]).result()
        assert on_disk(books) == []
    connection = apsw.Connection(str(tmp_path / "cort.db"))
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()
