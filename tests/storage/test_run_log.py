from __future__ import annotations

import dataclasses
import threading
import typing
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import apsw
import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import Blob, NodeName, RunId, blob_of
from cort_desktop.domain.run import RunState
from cort_desktop.errors import StorageError
from tests.fakes.library import (
    BEGIN,
    DRAFT,
    RUN,
    Shelf,
    event,
    node_finished,
    node_started,
    run_finished,
    shelf,
    short_run,
    stalled,
    started,
)
from tests.fakes.log_bench import measure


@pytest.fixture
def books(tmp_path: Path) -> typing.Iterator[Shelf]:
    with shelf(tmp_path / "data") as opened:
        yield opened


def test_what_is_appended_is_read_back_and_folds_to_the_same_state(books: Shelf) -> None:
    books.begin()
    batches = short_run()
    for batch in batches:
        books.log.append(batch).result()
    appended = [one for batch in batches for one in batch]
    read = books.log.events(RUN)
    assert read == appended
    assert RunState(RUN).fold(read).answer_node == RunState(RUN).fold(appended).answer_node == DRAFT


def test_texts_are_stored_compressed(books: Shelf) -> None:
    text = "The same sentence, over and over. " * 1000
    name = blob_of(text)
    books.begin()
    books.log.append([stalled(1)], {name: text}).result()
    size = books.database.read(lambda connection: connection.execute("SELECT length(body) FROM blobs").get)
    assert isinstance(size, int)
    assert size < len(text) / 20
    assert books.log.blob(name) == text


@pytest.mark.parametrize(
    "damage",
    [lambda body: body[:-8], lambda body: b"\0" + body, lambda body: bytes(9), lambda body: b""],
    ids=["cut", "shifted", "zeros", "empty"],
)
def test_a_damaged_text_is_named_and_nothing_else_is_harmed(
    books: Shelf, damage: Callable[[bytes], bytes]
) -> None:
    def harm(connection: apsw.Connection) -> None:
        body = connection.execute("SELECT body FROM blobs").get
        assert isinstance(body, bytes)
        connection.execute("UPDATE blobs SET body = ?", (damage(body),))

    text = "".join(chr(65 + number * number % 57) for number in range(5000))
    name = blob_of(text)
    books.begin()
    books.log.append([stalled(1)], {name: text}).result()
    books.database.write(harm).result()
    with pytest.raises(StorageError, match=rf"cort.db is damaged \(the text {name} can't be read\)"):
        books.log.blob(name)
    assert [one.seq for one in books.log.events(RUN)] == [1]


def test_events_survive_closing(tmp_path: Path) -> None:
    with shelf(tmp_path) as books:
        books.begin()
        books.log.append([stalled(1), stalled(2)])
    with shelf(tmp_path) as books:
        assert [one.seq for one in books.log.events(RUN)] == [1, 2]


def test_an_unknown_event_of_a_later_version_is_kept_as_it_was(books: Shelf) -> None:
    books.begin()
    strange = event(1, ev.Unknown(kind="node.dreamed", fields={"node": "D", "depth": [1, None, "x"]}))
    strange = dataclasses.replace(strange, v=7)
    books.log.append([strange]).result()
    assert books.log.events(RUN) == [strange]


def test_the_end_of_a_run_closes_its_row_in_the_same_transaction(books: Shelf) -> None:
    books.begin()
    for batch in short_run()[:2]:
        books.log.append(batch).result()
    assert books.conversations.run(RUN).ended is None
    books.log.append(short_run()[2]).result()
    row = books.conversations.run(RUN)
    assert (row.status, row.answer_node, row.answer, row.last_seq) == (
        "complete",
        DRAFT,
        "Rayleigh scattering.",
        4,
    )
    assert row.ended == BEGIN + timedelta(seconds=4)


def test_a_reopened_run_is_unfinished_until_it_ends_again(books: Shelf) -> None:
    books.begin()
    for batch in short_run():
        books.log.append(batch)
    books.log.append([event(5, ev.RunReopened(why="more"))]).result()
    row = books.conversations.run(RUN)
    assert (row.status, row.ended) == (None, None)
    books.log.append([event(6, run_finished("Better.", None))]).result()
    assert books.conversations.run(RUN).answer == "Better."


def test_the_strategy_that_was_chosen_is_the_runs_strategy(books: Shelf) -> None:
    books.begin(strategy="auto")
    plan = ev.RunPlanned(strategy="cort", spec=started().spec, why="a short question")
    books.log.append([event(1, started()), event(2, plan)]).result()
    assert books.conversations.run(RUN).strategy == "cort"


