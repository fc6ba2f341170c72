"""Kept answers on a real disk: found again, within bounds, private; whatever is wrong with the file is a
miss, and nothing in it is ever run.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import pickle
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cort_desktop.domain.settings import CacheSettings
from cort_desktop.errors import StorageError
from cort_desktop.storage import reply_cache
from cort_desktop.storage.reply_cache import DiskReplies
from cort_desktop.storage.reply_rows import from_row, row_key, to_row
from cort_desktop.storage.safe_disk import RefusedRowError, SafeDisk
from tests.fakes.kept import MADE, on_disk, reply
from tests.fakes.loops import run
from tests.storage.test_full_disk import small_disk, take_all_room

KEY, OTHER = "a" * 64, "b" * 64
TOP = Path(__file__).parents[2]


async def settled(disk: DiskReplies) -> None:
    """Everything that was handed over is on the disk."""
    await disk.entries()


def stored(folder: Path, *keys: str, text: str = "Because of Rayleigh.") -> None:
    """A file with these answers in it, closed."""

    async def main() -> None:
        async with on_disk(folder) as disk:
            for key in keys:
                disk.keep(key, reply(text))

    run(main())


def found(folder: Path, key: str = KEY) -> Any:
    async def main() -> Any:
        async with on_disk(folder) as disk:
            return await disk.find(key)

    return run(main())


def sql(folder: Path, statement: str, *values: Any) -> None:
    with contextlib.closing(sqlite3.connect(folder / "cache.db")) as connection:
        connection.execute(statement, values)
        connection.commit()


# What it is for


def test_an_answer_is_found_again_as_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "replies"
    stored(folder, KEY)
    assert found(folder) == reply()
    assert found(folder, OTHER) is None


@given(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.none() | st.integers(0, 2**53 - 1),
    st.floats(0, 1e6, allow_nan=False),
)
def test_any_answer_reads_back_exactly(text: str, cost: int | None, seconds: float) -> None:
    kept = reply(text, cost_microusd=cost, seconds=seconds, usage=None)
    assert from_row(KEY, *to_row(KEY, kept)) == kept


@given(st.text(max_size=60) | st.binary(max_size=60), st.text(max_size=60) | st.none())
def test_any_other_row_is_refused(value: Any, tag: Any) -> None:
    with pytest.raises(RefusedRowError):
        from_row(KEY, value, tag)


@given(st.data())
def test_a_row_with_one_wrong_field_is_refused(data: st.DataObject) -> None:
    value, tag = to_row(KEY, reply())
    tables = {"value": json.loads(value), "tag": json.loads(tag)}
    which = data.draw(st.sampled_from(("value", "tag")))
    name = data.draw(st.sampled_from(sorted(tables[which])))
    wrong = data.draw(st.sampled_from([[], {}, True, -1, "\ud800", 1e300, 10**400]))
    assume((name, wrong) != ("usage", {}))  # that is a use of nothing
    tables[which][name] = wrong
    with pytest.raises(RefusedRowError):
        from_row(KEY, json.dumps(tables["value"]).encode(), json.dumps(tables["tag"]))


def test_uses_are_counted_and_listed(tmp_path: Path) -> None:
    async def main() -> None:
        async with on_disk(tmp_path / "replies") as disk:
            disk.keep(KEY, reply())
            disk.keep(OTHER, reply(made=MADE + timedelta(hours=1)))
            for _ in range(3):
                disk.used(KEY)
            newer, older = await disk.entries()
            assert (newer.key, newer.used, newer.last_used) == (OTHER, 0, None)
            assert (older.key, older.used, older.saved_microusd) == (KEY, 3, 63)
            assert older.last_used is not None
            assert (older.made, older.filing) == (MADE, reply().filing)
            assert older.bytes > len(reply().text)

    run(main())


def test_many_uses_are_written_without_being_looked_at(tmp_path: Path) -> None:
    keys = [f"{number:064x}" for number in range(reply_cache.MOST_USES)]

    async def main() -> None:
        async with on_disk(tmp_path / "replies") as disk:
            for key in keys:
                disk.keep(key, reply())
                disk.used(key)
            disk.used(keys[0])
        async with on_disk(tmp_path / "replies") as disk:
            assert sum(entry.used for entry in await disk.entries()) == len(keys) + 1

    run(main())


def test_answers_are_forgotten_down_to_the_last_byte(tmp_path: Path) -> None:
    folder = tmp_path / "replies"

    async def main() -> None:
        async with on_disk(folder) as disk:
            disk.keep(KEY, reply("the first secret"))
            disk.keep(OTHER, reply("the second secret"))
            assert await disk.drop([KEY, "not there"]) == 1
            assert (await disk.find(KEY), (await disk.find(OTHER) or reply()).text) == (
                None,
                "the second secret",
            )
            assert b"the first secret" not in written(folder)
            assert await disk.clear() == 1
            assert await disk.entries() == ()
            assert b"the second secret" not in written(folder)

    run(main())


def written(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_it_stays_within_its_size_and_lets_go_of_what_was_used_longest_ago(tmp_path: Path) -> None:
    settings = CacheSettings(megabytes=2)
    keys = [f"{number:064x}" for number in range(60)]

    async def main() -> None:
        async with on_disk(tmp_path / "replies", settings) as disk:
            for number, key in enumerate(keys):
                disk.keep(key, reply(f"{number:06}" * 20_000))
                disk.used(keys[0])
                await settled(disk)
            left = {entry.key for entry in await disk.entries()}
            assert keys[0] in left
            assert keys[-1] in left
            assert keys[1] not in left
            assert disk.bytes() < 3 * settings.megabytes * reply_cache.MEGABYTE

    run(main())


def test_looking_makes_nothing(tmp_path: Path) -> None:
    async def main() -> None:
        async with on_disk(tmp_path / "replies") as disk:
            assert (await disk.find(KEY), await disk.entries()) == (None, ())
            assert (await disk.drop([KEY]), await disk.clear(), disk.bytes()) == (0, 0, 0)

    run(main())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")
def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:

        async def main() -> None:
            async with on_disk(tmp_path / "cache" / "replies") as disk:
                disk.keep(KEY, reply("x" * 100_000))
                await settled(disk)
                things = below(tmp_path)
                assert len(things) > 3
                for thing in things:
                    wanted = 0o700 if thing.is_dir() else 0o600
                    assert stat.S_IMODE(thing.stat().st_mode) == wanted, thing

        run(main())
    finally:
        os.umask(before)


def below(folder: Path) -> list[Path]:
    return [*folder.rglob("*")]


def test_a_text_that_is_none_is_not_kept(tmp_path: Path) -> None:
    async def main() -> None:
        async with on_disk(tmp_path / "replies") as disk:
            disk.keep(KEY, reply("half a pair \ud83d"))
            disk.keep(OTHER, reply())
            assert [entry.key for entry in await disk.entries()] == [OTHER]

    run(main())


def test_no_more_waits_for_a_slow_disk_than_there_is_room_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reply_cache, "MOST_WAITING_BYTES", 2_500_000)
    go = threading.Event()

    async def main() -> None:
        async with on_disk(tmp_path / "replies") as disk:
            disk._thread.do(go.wait)
            for number in range(8):
                disk.keep(f"{number:064x}", reply("x" * 1_000_000))
            go.set()
            assert len(await disk.entries()) == 2
            disk.keep(KEY, reply())
            assert len(await disk.entries()) == 3

    run(main())


# Row 62: a file that was tampered with


class Trap:
    """Unpickled, it leaves a mark."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return (os.mkdir, (str(self.mark),))


