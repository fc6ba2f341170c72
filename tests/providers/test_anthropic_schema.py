"""A reply's schema as Anthropic's structured outputs take it: looser, and never tighter."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import jsonschema
import pytest

from cort_desktop.domain.search import Criterion
from cort_desktop.engine.verdict_schema import repair_schema, rounds_schema, verdict_schema
from cort_desktop.providers.anthropic_schema import told_schema

CRITERIA = [Criterion(id="correctness", weight=1.0), Criterion(id="clarity", weight=0.5)]
TAKEN = {
    "type", "properties", "required", "additionalProperties", "items", "minItems", "enum", "anyOf", "allOf",
    "description", "title", "format", "$ref", "$defs",
}  # fmt: skip


def parts(schema: Any) -> list[dict[str, Any]]:
    """Every schema inside ``schema``, itself too."""
    inner = [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()]
    inner += [*schema.get("anyOf", []), *schema.get("allOf", [])]
    inner += [schema["items"]] if "items" in schema else []
    return [schema, *(part for each in inner for part in parts(each))]


def verdict(ids: list[str], ranking: list[list[str]]) -> dict[str, Any]:
    rows = [
        {"candidate": label, "notes": "n", "correctness": 8, "clarity": 7, "fatal_flaw": None}
        for label in ids
    ]
    return {"analysis": rows, "ranking": ranking, "reason": "r", "critique": "c"}


@pytest.mark.parametrize("count", [2, 3, 4, 6])
def test_a_verdict_that_fits_the_schema_fits_what_is_told(count: int) -> None:
    ids = ["kqz", "bcd", "xyz", "fgh", "lmn", "prs"][:count]
    schema = verdict_schema(ids, CRITERIA).schema
    told = told_schema(schema)
    for order in list(permutations(ids))[:20]:
        good = verdict(ids, [[label] for label in order])
        jsonschema.validate(good, schema)
        jsonschema.validate(good, told)
    for bad in (verdict(ids, [["other"]]), verdict(ids, []), {**verdict(ids, [["kqz"]]), "more": 1}, {}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(bad, told)


@pytest.mark.parametrize(
    "schema",
    [
        verdict_schema(["kqz", "bcd", "xyz"], CRITERIA).schema,
        verdict_schema(["a", "b", "c", "d", "e"], CRITERIA).schema,
        repair_schema(["kqz", "bcd"]).schema,
        rounds_schema(5).schema,
    ],
)
def test_only_what_is_taken_there_is_told(schema: dict[str, Any]) -> None:
    for part in parts(told_schema(schema)):
        assert part.keys() <= TAKEN
        assert part.get("minItems", 0) in (0, 1)
        assert part.get("type") != "object" or part["additionalProperties"] is False
        for value in part.get("enum", []):
            assert value is None or isinstance(value, str | int)


def test_what_can_not_be_told_is_said() -> None:
    told = told_schema({"type": "string", "maxLength": 120, "description": "Notes"})
    assert told == {"type": "string", "description": "Notes (maxLength: 120)"}
    assert told_schema({"type": "integer", "minimum": 1, "maximum": 9}) == {
        "type": "integer",
        "description": "minimum: 1, maximum: 9",
    }


def test_values_that_are_lists_become_their_common_shape() -> None:
    told = told_schema({"type": "array", "enum": [[["a"], ["b"]], [["b"], ["a"]], []]})
    assert told == {
        "type": "array",
        "items": {"type": "array", "items": {"enum": ["a", "b"]}, "minItems": 1},
        "minItems": 0,
    }
    assert told_schema({"const": "a", "type": "string"}) == {"enum": ["a"]}


def test_references_and_branches_are_followed() -> None:
    schema = {
        "$defs": {"line": {"type": "string", "minLength": 2}},
        "type": "object",
        "properties": {"a": {"$ref": "#/$defs/line"}, "b": {"anyOf": [{"type": "null"}, {"type": "string"}]}},
        "required": ["a"],
    }
    told = told_schema(schema)
    assert told["$defs"]["line"] == {"type": "string", "description": "minLength: 2"}
    assert told["properties"]["a"] == {"$ref": "#/$defs/line"}
    jsonschema.validate({"a": "xy", "b": None}, told)