def test_a_persons_choice_after_the_end_is_the_answer_of_the_row(books: Shelf) -> None:
    books.begin()
    other = NodeName("R1.A1")
    books.log.append([event(1, started()), event(2, node_started()), event(3, node_started(other))])
    books.log.append([event(4, node_finished()), event(5, node_finished(other, "Tiny dust."))])
    books.log.append([event(6, run_finished())])
    books.log.append([event(7, ev.UserEvent(verb="override", node=other))]).result()
    row = books.conversations.run(RUN)
    assert (row.answer_node, row.answer, row.status) == (other, "Tiny dust.", "complete")


def test_a_batch_is_all_or_nothing(books: Shelf) -> None:
    books.begin().result()
    broken = event(2, ev.LimitReached(which="usd", value=float("nan"), cap=1.0))
    future = books.log.append([stalled(1), broken])
    with pytest.raises(StorageError, match=r"Event 2 \(limit.reached\) of run run-1 can't be stored"):
        future.result()
    assert books.log.events(RUN) == []
    with pytest.raises(StorageError, match="can't be stored"):
        books.database.close()


def test_a_gap_or_a_second_author_is_refused_and_nothing_is_stored(books: Shelf, tmp_path: Path) -> None:
    books.begin()
    books.log.append([stalled(1)]).result()
    with pytest.raises(StorageError, match="Event 3 of run run-1 can't be stored: its log ends with event 1"):
        books.log.append([stalled(3)]).result()
    assert [one.seq for one in books.log.events(RUN)] == [1]
    with pytest.raises(StorageError, match="can't be stored"):
        books.database.close()


def test_a_run_that_was_never_begun_is_refused(books: Shelf) -> None:
    with pytest.raises(StorageError, match="the run was never begun"):
        books.log.append([stalled(1)]).result()
    with pytest.raises(StorageError):
        books.database.close()


def test_a_batch_that_does_not_follow_itself_is_our_own_bug(books: Shelf) -> None:
    with pytest.raises(ValueError, match="does not follow"):
        books.log.append([stalled(1), stalled(3)])
    with pytest.raises(ValueError, match="does not follow"):
        books.log.append([stalled(1), stalled(2, RunId("other"))])


def test_a_stored_event_can_not_be_changed(books: Shelf) -> None:
    books.begin()
    books.log.append([stalled(1)]).result()
    change = books.database.write(lambda connection: connection.execute("UPDATE events SET type = 'x'").get)
    with pytest.raises(StorageError, match="never changed"):
        change.result()


def test_deltas_are_never_stored(books: Shelf) -> None:
    books.begin()
    delta = ev.Event(run=RUN, seq=None, at=BEGIN, body=ev.NodeDelta(node=DRAFT, text="Ray"))
    books.log.append([delta]).result()
    books.log.append([stalled(1), delta]).result()
    assert books.log.events(RUN) == [stalled(1)]


def test_blobs_are_stored_once_and_with_their_event(books: Shelf) -> None:
    books.begin()
    text = "system\0 and\nquestion 🌌"
    books.log.append([stalled(1)], {blob_of(text): text})
    books.log.append([stalled(2)], {blob_of(text): text}).result()
    assert books.log.blob(blob_of(text)) == text
    count = books.database.read(lambda connection: connection.execute("SELECT count(*) FROM blobs").get)
    assert count == 1
    with pytest.raises(StorageError, match="The text abc is not in"):
        books.log.blob(Blob("abc"))


def test_any_thread_may_read_while_another_writes(books: Shelf) -> None:
    books.begin()
    seen: list[int] = []
    halt = threading.Event()

    def read() -> None:
        while not halt.is_set():
            seqs = [one.seq for one in books.log.events(RUN)]
            assert seqs == list(range(1, len(seqs) + 1))
            seen.append(len(seqs))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    futures = [books.log.append([stalled(seq)]) for seq in range(1, 301)]
    for future in futures:
        future.result()
    halt.set()
    for reader in readers:
        reader.join()
    assert len(books.log.events(RUN)) == 300
    assert seen


def test_a_reader_sees_one_moment(books: Shelf) -> None:
    books.begin()
    books.log.append([stalled(1)]).result()

    def read(connection: Any) -> tuple[object, object]:
        before = connection.execute("SELECT count(*) FROM events").get
        books.log.append([stalled(2)]).result()
        return before, connection.execute("SELECT count(*) FROM events").get

    assert books.database.read(read) == (1, 1)
    assert len(books.log.events(RUN)) == 2


def test_a_waiter_that_gives_up_takes_nothing_back(books: Shelf) -> None:
    books.begin()
    future = books.log.append([stalled(1)])
    assert not future.cancel()
    future.result()
    assert books.log.events(RUN) == [stalled(1)]


def test_the_bench_measures_what_it_says(tmp_path: Path) -> None:
    figures = measure(tmp_path / "data", 200)
    assert 0 < figures.hand_over_s <= figures.saved_s
    assert "200 events" in str(figures)
