"""The log file and the crash reports, both with every key taken out before a byte is written.

Nothing here decides what is logged. What a person should know goes to the front ends, not here.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import threading
import time
from collections import deque
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from cort_desktop.domain.key_spellings import KNOWN_KEYS, spellings
from cort_desktop.errors import StorageError, UsageError

LEVEL_VARIABLE = "CORT_DESKTOP_LOG"
LEVELS = ("debug", "info", "warning", "error")
LOG_NAME = "cort-desktop.log"
LOG_BYTES = 1_000_000
OLD_LOGS = 3
OLD_REPORTS = 10
HIDDEN = "[hidden]"
_WARNING = re.compile(r"\d{4}-\d\d-\d\dT\S+ (?:WARNING|ERROR|CRITICAL) ")
_TALKATIVE = ("aiohttp", "httpx", "httpcore", "asyncio", "keyring", "secretstorage", "jeepney", "urllib3")


class Redactor:
    """Takes keys out of text: those in use, however spelt, and all that begin like a known service's."""

    def __init__(self) -> None:
        self._keys: dict[str, str] = {}
        self._pattern: re.Pattern[str] | None = None
        self._lock = threading.Lock()

    def add(self, key: str) -> None:
        """From now on keep this key out of every text. A key that is already known costs nothing."""
        if not key or key in self._keys:
            return
        with self._lock:
            self._keys[key] = "|".join(dict.fromkeys(spellings(key)))
            # A key that begins with another one must be found whole, so the longest come first.
            longest_first = sorted(self._keys, key=len, reverse=True)
            self._pattern = re.compile("|".join(self._keys[each] for each in longest_first))

    @property
    def keys(self) -> tuple[str, ...]:
        """All that it was told; for whoever looks whether one of them got out."""
        return tuple(self._keys)

    def clean(self, text: str) -> str:
        """The text with ``[hidden]`` in place of every key."""
        if self._pattern is not None:
            text = self._pattern.sub(HIDDEN, text)
        return KNOWN_KEYS.sub(HIDDEN, text)


class _CleanFormatter(logging.Formatter):
    """Formats the whole record, traceback included, and cleans the outcome. Times are UTC."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__(
            "%(asctime)s.%(msecs)03dZ %(levelname)s %(process)d %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S"
        )
        self.converter = time.gmtime
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        return self._redactor.clean(super().format(record))


class _LogFile(logging.FileHandler):
    """A rotating file for its owner's eyes. A full disk or a file held by another process never disturbs.

    The library's own rotating file would load sockets and pickling at every start.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, encoding="utf-8", errors="backslashreplace")

    def _open(self) -> Any:
        return _open_private(self.baseFilename, "a")

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line, into a new file when this one is full."""
        try:
            if self.stream is None:
                self.stream = self._open()
            elif self.stream.tell() >= LOG_BYTES:
                self._turn_over()
        except (OSError, ValueError):
            self.handleError(record)
        if self.stream is not None:
            super().emit(record)

    def _turn_over(self) -> None:
        if self.stream is not None:
            self.stream.close()
            self.stream = None
        try:
            for number in range(OLD_LOGS, 0, -1):
                newer = self.baseFilename if number == 1 else f"{self.baseFilename}.{number - 1}"
                with contextlib.suppress(FileNotFoundError):
                    os.replace(newer, f"{self.baseFilename}.{number}")  # noqa: PTH105 - the names are texts
        finally:
            # Another process may hold the file (Windows): go on in the one there is and turn over later.
            self.stream = self._open()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        """Say nothing: a log that can't be written must not break into what a person reads."""


def clean_file(path: Path, redactor: Redactor) -> logging.Handler:
    """The file that log records go to, each cleaned before a byte of it is written. Raises OSError."""
    handler = _LogFile(path)
    handler.setFormatter(_CleanFormatter(redactor))
    return handler


class Log:
    """The open log. ``problem`` is a sentence when there is no file; then nothing is kept."""

    def __init__(self, handler: logging.Handler, problem: str | None) -> None:
        self.problem = problem
        self._handler = handler
        self._levels = {name: logging.getLogger(name).level for name in ("", "cort_desktop", *_TALKATIVE)}

    @classmethod
    def open(cls, folder: Path, *, level: int, redactor: Redactor) -> Log:
        """Start logging into ``folder``, which must exist. Never raises: one can work without a log."""
        problem = None
        handler: logging.Handler
        try:
            handler = clean_file(folder / LOG_NAME, redactor)
        except OSError as error:
            problem = f"No log is kept: {folder / LOG_NAME} can't be written ({error.strerror})."
            handler = logging.NullHandler()
        log = cls(handler, problem)
        logging.getLogger().addHandler(handler)
        logging.getLogger().setLevel(logging.WARNING)
        logging.getLogger("cort_desktop").setLevel(level)
        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)
        return log

    def close(self) -> None:
        """Stop logging and leave every logger as it was."""
        logging.getLogger().removeHandler(self._handler)
        self._handler.close()
        for name, level in self._levels.items():
            logging.getLogger(name).setLevel(level)


def level_of(word: str | None) -> int:
    """The level a word names; INFO when there is none. Raises UsageError for any other word."""
    if not word:
        return logging.INFO
    if word.lower() not in LEVELS:
        raise UsageError(f"{LEVEL_VARIABLE} is {word!r}; it can be {', '.join(LEVELS)}.")
    return int(getattr(logging, word.upper()))


def last_errors(folder: Path, redactor: Redactor, limit: int = 10) -> list[str]:
    """The newest lines at WARNING or above, oldest first, cleaned once more for keys that came later."""
    found: deque[str] = deque(maxlen=limit)
    for name in (f"{LOG_NAME}.1", LOG_NAME):
        with contextlib.suppress(OSError), (folder / name).open(encoding="utf-8", errors="replace") as lines:
            found.extend(line.rstrip() for line in lines if _WARNING.match(line))
    return [redactor.clean(line)[:500] for line in found]


def write_crash_report(
    folder: Path, error: BaseException, *, redactor: Redactor, now: datetime, facts: Mapping[str, str]
) -> Path:
    """Write down what went wrong in our own code, and where; returns the file to name to the person.

    facts: versions and the like. The question and the command line are left out: they are the person's. Where
    the folder can't be written, the system's folder for temporary files is tried. Raises StorageError then.
    """
    import tempfile
    from traceback import format_exception

    head = "".join(f"{name}: {value}\n" for name, value in facts.items())
    text = redactor.clean(f"CoRT Desktop crash report\n{head}\n{''.join(format_exception(error))}")
    name = f"crash-{now.strftime('%Y%m%dT%H%M%S%f')}-{os.getpid()}.txt"
    problem: OSError | None = None
    for place in (folder, Path(tempfile.gettempdir())):
        try:
            with _open_private(place / name, "x") as file:
                file.write(text)
        except OSError as failure:
            problem = failure
        else:
            _drop_old(place)
            return place / name
    raise StorageError(f"The crash report could not be written to {folder}: {problem}.") from problem


def _drop_old(folder: Path) -> None:
    for path in sorted(folder.glob("crash-*.txt"))[:-OLD_REPORTS]:
        with contextlib.suppress(OSError):
            path.unlink()


def _open_private(path: str | os.PathLike[str], mode: str) -> IO[str]:
    def owner_only(name: str, flags: int) -> int:
        return os.open(name, flags, 0o600)

    return open(path, mode, encoding="utf-8", errors="backslashreplace", opener=owner_only)
