from __future__ import annotations

import itertools
import shutil
import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from cort_desktop.storage.migrations import MIGRATIONS, Migration, latest
from tests.fakes.left_behind import frozen
from tests.fakes.library import RUN, integrity, shelf, short_run
from tests.fakes.log_writer import TOMORROW

TOP = Path(__file__).parents[2]
DIED = 9
COLUMNS = {
    "conversations": 10,
    "turns": 8,
    "runs": 11,
    "events": 5,
    "blobs": 2,
    "partial_texts": 5,
    "passages": 8,
}
"""Tables of the first version and how many columns they had."""
TODAY = latest(MIGRATIONS)


def rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table that a person's data is in, without the columns that later steps added."""
    connection = apsw.Connection(str(path))
    found = {
        table: [row[:columns] for row in connection.execute(f"SELECT * FROM {table}")]  # noqa: S608
        for table, columns in COLUMNS.items()
    }
    connection.close()
    return found


def migrate_and_die(folder: Path, version: int, die_before: int) -> int:
    command = [
        sys.executable,
        "-m",
        "tests.fakes.log_writer",
        "migrate",
        str(folder),
        str(version),
        str(die_before),
    ]
    return subprocess.run(command, cwd=TOP, check=False, capture_output=True).returncode


def version(path: Path) -> int:
    connection = apsw.Connection(str(path))
    found = int(connection.pragma("user_version"))
    connection.close()
    return found


def test_the_steps_are_numbered_without_gaps() -> None:
    assert [step.number for step in MIGRATIONS] == list(range(1, len(MIGRATIONS) + 1))
    assert all(step.words and step.statements for step in MIGRATIONS)


@pytest.mark.reliability(46)
def test_row_46_killed_at_any_statement_of_the_next_step_the_old_version_opens(tmp_path: Path) -> None:
    """Row 46: a program dies before the n-th statement of a later migration, for all n: old or new, no
    mixture.
    """
    original = tmp_path / "original"
    with shelf(original) as books:
        books.begin()
        for batch in short_run():
            books.log.append(batch)
    before = rows(original / "cort.db")
    for place in itertools.count(1):
        folder = tmp_path / f"{place}"
        shutil.copytree(original, folder)
        code = migrate_and_die(folder, TODAY + 1, place)
        assert rows(folder / "cort.db") == before
        assert version(folder / "cort.db") == (TODAY if code else TODAY + 1)
        if code == 0:
            break
        assert code == DIED
        with shelf(folder) as books:  # today's program goes on with it
            assert books.database.problem is None
            assert len(books.log.events(RUN)) == 4
        with shelf(folder, migrations=TOMORROW) as books:  # and tomorrow's takes the step again
            notes = books.database.read(
                lambda connection: connection.execute("SELECT text FROM notes").fetchall()
            )
            assert notes == [("Why is the sky blue?",)]
        assert integrity(folder / "cort.db") == "ok"
    assert place > len(TOMORROW[-1].statements)


@pytest.mark.reliability(46)
@pytest.mark.parametrize(
    "old", [*(pytest.param(old, marks=pytest.mark.endurance) for old in range(1, TODAY - 1)), TODAY - 1]
)
def test_row_46_killed_at_any_statement_of_a_step_of_ours(tmp_path: Path, old: int) -> None:
    """Row 46: the steps that were really taken, each from a file that the version before it wrote."""
    original = frozen(tmp_path / "original", old)
    before = rows(original / "cort.db")
    for place in itertools.count(1):
        folder = tmp_path / f"{place}"
        shutil.copytree(original, folder)
        code = migrate_and_die(folder, old + 1, place)
        assert rows(folder / "cort.db") == before
        assert version(folder / "cort.db") == (old if code else old + 1)
        with shelf(folder, migrations=MIGRATIONS[: version(folder / "cort.db")]) as books:
            assert books.database.problem is None  # who knows only this version goes on with it
        with shelf(folder) as books:
            assert len(books.conversations.list("open and archived")) == 2
        assert rows(folder / "cort.db") == before
        assert version(folder / "cort.db") == TODAY
        assert integrity(folder / "cort.db") == "ok"
        if code == 0:
            break
        assert code == DIED
    assert place > len(MIGRATIONS[old].statements)


@pytest.mark.reliability(46)
def test_row_46_killed_at_any_statement_of_the_first_step(tmp_path: Path) -> None:
    """Row 46: the same for the making of a database."""
    for place in itertools.count(1, 3):
        folder = tmp_path / f"{place}"
        code = migrate_and_die(folder, 1, place)
        with shelf(folder) as books:
            books.begin().result()
        assert integrity(folder / "cort.db") == "ok"
        if code == 0:
            break
        assert code == DIED
    assert place > len(MIGRATIONS[0].statements)


@pytest.mark.reliability(46)
def test_row_46_a_step_that_fails_leaves_nothing_of_itself(tmp_path: Path) -> None:
    """Row 46: an error in the middle of a step, not a death."""
    broken = Migration(
        number=TODAY + 1, words="broken", statements=("CREATE TABLE half (a)", "CREATE TABLE half (a)")
    )
    with shelf(tmp_path) as books:
        books.begin()
    before = rows(tmp_path / "cort.db")
    with pytest.raises(Exception, match="half"), shelf(tmp_path, migrations=(*MIGRATIONS, broken)):
        pass
    assert (rows(tmp_path / "cort.db"), version(tmp_path / "cort.db")) == (before, TODAY)


@pytest.mark.reliability(46, 47)
def test_row_46_a_database_that_tomorrow_updated_is_read_only_today(tmp_path: Path) -> None:
    """Rows 46 and 47: after the step an older program reads, and says so."""
    with shelf(tmp_path, migrations=TOMORROW) as books:
        books.begin()
    with shelf(tmp_path) as books:
        assert "newer version" in str(books.database.problem)
        assert len(books.conversations.list()) == 1
