"""Databases in every bad state: one sentence, exit code 6, nothing of them harmed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import apsw
import pytest

from tests.e2e.programs import Home
from tests.e2e.rights import as_plain_user, modes, with_files_up_to
from tests.fakes.library import integrity

SINGLE = ("--strategy", "single")


@pytest.fixture
def filled(thinking: Any) -> Any:
    """A home with one conversation in it."""
    thinking.home.run("ask", "Why is the sky blue?", *SINGLE).check(0)
    thinking.server.requests.clear()
    return thinking


def fingerprint(home: Home) -> str:
    return hashlib.sha256((home.data / "cort.db").read_bytes()).hexdigest()


def titles(home: Home) -> list[str]:
    done = home.run("conversations", "list", "--json").check(0)
    return [each["title"] for each in json.loads(done.out)]


@pytest.mark.reliability(42)
def test_row_42_a_read_only_folder_is_read_and_nothing_is_asked(filled: Any) -> None:
    """Row 42: what is there is shown, where saving fails is said, and nothing is sent."""
    home, before = filled.home, fingerprint(filled.home)
    run = home.runs()[0]
    with modes({home.data / "cort.db": 0o400, home.data / "owners": 0o500, home.data: 0o500}):
        plain = as_plain_user()
        home.run("ask", "And?", *SINGLE, before=plain).refused(6, str(home.data))
        assert filled.server.requests == []
        assert "Why is the sky blue?" in home.run("conversations", "list", before=plain).check(0).text
        assert home.run("replay", run, before=plain).check(0).out
        assert home.run("resume", run, before=plain).code in (0, 6)
        report = json.loads(home.run("doctor", "--json", before=plain).check(0).out)
        assert "read-only" in report["database"]["problem"]
        assert home.run("ask", "And?", *SINGLE, "--no-store", before=plain).check(0).out
    assert fingerprint(home) == before
    assert titles(home) == ["Why is the sky blue?"]


@pytest.mark.reliability(42)
def test_row_42_a_home_that_is_read_only(thinking: Any) -> None:
    """Row 42: no folder can be made in it: said so, before anything is sent."""
    with modes({thinking.home.path: 0o500}):
        plain = as_plain_user()
        thinking.home.run("ask", "Why?", *SINGLE, before=plain).refused(6, str(thinking.home.path))
        assert thinking.server.requests == []
        assert thinking.home.run("conversations", "list", "--json", before=plain).check(0).out == b"[]\n"
        assert thinking.home.run("ask", "Why?", *SINGLE, "--no-store", before=plain).check(0).out


@pytest.mark.reliability(43)
def test_row_43_a_locked_database_is_named(filled: Any) -> None:
    """Row 43: another program holds the write lock: after its patience ours says so; then it works again."""
    other = apsw.Connection(str(filled.home.data / "cort.db"))
    other.execute("BEGIN IMMEDIATE")
    filled.home.run("ask", "And?", *SINGLE).refused(6, "cort.db is locked by another program")
    assert filled.server.requests == []
    assert titles(filled.home) == ["Why is the sky blue?"]
    other.execute("ROLLBACK")
    other.close()
    filled.home.run("ask", "And?", *SINGLE).check(0)


@pytest.mark.reliability(44)
@pytest.mark.parametrize(
    "damage",
    [
        "half",
        pytest.param("zeroed", marks=pytest.mark.endurance),
        pytest.param("text", marks=pytest.mark.endurance),
        pytest.param("header", marks=pytest.mark.endurance),
    ],
)
def test_a_damaged_database_is_named_and_left_alone(filled: Any, damage: str) -> None:
    """Row 44, as far as this version goes: refused with a sentence; the file stays as it is."""
    file = filled.home.data / "cort.db"
    content = file.read_bytes()
    file.write_bytes(
        {
            "text": b"this is no database at all",
            "half": content[: len(content) // 2],
            "header": b"X" * 100 + content[100:],
            "zeroed": content[:100] + bytes(len(content) - 100),
        }[damage]
    )
    before = fingerprint(filled.home)
    filled.home.run("ask", "And?", *SINGLE).refused(6, str(file), "damaged")
    filled.home.run("conversations", "list").refused(6, str(file), "damaged")
    filled.home.run("replay", "a").refused(6, str(file))
    assert filled.server.requests == []
    report = json.loads(filled.home.run("doctor", "--json").check(0).out)
    assert "damaged" in report["database"]["problem"]
    assert fingerprint(filled.home) == before


def test_what_needs_no_database_works_beside_a_broken_one(filled: Any) -> None:
    (filled.home.data / "cort.db").write_bytes(b"broken")
    assert filled.home.run("ask", "And?", *SINGLE, "--no-store").check(0).out
    assert filled.home.run("chat", *SINGLE, "--no-store", data=b"one?\ntwo?\n").check(0).out
    assert filled.home.run("keys").check(0).out
    assert b"my-server/fast" in filled.home.run("models").check(0).out


@pytest.mark.reliability(45)
@pytest.mark.parametrize("ending", ["-wal", pytest.param("-shm", marks=pytest.mark.endurance)])
def test_row_45_rubbish_beside_the_database(filled: Any, ending: str) -> None:
    """Row 45: a log or index of nothing: the database opens with all that is in it, or is named."""
    (filled.home.data / f"cort.db{ending}").write_bytes(b"\x37\x7f\x06\x82 rubbish" * 999)
    assert titles(filled.home) == ["Why is the sky blue?"]
    filled.home.run("ask", "And?", *SINGLE).check(0)
    assert integrity(filled.home.data / "cort.db") == "ok"


@pytest.mark.reliability(47)
def test_row_47_a_database_of_a_newer_version_is_read_and_never_changed(filled: Any) -> None:
    """Row 47: read-only with a message; the file's hash stays."""
    file = filled.home.data / "cort.db"
    newer = apsw.Connection(str(file))
    newer.pragma("user_version", 999)
    newer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    newer.close()
    before = fingerprint(filled.home)
    filled.home.run("ask", "And?", *SINGLE).refused(6, "newer version", "999")
    assert filled.server.requests == []
    assert titles(filled.home) == ["Why is the sky blue?"]
    assert filled.home.run("replay", _first_run(file)).check(0).out
    report = json.loads(filled.home.run("doctor", "--json").check(0).out)
    assert "newer version" in report["database"]["problem"]
    assert fingerprint(filled.home) == before


