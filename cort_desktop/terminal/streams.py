"""The three standard streams and what is known of them: who reads them, in which encoding, how wide.

The answer goes to standard output: to a pipe exactly as it is, to a terminal made harmless. Everything else
goes to standard error. A reader that went away is no error: writing to it stops, quietly.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TextIO

from cort_desktop.errors import StorageError
from cort_desktop.telling.safe import neutral
from cort_desktop.terminal.safe import neutral_json

if TYPE_CHECKING:
    from rich.console import Console

PROGRAM = "cort-desktop"
MOST_COLUMNS = 110
"""Wider lines are hard to follow from a name to its figures."""
_PIPE_WIDTH = 100
_PIPE_HEIGHT = 40
_MIN_WIDTH = 20
_MIN_HEIGHT = 4
_ICONS = "◆○●✕◐◌★■▾◇–·…⠿█░"


class Streams:
    """Standard input, output and error of one command, and its environment."""

    def __init__(
        self,
        *,
        stdin: TextIO | None,
        stdout: TextIO | None,
        stderr: TextIO | None,
        env: Mapping[str, str],
    ) -> None:
        self.stdin = stdin
        self._stdout = stdout
        self._stderr = stderr
        self.env = env
        self.reader_gone = stdout is None
        self._error_reader_gone = stderr is None
        self.in_is_terminal = _is_terminal(stdin)
        self.out_is_terminal = _is_terminal(stdout)
        self.err_is_terminal = _is_terminal(stderr)

    @classmethod
    def of_process(cls) -> Streams:
        """The streams of this process."""
        return cls(stdin=sys.stdin, stdout=sys.stdout, stderr=sys.stderr, env=os.environ)

    @property
    def is_lively(self) -> bool:
        """Whether standard error can be painted on: a terminal that understands movement, and ours to use."""
        return (
            self.err_is_terminal
            and self.env.get("TERM", "vt100") not in ("dumb", "unknown", "")
            and _understands_movement()
            and _is_in_foreground(self._stderr)
        )

    def now(self) -> datetime:
        """The time in UTC, for what is running right now."""
        return datetime.now(UTC)

    def write_answer(self, text: str) -> None:
        """A model's text on standard output, closed by one newline."""
        self._write(text if text.endswith("\n") else text + "\n", neutral)

    def write_line(self, text: str) -> None:
        """One line of a listing on standard output."""
        self._write(text + "\n", neutral)

    def write_json(self, line: str) -> bool:
        """One JSON object on a line of standard output; False when nobody reads it any more."""
        self._write(line + "\n", lambda text: neutral_json(text[:-1]) + "\n")
        return not self.reader_gone

    def write_bytes(self, data: bytes) -> None:
        """What is no text, on standard output. Raises StorageError when it finds no room."""
        if self._stdout is not None and not self.reader_gone:
            self.reader_gone = not _push_data(self._stdout, data)

    def write_styled(self, lines: list[str]) -> None:
        """Lines that were rendered for ``out_console``: harmless already."""
        self._write("".join(line + "\n" for line in lines), lambda text: text)

    def say(self, text: str) -> None:
        """Lines for a person, on standard error."""
        self._write_error(neutral(text) + "\n")

    def complain(self, sentence: str) -> None:
        """One sentence on what went wrong, on standard error, with the program's name before it."""
        self.say(f"{PROGRAM}: {sentence}")

    def paint(self, text: str) -> None:
        """Text with the program's own control sequences, on standard error."""
        self._write_error(text)

    def error_stream(self) -> TextIO:
        """Standard error itself, for a library that writes there on its own."""
        if self._stderr is None:
            raise StorageError("there is no standard error to write to")
        return self._stderr

    def size(self) -> tuple[int, int]:
        """Columns and rows to write in."""
        size = (_PIPE_WIDTH, _PIPE_HEIGHT)
        for stream, is_terminal in (
            (self._stderr, self.err_is_terminal),
            (self._stdout, self.out_is_terminal),
        ):
            if stream is not None and is_terminal:
                size = _size_of(stream) or size
                break
        columns = self.env.get("COLUMNS", "")
        width = int(columns) if columns.isdecimal() and int(columns) > 0 else size[0]
        return max(_MIN_WIDTH, width), max(_MIN_HEIGHT, size[1])

    def has_icons(self, *, error: bool = True) -> bool:
        """Whether the stream's encoding knows our icons; else plain letters stand for them."""
        stream = self._stderr if error else self._stdout
        encoding = getattr(stream, "encoding", None) or "ascii"
        try:
            _ICONS.encode(encoding)
        except (UnicodeEncodeError, LookupError):
            return False
        return self.env.get("TERM") != "linux"  # the kernel's console has few glyphs

    def console(self, *, error: bool = True) -> Console:
        """A renderer for standard error (or output): its width, its colours, NO_COLOR."""
        from rich.console import Console

        is_terminal = self.err_is_terminal if error else self.out_is_terminal
        is_plain = not is_terminal or self.env.get("TERM") == "dumb"
        width, height = self.size()
        return Console(
            file=self._stderr if error else self._stdout,
            force_terminal=not is_plain,
            color_system=None if is_plain else "standard",
            no_color=bool(self.env.get("NO_COLOR")),
            width=width,
            height=height,
            legacy_windows=False,
        )

    def finish(self) -> None:
        """Flush; a reader that is gone by now must not make the interpreter complain at its exit.

        Raises StorageError when what was written found no room.
        """
        self._write_error("")
        if self._stdout is not None and not self._stdout.closed:
            _push(self._stdout, "")

    def _write(self, text: str, harmless: Callable[[str], str]) -> None:
        if self._stdout is None or self.reader_gone:
            return
        if self.out_is_terminal:
            self.reader_gone = not _push(self._stdout, harmless(text))
        else:
            self.reader_gone = not _push_bytes(self._stdout, text)

    def _write_error(self, text: str) -> None:
        """What finds no room on standard error is lost: there is nowhere left to say so."""
        if self._stderr is None or self._stderr.closed or self._error_reader_gone:
            return
        try:
            self._error_reader_gone = not _push(self._stderr, text)
        except StorageError:
            self._error_reader_gone = True


