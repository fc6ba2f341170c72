"""What a question was told of its conversation, and pins, in the terminal."""

from __future__ import annotations

from cort_desktop.domain.budget import Usage
from cort_desktop.domain.ids import ModelRef, TurnId
from cort_desktop.domain.summaries import SummaryCall
from tests.fakes.front_app import CONVERSATION, FakeApp, FakeChat, FakeLibrary
from tests.fakes.story import BEGIN, two_rounds
from tests.terminal.test_chat import talk
from tests.terminal.test_commands import run

MADE = SummaryCall(
    conversation=CONVERSATION.id,
    turn=TurnId("t1"),
    path="p",
    turns=14,
    model=ModelRef("my-server/big"),
    made=BEGIN,
    text="They talk of light.",
    version=3,
    usage=Usage(input=900, output=100),
    cost_microusd=2800,
)
LINE = "summary v3 of turns 1–14 · my-server/big · 1.0k tokens · $0.0028"


def app() -> FakeApp:
    return FakeApp(chat=FakeChat([two_rounds()]), library=FakeLibrary(made=[MADE]))


def test_turns_are_pinned_by_their_number_or_the_last_one() -> None:
    front = app()
    code, streams = talk(front, b"/pin\nWhy?\n/pin\n/unpin 1\n/pin 7\n/pin x\n/pin 00000000199\n")
    assert front.library.pins == [(TurnId("t1"), True), (TurnId("t1"), False)]
    assert "There is no turn to pin yet" in streams.err
    assert "turn 1 is pinned: every later question is told of it" in streams.err
    assert "turn 1 is no longer pinned" in streams.err
    assert "There is no turn 7; write a number from 1 to 1." in streams.err
    assert "There is no turn x" in streams.err
    assert "There is no turn 00000000199; write a number from 1 to 1." in streams.err
    assert code == 2


def test_the_summaries_of_a_conversation_are_shown_with_their_price() -> None:
    _, streams = talk(app(), b"/context\nWhy?\n/context\n")
    assert "There is no run to show yet" in streams.err
    assert LINE in streams.err
    _, listed = run(app(), "conversations show c1d2")
    assert f"[{LINE}]" in listed.out
    _, as_json = run(app(), "conversations show c1d2 --json")
    assert '"version": 3' in as_json.out or '"version":3' in as_json.out
    assert '"pinned"' in as_json.out
