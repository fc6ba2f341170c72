from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cort_desktop.domain.ids import RunId
from cort_desktop.errors import RunError, StorageError
from cort_desktop.storage import file_lock
from cort_desktop.storage.file_lock import FileLock
from cort_desktop.storage.owners import Owners
from tests.fakes.library import BEGIN, RUN, shelf, short_run

TOP = Path(__file__).parents[2]


def rival(folder: Path, run: str = RUN) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.fakes.log_writer", "claim", str(folder), run]
    return subprocess.Popen(command, cwd=TOP, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def go(child: subprocess.Popen[str]) -> None:
    assert child.stdin is not None
    child.stdin.write("go\n")
    child.stdin.flush()


def answer(child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None
    return child.stdout.readline()


def test_a_claimed_run_is_owned_until_it_is_released(tmp_path: Path) -> None:
    owners = Owners(tmp_path, program="cort-desktop ask", started=BEGIN)
    assert owners.owner(RUN) is None
    with owners.claim(RUN) as owned:
        words = f"process {os.getpid()} (cort-desktop ask, started 2026-01-01T12:00:00.000Z)"
        assert owners.owner(RUN) == words
        assert owners.owner(RunId("another")) is None
        with pytest.raises(RunError, match=r"Run run-1 is being worked on by process \d+ \(cort-desktop ask"):
            Owners(tmp_path).claim(RUN)
        assert [path.name for path in (tmp_path / "owners").iterdir()] == ["run-1.lock"]
    assert owners.owner(RUN) is None
    assert list((tmp_path / "owners").iterdir()) == []
    owned.release()
    owners.claim(RUN).release()


def test_another_process_is_named_and_its_death_frees_the_run(tmp_path: Path) -> None:
    owners = Owners(tmp_path)
    with rival(tmp_path) as child:
        go(child)
        assert answer(child) == f"won {child.pid}\n"
        assert owners.owner(RUN) == f"process {child.pid} (rival)"
        with pytest.raises(RunError, match=rf"process {child.pid} \(rival\)"):
            owners.claim(RUN)
        child.kill()
        child.wait()
        assert (tmp_path / "owners" / "run-1.lock").exists()
        assert owners.owner(RUN) is None
        owners.claim(RUN).release()


def test_of_many_claims_exactly_one_wins_while_others_look(tmp_path: Path) -> None:
    owners = Owners(tmp_path)
    children = [rival(tmp_path) for _ in range(6)]
    for child in children:
        go(child)
    for _ in range(200):
        owners.owner(RUN)
    said = [answer(child) for child in children]
    winners = [child for child, words in zip(children, said, strict=True) if words.startswith("won")]
    assert len(winners) == 1
    assert all(f"process {winners[0].pid} (rival)" in words for words in said if words.startswith("lost"))
    for child in children:
        child.communicate()


def test_a_dead_owners_file_is_taken_over_by_exactly_one(tmp_path: Path) -> None:
    for _ in range(5):
        children = [rival(tmp_path) for _ in range(2)]
        for child in children:
            go(child)
        said = sorted(answer(child).split()[0] for child in children)
        for child in children:
            child.kill()
            child.communicate()
        assert said == ["lost", "won"]


def test_a_file_that_is_removed_while_it_is_being_locked_is_no_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "run.lock"
    first = FileLock.take(path)
    assert first is not None
    real = file_lock._lock
    heirs: list[FileLock | None] = []

    def lock_late(descriptor: int, *, shared: bool) -> bool:
        """Between our opening the file and our locking it, its holder goes and another takes its place."""
        monkeypatch.setattr(file_lock, "_lock", real)
        first.release(remove=True)
        heirs.append(FileLock.take(path))
        return real(descriptor, shared=shared)

    monkeypatch.setattr(file_lock, "_lock", lock_late)
    assert FileLock.take(path) is None
    assert heirs[0] is not None
    heirs[0].release(remove=True)
    assert FileLock.take(path, create=False) is None


def test_an_id_is_never_a_path(tmp_path: Path) -> None:
    owners = Owners(tmp_path / "data")
    for name in ("../../escape", "a/b", "", "nul\0", "x" * 300, "\ud800"):
        with owners.claim(RunId(name)):
            assert owners.owner(RunId(name)) is not None
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_where_nothing_can_be_claimed_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "owners").write_text("in the way")
    with pytest.raises(StorageError, match=r"Run run-1 can't be claimed in .*owners"):
        Owners(tmp_path).claim(RUN)


def test_an_unfinished_run_that_nobody_owns_is_interrupted(tmp_path: Path) -> None:
    done, left, working = RUN, RunId("left"), RunId("working")
    with shelf(tmp_path) as books:
        for place, run in enumerate((done, left, working)):
            books.begin(run, turn=f"turn-{place}").result()
        for batch in short_run(done):
            books.log.append(batch).result()
        with Owners(tmp_path).claim(working):
            assert [one.run.id for one in books.conversations.interrupted()] == [left]
        assert [one.run.id for one in books.conversations.interrupted()] == [left, working]
