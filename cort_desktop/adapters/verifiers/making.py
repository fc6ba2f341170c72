"""From a declaration to the verifier itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from cort_desktop.adapters.verifiers.arithmetic import Arithmetic
from cort_desktop.adapters.verifiers.exact import Exact
from cort_desktop.adapters.verifiers.json_schema import JsonSchema
from cort_desktop.adapters.verifiers.unit_tests import UnitTests
from cort_desktop.domain.verifying import Declared, Verifier


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueOf:
    """How a final answer is read: ``answer`` takes it out of a text, ``canonical`` is the one form of a value
    that may be written in many. Both are None for nothing.
    """

    answer: Callable[[str], str | None]
    canonical: Callable[[str], str | None]


def made(declared: Declared, text: str, value_of: ValueOf) -> Verifier:
    """The verifier; ``text`` is that of its file, where it has one. Raises UsageError when that is of no
    use.
    """
    match declared.kind:
        case "exact":
            return Exact(declared, value_of.answer, value_of.canonical)
        case "json":
            return JsonSchema(declared, text)
        case "arithmetic":
            return Arithmetic(declared, value_of.answer)
        case "python":
            return UnitTests(declared, text)
        case _:
            assert_never(declared.kind)
