from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import apsw
import pytest

from cort_desktop.domain.ids import RunId
from cort_desktop.errors import StorageError
from tests.fakes.left_behind import TOP, fill
from tests.fakes.library import DRAFT, RUN, integrity, shelf, stalled


def test_folder_and_files_are_for_this_user_alone(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "data"
    before = os.umask(0)
    try:
        with shelf(folder) as books:
            books.begin().result()
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert modes == {"cort.db": 0o600, "cort.db-wal": 0o600, "cort.db-shm": 0o600, "owners": 0o700}


def test_too_open_permissions_are_mended(tmp_path: Path) -> None:
    fill(tmp_path)
    tmp_path.chmod(0o755)
    (tmp_path / "cort.db").chmod(0o644)
    fill_more(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "cort.db").stat().st_mode) == 0o600


def fill_more(folder: Path) -> None:
    with shelf(folder) as books:
        books.begin(RunId("run-2"), turn="turn-2").result()


def test_it_opens_with_the_promised_settings(tmp_path: Path) -> None:
    def settings(connection: apsw.Connection) -> dict[str, object]:
        names = ("journal_mode", "foreign_keys", "busy_timeout", "trusted_schema", "cell_size_check")
        return {name: connection.pragma(name) for name in (*names, "wal_autocheckpoint", "synchronous")}

    with shelf(tmp_path) as books:
        assert books.database.write(settings).result() == {
            "journal_mode": "wal",
            "foreign_keys": 1,
            "busy_timeout": 5000,
            "trusted_schema": 0,
            "cell_size_check": 1,
            "wal_autocheckpoint": 1000,
            "synchronous": 2,
        }
        assert books.database.read(settings)["trusted_schema"] == 0
        with pytest.raises(StorageError, match="read-only"):
            books.database.read(lambda connection: connection.execute("DELETE FROM runs").get)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cort.db", "owners"]


def test_any_name_of_a_folder_will_do(tmp_path: Path) -> None:
    folder = tmp_path / "a b?c#d%20é=1&mode=ro"
    fill(folder)
    with shelf(folder) as books:
        assert len(books.log.events(RUN)) == 3
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]


def test_after_closing_nothing_works_and_it_says_so(tmp_path: Path) -> None:
    with shelf(tmp_path) as books:
        pass
    with pytest.raises(StorageError, match="closed"):
        books.log.events(RUN)
    with pytest.raises(StorageError, match="closed"):
        books.begin().result()
    books.log.partial(RUN, DRAFT, "late")
    books.database.close()


# Row 43: others use the database too


@pytest.mark.reliability(43)
def test_row_43_two_programs_write_to_one_database(tmp_path: Path) -> None:
    """Row 43: both save everything, while a third has it open and reads."""
    with shelf(tmp_path) as books:
        command = [sys.executable, "-m", "tests.fakes.log_writer", "write", str(tmp_path)]
        runs = ("a", "b")
        children = [
            subprocess.Popen([*command, run, "150"], cwd=TOP, stdout=subprocess.PIPE, text=True)
            for run in runs
        ]
        said = [child.communicate()[0].splitlines() for child in children]
        for run, lines in zip(runs, said, strict=True):
            assert lines[0] == "begun"
            assert lines[-1] == "closed"
            assert [one.seq for one in books.log.events(RunId(run))] == list(range(1, 151))
        assert len(books.conversations.list()) == 2
    assert integrity(tmp_path / "cort.db") == "ok"


@pytest.mark.reliability(43)
def test_row_43_four_programs_make_the_database_at_once(tmp_path: Path) -> None:
    """Row 43: the first start of several programs at the same moment."""
    command = [sys.executable, "-m", "tests.fakes.log_writer", "write", str(tmp_path / "data")]
    children = [
        subprocess.Popen([*command, f"r{number}", "3"], cwd=TOP, stdout=subprocess.PIPE, text=True)
        for number in range(4)
    ]
    assert [child.communicate()[0].splitlines()[-1] for child in children] == ["closed"] * 4


@pytest.mark.reliability(43)
def test_row_43_a_lock_that_is_not_given_back_is_named_and_nothing_is_lost(tmp_path: Path) -> None:
    """Row 43: another program holds the lock for too long; what waited is saved with the next event."""
    with shelf(tmp_path, busy_timeout_ms=20) as books:
        books.begin().result()
        other = apsw.Connection(str(tmp_path / "cort.db"))
        other.execute("BEGIN IMMEDIATE")
        late = books.log.append([stalled(1)])
        with pytest.raises(StorageError, match=r"cort.db is locked by another program. Close that program"):
            late.result()
        other.execute("ROLLBACK")
        other.close()
        books.log.append([stalled(2)]).result()
        assert [one.seq for one in books.log.events(RUN)] == [1, 2]


@pytest.mark.reliability(43)
def test_row_43_a_database_locked_for_good_is_refused(tmp_path: Path) -> None:
    """Row 43: another program keeps the whole file to itself."""
    fill(tmp_path)
    other = apsw.Connection(str(tmp_path / "cort.db"))
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN IMMEDIATE")
    other.execute("COMMIT")
    with pytest.raises(StorageError, match="locked by another program"), shelf(tmp_path, busy_timeout_ms=20):
        pass
    other.close()


@pytest.mark.reliability(43)
def test_row_43_one_lock_is_waited_for_once(tmp_path: Path) -> None:
    """Row 43: what was locked for the whole limit isn't waited for again for each thing that waits behind it,
    nor at closing.
    """
    limits: list[int] = []

    def trace(cursor: apsw.Cursor, statement: str, _values: object) -> bool:
        if statement == "BEGIN IMMEDIATE":
            limits.append(cursor.connection.pragma("busy_timeout"))
        return True

    with shelf(tmp_path, busy_timeout_ms=500) as books:
        books.begin().result()
        books.database.write(lambda connection: connection.set_exec_trace(trace)).result()
        limits.clear()
        saved, locked = threading.Event(), threading.Event()
        last = books.database.write(lambda _: saved.wait())
        last.add_done_callback(lambda _: locked.wait())  # keeps the writing thread, but no longer the lock
        saved.set()
        last.result()
        other = apsw.Connection(str(tmp_path / "cort.db"))
        other.execute("BEGIN IMMEDIATE")
        name = books.conversations.list()[0].id
        futures = [books.log.append([stalled(1)]), *(books.conversations.rename(name, "x") for _ in range(3))]
        locked.set()
        assert all("locked by another program" in str(future.exception()) for future in futures)
        assert limits == [500, 500]  # what went well, and one try for all that waited
        with pytest.raises(StorageError, match="locked"):
            books.database.close()
        assert limits == [500, 500, 100]
        other.close()


@pytest.mark.reliability(43)
def test_row_43_what_could_not_be_saved_is_told_at_closing(tmp_path: Path) -> None:
    """Row 43: closing tries once more; when that fails too it is not silent."""
    with shelf(tmp_path, busy_timeout_ms=20) as books:
        books.begin().result()
        other = apsw.Connection(str(tmp_path / "cort.db"))
        other.execute("BEGIN IMMEDIATE")
        books.log.append([stalled(1)]).exception()
        with pytest.raises(StorageError, match="locked"):
            books.database.close()
        other.close()
