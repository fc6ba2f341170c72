"""From the verifier a question names to one that may check: its file is read once and frozen into the run,
and a person is asked before tests are run, each time they change.

What a verifier is called and how it is written down is ``domain/verifying.py``; the checks themselves are the
adapters', what findings decide is the engine's.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cort_desktop.domain.ids import Blob, blob_of
from cort_desktop.domain.texts import clean
from cort_desktop.domain.verifying import Declared, Verifier, declared
from cort_desktop.errors import UsageError
from cort_desktop.services.attachments import read_text_file

CONSENT = "verifier_consent"
"""The setting by which a script agrees to tests beforehand, by the SHA-256 of their text."""
LEAST_DIGITS = 12
MOST_CHARACTERS = 1_000_000


class Kept(Protocol):
    """Where agreements are kept: ``storage/agreements.py``."""

    def holds(self, digest: str) -> bool:
        """Whether exactly this text was agreed to."""
        ...

    def knows(self, name: str) -> bool:
        """Whether some text of that name was agreed to."""
        ...

    def add(self, digest: str, name: str) -> None:
        """Keep an agreement. Raises StorageError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What a person is asked before tests are run: which, whether they have changed since the last time,
    their text, and what holds them in on this machine (``within``) and what doesn't (``without``), in words.
    """

    digest: Blob
    name: str
    has_changed: bool
    text: str
    within: tuple[str, ...]
    without: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """A verifier as a run's spec names it, with the texts behind its blobs and the verifier itself."""

    spec: str
    texts: Mapping[Blob, str]
    verifier: Verifier


Make = Callable[[Declared, str], Verifier]
"""Builds a verifier from its declaration and the text of its file. Raises UsageError."""


class Verifiers:
    """``make`` and ``protections`` are the adapters'; the latter says what of the cell holds here."""

    def __init__(
        self, make: Make, agreements: Kept, protections: Callable[[], Awaitable[Mapping[str, bool]]]
    ) -> None:
        self._make = make
        self._agreements = agreements
        self._protections = protections

    def frozen(self, text: str) -> Frozen:
        """What ``text`` declares, its file read; blocks. Raises UsageError, also without consent."""
        wanted = declared(text)
        if not wanted.needs_file:
            return Frozen(spec=str(wanted), texts={}, verifier=self._make(wanted, ""))
        held = self._read(wanted)
        wanted = wanted.frozen(blob_of(held), _name(wanted))
        return Frozen(spec=str(wanted), texts={blob_of(held): held}, verifier=self._may(wanted, held))

    def of_run(self, spec: str | None, text_of: Callable[[Blob], str]) -> Verifier | None:
        """The verifier of a run that goes on, by the texts stored with it. Raises UsageError or
        StorageError.
        """
        if spec is None:
            return None
        wanted = declared(spec)
        return self._may(wanted, text_of(wanted.blob) if wanted.blob is not None else "")

    def digest(self, text: str) -> tuple[Declared, str] | None:
        """The declaration with its file's text, where a person must agree to it first; None where not.

        Reads a file; blocks. Raises UsageError.
        """
        wanted = declared(text)
        if not wanted.runs_code:
            return None
        held = self._read(wanted)
        frozen = wanted.frozen(blob_of(held), _name(wanted))
        return None if self._agreements.holds(blob_of(held)) else (frozen, held)

    def missing(self, spec: str | None, text_of: Callable[[Blob], str]) -> tuple[Declared, str] | None:
        """The same for a run that goes on."""
        wanted = None if spec is None else declared(spec)
        if wanted is None or not wanted.runs_code or wanted.blob is None:
            return None
        return None if self._agreements.holds(wanted.blob) else (wanted, text_of(wanted.blob))

    async def asked(self, wanted: Declared, text: str) -> Consent:
        """What a person is asked; tries out what holds here."""
        within, without = _in_words(await self._protections())
        return Consent(
            digest=blob_of(text),
            name=wanted.argument,
            has_changed=self._agreements.knows(wanted.argument),
            text=text,
            within=within,
            without=without,
        )

    def agree(self, consent: Consent) -> None:
        """Keep a person's agreement; blocks. Raises StorageError."""
        self._agreements.add(consent.digest, consent.name)

    def agree_beforehand(self, text: str, digest: str) -> None:
        """Take ``digest`` for the agreement to the tests that ``text`` declares. Raises UsageError when it is
        that of other tests.
        """
        asked = self.digest(text)
        if asked is None:
            return
        wanted, held = asked
        if len(digest) < LEAST_DIGITS or not blob_of(held).startswith(digest.casefold()):
            raise UsageError(
                f"The tests in {wanted.argument} have the SHA-256 {blob_of(held)}, not {digest[:64]}: look "
                f"at them, and if they may run, name that one in {CONSENT}."
            )
        self._agreements.add(blob_of(held), wanted.argument)

    def _may(self, wanted: Declared, text: str) -> Verifier:
        if wanted.runs_code and not self._agreements.holds(blob_of(text)):
            raise UsageError(
                f"The tests in {wanted.argument} would be run on this machine, and nobody agreed to that "
                "yet. Ask in a terminal or in the window, where you can look at them and say yes; a script "
                f"names their SHA-256: --set {CONSENT}={blob_of(text)[:16]}"
            )
        return self._make(wanted, text)

    def _read(self, wanted: Declared) -> str:
        text = clean(read_text_file(Path(wanted.argument).expanduser()))
        if len(text) > MOST_CHARACTERS:
            raise UsageError(
                f"{wanted.argument} is longer than the {MOST_CHARACTERS:,} characters a check takes."
            )
        return text


def _name(wanted: Declared) -> str:
    return clean(Path(wanted.argument).name)


_PROTECTIONS = (
    ("network", "no network", "the network is open to them"),
    ("writing", "they write in a folder of their own only", "they can write wherever you can"),
    ("reading", "they read Python and the system's libraries only", "they can read whatever you can"),
    ("disk", "at most 64 MB of disk", "how much disk they fill is not limited"),
    (
        "processor",
        "at most 10 s of processor time",
        "processor time is limited by the 20 s they may take only",
    ),
    ("memory", "at most 512 MB of memory", "their memory is not limited"),
    ("processes", "at most 32 processes", "how many processes they start is not limited"),
)


def _in_words(holds: Mapping[str, bool]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    within = [said for name, said, _ in _PROTECTIONS if holds.get(name)]
    without = [said for name, _, said in _PROTECTIONS if not holds.get(name)]
    always = ["an empty environment", "stopped after 20 s for each answer"]
    return (*within, *always), tuple(without)
