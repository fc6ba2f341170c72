"""Expected values, JSON against a schema, and how verifiers are declared."""

from __future__ import annotations

import asyncio
import json

import pytest

from cort_desktop.adapters.verifiers.making import made
from cort_desktop.domain.ids import blob_of
from cort_desktop.domain.verifying import Finding, declared
from cort_desktop.errors import UsageError
from tests.fakes.verifying import VALUES

SCHEMA = json.dumps(
    {
        "type": "object",
        "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 0}},
        "required": ["name"],
    }
)


def check(text: str, how: str, file: str = "") -> Finding:
    return asyncio.run(made(declared(how), file, VALUES).check(text))


@pytest.mark.parametrize(
    ("text", "expected", "passed"),
    [
        ("Long thoughts.\nAnswer: 42", "42", True),
        ("So it is 42.", "42.0", True),
        ("\\boxed{1/2}", "0.5", True),
        ("Answer: Paris.", "paris", True),
        ("Paris", "PARIS", True),
        ("Answer: (B) Paris", "b", True),
        ("Answer: 43", "42", False),
        ("", "42", None),
    ],
)
def test_the_final_answer_is_held_against_the_expected_one(
    text: str, expected: str, passed: bool | None
) -> None:
    assert check(text, f"exact:{expected}").passed is passed


@pytest.mark.parametrize(
    ("text", "passed"),
    [
        ('{"name": "Ann", "age": 3}', True),
        ('Here it is:\n```json\n{"name": "Ann"}\n```\nDone.', True),
        ('```\n{"name": 1}\n```\nno:\n```json\n{"name": "Ann"}\n```', True),
        ('Sure:\n{"name": "Ann"} as you wished', True),
        ('{"age": 3}', False),
        ('{"name": "Ann", "age": -1}', False),
        ("no JSON at all", False),
        ('{"name": ', False),
        ("[" * 100_000, False),
        ('"' + "x" * 1_000_001, None),
    ],
)
def test_json_is_held_against_its_schema(text: str, passed: bool | None) -> None:
    assert check(text, "json:person.json", SCHEMA).passed is passed


def test_what_does_not_fit_is_named() -> None:
    assert "$.age" in (check('{"name": "A", "age": -1}', "json:s.json", SCHEMA).detail or "")


@pytest.mark.parametrize("schema", ["{", "[]", '{"type": "no such type"}', ""])
def test_a_file_that_is_no_schema_is_refused_in_words(schema: str) -> None:
    with pytest.raises(UsageError, match=r"schema s\.json is no"):
        check("{}", "json:s.json", schema)


def test_a_schema_is_never_fetched_from_elsewhere() -> None:
    schema = json.dumps({"$ref": "https://example.com/schema.json"})
    found = check("{}", "json:s.json", schema)
    assert found.passed is None
    assert "which it lacks" in (found.detail or "")


def test_a_schema_may_refer_to_itself() -> None:
    schema = json.dumps({"$defs": {"n": {"type": "integer"}}, "items": {"$ref": "#/$defs/n"}})
    assert check("[1, 2]", "json:s.json", schema).passed is True
    assert check('[1, "2"]', "json:s.json", schema).passed is False


@pytest.mark.parametrize(
    "text", ["exact:42", "exact:a:b", "arithmetic", "arithmetic:2*(3+4)", "json:s.json", "python:my tests.py"]
)
def test_a_declaration_survives_being_written_down(text: str) -> None:
    assert str(declared(text)) == text
    assert declared(str(declared(text))) == declared(text)


def test_a_frozen_declaration_keeps_its_file_by_name_and_by_text() -> None:
    frozen = declared("python:/some/where/tests.py").frozen(blob_of("text"), "tests.py")
    assert declared(str(frozen)) == frozen
    assert frozen.title == "unit tests tests.py"
    assert frozen.blob == blob_of("text")


@pytest.mark.parametrize(
    "text", ["", "magic:1", "exact", "exact:", "json:", "python:", "exact:" + "x" * 3000]
)
def test_a_declaration_that_makes_no_sense_is_refused_in_words(text: str) -> None:
    with pytest.raises(UsageError):
        declared(text)
