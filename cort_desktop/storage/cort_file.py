"""The container of a ``.cort`` file, format 1: conversations as lines of JSON in a ZIP.

    manifest.json          {"format": "cort-desktop conversations", "version": 1, "program": "0.1.0",
                            "conversations": 2, "parts": [{"name", "bytes", "sha256"}, …]}
    records/00001.jsonl    one record a line, as UTF-8; the parts together are one stream, cut every 16 MiB
    records/00002.jsonl    …

A record says what it is in ``kind``. ``conversation`` comes first, what follows it belongs to it until the
next; ids are those of the library it comes from, and hold within one conversation only:

    conversation  title system created updated origin leaf
                  (origin: the title of what it was branched from; leaf: the last turn of the active path)
    turn          id parent question created active chosen pinned    (parents before what hangs on them)
    run           id turn strategy started texts[name]
    event         run seq at type body      (as it is stored, CONTRACT 3; body is the rest of its JSON)
    partial       run node text reasoning   (what had arrived of a call that was cut short)
    summary       turn path turns version text tokens model problem request usage priced seconds made
    text          name text                 (what stands behind a blob, at the end; name is its SHA-256)

A reader ignores kinds and keys it doesn't know, and refuses a higher ``version``. Equal content makes equal
bytes: no time of writing, no name of a machine. There is no key and no setting in it.

What is read is somebody else's: sizes and ratios are bounded before anything is unpacked, no name in the file
is ever used as a path, every part is checked by its hash. What the records mean is ``exports.py`` and
``imports.py``.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self

from cort_desktop.domain.wire import dumps
from cort_desktop.errors import StorageError, UsageError

FORMAT: Final = "cort-desktop conversations"
VERSION: Final = 1
MOST_FILE_BYTES: Final = 200 << 20
MOST_PART_BYTES: Final = 50 << 20
MOST_BYTES: Final = 1 << 30
MOST_PARTS: Final = 10_000
MOST_RATIO: Final = 100
Record = dict[str, Any]
Tell = Callable[[int, int], object]
"""Is told (done, total), each on the thread that works. What it raises ends the work."""

_MANIFEST = "manifest.json"
_PART_BYTES = 16 << 20
_LEVEL = 6
_MOST_DIRECTORY_BYTES = 1 << 20
_MOST_MANIFEST_BYTES = 4 << 20
_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sLQL")
_PLAIN = re.compile(r"[a-z0-9_]{1,64}(/[a-z0-9_]{1,64})?\.jsonl?")
_FIRST_BYTES = b"PK\x03\x04"
_ZIP_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    struct.error,
    ValueError,
    LookupError,
    OverflowError,
)
_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_ENCRYPTED = 0x1
_LINK = 0o120000
_KIND = 0o170000


class HarmedError(ValueError):
    """What a file holds is not what this program writes; says why."""


class CortWriter:
    """Writes records into ``file``, which has to be seekable; for one ``with`` block, in which ``finish``
    makes it whole. Raises OSError as the file does, StorageError when it would become too large to be read
    again.
    """

    def __init__(self, file: IO[bytes], program: str) -> None:
        self._file = file
        self._program = program
        self._zip = zipfile.ZipFile(file, "w", allowZip64=False)
        self._lines: list[bytes] = []
        self._waiting = 0
        self._total = 0
        self._parts: list[Record] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """What was not finished is of no use; the ZIP is let go of while its file can still be written."""
        with contextlib.suppress(OSError):
            self._zip.close()

    def add(self, record: Record) -> None:
        """Add a record."""
        self.add_line(dumps(record))

    def add_line(self, line: str) -> None:
        """Add a record that is JSON already, on one line."""
        data = line.encode() + b"\n"
        self._lines.append(data)
        self._waiting += len(data)
        if self._waiting >= _PART_BYTES:
            self._write_part()

    def finish(self, conversations: int) -> None:
        """Write what is left, and the manifest."""
        if self._lines:
            self._write_part()
        manifest = {
            "format": FORMAT,
            "version": VERSION,
            "program": self._program,
            "conversations": conversations,
            "parts": self._parts,
        }
        self._write(_MANIFEST, dumps(manifest).encode() + b"\n")
        self._zip.close()
        self._check(self._file.tell() <= MOST_FILE_BYTES)

    def _write_part(self) -> None:
        data = b"".join(self._lines)
        self._lines.clear()
        self._waiting = 0
        self._total += len(data)
        name = f"records/{len(self._parts) + 1:05}.jsonl"
        self._parts.append({"name": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()})
        fits = len(data) <= MOST_PART_BYTES and self._total <= MOST_BYTES
        self._check(fits and self._file.tell() <= MOST_FILE_BYTES)
        self._write(name, data)

    def _write(self, name: str, data: bytes) -> None:
        info = zipfile.ZipInfo(name, _EPOCH)
        info.create_system = _UNIX  # on every system the same bytes
        info.external_attr = 0o600 << 16
        info.compress_type = zipfile.ZIP_STORED if _is_like_a_bomb(data) else zipfile.ZIP_DEFLATED
        self._zip.writestr(info, data, compresslevel=_LEVEL)

    def _check(self, fits: bool) -> None:  # noqa: FBT001 - one condition
        if not fits:
            raise StorageError(
                f"A .cort file holds at most {MOST_FILE_BYTES >> 20} MiB, and this would be more. Nothing "
                "was written. Export fewer conversations at once."
            )


def _is_like_a_bomb(data: bytes) -> bool:
    """Whether it would shrink so much that a reader had to take it for an attack: a text of one letter."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    size = len(packer.compress(data)) + len(packer.flush())
    return len(data) > MOST_RATIO // 2 * size


