"""Files that go along with a question: read as text, refused in plain words when they aren't."""

from __future__ import annotations

import stat
from pathlib import Path

from cort_desktop.errors import UsageError

MOST_BYTES = 10 * 1024 * 1024
_BINARY_SAMPLE = 8192


def read_text_file(path: Path) -> str:
    """The file's text. Raises UsageError when it can't be read, is too large or is no text."""
    try:
        kind = path.stat().st_mode
        if not stat.S_ISREG(kind):
            raise UsageError(f"{path} is no file; only text and code can be attached.")
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror or error}. Check the path.") from error
    if len(data) > MOST_BYTES:
        raise UsageError(
            f"{path} has more than the {MOST_BYTES:,} bytes that an attachment takes. Attach a part of it."
        )
    if b"\0" in data[:_BINARY_SAMPLE]:
        raise UsageError(f"{path} is no text file; only text and code can be attached.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path} is not UTF-8 text (byte {error.start:,}); save it as UTF-8 first."
        ) from error
