from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from cort_desktop.domain.ids import RunId
from cort_desktop.errors import StorageError
from tests.fakes.left_behind import crash, fill, fingerprints
from tests.fakes.library import DRAFT, RUN, Shelf, integrity, shelf, stalled


def refused(folder: Path, match: str) -> None:
    """Opening is refused with a sentence that names the file, and nothing is touched."""
    before = fingerprints(folder)
    with pytest.raises(StorageError, match=match) as caught, shelf(folder, busy_timeout_ms=50):
        pass
    assert str(folder / "cort.db") in str(caught.value)
    assert fingerprints(folder) == before


# Damage, row 45 and row 47


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"X" * 100 + content[100:],
        lambda content: b"not a database, only text",
        lambda content: content[:5000],
        lambda content: content[: len(content) // 2],
        lambda content: content[:100],
        lambda content: b"SQLite format 3\0" + b"\xff" * 84 + content[100:],
    ],
    ids=["header", "text", "second page cut", "half", "header only", "header rubbish"],
)
def test_a_damaged_file_is_refused_and_left_alone(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    fill(tmp_path, 300)
    file = tmp_path / "cort.db"
    file.write_bytes(damage(file.read_bytes()))
    refused(tmp_path, r"is damaged \(")


def test_a_zeroed_page_is_named_when_it_is_met(tmp_path: Path) -> None:
    fill(tmp_path, 300)
    file = tmp_path / "cort.db"
    content = file.read_bytes()
    sentences = 0
    for page in range(1, len(content) // 4096):
        file.write_bytes(content[: page * 4096] + bytes(4096) + content[page * 4096 + 4096 :])
        sentences += meets_damage(tmp_path)
    assert sentences > 5


def meets_damage(folder: Path) -> bool:
    """Use everything; what goes wrong must be a sentence that names the file."""
    sentence = "cort.db is sound"
    try:
        with shelf(folder) as books:
            books.conversations.list()
            books.log.events(RUN)
            books.index.search("sky")
            books.log.append([stalled(301)]).result()
    except StorageError as error:
        sentence = str(error)
    assert "cort.db" in sentence or "run-1" in sentence
    return sentence != "cort.db is sound"


def test_a_list_or_search_is_whole_or_refused(tmp_path: Path) -> None:
    """A zeroed page that a read meets is never taken for fewer conversations."""
    with shelf(tmp_path) as books:
        for number in range(200):
            books.begin(
                RunId(f"run-{number}"),
                turn=f"turn-{number}",
                conversation=f"conversation-{number}",
                title=f"Why is the sky blue? {number} " + "Tell me. " * 8,
            )
    file = tmp_path / "cort.db"
    content = file.read_bytes()
    refusals = 0
    for page in range(1, len(content) // 4096):
        file.write_bytes(content[: page * 4096] + bytes(4096) + content[page * 4096 + 4096 :])
        refusals += not whole(tmp_path, lambda books: len(books.conversations.list()) == 200)
        refusals += not whole(tmp_path, lambda books: len(books.index.search("sky", limit=500)) == 400)
    assert refusals > 10


def whole(folder: Path, holds: Callable[[Shelf], bool]) -> bool:
    try:
        with shelf(folder) as books:
            assert holds(books)
    except StorageError as error:
        assert "cort.db is damaged" in str(error)  # noqa: PT017 - refused is as good as whole, with this sentence
        return False
    return True


def test_an_empty_file_beside_a_log_with_changes_is_refused(tmp_path: Path) -> None:
    crash(tmp_path / "live", tmp_path / "copy")
    (tmp_path / "copy" / "cort.db").write_bytes(b"")
    refused(tmp_path / "copy", "it is empty, but cort.db-wal beside it holds changes")


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    other = apsw.Connection(str(tmp_path / "cort.db"))
    other.execute("CREATE TABLE bookmarks (url)")
    other.close()
    refused(tmp_path, "is a database of another program")


def zero(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def rubbish(path: Path) -> None:
    path.write_bytes(os.urandom(path.stat().st_size))


def halve(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.reliability(45)
@pytest.mark.parametrize("harm", [Path.unlink, zero, rubbish, halve], ids=lambda harm: harm.__name__)
@pytest.mark.parametrize("which", ["wal", "shm"])
def test_row_45_a_log_or_its_index_is_gone_or_rubbish(
    tmp_path: Path, which: str, harm: Callable[[Path], None]
) -> None:
    """Row 45: the database opens; without the index nothing is lost, without the log only what was in it."""
    crash(tmp_path / "live", tmp_path / "copy")
    harm(tmp_path / "copy" / f"cort.db-{which}")
    with shelf(tmp_path / "copy") as books:
        seqs = [one.seq for one in books.log.events(RUN)]
        assert seqs == list(range(1, len(seqs) + 1))
        if which == "shm":
            assert seqs == [1, 2, 3]
        fill_up = books.begin(RunId("run-9"), turn="turn-9", conversation="conversation-9")
        fill_up.result()
    assert integrity(tmp_path / "copy" / "cort.db") == "ok"


@pytest.mark.reliability(45)
def test_row_45_a_stale_log_never_harms_the_file(tmp_path: Path) -> None:
    """Row 45: the log of an earlier copy beside a later file: opened soundly, or refused and left alone."""
    live, old = tmp_path / "live", tmp_path / "old"
    crash(live, old, 40)
    with shelf(live) as books:
        for seq in range(41, 400):
            books.log.append([stalled(seq)])
        books.begin(RunId("run-2"), turn="turn-2", question="more " * 3000).result()
    mixed = tmp_path / "mixed"
    mixed.mkdir()
    shutil.copy(live / "cort.db", mixed)
    shutil.copy(old / "cort.db-wal", mixed)
    refused(mixed, r"is damaged \(")


@pytest.mark.reliability(47)
@pytest.mark.parametrize("crashed", [False, True])
def test_row_47_a_newer_database_is_read_and_never_written(tmp_path: Path, crashed: bool) -> None:
    """Row 47: a newer version is read with a sentence; the bytes of the file stay as they are."""
    folder = tmp_path / "copy"

    def from_tomorrow(books: Shelf) -> None:
        books.begin()
        books.database.write(lambda connection: connection.execute("PRAGMA user_version = 99").get)

    crash(tmp_path / "live", folder, before=from_tomorrow)
    if not crashed:
        shutil.rmtree(folder)
        folder = tmp_path / "live"
    before = fingerprints(folder)
    with shelf(folder) as books:
        assert "was written by a newer version of CoRT Desktop (format 99" in str(books.database.problem)
        assert len(books.log.events(RUN)) == 3
        assert len(books.conversations.list()) == 1
        with pytest.raises(StorageError, match="newer version"):
            books.log.append([stalled(4)]).result()
        with pytest.raises(StorageError, match="newer version"):
            books.conversations.rename(books.conversations.list()[0].id, "x").result()
        books.log.partial(RUN, DRAFT, "x")
    assert {name: mark for name, mark in fingerprints(folder).items() if name in before} == before


@pytest.mark.reliability(47)
def test_row_47_a_newer_shape_that_can_not_be_read_says_why(tmp_path: Path) -> None:
    """Row 47: an older program asks for what is no longer there."""
    with shelf(tmp_path) as books:
        books.database.write(
            lambda connection: connection.execute("ALTER TABLE turns RENAME TO questions").get
        )
        books.database.write(lambda connection: connection.execute("PRAGMA user_version = 99").get)
    with shelf(tmp_path) as books, pytest.raises(StorageError, match="newer version"):
        books.conversations.list()
