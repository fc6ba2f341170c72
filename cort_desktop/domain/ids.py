"""Names of things. An id is an opaque string; a node's name is also what people see (``R2.A3``)."""

from __future__ import annotations

import re
from typing import NewType

RunId = NewType("RunId", str)
TurnId = NewType("TurnId", str)
ConversationId = NewType("ConversationId", str)
NodeName = NewType("NodeName", str)
ModelRef = NewType("ModelRef", str)
"""``PROVIDER/MODEL``, split at the first slash."""
Blob = NewType("Blob", str)
"""The SHA-256 of a text that is stored once."""

DRAFT = NodeName("D")
FINAL = NodeName("S")
STAND_IN = NodeName("S2")
"""The final text by another model, where the first one brought none."""

_ROUND = re.compile(r"R(\d+)\.")
_FILE_END = re.compile(r"(-00001-of-\d{5})?\.gguf$", re.IGNORECASE)
_NOT_IN_NAMES = re.compile(r"[^a-z0-9._-]+")


def blob_of(text: str) -> Blob:
    """The name under which ``text`` is stored: the hex SHA-256 of its UTF-8 bytes."""
    import hashlib  # loads OpenSSL, which names alone don't need

    return Blob(hashlib.sha256(text.encode()).hexdigest())


def candidate_name(round_: int, index: int) -> NodeName:
    """``R{r}.A{i}``; both count from 1."""
    return NodeName(f"R{round_}.A{index}")


def verdict_name(round_: int, index: int) -> NodeName:
    """``R{r}.J{k}``; head-to-heads and re-judging count on."""
    return NodeName(f"R{round_}.J{index}")


def critique_name(round_: int, index: int) -> NodeName:
    """``R{r}.C{i}``: what was said of an answer before it was mended."""
    return NodeName(f"R{round_}.C{index}")


def call_name(index: int) -> NodeName:
    """``X{i}``: router, rounds, repair and summary calls."""
    return NodeName(f"X{index}")


def round_of(name: NodeName) -> int:
    """The round a node's name belongs to; 0 for the draft and the calls outside rounds."""
    found = _ROUND.match(name)
    return int(found.group(1)) if found else 0


def provider_of(ref: ModelRef) -> str:
    """The provider part of a model reference."""
    return ref.split("/", 1)[0]


def model_of(ref: ModelRef) -> str:
    """The model part of a model reference; empty when there is none."""
    return ref.partition("/")[2]


def own_model_name(path: str) -> str:
    """The model part for a person's own file: its file's name, in small letters, without its ending."""
    last = re.split(r"[/\\]", path)[-1]
    return _NOT_IN_NAMES.sub("-", _FILE_END.sub("", last).lower()).strip("-.") or "model"
