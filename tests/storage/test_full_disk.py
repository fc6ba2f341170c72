from __future__ import annotations

import contextlib
import os
import random
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cort_desktop.domain.ids import Blob, RunId
from cort_desktop.errors import StorageError
from cort_desktop.storage.owners import Owners
from tests.fakes.faulty_disk import FullDisk, plugged_in
from tests.fakes.left_behind import crash, fill, fingerprints
from tests.fakes.library import RUN, integrity, shelf, stalled

pytestmark = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"  # so apsw tells that a disk of Python failed at closing
)


@pytest.mark.reliability(41)
def test_row_41_on_a_small_disk_that_fills_up_nothing_is_lost(tmp_path: Path) -> None:
    """Row 41: a real file system of one megabyte fills up while a run writes; freeing space saves the
    rest.
    """
    with small_disk() as place:
        fill_a_small_disk(place)


@contextlib.contextmanager
def small_disk() -> Iterator[Path]:
    """A real file system of one megabyte."""
    with tempfile.TemporaryDirectory() as place:
        command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place]
        if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode:
            pytest.skip("mounting a small disk takes the rights of root")
        try:
            yield Path(place)
        finally:
            # Lazily: what a failed test still has open must not keep the disk mounted.
            subprocess.run(["umount", "--lazy", place], check=True)


def take_all_room(place: Path) -> None:
    assert os.statvfs(place).f_blocks * os.statvfs(place).f_frsize <= 1 << 20, "this fills small disks only"
    with (place / "ballast").open("wb", buffering=0) as ballast, contextlib.suppress(OSError):
        while True:
            ballast.write(bytes(4096))
    assert shutil.disk_usage(place).free == 0


@pytest.mark.reliability(41)
def test_row_41_a_disk_that_is_full_before_the_start_is_read(tmp_path: Path) -> None:
    """Row 41: not even the log's index finds room: what is stored is shown, and saving says why it can't."""
    with small_disk() as place:
        folder = place / "data"
        fill(folder)
        take_all_room(place)
        before = fingerprints(folder)
        with shelf(folder) as books:
            sentence = (
                f"The disk is full, so nothing can be saved in the data folder {folder}: free some space"
            )
            assert str(books.database.problem).startswith(sentence)
            assert [one.title for one in books.conversations.list()] == ["Why is the sky blue?"]
            assert len(books.index.search("sky")) == 1
            assert len(books.log.events(RUN)) == 3
            with pytest.raises(StorageError, match="The disk is full"):
                books.begin(RunId("run-2"), turn="turn-2").result()
            with pytest.raises(StorageError, match="The disk is full, so nothing can be saved"):
                Owners(folder).claim(RUN)
        assert fingerprints(folder) == before
        (place / "ballast").unlink()
        with shelf(folder) as books:
            assert books.database.problem is None
            books.begin(RunId("run-2"), turn="turn-2").result()
            Owners(folder).claim(RUN).release()


@pytest.mark.reliability(41)
@pytest.mark.parametrize("index", [True, False])
def test_row_41_a_full_disk_after_a_crash(tmp_path: Path, index: bool) -> None:
    """Row 41: a crash left its log: read where its index is there too, else named; never ignored."""
    with small_disk() as place:
        folder = place / "data"
        crash(tmp_path / "live", folder)
        if not index:
            (folder / "cort.db-shm").unlink()
        take_all_room(place)
        before = fingerprints(folder)
        if index:
            with shelf(folder) as books:
                assert len(books.log.events(RUN)) == 3
                with pytest.raises(StorageError, match="The disk is full"):
                    books.begin(RunId("run-2"), turn="turn-2", question="why " * 9000).result()
                with contextlib.suppress(StorageError):
                    books.database.close()
        else:
            sentence = r"The disk is full and cort.db-wal in it holds changes that can't be read so. Free"
            with pytest.raises(StorageError, match=sentence), shelf(folder):
                pass
            assert fingerprints(folder) == before
        (place / "ballast").unlink()
        with shelf(folder) as books:
            assert len(books.log.events(RUN)) == 3


@pytest.mark.reliability(41)
def test_row_41_the_first_start_on_a_full_disk(tmp_path: Path) -> None:
    """Row 41: an empty library, and why nothing can be saved."""
    with small_disk() as place:
        take_all_room(place)
        with shelf(place / "data") as books:
            assert str(books.database.problem).startswith("The disk is full, so nothing can be saved")
            assert books.conversations.list() == []
        (place / "ballast").unlink()
        with shelf(place / "data") as books:
            books.begin().result()


@pytest.mark.reliability(41)
def test_row_41_what_is_unsaved_is_promised_no_longer_than_it_is_kept(tmp_path: Path) -> None:
    """Row 41: what could not be saved lives as long as the program does, and the sentence says so."""
    disk = FullDisk("full-later", 10_000)
    with plugged_in(disk):
        with shelf(tmp_path, vfs=disk.name) as books:
            books.begin().result()
            disk._fail_at = 1
            sentence = str(books.log.append([stalled(1)]).exception())
            with pytest.raises(StorageError) as at_the_end:
                books.database.close()
        assert "what is new is kept in memory until this program ends" in sentence
        assert str(at_the_end.value) == sentence
    with shelf(tmp_path) as books:
        assert books.log.events(RUN) == []


def fill_a_small_disk(place: Path) -> None:
    ballast = place / "ballast"
    ballast.write_bytes(bytes(500_000))
    with shelf(place / "data") as books:
        books.begin().result()
        chance = random.Random(41)  # noise, because texts are stored compressed
        texts = {seq: chance.randbytes(4000).hex() for seq in range(1, 101)}
        futures = [books.log.append([stalled(seq)], {Blob(f"blob {seq}"): texts[seq]}) for seq in texts]
        errors = [error for future in futures if (error := future.exception())]
        assert errors
        assert all("The disk is full" in str(error) for error in errors)
        assert [one.seq for one in books.log.events(RUN)] == list(range(1, 101 - len(errors)))
        ballast.unlink()
        subprocess.run(["mount", "-o", "remount,size=16m", str(place)], check=True)
        books.log.retry(RUN).result()
        assert [one.seq for one in books.log.events(RUN)] == list(range(1, 101))
    assert integrity(place / "data" / "cort.db") == "ok"
