"""Whether an answer holds JSON that fits a schema (jsonschema, the draft the schema names, else 2020-12).

References are resolved within the schema only: nothing is ever fetched. NOTE: a ``pattern`` of the person's
own schema that backtracks without end would hold up the program; Python's regular expressions know no limit.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from typing import Any

from cort_desktop.domain.verifying import Declared, Finding
from cort_desktop.errors import UsageError

LONGEST_ANSWER = 1_000_000
MOST_TRIED = 16
_SHOWN = 300
_FENCE = re.compile(r"^[ \t]*```[^\n`]*\n(.*?)^[ \t]*```", re.DOTALL | re.MULTILINE)
_OPENING = re.compile(r"^[ \t]*([{\[])", re.MULTILINE)
_NOTHING = object()


class JsonSchema:
    """Checks against one schema, given as JSON text. Raises UsageError when that is no schema."""

    def __init__(self, declared: Declared, schema: str) -> None:
        from jsonschema.exceptions import SchemaError
        from jsonschema.validators import Draft202012Validator, validator_for
        from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]  # has no types

        self.title = declared.title
        where = declared.argument
        try:
            data = json.loads(schema)
        except (ValueError, RecursionError) as error:
            raise UsageError(f"The JSON schema {where} is no JSON: {error}") from error
        if not isinstance(data, dict):
            raise UsageError(f"The JSON schema {where} is no schema: it must be an object.")
        kind = validator_for(data, default=Draft202012Validator)
        try:
            kind.check_schema(data)
        except SchemaError as error:
            raise UsageError(f"The JSON schema {where} is no schema: {error.message[:_SHOWN]}") from error
        self._validator = kind(data, registry=REGISTRY)

    async def check(self, answer: str) -> Finding:
        """Passed when the JSON of the answer fits; no JSON fails, too."""
        return await asyncio.to_thread(self._check, answer)

    def _check(self, answer: str) -> Finding:
        from jsonschema.exceptions import best_match
        from referencing.exceptions import Unresolvable

        if len(answer) > LONGEST_ANSWER:
            return Finding(passed=None, detail=f"It is longer than {LONGEST_ANSWER:,} characters.")
        data = _json_in(answer)
        if data is _NOTHING:
            return Finding(passed=False, detail="There is no JSON in it.")
        try:
            error = best_match(self._validator.iter_errors(data))
        except Unresolvable as missing:
            return Finding(
                passed=None, detail=f"The schema refers to {str(missing)[:_SHOWN]}, which it lacks."
            )
        except RecursionError:
            return Finding(passed=None, detail="The JSON is nested too deep to be checked.")
        if error is None:
            return Finding(passed=True, detail="The JSON fits the schema.")
        place = error.json_path if error.json_path != "$" else "The JSON"
        return Finding(passed=False, detail=f"{place[:_SHOWN]}: {error.message[:_SHOWN]}")


def _json_in(text: str) -> Any:
    """The JSON of an answer: the whole of it, else its last fenced block, else what begins at a line."""
    for piece in _pieces(text):
        try:
            return json.loads(piece)
        except (ValueError, RecursionError):
            continue
    decoder = json.JSONDecoder()
    for opening in [*_OPENING.finditer(text)][:MOST_TRIED]:
        try:
            return decoder.raw_decode(text, opening.start(1))[0]
        except (ValueError, RecursionError):
            continue
    return _NOTHING


def _pieces(text: str) -> Iterator[str]:
    yield text.strip().removeprefix("\ufeff")
    yield from [found[1] for found in _FENCE.finditer(text)][-MOST_TRIED:][::-1]