def plant(folder: Path, **columns: Any) -> None:
    """Change the row of KEY."""
    names = ", ".join(f"{name} = ?" for name in columns)
    sql(folder, f"UPDATE Cache SET {names} WHERE key = ?", *columns.values(), row_key(KEY))  # noqa: S608


def tampered(mark: Path) -> dict[str, Callable[[Path], None]]:
    trap = pickle.dumps(Trap(mark))
    value, tag = to_row(KEY, reply())
    other, _ = to_row(OTHER, reply())

    def trap_file(folder: Path) -> None:
        (folder / "trap.val").write_bytes(trap)
        plant(folder, mode=4, filename="trap.val", value=None)

    def planted_file(mode: int, name: str) -> Callable[[Path], None]:
        def do(folder: Path) -> None:
            (folder.parent / "outside.val").write_bytes(value)
            plant(folder, mode=mode, filename=name, value=None)

        return do

    return {
        "pickled value": lambda folder: plant(folder, mode=4, value=trap),
        "pickled file": trap_file,
        "pickled as raw": lambda folder: plant(folder, value=trap),
        "binary file outside": planted_file(2, "../outside.val"),
        "text file outside": planted_file(3, "../outside.val"),
        "raw with a file": planted_file(1, "../outside.val"),
        "absolute file": planted_file(3, "/etc/hostname"),
        "no JSON": lambda folder: plant(folder, value=b"{"),
        "text for bytes": lambda folder: plant(folder, value=value.decode()),
        "a number": lambda folder: plant(folder, value=12),
        "JSON of another kind": lambda folder: plant(folder, value=b"[1]"),
        "deep JSON": lambda folder: plant(folder, value=b"[" * 100_000),
        "long number": lambda folder: plant(folder, value=b'{"key":' + b"9" * 5_000 + b"}"),
        "another row's value": lambda folder: plant(folder, value=other),
        "no tag": lambda folder: plant(folder, tag=None),
        "pickled tag": lambda folder: plant(folder, tag=trap),
        "cut tag": lambda folder: plant(folder, tag=tag[:-9]),
        "setting of diskcache": lambda folder: sql(folder, "INSERT INTO Settings VALUES ('get', 1)"),
        "another disk": lambda folder: sql(
            folder, "UPDATE Settings SET value = 0 WHERE key = 'disk_min_file_size'"
        ),
        "pragma": lambda folder: sql(
            folder, "INSERT INTO Settings VALUES ('sqlite_journal_mode = off; --', 'x')"
        ),
        "another table": lambda folder: sql(folder, "CREATE TABLE More (a)"),
        "a view": lambda folder: sql(folder, "CREATE VIEW Seen AS SELECT * FROM Cache"),
        "a trigger": lambda folder: sql(
            folder, "CREATE TRIGGER More AFTER INSERT ON Cache BEGIN DELETE FROM Cache; END"
        ),
        "no SQLite": lambda folder: write(folder, b"SQLite format 4\0" * 600),
        "zeroed page": lambda folder: write(folder, zeroed(folder)),
        "cut short": lambda folder: write(folder, (folder / "cache.db").read_bytes()[:5000]),
    }