def _push(stream: TextIO, text: str) -> bool:
    """Write and flush; False when the reader is gone. Characters the encoding lacks become question marks."""
    encoding = stream.encoding or "utf-8"
    try:
        stream.write(text.encode(encoding, "replace").decode(encoding))
        stream.flush()
    except OSError as error:
        return _gone(stream, error)
    return True


def _push_bytes(stream: TextIO, text: str) -> bool:
    """Write UTF-8 whatever the locale says, without translating newlines; False when the reader is gone."""
    return _push_data(stream, text.encode("utf-8", "surrogatepass"))


def _push_data(stream: TextIO, data: bytes) -> bool:
    """Write bytes; False when the reader is gone."""
    try:
        stream.buffer.write(data)
        stream.buffer.flush()
    except OSError as error:
        return _gone(stream, error)
    return True


def _gone(stream: TextIO, error: OSError) -> bool:
    """Point the stream nowhere, so that nothing complains at exit. No broken pipe: a StorageError."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, ValueError):
        pass  # no real file behind it: nothing will complain
    if isinstance(error, BrokenPipeError) or error.errno in (
        errno.EPIPE,
        errno.EINVAL,
        errno.EIO,
        errno.EBADF,
    ):
        return False
    raise StorageError(
        f"the output could not be written: {error.strerror}; make room or write somewhere else"
    ) from error


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def _understands_movement() -> bool:
    """Old consoles of Windows print control sequences instead of obeying them."""
    if os.name != "nt":
        return True
    from rich.console import detect_legacy_windows

    return not detect_legacy_windows()


def _is_in_foreground(stream: TextIO | None) -> bool:
    """A job in the background must not paint over what the person is doing now."""
    if stream is None or not hasattr(os, "tcgetpgrp"):
        return True
    try:
        return os.tcgetpgrp(stream.fileno()) == os.getpgrp()
    except OSError:
        return True  # not the controlling terminal of this session: nobody else paints there


def _size_of(stream: TextIO) -> tuple[int, int] | None:
    try:
        size = os.get_terminal_size(stream.fileno())
    except (OSError, ValueError):
        return None
    return (size.columns, size.lines) if size.columns and size.lines else None
