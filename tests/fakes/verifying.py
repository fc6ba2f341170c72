"""Verifiers for tests: the real ones but for the person's tests, whose cell's protections are made up."""

from __future__ import annotations

from pathlib import Path

from cort_desktop.adapters.verifiers.making import ValueOf, made
from cort_desktop.domain.verifying import Finding
from cort_desktop.engine.extraction import answer_value, canonical
from cort_desktop.services.verifiers import Verifiers
from cort_desktop.storage.agreements import Agreements

VALUES = ValueOf(answer=answer_value, canonical=canonical)


class Says:
    """Passes answers that hold ``word``, fails those that hold ``bad``, and can't tell of others."""

    title = "a test's own check"

    def __init__(self, word: str = "right", bad: str = "wrong") -> None:
        self.word, self.bad = word, bad
        self.seen: list[str] = []

    async def check(self, answer: str) -> Finding:
        self.seen.append(answer)
        passed = True if self.word in answer else False if self.bad in answer else None
        return Finding(passed=passed, detail="looked")


def verifiers(folder: Path) -> Verifiers:
    """The services' part, with agreements kept in ``folder``."""

    async def held_in() -> dict[str, bool]:
        return {"network": True, "writing": True, "memory": True}

    return Verifiers(lambda wanted, text: made(wanted, text, VALUES), Agreements(folder), held_in)
