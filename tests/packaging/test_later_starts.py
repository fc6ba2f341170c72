"""Later starts: they only compare, and notice what isn't as it was left."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from devtools import model
from devtools.console import Refusal
from tests.packaging.checkouts import MODEL_TEXT, Checkout, fails_with, make_wheel

WATCH = """
import os, sys
PROCESSES = {"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.system"}
def watch(event, arguments):
    if event in PROCESSES or (event == "open" and str(arguments[0]).endswith(".gguf")):
        os.write(1, f"{event} {arguments[0]}".encode())
sys.addaudithook(watch)
sys.path.insert(0, sys.argv[1])
os.execve = lambda *_: os._exit(0)
from devtools.commands import main
main(["run"])
"""


def starts_well(checkout: Checkout) -> str:
    done = checkout.dev("run")
    assert done.returncode == 7, done.stderr
    return done.stderr


def test_a_second_start_starts_no_program_and_reads_no_model(set_up: Checkout) -> None:
    packaging = str(set_up.top / "packaging")
    done = set_up.python("-c", WATCH, packaging)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert done.stderr == ""


def test_a_cut_model_file_is_fetched_again(set_up: Checkout) -> None:
    os.truncate(set_up.model_file, 100)
    assert "offline model small is damaged" in starts_well(set_up)
    assert set_up.model_file.read_bytes() == MODEL_TEXT
    assert starts_well(set_up) == ""


def test_a_model_file_that_was_only_touched_is_kept(set_up: Checkout) -> None:
    os.utime(set_up.model_file)
    assert starts_well(set_up) == ""
    assert set_up.model_file.read_bytes() == MODEL_TEXT


@pytest.mark.reliability(68)
def test_a_pth_file_that_appears_later_stops_the_start(set_up: Checkout, tmp_path: Path) -> None:
    """RELIABILITY row 68: a new `.pth` refuses the start, before any of its lines ran."""
    trace = tmp_path / "it-ran"
    evil = set_up.site_packages / "evil.pth"
    evil.write_text(f"import pathlib; pathlib.Path({str(trace)!r}).touch()\n")
    done = set_up.dev("run")
    evil.unlink()
    fails_with(done, "evil.pth", "by itself")
    assert not trace.exists()
    assert starts_well(set_up) == ""


def test_a_full_disk_is_one_sentence_and_the_next_start_goes_on(set_up: Checkout) -> None:
    os.utime(set_up.model_file)
    draft = set_up.top / ".venv" / "dev-stamp.new"
    draft.symlink_to("/dev/full")
    done = set_up.dev("run")
    draft.unlink()
    fails_with(done, "The disk is full")
    assert starts_well(set_up) == ""


def test_a_half_made_environment_is_made_anew(set_up: Checkout) -> None:
    (set_up.top / ".venv" / "dev-stamp.json").unlink()
    rubbish = set_up.site_packages / "half_a_package.py"
    rubbish.touch()
    assert "Making the private environment" in starts_well(set_up)
    assert not rubbish.exists()


@pytest.mark.reliability(68)
def test_a_wrong_hash_is_refused_by_name_and_the_right_one_taken_later(set_up: Checkout) -> None:
    """RELIABILITY row 68: a dependency with an unknown hash."""
    (set_up.top / ".venv" / "dev-stamp.json").unlink()
    good = (set_up.wheels / "tiny_library-1.0-py3-none-any.whl").read_bytes()
    wheel, _ = make_wheel(set_up.wheels, "tiny_library", {"tiny_library.py": b"FINE = False\n"})
    done = set_up.dev("run")
    wheel.write_bytes(good)
    fails_with(done, "tiny_library==1.0", "SHA-256")
    assert not (set_up.site_packages / "tiny_library.py").exists()
    starts_well(set_up)


@pytest.mark.reliability(68)
def test_a_package_that_brings_a_pth_file_is_refused(set_up: Checkout) -> None:
    """RELIABILITY row 68: a new `.pth`, brought by a package with the right hash."""
    set_up.write_locks(runtime=set_up.library_lines + set_up.bringer, dev=set_up.library_lines)
    done = set_up.dev("run")
    set_up.write_locks(runtime=set_up.library_lines, dev=set_up.library_lines)
    fails_with(done, "surprise.pth", "by itself")
    starts_well(set_up)


def test_an_environment_of_another_python_is_made_anew(set_up: Checkout) -> None:
    stamp = set_up.top / ".venv" / "dev-stamp.json"
    told = json.loads(stamp.read_text())
    stamp.write_text(json.dumps({**told, "python": "cpython-310"}))
    assert "another Python made it" in starts_well(set_up)


@pytest.mark.endurance
def test_an_environment_that_moved_is_made_anew(set_up: Checkout, tmp_path: Path) -> None:
    moved = Checkout(tmp_path)
    shutil.copytree(set_up.top, moved.top, symlinks=True, dirs_exist_ok=True)
    shutil.copytree(set_up.wheels, moved.wheels, dirs_exist_ok=True)
    assert "another folder" in starts_well(moved)


def test_a_link_to_another_environment_is_refused_and_what_it_leads_to_stays(
    set_up: Checkout, tmp_path: Path
) -> None:
    other = Checkout(tmp_path)
    shutil.copytree(set_up.top, other.top, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".venv"))
    (other.top / ".venv").symlink_to(set_up.top / ".venv")
    before = sorted(each.name for each in (set_up.top / ".venv").rglob("*"))
    fails_with(other.dev("run"), ".venv is a link", "remove the link")
    assert sorted(each.name for each in (set_up.top / ".venv").rglob("*")) == before


def test_tools_for_the_tests_are_added_and_a_failure_leaves_the_program_usable(set_up: Checkout) -> None:
    set_up.write_locks(
        runtime=set_up.library_lines, dev=set_up.library_lines + "absent==1.0 --hash=sha256:00\n"
    )
    fails_with(set_up.dev("bench"), "has no absent==1.0")
    assert starts_well(set_up) == ""

    set_up.write_locks(runtime=set_up.library_lines, dev=set_up.library_lines)
    assert "tools for the tests: done" in set_up.dev("bench").stderr
    assert starts_well(set_up) == ""


def with_a_tool_that_breaks(checkout: Checkout) -> str:
    """Lines of a lock: one tool that pip installs, and one over which it fails half-way."""
    _, good = make_wheel(checkout.wheels, "tiny_first", {"tiny_first.py": b""})
    _, bad = make_wheel(checkout.wheels, "tiny_second", {"../../../../outside.py": b""})
    return good + bad


def test_tools_that_break_off_half_way_leave_the_program_usable(set_up: Checkout) -> None:
    tools = with_a_tool_that_breaks(set_up)
    set_up.write_locks(runtime=set_up.library_lines, dev=set_up.library_lines + tools)
    fails_with(set_up.dev("bench"), "could not install", "dev.log")
    assert starts_well(set_up) == ""
    fails_with(set_up.dev("bench"), "could not install", "dev.log")
    set_up.write_locks(runtime=set_up.library_lines, dev=set_up.library_lines)
    assert starts_well(set_up) == ""


@pytest.mark.endurance
def test_tools_that_break_off_at_the_very_first_start_leave_the_program_usable(bare: Checkout) -> None:
    tools = with_a_tool_that_breaks(bare)
    bare.write_locks(runtime=bare.library_lines, dev=bare.library_lines + tools)
    fails_with(bare.dev("bench"), "could not install", "dev.log")
    assert starts_well(bare) == ""


def test_a_new_lock_of_tools_changes_the_tools_alone(set_up: Checkout) -> None:
    _, tool = make_wheel(set_up.wheels, "tiny_tool", {"tiny_tool.py": b""})
    set_up.write_locks(runtime=set_up.library_lines, dev=set_up.library_lines + tool)
    set_up.dev("bench")
    assert (set_up.site_packages / "tiny_tool.py").exists()
    library = (set_up.site_packages / "tiny_library.py").stat()

    set_up.write_locks(runtime=set_up.library_lines, dev=set_up.library_lines)
    told = set_up.dev("bench").stderr
    assert "Making the private environment" not in told
    assert "tools for the tests: done" in told
    assert not (set_up.site_packages / "tiny_tool.py").exists(), "a tool of an earlier lock is still there"
    assert os.path.samestat((set_up.site_packages / "tiny_library.py").stat(), library)
    assert starts_well(set_up) == ""


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_without_standard_streams_the_program_starts_all_the_same(set_up: Checkout, closed: str) -> None:
    command = set_up.command("run", "words")
    done = subprocess.run(
        ["sh", "-c", f'"$@" {closed}', "sh", *command],
        env=set_up.environment(),
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert "Traceback" not in done.stderr
    assert done.returncode == 7, done.stderr


def test_a_model_that_is_not_the_one_meant_is_refused(tmp_path: Path) -> None:
    other = model.OfflineModel(
        name="small",
        title="Small",
        licence="MIT",
        package="tiny_model",
        version="1.0",
        wheel_sha256="",
        wheel_bytes=1,
        member="small.gguf",
        sha256="0" * 64,
    )
    (tmp_path / "small.gguf").write_bytes(MODEL_TEXT)
    with pytest.raises(Refusal, match="offline model small"):
        model.demand_sound(other, tmp_path)
