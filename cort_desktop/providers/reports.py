"""What a service says about a failure, read into one shape: a sentence, its codes, how long to wait.

Everything that may be shown goes through ``plain``: no control characters, no key, a bounded length.
Not here: which kind of fault that makes (``faults``).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
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
_NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:e[+-]?[0-9]+)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was told.

    words: the codes and types given, in lower case. code: an HTTP status told inside the body. places: the
    parts of the request that are named as wrong. headers: those of a service further on, which some pass on
    inside. wait_s: how long to wait, where the body says so.
    """

    message: str = ""
    words: frozenset[str] = frozenset()
    code: int | None = None
    places: frozenset[str] = frozenset()
    headers: Mapping[str, str] = field(default_factory=dict)
    wait_s: float | None = None

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
    metadata = inner["metadata"] if isinstance(inner.get("metadata"), dict) else {}
    facts = [inner, outer, metadata, *_details(inner)]
    return Report(
        message=" · ".join(dict.fromkeys(_sentences(facts))),
        words=frozenset(_words(facts)),
        code=next(_codes(facts), None),
        places=frozenset(_places([outer, inner])),
        headers=_headers(metadata.get("headers")),
        wait_s=next(_waits(facts), None),
    )


def _details(error: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Google's further facts: why, for how long, which quota (cloud.google.com/apis/design/errors)."""
    details = error.get("details")
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, dict):
            yield {name: detail.get(name) for name in ("reason", "retryDelay")}
            violations = detail.get("violations")
            for one in violations if isinstance(violations, list) else ():
                if isinstance(one, dict):
                    yield {"reason": one.get("quotaId")}


def _sentences(facts: list[dict[str, Any]]) -> Iterator[str]:
    for fact in facts:
        for name in ("message", "detail", "raw", "reasons"):
            told = fact.get(name)
            if isinstance(told, str) and told.strip():
                yield told.strip()
            elif isinstance(told, list) and told and all(isinstance(one, str) for one in told):
                yield ", ".join(told)
            elif isinstance(told, list | dict) and told:
                yield json.dumps(told, ensure_ascii=False)


def _words(facts: list[dict[str, Any]]) -> Iterator[str]:
    for fact in facts:
        for name in ("code", "type", "status", "reason", "error_type", "param", "limit_source"):
            told = fact.get(name)
            if isinstance(told, str):
                yield told.lower()
        if fact.get("flagged_input") or fact.get("reasons"):
            yield "moderation"


def _places(facts: list[dict[str, Any]], depth: int = 3) -> Iterator[str]:
    """``param`` as OpenAI tells it; ``loc`` as servers that check with pydantic do, wherever it stands."""
    for fact in facts:
        if isinstance(fact.get("param"), str):
            yield fact["param"]
        path = fact.get("loc")
        if isinstance(path, list):
            yield ".".join(str(part) for part in path if part != "body")
        for name in ("detail", "message") if depth else ():
            inner = fact.get(name)
            inner = [inner] if isinstance(inner, dict) else inner
            if isinstance(inner, list):
                yield from _places([one for one in inner if isinstance(one, dict)], depth - 1)


def _headers(told: Any) -> dict[str, str]:
    if not isinstance(told, dict):
        return {}
    return {str(name).lower(): str(value) for name, value in told.items() if isinstance(value, str | int)}


def _waits(facts: list[dict[str, Any]]) -> Iterator[float]:
    for fact in facts:
        told = fact.get("retryDelay")
        if isinstance(told, str) and (wait := _positive(told.removesuffix("s"))) is not None:
            yield wait


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
    """A plain number above nothing; float() alone would also read "1_0" and the digits of any script."""
    if _NUMBER.fullmatch(told.strip()) is None:
        return None
    number = float(told)
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