def write(folder: Path, data: bytes) -> None:
    (folder / "cache.db").write_bytes(data)


def zeroed(folder: Path) -> bytes:
    data = (folder / "cache.db").read_bytes()
    return data[:4096] + bytes(len(data) - 4096)


@pytest.mark.reliability(62)
@pytest.mark.parametrize("case", tampered(Path()))
@pytest.mark.expects_log
def test_row_62_what_was_tampered_with_is_a_miss_set_aside_and_never_run(
    case: str, tmp_path: Path, logged: list[logging.LogRecord]
) -> None:
    """Row 62: a planted row of each kind: a miss, the file is quarantined, no code runs, no file outside is
    read or removed; and the next answer is kept again.
    """
    folder, mark = tmp_path / "replies", tmp_path / "mark"
    stored(folder, KEY)
    tampered(mark)[case](folder)
    outside = tmp_path / "outside.val"
    was_there = outside.exists()

    async def main() -> None:
        async with on_disk(folder) as disk:
            assert await disk.find(KEY) is None
            assert disk.problem is not None
            assert "set aside" in disk.problem
            assert (tmp_path / "replies-set-aside" / "cache.db").exists()
            disk.keep(KEY, reply())
            assert await disk.find(KEY) == reply()
            assert await disk.clear() == 1
            assert not (tmp_path / "replies-set-aside").exists()

    run(main())
    assert not mark.exists()
    assert outside.exists() == was_there
    (record,) = logged
    assert (record.levelno, "set aside" in record.getMessage()) == (logging.WARNING, True)


@pytest.mark.reliability(62)
@pytest.mark.parametrize("use", ["entries", "drop", "clear", "keep"])
@pytest.mark.expects_log
def test_row_62_a_planted_file_name_is_never_removed(
    use: str, tmp_path: Path, logged: list[logging.LogRecord]
) -> None:
    """Row 62: diskcache removes the file a row names when the row goes; ours has none to remove."""
    folder, outside = tmp_path / "replies", tmp_path / "outside.val"
    stored(folder, KEY)
    outside.write_text("precious")
    plant(folder, mode=2, filename="../outside.val", value=None)

    async def main() -> None:
        async with on_disk(folder) as disk:
            if use == "keep":
                disk.keep(KEY, reply())
                await settled(disk)
            elif use == "drop":
                await disk.drop([KEY])
            else:
                await getattr(disk, use)()

    run(main())
    assert outside.read_text() == "precious"


@pytest.mark.reliability(62)
@pytest.mark.expects_log
def test_row_62_a_link_in_the_place_of_the_file_is_not_followed(
    tmp_path: Path, logged: list[logging.LogRecord]
) -> None:
    folder, elsewhere = tmp_path / "replies", tmp_path / "elsewhere"
    stored(folder, KEY)
    (folder / "cache.db").rename(elsewhere)
    before = elsewhere.read_bytes()
    (folder / "cache.db").symlink_to(elsewhere)
    assert found(folder) is None
    assert elsewhere.read_bytes() == before


