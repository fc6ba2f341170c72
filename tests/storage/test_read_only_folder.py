from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cort_desktop.errors import StorageError
from tests.fakes.left_behind import crash, fill, fingerprints, program
from tests.fakes.library import shelf
from tests.fakes.log_writer import NOBODY

# Row 42: read-only or missing data folder


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A folder that another user can reach (pytest's own can't be)."""
    place = Path(tempfile.mkdtemp(prefix="cort-"))
    place.chmod(0o755)
    yield place
    for path in [place, *place.rglob("*")]:
        if path.is_dir():
            path.chmod(0o700)
    shutil.rmtree(place)


def another() -> str:
    return str(NOBODY if os.geteuid() == 0 else os.geteuid())


def give(folder: Path, mode: int) -> None:
    """Hand the folder over to the user who looks, with this mode."""
    for path in [*folder.rglob("*"), folder]:
        if os.geteuid() == 0:
            os.chown(path, NOBODY, NOBODY)
    folder.chmod(mode)


@pytest.mark.reliability(42)
@pytest.mark.parametrize("file_mode", [0o600, 0o400])
def test_row_42_a_read_only_folder_is_read_and_named(open_place: Path, file_mode: int) -> None:
    """Row 42: chmod 0500 on the data folder: what is stored is shown, saving is refused with the reason."""
    folder = open_place / "data"
    fill(folder)
    (folder / "cort.db").chmod(file_mode)
    give(folder, 0o500)
    before = fingerprints(folder)
    said = program("look", str(folder), another())
    assert said[0].startswith(
        f"problem The data folder {folder} is read-only, so nothing can be saved: make it"
    )
    assert said[1:3] == ["title Why is the sky blue?", "hit Why is the sky blue?"]
    assert said[3].startswith(f"write StorageError The data folder {folder} is read-only")
    assert fingerprints(folder) == before


@pytest.mark.reliability(42)
def test_row_42_a_read_only_file_in_a_writable_folder(open_place: Path) -> None:
    """Row 42: as above, with only the file read-only."""
    folder = open_place / "data"
    fill(folder)
    (folder / "cort.db").chmod(0o400)
    give(folder, 0o700)
    said = program("look", str(folder), another())
    assert "read-only" in said[0]
    assert said[1] == "title Why is the sky blue?"
    assert said[3].startswith("write StorageError")


@pytest.mark.reliability(42)
def test_row_42_a_folder_that_can_not_be_made(open_place: Path) -> None:
    """Row 42: the data folder is missing and its place is read-only: an empty library and the reason."""
    place = open_place / "home"
    place.mkdir()
    give(place, 0o500)
    said = program("look", str(place / "data"), another())
    assert said[0].startswith(
        f"problem The data folder {place / 'data'} can't be used (Permission denied), so nothing"
    )
    assert said[1].startswith("write StorageError The data folder")
    assert len(said) == 2


@pytest.mark.reliability(42)
def test_row_42_a_folder_that_may_not_be_entered(open_place: Path) -> None:
    """Row 42: not even what is stored can be seen: said so, and nothing else fails."""
    folder = open_place / "data"
    fill(folder)
    give(folder, 0o000)
    said = program("look", str(folder), another())
    assert said[0].startswith(f"problem The data folder {folder} can't be used (Permission denied)")


@pytest.mark.reliability(42)
def test_row_42_a_read_only_folder_after_a_crash(open_place: Path) -> None:
    """Row 42: the log of a crash lies beside the file: read if it can be, else named; never ignored."""
    folder = open_place / "data"
    crash(open_place / "live", folder)
    for file in folder.iterdir():
        file.chmod(0o400)
    give(folder, 0o500)
    before = fingerprints(folder)
    said = program("look", str(folder), another())
    assert said[0].startswith(f"problem The data folder {folder} is read-only")
    assert said[1] == "title Why is the sky blue?"
    assert fingerprints(folder) == before
    folder.chmod(0o700)
    (folder / "cort.db-shm").unlink()
    folder.chmod(0o500)
    said = program("look", str(folder), another())
    assert said[0].startswith(
        f"refused StorageError The data folder {folder} is read-only and cort.db-wal in it holds"
    )


@pytest.mark.reliability(42)
def test_row_42_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    """Row 42: what stands in the way is named."""
    (tmp_path / "data").write_text("not a folder")
    with shelf(tmp_path / "data") as books:
        assert str(tmp_path / "data") in str(books.database.problem)
        assert books.conversations.list() == []
        with pytest.raises(StorageError, match="can't be used"):
            books.begin().result()
    assert (tmp_path / "data").read_text() == "not a folder"


def test_a_file_that_may_not_be_read_is_named(open_place: Path) -> None:
    folder = open_place / "data"
    fill(folder)
    give(folder, 0o700)
    (folder / "cort.db").chmod(0o000)
    if os.geteuid() == 0:
        os.chown(folder / "cort.db", 0, 0)
    said = program("look", str(folder), another())
    assert said[0].startswith(
        f"refused StorageError The database {folder / 'cort.db'} can't be read (Permission"
    )
