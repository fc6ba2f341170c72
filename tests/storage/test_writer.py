from __future__ import annotations

import threading
from concurrent.futures import Future
from pathlib import Path

import apsw
import pytest

from cort_desktop.domain.ids import RunId
from cort_desktop.errors import StorageError, UsageError
from tests.fakes.library import RUN, hold, shelf, stalled


def test_everything_that_waits_is_one_transaction(tmp_path: Path) -> None:
    commits: list[str] = []

    def trace(_cursor: object, statement: str, _values: object) -> bool:
        if statement == "COMMIT":
            commits.append(statement)
        return True

    with shelf(tmp_path) as books:
        books.begin().result()
        books.database.write(lambda connection: connection.set_exec_trace(trace)).result()
        commits.clear()
        go = hold(books)
        futures = [books.log.append([stalled(seq)]) for seq in range(1, 101)]
        assert not any(future.done() for future in futures)
        go.set()
        for future in futures:
            future.result()
        assert len(commits) == 2  # the one that was held, and all of the hundred
        books.database.write(lambda connection: connection.set_exec_trace(None)).result()


def test_a_result_comes_back_after_the_commit(tmp_path: Path) -> None:
    with shelf(tmp_path) as books:
        count = books.database.write(lambda connection: connection.execute("SELECT count(*) FROM runs").get)
        assert count.result() == 0


def test_a_refusal_in_a_group_is_told_to_the_one_it_concerns(tmp_path: Path) -> None:
    def refuse(connection: apsw.Connection) -> None:
        connection.execute("INSERT INTO blobs VALUES ('half', x'00')")
        raise UsageError("not this")

    with shelf(tmp_path) as books:
        go = hold(books)
        begun = books.begin()
        refused = books.database.write(refuse)
        appended = books.log.append([stalled(1)])
        go.set()
        begun.result()
        appended.result()
        with pytest.raises(UsageError, match="not this"):
            refused.result()
        assert (
            books.database.read(lambda connection: connection.execute("SELECT count(*) FROM blobs").get) == 0
        )


def test_who_is_told_may_hand_over_more(tmp_path: Path) -> None:
    more: list[Future[None]] = []
    told = threading.Event()

    def go_on(_done: Future[None]) -> None:
        more.append(books.log.append([stalled(1)]))
        told.set()

    with shelf(tmp_path) as books:
        books.begin().add_done_callback(go_on)
        told.wait()
        more[0].result()
        assert len(books.log.events(RUN)) == 1


def test_what_failed_is_saved_in_order_with_the_next_event(tmp_path: Path) -> None:
    with shelf(tmp_path) as books:
        run = RunId("late")
        failed = [books.log.append([stalled(seq, run)]) for seq in (1, 2, 3)]
        assert all(isinstance(future.exception(), StorageError) for future in failed)
        with pytest.raises(StorageError, match="never begun"):
            books.log.retry(run).result()
        add = (
            "INSERT INTO runs (id, turn, conversation, strategy, started) "
            "SELECT 'late', turn, conversation, '', '' FROM runs"
        )
        books.begin().result()
        books.database.write(lambda connection: connection.execute(add).get).result()
        books.log.append([stalled(4, run)]).result()
        assert [one.seq for one in books.log.events(run)] == [1, 2, 3, 4]
        books.log.retry(run).result()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # it is provoked here
def test_a_fault_of_our_own_leaves_nobody_waiting(tmp_path: Path) -> None:
    with shelf(tmp_path) as books:
        books.begin().result()
        go = hold(books)
        bug = books.database.write(lambda connection: 1 // 0)
        waiting = books.log.append([stalled(1)])
        go.set()
        for future in (bug, waiting, books.log.append([stalled(2)])):
            with pytest.raises(StorageError, match="Saving stopped because of a fault in the program"):
                future.result()
        assert books.log.events(RUN) == []
        with pytest.raises(StorageError, match="Saving stopped"):
            books.database.close()
    with shelf(tmp_path) as books:
        books.log.append([stalled(1)]).result()
