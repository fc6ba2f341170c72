"""Small GGUF files, well formed unless a test wants them otherwise."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

F32 = 0
FACTS: Mapping[str, Any] = {
    "general.architecture": "llama",
    "general.name": "Tiny",
    "llama.context_length": 4096,
    "llama.block_count": 2,
    "llama.embedding_length": 64,
    "llama.attention.head_count": 4,
    "llama.attention.head_count_kv": 2,
    "tokenizer.chat_template": "{{ messages }}",
    "tokenizer.ggml.tokens": [f"t{number}" for number in range(5000)],
    "tokenizer.ggml.scores": [0.5] * 5000,
}


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _value(value: Any) -> bytes:
    match value:
        case bool():
            return struct.pack("<I?", 7, value)
        case int():
            return struct.pack("<II", 4, value)
        case float():
            return struct.pack("<If", 6, value)
        case str():
            return struct.pack("<I", 8) + _text(value)
        case list():
            items = b"".join(_value(item)[4:] for item in value)
            return struct.pack("<IIQ", 9, struct.unpack("<I", _value(value[0])[:4])[0], len(value)) + items
    raise AssertionError(value)


def gguf(
    facts: Mapping[str, Any] | None = None, *, tensors: int = 2, version: int = 3, **changes: Any
) -> bytes:
    """The bytes of a file; ``changes`` replace facts, and one of None takes a fact out."""
    told = {**(FACTS if facts is None else facts), **changes}
    entries = b"".join(_text(name) + _value(value) for name, value in told.items() if value is not None)
    size = 16 * 4
    infos = b"".join(
        _text(f"blk.{number}.weight") + struct.pack("<IQIQ", 1, 16, F32, number * size)
        for number in range(tensors)
    )
    head = b"GGUF" + struct.pack("<IQQ", version, tensors, len([v for v in told.values() if v is not None]))
    start = head + entries + infos
    return start + b"\0" * (-len(start) % 32) + b"\1" * (size * tensors)


def put(path: Path, content: bytes | None = None) -> Path:
    """Write a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gguf() if content is None else content)
    return path
