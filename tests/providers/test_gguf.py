"""Headers of GGUF files: what they tell, and what is refused before anything is started."""

from __future__ import annotations

import struct
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cort_desktop.providers.gguf import GgufError, GgufFacts, read_gguf
from tests.fakes.builtin import NAME, real_files
from tests.fakes.gguf import FACTS, gguf, put

WHOLE = gguf()


def facts_of(tmp_path: Path, content: bytes) -> GgufFacts:
    return read_gguf(put(tmp_path / "x.gguf", content))


def problem(tmp_path: Path, content: bytes) -> str:
    with pytest.raises(GgufError) as refused:
        facts_of(tmp_path, content)
    return str(refused.value)


def test_what_a_header_tells(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, WHOLE)
    assert facts == GgufFacts(
        architecture="llama",
        title="Tiny",
        bytes=len(WHOLE),
        context_tokens=4096,
        cache_bytes=2 * 2 * (16 + 16) * 2,  # layers, heads that are kept, width of key and value, bytes
        has_template=True,
    )
    assert facts.memory_bytes(1000, 5_000_000) == 5_000_000 + 256_000 + 300 * 1024 * 1024
    assert facts_of(tmp_path, gguf(version=2)).architecture == "llama"


def test_the_model_that_ships(tmp_path: Path) -> None:
    facts = read_gguf(real_files(tmp_path).find(NAME))
    assert (facts.architecture, facts.context_tokens, facts.has_template) == ("llama", 8192, True)
    assert facts.cache_bytes == 30 * 3 * (64 + 64) * 2


@pytest.mark.parametrize(
    ("changes", "cache_bytes"),
    [
        ({"llama.attention.head_count_kv": None}, 2 * 4 * 32 * 2),
        ({"llama.attention.head_count_kv": [1, 2]}, 3 * 32 * 2),
        ({"llama.attention.key_length": 8, "llama.attention.value_length": 24}, 2 * 2 * 32 * 2),
        ({"llama.attention.kv_lora_rank": 10, "llama.rope.dimension_count": 2}, 2 * 12 * 2),
        ({"llama.attention.sliding_window": 512}, 2 * 2 * 32 * 2 // 4),
        ({"llama.attention.head_count": None, "llama.attention.head_count_kv": None}, 0),
    ],
)
def test_memory_of_attention(tmp_path: Path, changes: dict[str, Any], cache_bytes: int) -> None:
    assert facts_of(tmp_path, gguf(**changes)).cache_bytes == cache_bytes


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "has 0 bytes"),
        (b"<!DOCTYPE html><html><body>Not found</body></html>", "is a web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "only a pointer"),
        (b"lmgg" + b"\0" * 40, "older format"),
        (b"PK\x03\x04" + b"\0" * 40, "zip or PyTorch"),
        (struct.pack("<Q", 30) + b'{"__metadata__": {}}' + b"\0" * 40, "safetensors"),
        (b"FUGG" + b"\0" * 40, "big-endian"),
        (b"GGUF" + struct.pack(">I", 3) + b"\0" * 40, "big-endian"),
        (b"anything else that is long enough", "is no GGUF file"),
        (gguf(version=1), "GGUF version 1"),
        (gguf(version=9), "GGUF version 9"),
        (gguf({}), "does not say which kind"),
        (gguf(tensors=0), "vocabulary alone"),
        (gguf({**FACTS, "general.type": "adapter"}), "addition to one (adapter)"),
        (gguf({**FACTS, "general.architecture": "nomic-bert"}), "no model that writes answers"),
        (gguf({**FACTS, "general.architecture": "clip"}), "no model that writes answers"),
        (gguf({**FACTS, "llama.pooling_type": 1}), "no model that writes answers"),
        (b"GGUF" + struct.pack("<IQQ", 3, 2**60, 1), "tensors, which makes no sense"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1, 2**60), "entries, which makes no sense"),
        (b"GGUF" + struct.pack("<IQQQ", 3, 1, 1, 2**60), "makes no sense"),
        (b"GGUF" + struct.pack("<IQQQ1sI", 3, 1, 1, 1, b"a", 99), "kind 99"),
        (b"GGUF" + struct.pack("<IQQQ1sIIQ", 3, 1, 1, 1, b"a", 9, 8, 2**60), "makes no sense"),
        (b"GGUF" + struct.pack("<IQQQ1sIIQ", 3, 1, 1, 1, b"a", 9, 9, 5), "makes no sense"),
    ],
)
def test_what_is_no_model_is_said_in_plain_words(tmp_path: Path, content: bytes, words: str) -> None:
    assert words in problem(tmp_path, content)


def test_a_file_cut_anywhere_is_refused(tmp_path: Path) -> None:
    places = [*range(24, len(WHOLE), 997), len(WHOLE) - 200, len(WHOLE) - 1]
    for place in places:
        assert "is cut" in problem(tmp_path, WHOLE[:place])


@given(place=st.integers(24, len(WHOLE) - 1), byte=st.integers(0, 255))
def test_a_changed_byte_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, place: int, byte: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "changed.gguf"
    path.write_bytes(WHOLE[:place] + bytes([byte]) + WHOLE[place + 1 :])
    with suppress(GgufError):  # anything else would be a bug
        read_gguf(path)
