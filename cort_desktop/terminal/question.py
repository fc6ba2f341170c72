"""Where a question comes from: the command line or standard input. What is no text is turned away here.

Files that go with a question are read by the services.
"""

from __future__ import annotations

import codecs
import contextlib
import locale
import os
import stat
import sys
from typing import TextIO

from cort_desktop.errors import UsageError
from cort_desktop.startup import is_input

MOST_CHARACTERS = 8_000_000
_STRANGE_SHARE = 0.1
_KEPT_CONTROLS = frozenset("\t\n\r\f\x1b")


def find_question(given: str | None, stdin: TextIO | None) -> str:
    """The question, as text. Raises UsageError when there is none, or when it is no text."""
    if given is not None and given != "-":
        return as_question(given)
    if given is None and not is_input(stdin):
        raise UsageError(
            'There is no question: say `cort-desktop ask "…"`, pipe one in, or try `cort-desktop chat`.'
        )
    if stdin is None:
        raise UsageError("There is no standard input to read a question from.")
    return as_question(decode(_read_all(stdin), locale.getencoding()))


def has_unread(stdin: TextIO | None) -> bool:
    """Whether a file or a pipe on standard input holds something right now. Nothing is read or waited for."""
    if stdin is None or not is_input(stdin):
        return False
    try:
        descriptor = stdin.fileno()
        found = os.fstat(descriptor)
        if stat.S_ISREG(found.st_mode):
            return found.st_size > os.lseek(descriptor, 0, os.SEEK_CUR)
        return _waiting(descriptor) > 0
    except (OSError, ValueError):
        return False


def _waiting(descriptor: int) -> int:
    """How many bytes of a pipe can be read without waiting; 0 where the system doesn't tell."""
    if sys.platform == "win32":
        return 0
    import fcntl
    import termios

    return int.from_bytes(fcntl.ioctl(descriptor, termios.FIONREAD, bytes(4)), sys.byteorder)


def as_question(text: str) -> str:
    """``text`` with plain newlines and no blanks around it. Raises UsageError when it is empty or binary."""
    if len(text) > MOST_CHARACTERS:
        raise UsageError(
            f"The question is longer than {MOST_CHARACTERS:,} characters; ask about a part of it."
        )
    question = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not question:
        raise UsageError("The question is empty; say what you want to know.")
    if "\0" in question:
        place = question.index("\0") + 1
        raise UsageError(f"The question looks like binary data (a NUL at character {place}); give text.")
    strange = sum(1 for character in question if _is_strange(character))
    if strange > max(1, len(question) * _STRANGE_SHARE):
        raise UsageError(
            f"The question looks like binary data ({strange} of {len(question)} characters are no text); "
            "give text."
        )
    return question


def decode(data: bytes, encoding: str = "utf-8") -> str:
    """Bytes as text: UTF-8; UTF-16 where its mark says so (PowerShell pipes that). What is neither is read as
    ``encoding``, that of the terminal's locale, with replacement.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    with contextlib.suppress(UnicodeDecodeError):
        return data.decode("utf-8-sig")
    return data.decode(encoding, "replace")


def _is_strange(character: str) -> bool:
    return character == "\ufffd" or (character < " " and character not in _KEPT_CONTROLS)


def _read_all(stdin: TextIO) -> bytes:
    """Everything, up to one byte more than may be."""
    return stdin.buffer.read(MOST_CHARACTERS * 4 + 1)
