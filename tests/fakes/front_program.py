"""The terminal front end as a program, over an app that plays a story: for tests in a real terminal.

``python -m tests.fakes.front_program PACE WORDS…``; with ``--seed`` a run does not hear a stop.
"""

from __future__ import annotations

import sys

from cort_desktop.domain import events as ev
from cort_desktop.terminal.arguments import parse
from cort_desktop.terminal.main import main
from tests.fakes.front_app import FakeApp, FakeChat
from tests.fakes.story import Story, n

HOSTILE = "\x1b]0;owned\x07\x1b[2J\x1b[31m\u202e"


def long_story(run: str) -> Story:
    """A draft that streams for a while, then two alternatives and a judge; some of its text is hostile."""
    story = Story(run, question=f"Why?{HOSTILE}").start("D", "draft").wait(0.2)
    for word in range(60):
        story.stream("D", f"word{word} {HOSTILE if word % 10 == 9 else ''}").wait(0.05)
    story.finish("D", f"The draft.{HOSTILE}").start("R1.A1").start("R1.A2", "other_method").wait(0.2)
    for word in range(60):
        story.stream("R1.A1", f"word{word} ").stream("R1.A2", "日本語 ").wait(0.05)
    story.finish("R1.A1", "One.").finish("R1.A2", "Two.").start("R1.J1", role="judge").wait(0.5)
    story.finish("R1.J1", "{}").verdict("R1.J1", [["R1.A1"], ["D"], ["R1.A2"]])
    story.add(ev.RoundFinished(round=1, winner=n("R1.A1"), kept=False, method="borda", agreement=1.0))
    return story.end("rounds", "One round was asked for.", answer="R1.A1")


def run(words: list[str]) -> int:
    """Play stories at the pace that is the first word; the exit code."""
    stories = [long_story(f"0{number}run") for number in range(1, 6)]
    app = FakeApp(chat=FakeChat([*stories], pace=float(words[0]), is_deaf="--seed" in words))
    return main(parse(words[1:], sys.stdin), app.open)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
