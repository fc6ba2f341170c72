"""The JSON schemas replies are held to, where the provider can: built per verdict, ids fixed by position.

A small model under a free-form schema (open ids, open arrays) never gave a readable verdict; with each id
in its place and the ranking chosen from all permutations it always does. Length limits keep a whole verdict
within 160 + 120·n tokens, and the ranking comes before the free sentences, so a verdict cut short can still
be read. Reading replies is ``replies.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Any

from cort_desktop.domain.calls import ReplySchema
from cort_desktop.domain.search import Criterion

NOTES_CHARACTERS = 120
FLAW_CHARACTERS = 80
SENTENCE_CHARACTERS = 200
LARGEST_SCORE = 10
PERMUTED = 4
"""Up to so many candidates the ranking is one of all permutations: 24; the next step would be 120."""


def verdict_schema(ids: Sequence[str], criteria: Sequence[Criterion]) -> ReplySchema:
    """A judge's verdict on the candidates ``ids``, in the order they are shown; without criteria nothing is
    scored, nor called a flaw.
    """
    analysis = {
        "type": "array",
        "prefixItems": [_analysis(label, criteria) for label in ids],
        "minItems": len(ids),
        "maxItems": len(ids),
    }
    return ReplySchema(
        name="verdict",
        schema=_object(
            {
                "analysis": analysis,
                "ranking": _ranking(ids, may_be_empty=False),
                "reason": _text(SENTENCE_CHARACTERS),
                "critique": _text(SENTENCE_CHARACTERS),
            }
        ),
    )


def repair_schema(ids: Sequence[str]) -> ReplySchema:
    """A verdict said again: without scores, which would only be made up, and free to say nothing."""
    return ReplySchema(
        name="verdict",
        schema=_object(
            {
                "ranking": _ranking(ids, may_be_empty=True),
                "reason": _text(SENTENCE_CHARACTERS),
                "critique": _text(SENTENCE_CHARACTERS),
            }
        ),
    )


def rounds_schema(most: int) -> ReplySchema:
    """How many rounds, from 1 to ``most``."""
    rounds = {"type": "integer", "enum": list(range(1, most + 1))}
    return ReplySchema(name="rounds", schema=_object({"rounds": rounds}))


def route_schema(ways: Sequence[str]) -> ReplySchema:
    """One of ``ways``."""
    return ReplySchema(name="route", schema=_object({"way": {"type": "string", "enum": list(ways)}}))


def _analysis(label: str, criteria: Sequence[Criterion]) -> dict[str, Any]:
    # An enum and not a range: older servers take `minimum` and ignore it.
    score = {"type": "integer", "enum": list(range(1, LARGEST_SCORE + 1))}
    return _object(
        {"candidate": {"type": "string", "const": label}, "notes": _text(NOTES_CHARACTERS)}
        | {criterion.id: score for criterion in criteria}
        | ({"fatal_flaw": {"anyOf": [{"type": "null"}, _text(FLAW_CHARACTERS)]}} if criteria else {})
    )


def _ranking(ids: Sequence[str], *, may_be_empty: bool) -> dict[str, Any]:
    if len(ids) <= PERMUTED:
        rankings: list[list[list[str]]] = [[[label] for label in order] for order in permutations(ids)]
        return {"type": "array", "enum": [*rankings, []] if may_be_empty else rankings}
    place = {
        "type": "array",
        "items": {"type": "string", "enum": list(ids)},
        "minItems": 1,
        "maxItems": len(ids),
    }
    return {"type": "array", "items": place, "minItems": 0 if may_be_empty else 1, "maxItems": len(ids)}


def _text(most: int) -> dict[str, Any]:
    return {"type": "string", "maxLength": most}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
