"""What is checked and set up before anything heavy."""

from __future__ import annotations

import asyncio
import gc
import io
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cort_desktop import startup
from cort_desktop.errors import StorageError
from cort_desktop.startup import (
    Surprises,
    dependency_refusal,
    drop_output,
    installed_versions,
    make_tolerant,
    python_refusal,
    say_without_terminal,
)

ROOT = Path(__file__).parents[1]


def run_python(
    code: str, *, stdout: int = subprocess.PIPE, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    there = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(
        [sys.executable, "-c", code],
        env=there,
        stdout=stdout,
        stderr=subprocess.PIPE,
        timeout=120,
        check=False,
    )


@pytest.mark.reliability(68)
@pytest.mark.parametrize(
    ("version", "fit"), [((3, 10), 0), ((3, 11), 1), ((3, 13), 1), ((3, 14), 0), ((4, 0), 0)]
)
def test_only_the_pythons_that_were_tried_start(version: tuple[int, int], fit: int) -> None:
    """Row 68: start refused, in one sentence that says what to do."""
    refusal = python_refusal(version)
    assert (refusal is None) == bool(fit)
    assert fit or "Python 3.11, 3.12 or 3.13" in str(refusal)


@pytest.mark.reliability(68)
@pytest.mark.parametrize(
    ("python", "qt", "bad"),
    [
        ((3, 11), "6.12.0", True),
        ((3, 11), "6.12rc1", True),
        ((3, 11), "6.13.1", True),
        ((3, 11), "7.0", True),
        ((3, 11), "6.11.3", False),
        ((3, 11), "6.8.0.2", False),
        ((3, 12), "6.12.0", False),
        ((3, 13), "6.12.0", False),
    ],
)
def test_the_reference_count_bug_of_pyside_refuses_the_start(
    python: tuple[int, int], qt: str, bad: bool
) -> None:
    """Row 68: the known-bad combination of PySide6 and Python 3.11."""
    refusal = dependency_refusal(python, {"pyside6_essentials": qt})
    assert (refusal is not None) == bad
    assert not bad or 'install "PySide6-Essentials<6.12"' in str(refusal)


@pytest.mark.reliability(68)
def test_an_sqlite_that_damages_databases_refuses_the_start() -> None:
    """Row 68: apsw carries its SQLite, and 3.51.2 and older lose data."""
    assert "apsw" in str(dependency_refusal((3, 11), {"apsw": "3.51.2.0"}))
    assert dependency_refusal((3, 11), {"apsw": "3.51.3.0"}) is None
    assert dependency_refusal((3, 11), {}) is None


def test_versions_are_read_without_an_import(tmp_path: Path) -> None:
    (tmp_path / "PySide6_Essentials-6.12.0.dist-info").mkdir()
    (tmp_path / "apsw-3.1.dist-info").mkdir()
    (tmp_path / "apsw").mkdir()
    folders = [str(tmp_path / "missing"), str(tmp_path)]
    assert installed_versions(folders) == {"pyside6_essentials": "6.12.0", "apsw": "3.1"}


@pytest.mark.reliability(68)
def test_this_environment_is_fit() -> None:
    """Row 68: what is locked here may start."""
    versions = installed_versions(sys.path)
    assert versions["apsw"]
    assert python_refusal(sys.version_info[:2]) is None
    assert dependency_refusal(sys.version_info[:2], versions) is None


def test_the_check_imports_nothing_slow() -> None:
    code = (
        "import sys; before = set(sys.modules)\n"
        "import cort_desktop.startup as s; s.installed_versions(sys.path)\n"
        "slow = {'asyncio', 'importlib.metadata', 'httpx', 'apsw', 'keyring', 'PySide6'} & set(sys.modules)\n"
        "print(sorted(slow - before))"
    )
    assert run_python(code).stdout == b"[]\n"


def test_a_terminal_that_can_not_encode_shows_escapes() -> None:
    code = (
        "import sys; from cort_desktop.startup import make_tolerant\n"
        "make_tolerant(sys.stdout, sys.stderr, None)\n"
        "print('naïve 你好 \\ud83d'); print('ü', file=sys.stderr)"
    )
    done = run_python(code, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 0
    assert done.stdout == b"na\\xefve \\u4f60\\u597d \\ud83d\n"
    assert done.stderr == b"\\xfc\n"


def test_streams_that_are_no_files_are_left_alone() -> None:
    make_tolerant(None, io.StringIO())


def test_what_is_said_without_a_standard_error_harms_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """So it is in a window's program on Windows: what tells of a surprise must not be one."""
    from cort_desktop.__main__ import _say

    monkeypatch.setattr(sys, "stderr", None)
    _say("something went wrong")


def test_why_the_program_ends_is_said_in_a_box_where_there_is_no_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import ctypes
    from types import SimpleNamespace

    from cort_desktop.__main__ import main

    shown: list[str] = []

    def box(_owner: None, text: str, _title: str, _icon: int) -> None:
        shown.append(text)

    user32 = SimpleNamespace(MessageBoxW=box)
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(user32=user32), raising=False)
    with monkeypatch.context() as on_windows:
        on_windows.setattr(sys, "platform", "win32")
        say_without_terminal("it has a terminal")
        on_windows.setattr(sys, "stderr", None)
        assert main(["keys", "nonsense"]) == 2
    assert len(shown) == 1
    assert "nonsense" in shown[0]
    say_without_terminal("elsewhere nothing is shown")
    assert len(shown) == 1


def test_a_closed_pipe_leaves_no_complaint() -> None:
    code = (
        "import sys; from cort_desktop.startup import drop_output\n"
        "try:\n    print('x' * 100_000); sys.stdout.flush()\n"
        "except BrokenPipeError:\n    drop_output(sys.stdout); sys.exit(7)\n"
    )
    reading, writing = os.pipe()
    os.close(reading)
    done = run_python(code, stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (7, b"")
    assert callable(drop_output)


def test_a_native_crash_leaves_its_trace_in_a_file(tmp_path: Path) -> None:
    code = (
        "import os, signal, pathlib; from cort_desktop.startup import watch_faults\n"
        f"stop = watch_faults(pathlib.Path({str(tmp_path)!r}))\n"
        "def deep(): os.kill(os.getpid(), signal.SIGSEGV)\n"
        "deep()"
    )
    assert run_python(code).returncode == -11
    faults = tmp_path / "faults.txt"
    assert "in deep" in faults.read_text()
    assert faults.stat().st_mode & 0o777 == 0o600


def test_watching_faults_can_be_stopped_and_never_fails(tmp_path: Path) -> None:
    (tmp_path / "faults.txt").write_bytes(b"x" * 300_000)
    code = (
        "import faulthandler, pathlib; from cort_desktop.startup import watch_faults\n"
        f"stop = watch_faults(pathlib.Path({str(tmp_path)!r})); assert faulthandler.is_enabled(); stop()\n"
        "assert not faulthandler.is_enabled()\n"
        f"watch_faults(pathlib.Path({str(tmp_path / 'missing')!r}))()\n"
    )
    done = run_python(code)
    assert (done.returncode, done.stderr) == (0, b"")
    assert (tmp_path / "faults.txt").read_bytes() == b""


class Seen:
    """Where surprises go in these tests."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.reported: list[BaseException] = []
        self.shown: list[str] = []
        self.fails = False
        self.surprises = Surprises(report=self.report, show=self.shown.append)

    def report(self, error: BaseException) -> Path:
        if self.fails:
            raise StorageError("The crash report could not be written.")
        self.reported.append(error)
        return self.path


@pytest.fixture
def seen(tmp_path: Path) -> Iterator[Seen]:
    made = Seen(tmp_path / "crash.txt")
    before = (sys.excepthook, threading.excepthook, sys.unraisablehook)
    made.surprises.install()
    yield made
    made.surprises.uninstall()
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == before


def fail() -> None:
    raise ValueError("a bug")


def raised(what: Callable[[], object] = fail) -> BaseException:
    try:
        what()
    except BaseException as error:  # noqa: BLE001 - handed to a hook, as the interpreter would
        return error
    raise AssertionError


def written(records: list[logging.LogRecord]) -> str:
    """The lines as a log file has them."""
    return "\n".join(map(logging.Formatter("%(message)s").format, records))


@pytest.mark.reliability(66)
@pytest.mark.expects_log
def test_an_exception_in_a_slot_is_logged_each_time_and_shown_once(
    seen: Seen, logged: list[logging.LogRecord]
) -> None:
    """Row 66: a toolkit hands what a callback raised to sys.excepthook; the app lives."""
    for _ in range(3):
        error = raised()
        sys.excepthook(type(error), error, error.__traceback__)
    assert len(logged) == 3
    assert "fail" in written(logged)
    assert len(seen.reported) == 1
    assert seen.shown == [
        f"Something went wrong inside the program; it goes on. What happened is in {seen.path}."
    ]
    other = raised(lambda: int("no number"))
    sys.excepthook(type(other), other, other.__traceback__)
    assert len(seen.shown) == 2


@pytest.mark.expects_log
def test_what_ends_the_program_is_shown_even_when_it_was_seen_before(seen: Seen) -> None:
    seen.surprises.caught(raised(), "in a slot")
    seen.surprises.caught(raised(), "in the program", ends=True)
    assert "it goes on" in seen.shown[0]
    assert "so it has to end" in seen.shown[1]
    assert len(seen.reported) == 2


@pytest.mark.reliability(66)
@pytest.mark.expects_log
def test_a_dying_thread_is_shown_once(seen: Seen, logged: list[logging.LogRecord]) -> None:
    """Row 66: threading.excepthook."""
    for _ in range(2):
        thread = threading.Thread(target=fail, name="worker")
        thread.start()
        thread.join()
    assert "in thread worker: ValueError" in written(logged)
    assert len(seen.shown) == 1


@pytest.mark.reliability(66)
@pytest.mark.expects_log
def test_a_lost_task_is_shown_once_and_the_loop_lives(seen: Seen, logged: list[logging.LogRecord]) -> None:
    """Row 66: the loop's exception handler."""

    async def lost() -> None:
        fail()

    async def main() -> str:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(seen.surprises.in_loop)
        for _ in range(2):
            task = asyncio.ensure_future(lost())
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            del task
            gc.collect()
        loop.call_soon(fail)
        await asyncio.sleep(0)
        loop.call_exception_handler({"message": "Unclosed something"})
        await asyncio.sleep(0)
        return "alive"

    assert asyncio.run(main()) == "alive"
    assert "Task exception was never retrieved" in written(logged)
    assert "Unclosed something" in written(logged)
    assert len(seen.shown) == 1


@pytest.mark.reliability(66)
@pytest.mark.expects_log
def test_an_error_in_a_destructor_is_caught(seen: Seen) -> None:
    """Row 66: what Python itself could only print."""

    class Bad:
        def __del__(self) -> None:
            fail()

    Bad()
    gc.collect()
    assert [type(error) for error in seen.reported] == [ValueError]


@pytest.mark.reliability(66)
@pytest.mark.expects_log
def test_a_report_that_can_not_be_written_is_said(seen: Seen) -> None:
    """Row 66: shown all the same."""
    seen.fails = True
    error = raised()
    sys.excepthook(type(error), error, error.__traceback__)
    assert "could not be written down" in seen.shown[0]


def test_ctrl_c_and_exits_are_no_surprises(seen: Seen, capsys: pytest.CaptureFixture[str]) -> None:
    error = KeyboardInterrupt()
    sys.excepthook(KeyboardInterrupt, error, None)

    def leave() -> None:
        raise SystemExit(3)

    thread = threading.Thread(target=leave)
    thread.start()
    thread.join()
    assert "KeyboardInterrupt" in capsys.readouterr().err
    assert seen.shown == []
    assert startup.FAULTS_NAME == "faults.txt"
