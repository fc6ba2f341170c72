"""What a GGUF file says of itself, read from its header: which model, how much context, how much memory.

Reads little and trusts nothing: every count is held to a limit, and a file that is shorter than its own list
of tensors is a cut one. Sources: the format's description in ggml's docs/gguf.md, the block sizes of
gguf-py's constants.py. Not here: where files are (``own_models``), and loading one (``builtin``).
"""

from __future__ import annotations

import mmap
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_MOST_HEADER = 512 * 1024 * 1024
_MOST_ENTRIES = 1_000_000
_LONGEST_TEXT = 16 * 1024 * 1024
_MOST_ITEMS = 16_000_000
_KEPT_ITEMS = 4096
_DIMENSIONS = 8
_ALIGNMENT = 32
_SHORTEST = 24
_OVERHEAD_BYTES = 300 * 1024 * 1024
_CACHE_ITEM_BYTES = 2
"""The cache of attention holds 16-bit numbers."""

_STRING, _ARRAY = 8, 9
_SCALARS: Mapping[int, str] = {
    0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d",
}  # fmt: skip
_BLOCKS: Mapping[int, tuple[int, int]] = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 40),
    10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292),
    16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82),
    23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2),
    34: (256, 54), 35: (256, 66), 39: (32, 17),
}  # fmt: skip
"""ggml's types of numbers: how many make a block, and its bytes. A newer type counts as nothing."""

_FOREIGN: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"\s*<(!doctype|html|\?xml)", re.IGNORECASE), "is a web page; the download went wrong"),
    (re.compile(rb"version https://git-lfs"), "is only a pointer to the file; fetch it with git-lfs"),
    (re.compile(rb"(lmgg|fmgg|tjgg|algg)"), "is of an older format (GGML); look for its GGUF version"),
    (re.compile(rb"PK\x03\x04"), "is a zip or PyTorch file; look for the model's GGUF version"),
    (re.compile(rb".{8}\{\"", re.DOTALL), "is a safetensors file; look for the model's GGUF version"),
    (re.compile(rb"FUGG"), "was made for big-endian computers"),
)
_ENCODERS = re.compile(r"(.*-)?bert(-.*)?|clip|t5encoder|wavtokenizer-dec")


class GgufError(Exception):
    """Half a sentence that follows the file's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GgufFacts:
    """One file. None is what it doesn't say.

    context_tokens: what the model was trained for. cache_bytes: of attention, per token of context.
    parts: of how many files the model consists; part: which one this is, from 0.
    """

    architecture: str
    title: str
    bytes: int
    context_tokens: int | None = None
    cache_bytes: int = 0
    has_template: bool = False
    parts: int = 1
    part: int = 0

    def memory_bytes(self, context: int, weights: int) -> int:
        """About how much memory it takes with so many tokens of context; ``weights`` of all its parts."""
        return weights + self.cache_bytes * context + _OVERHEAD_BYTES


def read_gguf(path: Path) -> GgufFacts:
    """The facts of a file. Raises GgufError with what is wrong with it; OSError. Blocks, at most a second."""
    size = path.stat().st_size
    if size < _SHORTEST:
        raise GgufError(f"has {size} bytes, so it is no model")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        reader = _Reader(content)
        try:
            return _facts(reader, size)
        except struct.error as error:
            raise GgufError("is cut: it ends in the middle of its header; fetch it again") from error


def _facts(reader: _Reader, size: int) -> GgufFacts:
    start = reader.raw(_SHORTEST)
    if not start.startswith(_MAGIC):
        raise GgufError(_what_else(start))
    reader.at = len(_MAGIC)
    version = reader.number("I")
    if version not in _VERSIONS:
        raise GgufError(
            f"is of GGUF version {version}, which can't be read (2 and 3 can)"
            if version < 1000  # noqa: PLR2004  a swapped byte order gives huge numbers
            else "was made for big-endian computers"
        )
    tensors, entries = reader.count("Q", "tensors"), reader.count("Q", "entries")
    told = {reader.text(): reader.value() for _ in range(entries)}
    end = _end_of(reader, tensors, told)
    if size < end:
        raise GgufError(f"is cut: it has {size:,} bytes and should have at least {end:,}; fetch it again")
    return _read_facts(told, tensors, size)


def _read_facts(told: Mapping[str, Any], tensors: int, size: int) -> GgufFacts:
    architecture = told.get("general.architecture")
    if not isinstance(architecture, str) or not architecture:
        raise GgufError("does not say which kind of model it is")
    kind = told.get("general.type", "model")
    if kind != "model":
        raise GgufError(f"is no whole model but an addition to one ({kind})")
    about = _About(told, architecture)
    if _ENCODERS.fullmatch(architecture) or about.whole("pooling_type"):
        raise GgufError(f"is no model that writes answers ({architecture}, for embeddings or pictures)")
    if not tensors:
        raise GgufError("holds a vocabulary alone and no model")
    title = told.get("general.name")
    template = told.get("tokenizer.chat_template")
    return GgufFacts(
        architecture=architecture,
        title=title if isinstance(title, str) and title.isprintable() else "",
        bytes=size,
        context_tokens=about.whole("context_length") or None,
        cache_bytes=about.cache_bytes(),
        has_template=isinstance(template, str) and bool(template),
        parts=max(1, _whole(told.get("split.count"))),
        part=_whole(told.get("split.no")),
    )


class _About:
    """The entries of one architecture."""

    def __init__(self, told: Mapping[str, Any], architecture: str) -> None:
        self._told = told
        self._prefix = f"{architecture}."

    def whole(self, name: str) -> int:
        """A number; 0 when it is not told."""
        return _whole(self._told.get(self._prefix + name))

    def cache_bytes(self) -> int:
        """What a token of context takes in memory, rather too little than too much; 0 if it can't be told."""
        layers, heads = self.whole("block_count"), self.whole("attention.head_count")
        if latent := self.whole("attention.kv_lora_rank"):
            return layers * (latent + self.whole("rope.dimension_count")) * _CACHE_ITEM_BYTES
        plain = self.whole("embedding_length") // heads if heads else 0
        width = (self.whole("attention.key_length") or plain) + (
            self.whole("attention.value_length") or plain
        )
        told = self._told.get(self._prefix + "attention.head_count_kv")
        heads_in_all = sum(map(_whole, told)) if isinstance(told, list) else (_whole(told) or heads) * layers
        if self.whole("attention.sliding_window"):
            heads_in_all //= 4  # most layers look back only a little
        return heads_in_all * width * _CACHE_ITEM_BYTES


