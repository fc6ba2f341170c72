"""Before anything heavy: may this Python run us, can the streams carry text, and where do surprises go.

Imports nothing slow and knows no service. What is done about an answer (print, exit code) is the entry's.
"""

from __future__ import annotations

import contextlib
import faulthandler
import io
import logging
import os
import re
import stat
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from cort_desktop.errors import CortError

FAULTS_NAME = "faults.txt"
_FAULTS_BYTES = 256_000
_OLDEST, _TOO_NEW = (3, 11), (3, 14)
_CHECKED = ("apsw", "pyside6_essentials")
_ERROR_ICON = 0x10
_log = logging.getLogger(__name__)


def python_refusal(version: tuple[int, int]) -> str | None:
    """Why this Python won't do, in one sentence."""
    if _OLDEST <= version < _TOO_NEW:
        return None
    has = ".".join(map(str, version))
    return (
        f"CoRT Desktop needs Python 3.11, 3.12 or 3.13, and this is Python {has}: start it with one of those."
    )


def dependency_refusal(python: tuple[int, int], versions: Mapping[str, str]) -> str | None:
    """Why these versions must not run together, in one sentence; ``versions`` is by distribution."""
    qt = versions.get("pyside6_essentials")
    if qt is not None and python < (3, 12) and _numbers(qt) >= (6, 12):
        return (
            f"PySide6 {qt} crashes on Python {python[0]}.{python[1]} after a few thousand calls: install "
            '"PySide6-Essentials<6.12", or use Python 3.12 or newer.'
        )
    apsw = versions.get("apsw")
    if apsw is not None and _numbers(apsw) < (3, 51, 3):
        return f'apsw {apsw} brings an SQLite that can damage a database: install "apsw>=3.51.3.0".'
    return None


def installed_versions(folders: Iterable[str], names: Iterable[str] = _CHECKED) -> dict[str, str]:
    """The versions of distributions, by the names of their metadata folders alone: that costs no import."""
    wanted = set(names)
    found: dict[str, str] = {}
    for folder in folders:
        with contextlib.suppress(OSError):
            for entry in os.scandir(folder or "."):
                name, _, version = entry.name.removesuffix(".dist-info").partition("-")
                plain = name.lower().replace(".", "_")
                if entry.name.endswith(".dist-info") and plain in wanted:
                    found.setdefault(plain, version)
    return found


def make_tolerant(*streams: TextIO | None) -> None:
    """Let standard streams show what they can't encode as an escape, so that an answer never breaks them."""
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def is_input(stdin: TextIO | None) -> bool:
    """Whether standard input is a pipe, a socket or a file: something that can hold a question."""
    try:
        mode = os.fstat(stdin.fileno()).st_mode if stdin is not None else 0
    except (OSError, ValueError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode) or stat.S_ISSOCK(mode)


def drop_output(stream: TextIO) -> None:
    """After a broken pipe: send what is still buffered nowhere, so that the exit has no complaint."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, stream.fileno())
    finally:
        os.close(nowhere)


def watch_faults(folder: Path) -> Callable[[], None]:
    """Have crashes of native code leave their trace in a file; returns how to stop. Never raises.

    The one file that no redactor sees: it is written when nothing of the program can run any more. It holds
    names of files and functions and numbers of lines, never a value, so no key can be in it. A memory image
    that the system itself makes of a crash is beyond this; it holds whatever was in memory.
    """
    path = folder / FAULTS_NAME
    try:
        grown = path.exists() and path.stat().st_size > _FAULTS_BYTES
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | (os.O_TRUNC if grown else 0)
        handle = os.open(path, flags, 0o600)
    except OSError as error:
        _log.info("no file for native faults: %s", error)
        return lambda: None
    faulthandler.enable(handle)

    def stop() -> None:
        faulthandler.disable()
        os.close(handle)

    return stop


class Surprises:
    """Errors that reach nobody: out of a callback, a thread, a task or a destructor.

    Each is logged and reported, and shown to the person once; the program goes on. ``report`` writes it down
    and returns the file, ``show`` takes a sentence; both may be called on any thread.
    """

    def __init__(self, *, report: Callable[[BaseException], Path], show: Callable[[str], None]) -> None:
        self._report = report
        self._show = show
        self._seen: set[tuple[str, str, int]] = set()
        self._lock = threading.Lock()
        self._before: tuple[Any, Any, Any] | None = None

    def install(self) -> None:
        """Take over the interpreter's hooks."""
        self._before = (sys.excepthook, threading.excepthook, sys.unraisablehook)
        sys.excepthook = self._uncaught
        threading.excepthook = self._in_thread
        sys.unraisablehook = self._unraisable

    def uninstall(self) -> None:
        """Give the hooks back."""
        if self._before is not None:
            sys.excepthook, threading.excepthook, sys.unraisablehook = self._before
            self._before = None

    def in_loop(self, _loop: Any, context: dict[str, Any]) -> None:
        """The event loop's exception handler."""
        error = context.get("exception")
        if isinstance(error, BaseException):
            self.caught(error, str(context.get("message") or "in the event loop"))
        else:
            _log.warning("event loop: %s", context.get("message"))

    def caught(self, error: BaseException, where: str, *, ends: bool = False) -> None:
        """Log an error; report and show it when it is new at its place, or ends the program."""
        _log.error("%s: %s", where, type(error).__name__, exc_info=error)
        if not self._is_new(error) and not ends:
            return
        outcome = ", so it has to end" if ends else "; it goes on"
        try:
            path = self._report(error)
        except CortError as failure:
            self._show(
                f"Something went wrong inside the program, and it could not be written down: {failure}"
            )
        else:
            self._show(f"Something went wrong inside the program{outcome}. What happened is in {path}.")

    def _is_new(self, error: BaseException) -> bool:
        import traceback

        frames = traceback.extract_tb(error.__traceback__)
        place = (frames[-1].filename, frames[-1].lineno or 0) if frames else ("", 0)
        kind = (type(error).__qualname__, *place)
        with self._lock:
            new = kind not in self._seen
            self._seen.add(kind)
        return new

    def _uncaught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, KeyboardInterrupt | SystemExit):
            sys.__excepthook__(kind, error, trace)
        else:
            self.caught(error, "uncaught")

    def _in_thread(self, failure: threading.ExceptHookArgs) -> None:
        if failure.exc_value is not None and not isinstance(failure.exc_value, SystemExit):
            name = failure.thread.name if failure.thread else "?"
            self.caught(failure.exc_value, f"in thread {name}")

    def _unraisable(self, failure: sys.UnraisableHookArgs) -> None:
        if failure.exc_value is not None:
            self.caught(failure.exc_value, failure.err_msg or "in a destructor")


def _numbers(version: str) -> tuple[int, ...]:
    """The numbers of a version: 6.12rc1 counts as 6, 12."""
    numbers = []
    for part in version.split("."):
        digits = re.match(r"\d+", part)
        if digits is None:
            break
        numbers.append(int(digits[0]))
    return tuple(numbers)


def say_without_terminal(sentence: str) -> None:
    """Show why the program ends in a box of Windows' own, where it has no standard error to say it to."""
    if sys.platform == "win32" and sys.stderr is None:
        import ctypes

        ctypes.windll.user32.MessageBoxW(None, sentence, "CoRT Desktop", _ERROR_ICON)
