"""Results on disk: what was kept is there after a kill at any byte; what is damaged, merged or of another
version is refused, with its place.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cort_desktop.domain.bench import Recorded
from cort_desktop.errors import StorageError, UsageError
from cort_desktop.storage.bench_file import Journal, read_result
from tests.fakes.bench import ORIGIN, setup, trial

TRIALS = tuple(trial("single", item, item == 1) for item in range(3))


def begun(path: Path, *, origin: Any = ORIGIN) -> Path:
    """A bench that was cut short after three trials; its journal."""
    journal = Journal.open(path, setup(), origin)
    for each in TRIALS:
        journal.append(each)
    journal.close()
    return path.with_name(path.name + ".part")


def ended(path: Path) -> Recorded:
    begun(path)
    journal = Journal.open(path, setup(), ORIGIN)
    found = journal.finish()
    journal.close()
    return found


def test_what_was_kept_comes_back_before_and_after_the_end(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    assert read_result(path) is None
    begun(path)
    part = read_result(path)
    assert part is not None
    assert (part.trials, part.is_closed) == (TRIALS, False)
    assert ended(tmp_path / "s.json") == read_result(tmp_path / "s.json")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["r.json.part", "s.json"]


def test_a_kill_at_any_byte_loses_at_most_what_was_being_written(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    journal = begun(path)
    whole = journal.read_bytes()
    begins = [len(whole[: whole.index(b"\n") + 1])]
    for _ in TRIALS:
        begins.append(whole.index(b"\n", begins[-1]) + 1)
    for cut in range(0, len(whole) + 1, 61):
        journal.write_bytes(whole[:cut])
        again = Journal.open(path, setup(), ORIGIN)
        kept = sum(begin <= cut for begin in begins[1:])
        assert again.recorded.trials == TRIALS[:kept]
        again.append(trial("cort", 0, True))
        again.close()
        found = read_result(path)
        assert found is not None
        assert found.trials == (*TRIALS[:kept], trial("cort", 0, True))


def test_only_one_bench_writes_a_result(tmp_path: Path) -> None:
    first = Journal.open(tmp_path / "r.json", setup(), ORIGIN)
    with pytest.raises(UsageError, match="Another bench is writing"):
        Journal.open(tmp_path / "r.json", setup(), ORIGIN)
    first.close()
    Journal.open(tmp_path / "r.json", setup(), ORIGIN).close()


def test_a_damaged_line_is_refused_with_its_place(tmp_path: Path) -> None:
    journal = begun(tmp_path / "r.json")
    lines = journal.read_text(encoding="utf-8").splitlines(keepends=True)
    lines[2] = lines[2].replace('"tokens": 100', '"tokens": 999')
    journal.write_text("".join(lines), encoding="utf-8")
    with pytest.raises(StorageError, match="line 3 can't be read: its check sum is wrong"):
        read_result(tmp_path / "r.json")
    lines[2] = "{garbage\n"
    journal.write_text("".join(lines), encoding="utf-8")
    with pytest.raises(StorageError, match="Line 3"):
        read_result(tmp_path / "r.json")


def test_a_damaged_document_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    ended(path)
    text = path.read_text(encoding="utf-8")
    for broken, why in (
        (text[: len(text) // 2], "isn't whole JSON"),
        (text.replace('"right": true', '"right": false', 1), "trial 2 can't be read"),
        (text.replace('"seed": 1', '"seed": 2', 1), "beginning of"),
        ("[]", "no result of a bench"),
        ("{}", "no result of a bench"),
        ("\x00\xff", "isn't whole JSON"),
    ):
        path.write_text(broken, encoding="utf-8")
        with pytest.raises(StorageError, match=why):
            read_result(path)


def test_another_version_is_named(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    ended(path)
    data = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(data | {"cort_bench": 2}), encoding="utf-8")
    with pytest.raises(StorageError, match="format 2; this one reads 1"):
        read_result(path)


def test_results_of_two_machines_in_one_file_are_refused(tmp_path: Path) -> None:
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    mine = begun(one)
    theirs = begun(two, origin=replace(ORIGIN, bench="b2"))
    mine.write_bytes(mine.read_bytes() + theirs.read_bytes())
    with pytest.raises(StorageError, match="put together from two benches"):
        read_result(one)
    first, second = tmp_path / "c.json", tmp_path / "d.json"
    ended(first)
    data = json.loads(first.read_text(encoding="utf-8"))
    line = theirs.read_text(encoding="utf-8").splitlines()[1]
    second.write_text(json.dumps(data | {"trials": [*data["trials"], json.loads(line)]}), encoding="utf-8")
    with pytest.raises(StorageError, match="from trial 4 on"):
        read_result(second)


def test_one_trial_with_two_results_is_refused(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "r.json", setup(), ORIGIN)
    journal.append(trial("single", 0, True))
    journal.append(trial("single", 0, False))
    journal.close()
    with pytest.raises(StorageError, match="two results of single on item 1"):
        read_result(tmp_path / "r.json")


def test_a_place_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(StorageError, match="file"):
        Journal.open(tmp_path / "file" / "r.json", setup(), ORIGIN)


def test_a_name_that_no_file_can_have_is_said(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="can't be read or written"):
        read_result(tmp_path / ("x" * 300))


@pytest.mark.skipif(sys.platform == "win32", reason="there is no limit on the size of a file")
def test_a_disk_that_fills_up_is_said_and_the_bench_can_be_gone_on_with(tmp_path: Path) -> None:
    import resource

    path = tmp_path / "r.json"
    begun(path)
    journal = Journal.open(path, setup(), ORIGIN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    room = path.with_name("r.json.part").stat().st_size + 10
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, limits[1]))
    try:
        with pytest.raises(StorageError, match="make room"):
            journal.append(trial("single", 3, False))
        journal.close()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    again = Journal.open(path, setup(), ORIGIN)
    assert again.recorded.trials == TRIALS
    again.close()
    assert [each.name for each in tmp_path.iterdir()] == ["r.json.part"]
