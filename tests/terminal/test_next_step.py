"""What to type next: the terminal's own words, told once, and in no sentence that a window shows too."""

from __future__ import annotations

from pathlib import Path

import pytest

import cort_desktop
from cort_desktop.errors import ErrorKind
from cort_desktop.terminal.next_step import key_step, why_and_what_next
from tests.fakes.story import Story

SAID = "my-server did not accept the key (401). Enter one that is valid there."


def failed(*faults: tuple[str, str, ErrorKind]) -> str:
    story = Story()
    for at, (model, words, kind) in enumerate(faults, 1):
        story.start(f"R1.A{at}", model=model).fail(f"R1.A{at}", words, kind=kind)
    return why_and_what_next(
        story.end("all_failed", "Every call failed.", answer=None, status="failed").state()
    )


@pytest.mark.reliability(5)
def test_row_5_the_command_is_named_once_for_each_provider() -> None:
    """Row 5: a key that is refused: the command that sets it, for the very provider."""
    fault: tuple[str, str, ErrorKind] = ("my-server/big", SAID, "auth")
    assert failed(fault, fault) == f"No answer: {SAID} Run `cort-desktop keys set my-server`."


def test_a_sentence_that_names_its_command_needs_no_other() -> None:
    told = "ollama/x is not installed there: `cort-desktop models install ollama/x` fetches it."
    assert failed(("ollama/x", told, "not_found")) == f"No answer: {told}"


def test_what_no_command_mends_has_none() -> None:
    assert failed(("my-server/big", "It is down.", "unavailable")) == "No answer: It is down."
    assert key_step("a\nb").count("\n") == 0


def test_no_sentence_of_the_window_names_a_command_for_keys() -> None:
    """Errors are shown by both front ends, so their words are of neither."""
    top = Path(cort_desktop.__file__).parent
    shared = [path for path in top.rglob("*.py") if "terminal" not in path.parts]
    assert len(shared) > 100
    for words in ("keys set", "cort-desktop models list"):
        assert not [str(path) for path in shared if words in path.read_text(encoding="utf-8")], words
