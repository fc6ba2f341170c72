"""A kept answer as a row of the cache's file, and back: strict JSON, nothing that could run.

A row has the answer as its value, and where it comes from as its tag, so that a list can be made without
reading the answers. What doesn't read back exactly is refused: the file is for this program alone, so
somebody else wrote it, or the disk did. What it says is not repeated: it may be any part of an answer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from cort_desktop.domain.budget import Usage
from cort_desktop.domain.ids import ConversationId, ModelRef, RunId
from cort_desktop.domain.kept_replies import Filing, KeptReply
from cort_desktop.storage.safe_disk import RefusedRowError

ROW_VERSION = 1
"""Part of every key on disk: rows of another version are never looked at, and go when room is needed."""
MOST_BYTES = 32 * 1024 * 1024
"""An answer is at most 8 MiB, a character at most 4 bytes; what is larger was not written here."""


def row_key(key: str) -> str:
    """The key a row of this version lies under."""
    return f"{ROW_VERSION}:{key}"


def to_row(key: str, reply: KeptReply) -> tuple[bytes, str]:
    """(value, tag)."""
    usage = reply.usage
    value = {
        "key": key,
        "text": reply.text,
        "reasoning": reply.reasoning,
        "seconds": reply.seconds,
        "usage": None if usage is None else asdict(usage),
    }
    filing = reply.filing
    tag = {
        "model": filing.model,
        "stage": filing.stage,
        "conversation": filing.conversation,
        "run": filing.run,
        "question": filing.question,
        "made": reply.made.timestamp(),
        "cost_microusd": reply.cost_microusd,
    }
    return _dumped(value).encode(), _dumped(tag)


def from_row(key: str, value: bytes, tag: Any) -> KeptReply:
    """The answer of a row. Raises RefusedRowError."""
    filing, made, cost_microusd = from_tag(tag)
    fields = _table(value)
    try:
        if fields["key"] != key:
            raise RefusedRowError("a row lies under the key of another one")
        return KeptReply(
            text=_text(fields["text"]),
            reasoning=_text(fields["reasoning"]),
            filing=filing,
            made=made,
            usage=_usage(fields["usage"]),
            cost_microusd=cost_microusd,
            seconds=_number(fields["seconds"]),
        )
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise RefusedRowError(f"a row does not read back ({type(error).__name__})") from error


def from_tag(tag: Any) -> tuple[Filing, datetime, int | None]:
    """(where an answer comes from, when it was made, what it cost). Raises RefusedRowError."""
    fields = _table(tag)
    try:
        filing = Filing(
            model=ModelRef(_text(fields["model"])),
            stage=_text(fields["stage"]),
            conversation=ConversationId(_text(fields["conversation"])),
            run=RunId(_text(fields["run"])),
            question=_text(fields["question"]),
        )
        made = datetime.fromtimestamp(_number(fields["made"]), UTC)
        cost = fields["cost_microusd"]
        return filing, made, None if cost is None else _whole(cost)
    except (KeyError, TypeError, ValueError, OverflowError, OSError) as error:
        raise RefusedRowError(f"a row's tag does not read back ({type(error).__name__})") from error


def _dumped(fields: Mapping[str, Any]) -> str:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _table(text: Any) -> dict[str, Any]:
    if not isinstance(text, str | bytes) or len(text) > MOST_BYTES:
        raise RefusedRowError("a row is no text, or far too long")
    try:
        fields = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise RefusedRowError(f"a row is no JSON ({type(error).__name__})") from error
    if not isinstance(fields, dict):
        raise RefusedRowError("a row is no table")
    return fields


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    value.encode()  # half a surrogate pair is no text either
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e12:  # noqa: PLR2004
        raise TypeError("no number of seconds")
    return float(value)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**53:
        raise TypeError("no count")
    return value


def _usage(value: Any) -> Usage | None:
    return None if value is None else Usage(**{name: _whole(count) for name, count in value.items()})
