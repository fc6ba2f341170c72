"""Verifiers and the audit in the terminal: the question before tests are run, what is said of checks, and how
far the judges can be believed.
"""

from __future__ import annotations

import io
from typing import Any

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import Blob
from cort_desktop.services.verifiers import Consent
from cort_desktop.terminal.arguments import parse
from cort_desktop.terminal.main import main
from tests.fakes.front_app import FakeApp, FakeChat
from tests.fakes.story import Story, n, two_rounds
from tests.fakes.terminal import CapturedStreams

WANTED = Consent(
    digest=Blob("0" * 64),
    name="tests.py",
    has_changed=False,
    text="def test_it():\n    assert \x1b[31m True\n" + "# more\n" * 100,
    within=("no network", "an empty environment"),
    without=("their memory is not limited",),
)


class Typed(io.TextIOWrapper):
    """What a person types at a terminal."""

    def __init__(self, words: str, *, is_terminal: bool = True) -> None:
        super().__init__(io.BytesIO(words.encode()), encoding="utf-8")
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


def asked(
    typed: Typed, *, terminal: bool = True, command: str = "ask", **more: Any
) -> tuple[int, str, FakeChat]:
    chat = FakeChat([checked()], **more)
    chat.consents.wanted = WANTED
    streams = CapturedStreams(stdin=typed, terminal=terminal, env={"TERM": "dumb"})
    code = main(parse([command, "Why?"], typed), FakeApp(chat=chat).open, streams)
    return code, streams.err, chat


def checked() -> Story:
    story = Story(strategy="best_of_n", question="Why?")
    for name, text in (("R1.A1", "wrong"), ("R1.A2", "right")):
        story.start(name, "sample").wait(1).finish(name, text)
    for name, passed in (("R1.A1", False), ("R1.A2", True)):
        story.add(
            ev.Check(node=n(name), verifier="unit tests tests.py", passed=passed, detail="1 of 2 tests")
        )
    story.add(ev.RoundFinished(round=1, winner=n("R1.A2"), method="verifier"))
    return story.end("panel", "R1.A2 passed the check.", answer="R1.A2")


def test_a_person_sees_the_tests_and_what_holds_them_in_and_says_yes() -> None:
    code, err, chat = asked(Typed("yes\n"))
    assert code == 0
    assert chat.consents.agreed == [WANTED]
    assert "tests.py was never run here" in err
    assert "def test_it():" in err
    assert "\x1b[31m" not in err
    assert "and 42 more lines" in err
    assert "What holds them in: no network; an empty environment." in err
    assert "What does NOT hold here: their memory is not limited." in err


@pytest.mark.parametrize("said", ["no\n", "\n", "", "yess\n"])
def test_anything_but_yes_asks_nothing(said: str) -> None:
    code, err, chat = asked(Typed(said))
    assert code == 2
    assert (chat.asked, chat.consents.agreed) == ([], [])
    assert "may not be run" in err


def test_where_nobody_sits_nothing_is_asked() -> None:
    _, err, chat = asked(Typed("yes\n", is_terminal=False), terminal=False)
    assert chat.consents.agreed == []
    assert "agree" not in err


def test_plain_lines_and_tree_tell_of_each_check() -> None:
    chat = FakeChat([checked()])
    streams = CapturedStreams()
    main(parse(["ask", "Why?"], None), FakeApp(chat=chat).open, streams)
    assert "R1.A1 failed its check (unit tests tests.py): 1 of 2 tests" in streams.err
    chat.stored["r1"] = checked().events
    shown = CapturedStreams(columns=160)
    main(parse(["replay", "r1"], None), FakeApp(chat=chat).open, shown)
    assert "answered, failed its check" in shown.out
    assert "answer, passed its check" in shown.out


def test_replay_ends_with_how_far_the_judges_can_be_believed() -> None:
    chat = FakeChat([])
    chat.stored["r1"] = two_rounds().events
    streams = CapturedStreams(columns=100)
    assert main(parse(["replay", "r1"], None), FakeApp(chat=chat).open, streams) == 0
    title, *lines = streams.out[streams.out.index("Judging: ") :].splitlines()
    assert "read" in title
    assert "(indicator: fewer than 30 verdicts)" in title
    assert any(line.split()[0] == "agreement" for line in lines)


def test_a_run_without_judges_has_no_such_end() -> None:
    chat = FakeChat([])
    chat.stored["r1"] = checked().events
    streams = CapturedStreams()
    main(parse(["replay", "r1"], None), FakeApp(chat=chat).open, streams)
    assert "Judging" not in streams.out
