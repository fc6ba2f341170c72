"""Exit codes of CONTRACT 1, line by line."""

from __future__ import annotations

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.errors import (
    CortError,
    ErrorKind,
    ProviderError,
    RunError,
    SettingsError,
    StorageError,
    UsageError,
)
from cort_desktop.terminal import codes
from tests.fakes.story import Story, n, two_rounds


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("x"), 2),
        (RunError("x"), 2),
        (SettingsError("x"), 3),
        (ProviderError("x", kind="auth"), 3),
        (ProviderError("x", kind="unavailable"), 4),
        (ProviderError("x", kind="not_found"), 4),
        (StorageError("x"), 6),
    ],
)
def test_of_an_error(error: CortError, code: int) -> None:
    assert codes.of_error(error) == code


def failed(*kinds: ErrorKind) -> Story:
    story = Story()
    for index, kind in enumerate(kinds, 1):
        story.start(f"R1.A{index}").fail(f"R1.A{index}", "it failed", kind=kind)
    return story.end("all_failed", "Every call failed.", answer=None, status="failed")


def capped(*, kind: ErrorKind | None = None, answer: bool = False) -> Story:
    story = Story()
    if kind is not None:
        story.start("R1.A1").fail("R1.A1", "no", kind=kind)
    if answer:
        story.start("D").finish("D", "text")
    story.add(ev.LimitReached(which="calls", value=1, cap=1))
    return story.end(
        "calls",
        "The run met its cap.",
        answer="D" if answer else None,
        status="stopped" if answer else "failed",
    )


def stopped_by_person(*, answer: bool) -> Story:
    story = Story()
    if answer:
        story.start("D").finish("D", "text")
    story.add(ev.UserEvent(verb="stopped"))
    return story.end(
        "stopped", "You stopped.", answer="D" if answer else None, status="stopped" if answer else "failed"
    )


@pytest.mark.parametrize(
    ("story", "code"),
    [
        (two_rounds(), 0),  # degraded is an answer
        (Story().start("D").finish("D", "x").end("one", "One.", answer="D"), 0),
        (failed("auth", "auth"), 3),
        (failed("auth", "unavailable"), 4),
        (failed("no_credit"), 4),
        (failed("not_found"), 4),
        (failed("unavailable"), 4),
        (failed("over_budget"), 5),
        (failed(), 4),
        (capped(), 5),
        (capped(kind="unavailable"), 4),
        (capped(answer=True), 0),
        (stopped_by_person(answer=True), 130),
        (stopped_by_person(answer=False), 130),
        (Story().start("D"), 130),  # it never ended
    ],
)
def test_of_a_run(story: Story, code: int) -> None:
    assert codes.of_run(story.state()) == code


def test_a_refused_key_beside_an_answer_is_an_answer() -> None:
    story = Story().start("D").finish("D", "x").start("R1.A1").fail("R1.A1", "no", kind="auth")
    story.add(ev.RoundFinished(round=1, winner=n("D"), missing=(n("R1.A1"),)))
    assert codes.of_run(story.end("rounds", "Done.", answer="D", status="degraded").state()) == 0
