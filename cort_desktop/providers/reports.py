"""What a service says about a failure, read into one shape: a sentence, its codes, how long to wait.

Everything that may be shown goes through ``plain``: no control characters, no key, a bounded length.
Not here: which kind of fault that makes (``faults``).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from cort_desktop.domain.key_spellings import spellings

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|.)?", re.DOTALL)
_UNSEEN = re.compile("[\0-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+")
_KEYS = re.compile(r"\b(?:sk-|gsk_|xai-|hf_|AIza)[\w*-]{6,}|\bBearer\s+\S+", re.IGNORECASE)
SHORTEST_KEY = 6
"""Anything shorter is a made-up key of a local server, and would be found inside ordinary words."""
_WORD = re.compile(r"[a-z0-9_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """``words``: the codes and types given, in lower case. ``code``: an HTTP status told inside the body."""

    message: str = ""
    words: frozenset[str] = frozenset()
    code: int | None = None

    def mentions(self, *names: str) -> bool:
        """Whether one of ``names`` is a code, or stands in the message as a whole word."""
        return not {*names}.isdisjoint(self.words | {*_WORD.findall(self.message.lower())})

    def says(self, *phrases: str) -> bool:
        """Whether the message holds one of ``phrases``, in any letter case."""
        message = self.message.lower()
        return any(phrase in message for phrase in phrases)


def read_body(body: bytes) -> Report:
    """The report in the body of an error reply, JSON or not."""
    text = body.decode(errors="replace")
    try:
        return read_report(json.loads(text))
    except (ValueError, RecursionError):
        return Report(message=text)


def read_report(value: Any) -> Report:
    """The report in a JSON value, whatever its shape."""
    outer = value[0] if isinstance(value, list) and value else value
    if isinstance(outer, str):
        return Report(message=outer)
    if not isinstance(outer, dict):
        return Report()
    inner = outer.get("error") or outer.get("errors") or outer
    if isinstance(inner, list) and inner:
        inner = inner[0]
    if isinstance(inner, str):
        inner = {"message": inner}
    if not isinstance(inner, dict):
        return Report()
    facts = [inner, outer]
    if isinstance(inner.get("metadata"), dict):
        facts.append(inner["metadata"])
    return Report(
        message=" · ".join(dict.fromkeys(_sentences(facts))),
        words=frozenset(_words(facts)),
        code=next(_codes(facts), None),
    )


def _sentences(facts: list[dict[str, Any]]) -> Iterator[str]:
    for fact in facts:
        for name in ("message", "detail", "raw", "reasons"):
            told = fact.get(name)
            if isinstance(told, str) and told.strip():
                yield told.strip()
            elif isinstance(told, list | dict) and told:
                yield json.dumps(told, ensure_ascii=False)


def _words(facts: list[dict[str, Any]]) -> Iterator[str]:
    for fact in facts:
        for name in ("code", "type", "status", "reason", "error_type", "param"):
            told = fact.get(name)
            if isinstance(told, str):
                yield told.lower()


def _codes(facts: list[dict[str, Any]]) -> Iterator[int]:
    for fact in facts:
        for name in ("code", "status", "status_code"):
            told = fact.get(name)
            if isinstance(told, str) and re.fullmatch(r"\d{3}", told):
                told = int(told)
            if isinstance(told, int) and 400 <= told <= 599:  # noqa: PLR2004  HTTP's range of errors
                yield told


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """The seconds the service asks us to wait; None when it says nothing, or nonsense."""
    if (millis := _positive(headers.get("retry-after-ms", ""))) is not None:
        return millis / 1000
    told = headers.get("retry-after", "").strip()
    if (seconds := _positive(told)) is not None:
        return seconds
    try:
        wait = (parsedate_to_datetime(told) - now).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return wait if wait > 0 else None


def _positive(told: str) -> float | None:
    try:
        number = float(told)
    except ValueError:
        return None
    return number if math.isfinite(number) and number > 0 else None


def origin_of(url: str, base: str = "") -> str:
    """Scheme, host and port of ``url``: what may be shown of an address."""
    try:
        parts = urlsplit(urljoin(base, url))
    except ValueError:
        return "an address that can't be read"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def plain(text: str, most: int, key: str | None = None) -> str:
    """``text`` on one line, fit to be shown: no control or invisible characters, no key, at most ``most``."""
    # A rough cut first, so that a huge text costs nothing; with room, because cleaning shortens.
    text = text[: 4 * most + len(key or "") * 4]
    if key and len(key) >= SHORTEST_KEY:
        text = re.sub("|".join(spellings(key)), "[key]", text)
    clean = _UNSEEN.sub(" ", _ESCAPES.sub(" ", text[: 4 * most]))
    clean = " ".join(_KEYS.sub("[key]", clean).split())
    return clean if len(clean) <= most else clean[: most - 1] + "…"
