"""What checks answers without a model: how a verifier is declared, what it finds, and the seam it stands
behind.

A declaration is one line. As a person writes it: ``exact:42``, ``json:schema.json``, ``arithmetic``,
``arithmetic:2*(3+4)``, ``python:tests.py``. In a run's spec a file is named by the SHA-256 of its text, which
is stored with the run, so that resume and replay check by the very same: ``python:<sha256>:tests.py``. The
checks themselves are ``adapters/verifiers/``, what they decide is ``engine/verifying.py``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

from cort_desktop.domain.ids import Blob
from cort_desktop.errors import UsageError

VerifierKind = Literal["exact", "json", "arithmetic", "python"]
KINDS: tuple[VerifierKind, ...] = get_args(VerifierKind)
FORMS = "exact:TEXT, json:FILE, arithmetic, arithmetic:EXPRESSION or python:FILE"
LONGEST = 2000
"""Characters of a declaration."""
LONGEST_DETAIL = 2000
"""Characters of what a verifier says of one answer."""
_FROZEN = re.compile(r"([0-9a-f]{64}):(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A verifier as it was declared. ``argument`` is the expected text, the expression or the file's name;
    ``blob`` names the file's text once that is stored.
    """

    kind: VerifierKind
    argument: str = ""
    blob: Blob | None = None

    @property
    def needs_file(self) -> bool:
        """Whether ``argument`` names a file."""
        return self.kind in ("json", "python")

    @property
    def runs_code(self) -> bool:
        """Whether checking executes what people and models wrote: then a person is asked first."""
        return self.kind == "python"

    @property
    def title(self) -> str:
        """What it is called before people: ``unit tests tests.py``."""
        match self.kind:
            case "exact":
                return f"exact match with “{self.argument}”"
            case "json":
                return f"JSON schema {self.argument}"
            case "arithmetic":
                return f"arithmetic, {self.argument}" if self.argument else "arithmetic"
            case "python":
                return f"unit tests {self.argument}"

    def frozen(self, blob: Blob, name: str) -> Declared:
        """The same with its file's text and name."""
        return Declared(kind=self.kind, argument=name, blob=blob)

    def __str__(self) -> str:
        said = f"{self.blob}:{self.argument}" if self.blob is not None else self.argument
        return f"{self.kind}:{said}" if said else self.kind


def declared(text: str) -> Declared:
    """The verifier that ``text`` declares, as a person or a run's spec writes it. Raises UsageError."""
    word, _, argument = text.strip().partition(":")
    kind = next((known for known in KINDS if known == word.strip().casefold()), None)
    argument = argument.strip()
    if kind is None:
        raise UsageError(f"There is no verifier {word.strip()[:40]!r}. Write {FORMS}.")
    if len(text) > LONGEST:
        raise UsageError(f"A verifier is told in at most {LONGEST:,} characters; put long ones into a file.")
    if not argument and kind != "arithmetic":
        raise UsageError(f"The verifier {kind} lacks what it checks against. Write {FORMS}.")
    found = _FROZEN.fullmatch(argument) if kind in ("json", "python") else None
    if found is not None:
        return Declared(kind=kind, argument=found[2], blob=Blob(found[1]))
    return Declared(kind=kind, argument=argument)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a verifier says of one answer. ``passed`` is None where it could not tell; ``detail`` says why."""

    passed: bool | None
    detail: str | None = None


class Verifier(Protocol):
    """Checks answers."""

    @property
    def title(self) -> str:
        """What it is called before people."""
        ...

    async def check(self, answer: str) -> Finding:
        """What is found of one answer. Raises nothing; cancelling ends it, with all that it had started."""
        ...