def read_records(path: Path, tell: Tell) -> Iterator[Record]:
    """The records of a ``.cort`` file, in order. Everything of it is looked at before the end is reached.

    Raises UsageError when there is no such file, HarmedError saying what is wrong with it, and OSError.
    """
    _check_outside(path)
    with path.open("rb") as file:
        _check_directory(file, path.stat().st_size)
        try:
            with zipfile.ZipFile(file) as opened:
                yield from _read(opened, tell)
        except HarmedError:
            raise
        except _ZIP_FAULTS as error:  # zipfile lets many kinds through that a damaged file causes
            raise HarmedError("it is damaged") from error


def _check_outside(path: Path) -> None:
    try:
        found = path.stat()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "its name is none"
        raise UsageError(f"{path} can't be read ({why}). Check its name.") from error
    if not stat.S_ISREG(found.st_mode):
        raise UsageError(f"{path} is no file. Name a .cort file.")
    if found.st_size > MOST_FILE_BYTES:
        raise HarmedError(f"it is larger than the {MOST_FILE_BYTES >> 20} MiB that a .cort file may have")


def _check_directory(file: IO[bytes], size: int) -> None:
    """The ZIP's own table, before anything is made of it: there, whole, and small."""
    begins_well = file.read(len(_FIRST_BYTES)) == _FIRST_BYTES
    file.seek(max(0, size - _END.size - _END_64.size))
    tail = file.read()
    file.seek(0)
    end = tail[-_END.size :]
    if len(end) < _END.size or end[:4] != b"PK\x05\x06" or end[-2:] != b"\0\0":
        raise HarmedError("it is cut short or damaged" if begins_well else "it is no .cort file")
    _, _, _, _, entries, directory, _, _ = _END.unpack(end)
    is_large = tail[:4] == b"PK\x06\x07" or directory > _MOST_DIRECTORY_BYTES or entries > MOST_PARTS
    if is_large:
        raise HarmedError("it has more parts than a .cort file may have")


def _read(opened: zipfile.ZipFile, tell: Tell) -> Iterator[Record]:
    found = _entries(opened)
    if _MANIFEST not in found:
        raise HarmedError("it is a ZIP file, but no .cort file: there is no manifest in it")
    if found[_MANIFEST].file_size > _MOST_MANIFEST_BYTES:
        raise HarmedError("its manifest is too large")
    parts = _parts_of(_object(opened.read(found[_MANIFEST]), "the manifest"))
    _check_sizes(found, parts)
    total = sum(found[name].file_size for name, _ in parts)
    done = 0
    for name, digest in parts:
        data = opened.read(found[name])
        if hashlib.sha256(data).hexdigest() != digest:
            raise HarmedError(f"{name} in it was changed: it does not match its SHA-256")
        for number, line in enumerate(data.split(b"\n"), 1):
            if line:
                yield _object(line, f"line {number} of {name}")
        done += len(data)
        tell(done, total)


def _entries(opened: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """All that is in it, by name; nothing that this program would not have written."""
    found: dict[str, zipfile.ZipInfo] = {}
    for info in opened.infolist():
        name = info.orig_filename  # zipfile mends names: what stands in the file counts
        mode = info.external_attr >> 16
        if _PLAIN.fullmatch(name) is None or mode & _KIND == _LINK:
            raise HarmedError(f"a part of it is called {name[:60]!r}, which no part of a .cort file is")
        if name in found:
            raise HarmedError(f"it has two parts called {name}")
        if info.flag_bits & _ENCRYPTED:
            raise HarmedError("it is encrypted")
        found[name] = info
    return found


def _parts_of(manifest: Record) -> list[tuple[str, str]]:
    """(name, SHA-256) of each part. Raises HarmedError, or StorageError for a newer version."""
    if manifest.get("format") != FORMAT:
        raise HarmedError("it is a ZIP file, but no .cort file: its manifest says so")
    version = manifest.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise HarmedError("its manifest does not say which version it is")
    if version > VERSION:
        program = manifest.get("program")
        by = f" ({program[:20]})" if isinstance(program, str) else ""
        raise HarmedError(
            f"it was written by a newer version of CoRT Desktop{by}: its format is {version}, and this "
            f"version reads {VERSION}"
        )
    parts = manifest.get("parts")
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise HarmedError("its manifest does not name its parts")
    found = [(part.get("name"), part.get("sha256")) for part in parts]
    names = [name for name, digest in found if isinstance(name, str) and isinstance(digest, str)]
    if len(set(names)) != len(found):
        raise HarmedError("its manifest does not name its parts")
    return found


def _check_sizes(found: dict[str, zipfile.ZipInfo], parts: list[tuple[str, str]]) -> None:
    total = 0
    for name, _ in parts:
        if name not in found:
            raise HarmedError(f"{name} is missing in it")
        info = found[name]
        total += info.file_size
        if info.file_size > MOST_PART_BYTES or total > MOST_BYTES:
            raise HarmedError("it would unpack to more than a .cort file may hold")
        if info.file_size > MOST_RATIO * max(1, info.compress_size):
            raise HarmedError(f"{name} in it would unpack to more than {MOST_RATIO} times its size")


def _object(data: bytes, what: str) -> Record:
    try:
        found = json.loads(data.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise HarmedError(f"{what} can't be read") from error
    if not isinstance(found, dict):
        raise HarmedError(f"{what} can't be read")
    return found


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no number")