@pytest.mark.reliability(62)
@pytest.mark.expects_log
def test_row_62_a_link_in_the_place_of_the_folder_is_set_aside(
    tmp_path: Path, logged: list[logging.LogRecord]
) -> None:
    folder, elsewhere = tmp_path / "replies", tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o755)
    folder.symlink_to(elsewhere)
    stored(folder, KEY)
    assert list(elsewhere.iterdir()) == []
    assert elsewhere.stat().st_mode & 0o777 == 0o755
    assert not folder.is_symlink()


def test_the_safe_disk_pickles_nothing(tmp_path: Path) -> None:
    disk = SafeDisk(str(tmp_path))
    trap = pickle.dumps(Trap(tmp_path / "mark"))
    for refused in (
        lambda: disk.put(("a", 1)),
        lambda: disk.put(b"bytes"),
        lambda: disk.get(trap, False),
        lambda: disk.get(trap, True),
        lambda: disk.store({"a": 1}, False),
        lambda: disk.store(b"a", True),
        lambda: disk.fetch(4, None, trap, False),
        lambda: disk.fetch(1, "name", b"", False),
        lambda: disk.fetch(1, None, b"", True),
        disk.filename,
    ):
        with pytest.raises(RefusedRowError):
            refused()
    (tmp_path / "kept.val").write_text("x")
    disk.remove("kept.val")
    assert [path.name for path in tmp_path.iterdir()] == ["kept.val"]


# A disk or a neighbour that makes trouble


def trouble(logged: list[logging.LogRecord], main: Coroutine[Any, Any, None], words: str) -> None:
    """``main`` goes on, and it is said once why nothing is kept."""
    run(main)
    (record,) = logged
    assert record.levelno == logging.WARNING
    assert words in record.getMessage()
    assert "Runs go on without it" in record.getMessage()


@pytest.mark.expects_log
def test_a_full_disk_is_said_once_and_what_was_kept_is_still_found(logged: list[logging.LogRecord]) -> None:
    with small_disk() as place:

        async def main() -> None:
            async with on_disk(place / "replies") as disk:
                disk.keep(KEY, reply())
                assert await disk.find(KEY) == reply()
                take_all_room(place)
                for number in range(5):
                    disk.keep(f"{number:064x}", reply("x" * 200_000))
                assert await disk.find(f"{0:064x}") is None
                assert await disk.find(KEY) == reply()
                assert disk.problem is not None
                (place / "ballast").unlink()
                disk.keep(OTHER, reply("room again"))
                assert (await disk.find(OTHER) or reply()).text == "room again"

        trouble(logged, main(), "can't be read or written")


@pytest.mark.expects_log
def test_a_disk_without_any_room_at_all(logged: list[logging.LogRecord]) -> None:
    with small_disk() as place:
        take_all_room(place)

        async def main() -> None:
            async with on_disk(place / "replies") as disk:
                disk.keep(KEY, reply())
                disk.keep(OTHER, reply())
                assert (await disk.find(KEY), await disk.entries()) == (None, ())

        trouble(logged, main(), "can't be read or written")


@pytest.mark.expects_log
def test_a_file_where_the_folder_should_be(tmp_path: Path, logged: list[logging.LogRecord]) -> None:
    (tmp_path / "replies").write_text("mine")

    async def main() -> None:
        async with on_disk(tmp_path / "replies") as disk:
            disk.keep(KEY, reply())
            assert await disk.find(KEY) is None

    trouble(logged, main(), "can't be read or written")
    assert (tmp_path / "replies").read_text() == "mine"


