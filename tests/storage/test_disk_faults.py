from __future__ import annotations

import itertools
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from cort_desktop.domain.ids import NodeName, RunId
from cort_desktop.errors import StorageError
from tests.fakes.faulty_disk import LOSSES, FullDisk, Power, plugged_in
from tests.fakes.library import CONVERSATION, RUN, Shelf, hold, integrity, shelf, short_run, stalled

STREAMING = NodeName("X1")
pytestmark = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"  # so apsw tells that a disk of Python failed at closing
)


def scenario(books: Shelf) -> Iterator[Future[None]]:
    """A question, partial text and the events of a short run, one after another."""
    yield books.begin()
    books.log.partial(RUN, STREAMING, "half a sen", "hm")
    for batch in short_run():
        yield books.log.append(batch, {})


def acknowledged(folder: Path, vfs: str) -> tuple[bool, int]:
    """Run the scenario on a failing disk: whether the question was saved, and the last event that was."""
    begun, last = False, 0
    try:
        with shelf(folder, vfs=vfs) as books:
            for place, future in enumerate(scenario(books)):
                if future.exception() is None:
                    begun = True
                    last = sum(len(batch) for batch in short_run()[:place])
    except StorageError:
        pass  # closing tells that something is unsaved
    return begun, last


def check(folder: Path, begun: bool, last: int) -> int:
    """Open the database as it is now: everything acknowledged is there, and nothing is half there."""
    with shelf(folder) as books:
        runs = books.conversations.interrupted()
        events = books.log.events(RUN)
        appended = [one for batch in short_run() for one in batch]
        assert events == appended[: len(events)]
        assert len(events) in (0, 1, 2, 4)
        assert len(events) >= last
        if begun or events:
            row = books.conversations.run(RUN)
            assert row.last_seq == len(events)
            assert (row.status == "complete") == (len(events) == 4)
            assert [conversation.id for conversation in books.conversations.list()] == [CONVERSATION]
            assert [hit.part for hit in books.index.search("rayleigh")] == ["answer"] * (len(events) == 4)
            assert bool(runs) == (len(events) < 4)
    assert integrity(folder / "cort.db") == "ok"
    return len(events)


@pytest.mark.reliability(40)
@pytest.mark.parametrize("step", [3, pytest.param(1, marks=pytest.mark.endurance)])
def test_row_40_power_lost_at_any_moment_leaves_before_or_after(tmp_path: Path, step: int) -> None:
    """Row 40: the power goes out at the n-th change of the disk, for all n: acknowledged facts are there."""
    seen: set[int] = set()
    for out_at in itertools.count(1, step):
        disk = Power(f"power-{out_at}", out_at)
        with plugged_in(disk):
            begun, last = acknowledged(tmp_path / f"{out_at}", disk.name)
        for loss in LOSSES:
            after = tmp_path / f"{out_at} {loss}"
            after.mkdir()
            for name, content in disk.files_after(loss, seed=out_at).items():
                (after / name).write_bytes(content)
            seen.add(check(after, begun, last))
        if not disk.is_out:
            break
    assert out_at > 40, "the scenario changes the disk more often than that"
    assert seen == {0, 1, 2, 4}


@pytest.mark.reliability(41)
@pytest.mark.parametrize("step", [3, pytest.param(1, marks=pytest.mark.endurance)])
def test_row_41_a_disk_full_from_any_write_on_keeps_everything_until_there_is_room(
    tmp_path: Path, step: int
) -> None:
    """Row 41: no room from the n-th write on, for all n; then there is room again and nothing is missing."""
    failures = 0
    for fail_at in itertools.count(1, step):
        folder = tmp_path / f"{fail_at}"
        disk = FullDisk(f"full-{fail_at}", fail_at)
        with plugged_in(disk):
            failures += full_then_healed(folder, disk)
        if not disk.failed:
            break
    assert fail_at > 20
    assert failures > 20 // step


def full_then_healed(folder: Path, disk: FullDisk) -> int:
    """How many writes were refused on a disk that is full for a while; checks that none is lost."""
    refused: list[str] = []
    try:
        with shelf(folder, vfs=disk.name) as books:
            problem = books.database.problem
    except StorageError as error:
        problem = str(error)
    if problem is not None:  # even the empty database found no room
        refused.append(problem)
        disk.heal()
    with shelf(folder, vfs=disk.name) as books:
        refused += [str(failure) for future in scenario(books) if (failure := future.exception())]
        disk.heal()
        books.log.append([stalled(5)]).result()
        assert [one.seq for one in books.log.events(RUN)] == [1, 2, 3, 4, 5]
    assert all("The disk is full" in sentence for sentence in refused)
    assert integrity(folder / "cort.db") == "ok"
    return len(refused)


@pytest.mark.reliability(41)
def test_row_41_one_runs_failure_is_not_anothers(tmp_path: Path) -> None:
    """Row 41: what waits in one group is saved each for itself when the group can't be."""
    other = RunId("run-2")
    with shelf(tmp_path) as books:
        books.begin().result()
        held = hold(books)
        doomed = books.log.append([stalled(1, other)])  # was never begun
        fine = books.log.append([stalled(1)])
        held.set()
        assert isinstance(doomed.exception(), StorageError)
        fine.result()
        books.begin(other, turn="turn-2").exception()
        with pytest.raises(StorageError, match="never begun"):
            books.database.close()


def rounds() -> int:
    return int(os.environ.get("CORT_DESKTOP_KILLS", "20"))


@pytest.mark.reliability(39)
def test_row_39_killed_at_random_moments_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    """Row 39: kill -9 while events stream in; CORT_DESKTOP_KILLS=200 for the long version."""
    chance = random.Random(39)
    for number in range(rounds()):
        run = RunId(f"run-{number}")
        last = write_and_kill(tmp_path, run, lines=chance.randrange(0, 120))
        with shelf(tmp_path) as books:
            seqs = [one.seq for one in books.log.events(run)]
            assert seqs == list(range(1, len(seqs) + 1))
            assert len(seqs) >= last
            assert books.conversations.run(run).last_seq == len(seqs)
            assert run in [one.run.id for one in books.conversations.interrupted()]
            text, _ = books.log.partials(run).get(STREAMING, ("", ""))
            assert text == "word " * (len(text) // 5)
        assert integrity(tmp_path / "cort.db") == "ok"


def write_and_kill(folder: Path, run: RunId, *, lines: int) -> int:
    """Start a program that writes, kill it after it acknowledged that many events; the last one it did."""
    command = [sys.executable, "-m", "tests.fakes.log_writer", "write", str(folder), run, "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as child:
        assert child.stdout is not None
        said = [child.stdout.readline() for _ in range(lines + 1)]
        child.kill()
        said += child.stdout.readlines()
    assert said[0] == "begun\n"
    return max((int(line.split()[1]) for line in said[1:]), default=0)