def _end_of(reader: _Reader, tensors: int, told: Mapping[str, Any]) -> int:
    """The bytes that a file with these tensors has at least."""
    last = 0
    for _ in range(tensors):
        reader.text()
        dimensions = reader.number("I")
        if dimensions > _DIMENSIONS:
            raise GgufError("has a header that makes no sense")
        elements = 1
        for _ in range(dimensions):
            elements *= reader.number("Q")
        block, block_bytes = _BLOCKS.get(reader.number("I"), (1, 0))
        last = max(last, reader.number("Q") + elements // block * block_bytes)
    alignment = _whole(told.get("general.alignment")) or _ALIGNMENT
    start = -(-reader.at // alignment) * alignment
    return start + last if tensors else reader.at


class _Reader:
    """Reads one value after the other. Raises struct.error at the end of the file, GgufError for nonsense."""

    def __init__(self, content: mmap.mmap) -> None:
        self._content = content
        self.at = 0

    def raw(self, size: int) -> bytes:
        """The next bytes, fewer at the end of the file."""
        return self._content[self.at : self.at + size]

    def number(self, code: str) -> int:
        """A whole number."""
        (found,) = struct.unpack_from(f"<{code}", self._content, self.at)
        self._step(struct.calcsize(f"<{code}"))
        return int(found)

    def count(self, code: str, of: str) -> int:
        """How many of something follow."""
        found = self.number(code)
        if found > _MOST_ENTRIES:
            raise GgufError(f"says that it has {found:,} {of}, which makes no sense")
        return found

    def text(self) -> str:
        """A text with its length before it."""
        size = self.number("Q")
        if size > _LONGEST_TEXT:
            raise GgufError("has a header that makes no sense")
        found = self.raw(size)
        if len(found) < size:
            raise struct.error("the end of the file")
        self._step(size)
        return found.decode(errors="replace")

    def value(self) -> Any:
        """A value of any kind; of long lists None."""
        return self._value_of(self.number("I"))

    def _value_of(self, kind: int) -> Any:
        if kind == _STRING:
            return self.text()
        if kind == _ARRAY:
            return self._array()
        code = _SCALARS.get(kind)
        if code is None:
            raise GgufError(f"has a value of kind {kind} in its header, which is unknown")
        (found,) = struct.unpack_from(f"<{code}", self._content, self.at)
        self._step(struct.calcsize(f"<{code}"))
        return found

    def _array(self) -> list[Any] | None:
        kind, size = self.number("I"), self.number("Q")
        if size > _MOST_ITEMS or kind == _ARRAY:
            raise GgufError("has a header that makes no sense")
        if kind in _SCALARS and size > _KEPT_ITEMS:
            self._step(size * struct.calcsize(f"<{_SCALARS[kind]}"))
            return None
        if kind == _STRING and size > _KEPT_ITEMS:
            self._skip_texts(size)
            return None
        return [self._value_of(kind) for _ in range(size)]

    def _skip_texts(self, size: int) -> None:
        """Go over a vocabulary, which has hundreds of thousands of words."""
        content, unpack, at = self._content, struct.Struct("<Q").unpack_from, self.at
        for _ in range(size):
            at += 8 + unpack(content, at)[0]
            if at > _MOST_HEADER:
                raise GgufError("has a header that makes no sense")
        self.at = at

    def _step(self, size: int) -> None:
        self.at += size
        if self.at > _MOST_HEADER:
            raise GgufError("has a header that makes no sense")


def _what_else(start: bytes) -> str:
    for sign, words in _FOREIGN:
        if sign.match(start):
            return words
    return "is no GGUF file"


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