@pytest.mark.expects_log
def test_a_disk_that_hangs_holds_up_neither_a_call_nor_the_end(
    tmp_path: Path, logged: list[logging.LogRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reply_cache, "PATIENCE_S", 0.05)
    monkeypatch.setattr(reply_cache, "LOOKED_AT_S", 0.05)
    stored(tmp_path / "replies", KEY)
    go = threading.Event()

    async def main() -> None:
        async with on_disk(tmp_path / "replies") as disk:
            disk._thread.do(go.wait)
            assert await disk.find(KEY) is None
            assert disk.problem is not None
            # The next calls don't wait for it, until a minute has passed.
            monkeypatch.setattr(reply_cache, "PATIENCE_S", 1e9)
            for _ in range(3):
                assert await disk.find(KEY) is None
            monkeypatch.setattr(reply_cache, "PATIENCE_S", 0.05)
            for asked in (disk.entries, disk.clear, lambda: disk.drop([KEY])):
                with pytest.raises(StorageError, match=r"could not be looked at within .* then try again"):
                    await asked()

    try:
        trouble(logged, main(), "could not be looked at within")
    finally:
        go.set()


READER = """
import asyncio, concurrent.futures.thread, os, sys
from pathlib import Path
import cort_desktop.storage.reply_file
from tests.fakes.kept import on_disk, reply
os.setuid(65534)
async def main():
    async with on_disk(Path(sys.argv[1])) as disk:
        disk.keep("c" * 64, reply())
        found = await disk.find("a" * 64)
        print(found, disk.problem, [entry.key[0] for entry in await disk.entries()])
asyncio.run(main())
"""


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="another user needs the rights of root")
def test_a_read_only_folder_is_gone_on_without() -> None:
    """As another user, for root may write anywhere."""
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "replies"
        stored(folder, KEY)
        for path in (Path(place), folder, *folder.iterdir()):
            path.chmod(0o555 if path.is_dir() else 0o444)
        done = subprocess.run(
            [sys.executable, "-c", READER, str(folder)], cwd=TOP, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert "can't be read or written" in done.stdout
        for path in (Path(place), folder):
            path.chmod(0o700)


NEIGHBOUR = """
import asyncio, sys
from pathlib import Path
from tests.fakes.kept import on_disk, reply
async def main():
    async with on_disk(Path(sys.argv[1])) as disk:
        for number in range(60):
            disk.keep(f"{sys.argv[2]}{number:063x}", reply("y" * 5_000))
            disk.used(f"{sys.argv[2]}{number:063x}")
            assert await disk.find(f"{sys.argv[2]}{number:063x}") is not None
        assert disk.problem is None, disk.problem
asyncio.run(main())
"""


def test_two_processes_share_one_folder(tmp_path: Path) -> None:
    folder = tmp_path / "replies"
    both = [
        subprocess.Popen(
            [sys.executable, "-c", NEIGHBOUR, str(folder), name], cwd=TOP, stderr=subprocess.PIPE
        )
        for name in "12"
    ]
    for each in both:
        _, said = each.communicate(timeout=120)
        assert each.returncode == 0, said.decode()

    async def main() -> None:
        async with on_disk(folder) as disk:
            entries = await disk.entries()
            assert len(entries) == 120
            assert {entry.used for entry in entries} == {1}

    run(main())


WRITER = """
import asyncio, sys
from pathlib import Path
from tests.fakes.kept import on_disk, reply
async def main():
    async with on_disk(Path(sys.argv[1])) as disk:
        number = 0
        while True:
            disk.keep(f"{number:064x}", reply(f"{number:08}" * 20_000))
            await disk.find(f"{number:064x}")
            print(number, flush=True)
            number += 1
asyncio.run(main())
"""


def test_killed_in_the_middle_of_a_write_it_is_still_readable(tmp_path: Path) -> None:
    """kill -9 while it writes, again and again: what is there is whole, and the file is none to set aside."""
    folder = tmp_path / "replies"
    for turn in range(6):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(folder)], cwd=TOP, stdout=subprocess.PIPE
        )
        assert writer.stdout is not None
        for _ in range(3 + 5 * turn):
            writer.stdout.readline()
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()

        async def main() -> None:
            async with on_disk(folder) as disk:
                entries = await disk.entries()
                assert len(entries) >= 3
                for entry in entries:
                    kept = await disk.find(entry.key)
                    assert kept is not None
                    assert kept.text == f"{int(entry.key, 16):08}" * 20_000
                assert disk.problem is None

        run(main())
    assert not (tmp_path / "replies-set-aside").exists()


def test_a_file_that_was_only_begun_is_gone_on_with(tmp_path: Path) -> None:
    """As a crash between diskcache's first statements leaves it."""
    folder = tmp_path / "replies"
    stored(folder, KEY)
    sql(folder, "DROP TABLE Cache")
    assert found(folder) is None
    stored(folder, KEY)
    assert found(folder) == reply()


def test_the_library_is_loaded_with_the_first_look(tmp_path: Path) -> None:
    code = "import sys, cort_desktop.bootstrap.parts; print('diskcache' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=TOP, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_calls_on_a_busy_loop_find_it_too(tmp_path: Path) -> None:
    """Many at once: each gets its own answer."""

    async def main() -> None:
        async with on_disk(tmp_path / "replies") as disk:
            keys = [f"{number:064x}" for number in range(50)]
            for key in keys:
                disk.keep(key, replace(reply(), text=key))
            got = await asyncio.gather(*(disk.find(key) for key in keys))
            assert [each.text for each in got if each is not None] == keys

    run(main())