def _first_run(file: Path) -> str:
    connection = apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return str(connection.execute("SELECT id FROM runs").get)
    finally:
        connection.close()


def test_a_database_of_another_program_is_left_alone(home: Home) -> None:
    home.data.mkdir()
    other = apsw.Connection(str(home.data / "cort.db"))
    other.execute("CREATE TABLE theirs (a)")
    other.close()
    before = fingerprint(home)
    home.run("conversations", "list").refused(6, "another program")
    assert fingerprint(home) == before


@pytest.mark.reliability(41)
def test_row_41_a_disk_that_fills_up_takes_no_answer_away(filled: Any) -> None:
    """Row 41: the answer is printed, what was not saved is said, the database is sound, resume goes on."""
    cort = ("--strategy", "cort", "--rounds", "3", "--alternatives", "3")
    limit = 165 * 1024
    done = filled.home.run("ask", "And on a full disk?", *cort, "--events", before=with_files_up_to(limit))
    done.check(6, "could not be saved")
    assert done.err.count("could not be saved") == 1, done.err
    assert done.events[-1]["type"] == "run.finished"
    assert done.events[-1]["answer"]
    assert integrity(filled.home.data / "cort.db") == "ok"
    assert len(titles(filled.home)) == 2
    run = done.events[0]["run"]
    stored = filled.home.stored(run)
    assert stored == done.events[: len(stored)]
    assert 0 < len(stored) < len(done.events)
    answered = {each["node"] for each in stored if each["type"] == "node.finished"}
    more = filled.home.run("resume", run, "--events").check(0).events
    assert not answered & {each["node"] for each in more if each["type"] == "node.started"}
    plain = filled.home.run("ask", "Once more?", *cort, before=with_files_up_to(limit))
    assert plain.check(6, "could not be saved").out.startswith(b"Try word")


@pytest.mark.reliability(41)
def test_row_41_a_disk_that_is_full_from_the_start(thinking: Any) -> None:
    """Row 41: not even the question can be stored: nothing is sent, and that is said."""
    thinking.home.run("ask", "Why?", *SINGLE, before=with_files_up_to(8192)).refused(6, "cort.db")
    assert thinking.server.requests == []
    thinking.home.run("ask", "Why?", *SINGLE).check(0)
