"""Files that go along with a question: read as text with their cost, refused in plain words when they are
none.

Text and code only: what an image or a document says is not read here.
"""

from __future__ import annotations

import asyncio
import codecs
import stat
from dataclasses import dataclass
from pathlib import Path

from cort_desktop.domain.calls import TokenCounter
from cort_desktop.domain.ids import Blob
from cort_desktop.domain.texts import clean
from cort_desktop.errors import UsageError
from cort_desktop.services.file_parts import asked_part, part_name, part_of
from cort_desktop.services.store import OpenStore, Store

MOST_BYTES = 10 * 1024 * 1024
_BINARY_SAMPLE = 8192
_KINDS = {
    b"\x89PNG\r\n\x1a\n": "an image",
    b"\xff\xd8\xff": "an image",
    b"GIF87a": "an image",
    b"GIF89a": "an image",
    b"BM": "an image",
    b"II*\0": "an image",
    b"MM\0*": "an image",
    b"RIFF": "an image, a sound or a film",
    b"%PDF-": "a PDF document",
    b"PK\x03\x04": "an archive or an office document",
    b"\x1f\x8b": "an archive",
}
"""What files that are no text begin with."""
_WIDE = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentInfo:
    """A text that goes along with a question. ``tokens`` is about what it costs in each call that sees it."""

    name: str
    text: str
    tokens: int
    characters: int


class Attachments:
    """Reads what goes along with questions, and what went along with earlier ones."""

    def __init__(self, store: OpenStore, tokens: TokenCounter) -> None:
        self._open_store = store
        self._tokens = tokens

    async def read(self, path: Path) -> AttachmentInfo:
        """A file from the disk, or a part of one (``file_parts``). Raises UsageError when it can't be read,
        is too large or is no text.
        """
        return await asyncio.to_thread(lambda: self._info(*read_named_file(path)))

    async def of_run(self, run: str) -> tuple[AttachmentInfo, ...]:
        """What went along with the question of a run, for asking it again in other words.

        Raises UsageError when there is no such run, StorageError when its texts can't be read.
        """
        return await asyncio.to_thread(lambda: tuple(self._stored(self._open_store(), run)))

    def _stored(self, store: Store, run: str) -> list[AttachmentInfo]:
        row = store.conversations.run(store.conversations.find(run))
        return [
            self._info(file.name, store.log.blob(Blob(file.blob)))
            for file in store.conversations.attachments(row.id)
        ]

    def _info(self, name: str, text: str) -> AttachmentInfo:
        text = clean(text)
        return AttachmentInfo(
            name=clean(name), text=text, tokens=self._tokens.count(text), characters=len(text)
        )


def read_named_file(path: Path) -> tuple[str, str]:
    """(name, text) of a file, or of the part of one that a path like “notes.txt#2/5” names. Raises UsageError
    as ``read_text_file``, or when there is no such part.
    """
    asked = asked_part(path)
    if asked is None:
        return path.name, read_text_file(path)
    file, part, count = asked
    return part_name(file.name, part, count), part_of(read_text_file(file), part, count)


def read_text_file(path: Path) -> str:
    """The file's text. Raises UsageError when it can't be read, is too large or is no text."""
    try:
        kind = path.stat().st_mode
        if not stat.S_ISREG(kind):
            raise UsageError(f"{path} is no file; only text and code can be attached.")
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a name with a NUL in it
        why = (error.strerror if isinstance(error, OSError) else None) or error
        raise UsageError(f"{path} can't be read: {why}. Check the path.") from error
    if len(data) > MOST_BYTES:
        raise UsageError(
            f"{path} has more than the {MOST_BYTES:,} bytes that an attachment takes. Attach a part of it."
        )
    return _decoded(path, data)


def _decoded(path: Path, data: bytes) -> str:
    encoding = next((name for mark, name in _WIDE.items() if data.startswith(mark)), "utf-8-sig")
    if encoding == "utf-8-sig" and b"\0" in data[:_BINARY_SAMPLE]:
        raise _no_text(path, data)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        if _kind(data) is not None:
            raise _no_text(path, data) from error
        raise UsageError(
            f"{path} is not UTF-8 text (byte {error.start:,}); save it as UTF-8 first."
        ) from error


def _no_text(path: Path, data: bytes) -> UsageError:
    kind = _kind(data)
    what = "no text file" if kind is None else f"{kind}, no text file"
    return UsageError(f"{path} is {what}; only text and code can be attached.")


def _kind(data: bytes) -> str | None:
    return next((kind for begin, kind in _KINDS.items() if data.startswith(begin)), None)
