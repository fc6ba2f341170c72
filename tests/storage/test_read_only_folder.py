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
    """Row 42: what is stored can't be seen, which must never look like an empty library."""
    folder = open_place / "data"
    fill(folder)
    give(folder, 0o000)
    said = program("look", str(folder), another())
    sentence = (
        f"The data folder {folder} can't be used (Permission denied), so nothing in it can be read or saved: "
        "make it a folder that this user may read and write, or set CORT_DESKTOP_HOME to another folder."
    )
    assert said == [f"refused StorageError {sentence}"]


@pytest.mark.reliability(42)
def test_row_42_a_folder_above_that_may_not_be_entered(open_place: Path) -> None:
    """Row 42: as above, where the closed folder is one further up."""
    home = open_place / "home"
    fill(home / "data")
    give(home, 0o000)
    said = program("look", str(home / "data"), another())
    assert said[0].startswith(
        f"refused StorageError The data folder {home / 'data'} can't be used (Permission"
    )
    assert len(said) == 1


@pytest.mark.reliability(42)
def test_row_42_a_link_to_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """Row 42: the data folder is on a disk that isn't mounted just now: not an empty library either."""
    (tmp_path / "data").symlink_to(tmp_path / "unmounted" / "data")
    with (
        pytest.raises(StorageError, match=r"data can't be used \(it is not a folder\)"),
        shelf(tmp_path / "data"),
    ):
        pass


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
    with pytest.raises(StorageError, match="can't be used") as caught, shelf(tmp_path / "data"):
        pass
    assert str(tmp_path / "data") in str(caught.value)
    assert (tmp_path / "data").read_text() == "not a folder"


def test_a_folder_in_the_place_of_the_file_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "cort.db"
    folder.mkdir(mode=0o755)
    with pytest.raises(StorageError, match=r"cort.db is a folder, where a file is needed"), shelf(tmp_path):
        pass
    assert folder.stat().st_mode & 0o777 == 0o755


@pytest.mark.reliability(42)
@pytest.mark.parametrize("existed", [True, False])
def test_row_42_a_run_is_claimed_where_nothing_can_be_saved(open_place: Path, existed: bool) -> None:
    """Row 42: who wants to work on a run hears the same reason as who wants to save something."""
    folder = open_place / "data"
    fill(folder)
    if existed:
        (folder / "owners").chmod(0o500)
    else:
        shutil.rmtree(folder / "owners")
    give(folder, 0o500)
    said = program("look", str(folder), another())
    assert program("claim_as", str(folder), another()) == [
        said[0].replace("problem", "refused StorageError", 1)
    ]


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
