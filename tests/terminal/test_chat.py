"""A conversation from a pipe: its verbs, its thread of turns, its exit code."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Sequence

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Estimate
from cort_desktop.errors import CortError, ProviderError, SettingsError
from cort_desktop.terminal.arguments import chat_instead, parse
from cort_desktop.terminal.chat import VERBS
from cort_desktop.terminal.main import main
from tests.fakes.front_app import FakeApp, FakeChat
from tests.fakes.story import Story, two_rounds
from tests.fakes.terminal import CapturedStreams


def story(run: str, text: str, **start: str) -> Story:
    return (
        Story(run, **start).start("D").finish("D", text).end("one", "One answer was asked for.", answer="D")
    )


def talk(app: FakeApp, lines: bytes, words: Sequence[str] = ("chat",)) -> tuple[int, CapturedStreams]:
    read, write = os.pipe()
    os.write(write, lines)
    os.close(write)
    with os.fdopen(read) as stdin:
        streams = CapturedStreams(stdin=stdin)
        code = main(parse(list(words), stdin), app.open, streams)
    return code, streams


def test_one_question_a_line_to_the_end_of_input() -> None:
    app = FakeApp(chat=FakeChat([story("01", "one"), story("02", "two", turn="t2")]))
    code, streams = talk(app, b"First?\r\n\n  \nSecond?")
    assert (code, streams.out) == (0, "one\ntwo\n")
    first, second = app.chat.asked
    assert (first.question, first.conversation) == ("First?", None)
    assert (second.question, second.conversation, second.again) == ("Second?", "c1d2", None)


def test_tree_and_why_show_the_last_run() -> None:
    app = FakeApp(chat=FakeChat([two_rounds()]))
    _, streams = talk(app, b"Why?\n/tree\n/why\n")
    assert "▾ Round 1  R1.A2 won, agreement 0.67" in streams.out
    assert "Why R1.A2 is the answer" in streams.out


def test_a_price_of_the_last_run_is_not_agreed_to_after_another_question() -> None:
    done: list[str] = []

    class Wishes:
        async def price(self, _run: str, _wished: object) -> Estimate:
            return Estimate(calls_low=1, calls_high=2, tokens_low=1, tokens_high=2, cost_microusd=5)

        async def carry_out(self, run: str, _wished: object, _show: object) -> None:
            done.append(run)

    app = FakeApp(chat=FakeChat([story("01", "one"), story("02", "two", turn="t2")]))
    app.chat.wishes = Wishes()  # type: ignore[attr-defined]
    _, streams = talk(app, b"First?\n/round\nSecond?\n/yes\n")
    assert "This takes about" in streams.err
    assert "Nothing was priced" in streams.err
    assert done == []


def test_retry_asks_the_same_turn_again() -> None:
    app = FakeApp(chat=FakeChat([story("01", "one"), story("02", "better")]))
    code, streams = talk(app, b"First?\n/retry\n")
    assert (code, streams.out) == (0, "one\nbetter\n")
    again = app.chat.asked[1]
    assert (again.question, again.conversation, again.again) == ("First?", "c1d2", "t1")


def test_help_lists_every_verb_and_quit_leaves() -> None:
    app = FakeApp()
    code, streams = talk(app, b"/help\n/quit\nNever asked?\n")
    assert code == 0
    assert all(verb in streams.err for verb in VERBS)
    assert app.chat.asked == []


def test_verbs_that_make_no_sense_are_said_and_the_talk_goes_on() -> None:
    app = FakeApp(chat=FakeChat([story("01", "one")]))
    code, streams = talk(app, b"/tre\n/tree\n/why\n/retry\n/stop\nFirst?\n")
    assert streams.out == "one\n"
    assert "There is no verb /tre; did you mean /tree?" in streams.err
    assert streams.err.count("There is no run to show yet") == 2
    assert "There is nothing to retry yet" in streams.err
    assert "Nothing is working" in streams.err
    assert "There is no verb /tre; did you mean /tree? /help lists them.\n" in streams.err
    assert code == 2


def test_a_path_is_no_question_but_a_text_with_a_slash_inside_is() -> None:
    app = FakeApp(chat=FakeChat([story("01", "one")]))
    talk(app, b"What is and/or?\n")
    assert app.chat.asked[0].question == "What is and/or?"


def test_an_error_ends_the_question_not_the_talk() -> None:
    errors: list[Story | CortError] = [
        ProviderError("Nothing answers.", kind="unreachable"),
        SettingsError("No key."),
        story("02", "two"),
    ]
    code, streams = talk(FakeApp(chat=FakeChat(errors)), b"First?\nSecond?\nThird?\n")
    assert streams.out == "two\n"
    assert "cort-desktop: Nothing answers.\n" in streams.err
    assert code == 4  # the first one that was no answer


def test_going_on_with_a_conversation() -> None:
    app = FakeApp(chat=FakeChat([story("01", "one")]))
    _, streams = talk(app, b"More?\n", ["chat", "--conversation", "c1d2"])
    assert "Going on with “Why is the sky blue?”." in streams.err
    assert app.chat.asked[0].conversation == "c1d2"


def test_a_conversation_that_is_not_there() -> None:
    code, streams = talk(FakeApp(), b"More?\n", ["chat", "--conversation", "zzzz"])
    assert (code, streams.err) == (2, "cort-desktop: There is no conversation 'zzzz'.\n")


def test_chat_that_nobody_named_says_so() -> None:
    streams = CapturedStreams()
    with open(os.devnull) as stdin:  # noqa: PTH123
        streams.stdin = stdin
        code = main(chat_instead("There is no screen."), FakeApp().open, streams)
    assert code == 0
    assert streams.err.count("\n") == 1
    assert "`chat`" in streams.err


def test_ctrl_c_stops_the_run_and_ends_the_talk() -> None:
    app = FakeApp(chat=FakeChat([two_rounds()], hold=True))
    held = threading.Event()

    def press() -> None:
        while len(app.chat.stored.get("01run", [])) < 15 and not held.wait(0.01):
            pass
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=press)
    thread.start()
    code, streams = talk(app, b"Why?\nNever asked?\n")
    held.set()
    thread.join()
    assert (code, app.chat.stopped) == (130, ["01run"])
    assert streams.out == "Because of the scan.\n"
    assert len(app.chat.asked) == 1


def capped() -> Story:
    story = Story("01run").start("D").finish("D", "half").add(ev.LimitReached(which="calls", value=2, cap=1))
    return story.end("calls", "The run met the cap of 1 call.", answer="D", status="stopped")


def test_a_run_that_met_a_cap_goes_on_in_the_chat() -> None:
    app = FakeApp(chat=FakeChat([capped()]))
    rest = capped().add(ev.RunReopened(why="calls")).start("R1.A1").finish("R1.A1", "whole")
    rest.end("rounds", "One round.", answer="R1.A1")
    app.chat.rest["01run"] = rest.events[len(capped().events) :]
    code, streams = talk(app, b"Why?\n/resume\n/tree\n/resume\n")
    assert streams.out.startswith("half\nwhole\n")
    assert "go on with: /resume, or cort-desktop resume 01run; /retry begins anew" in streams.err
    assert "\u2605 R1.A1" in streams.out
    assert "There is nothing to go on with" in streams.err
    assert code == 2
    assert len(app.chat.asked) == 1


def test_nothing_to_resume_and_nothing_stored() -> None:
    _, streams = talk(FakeApp(), b"/resume\n")
    assert "There is nothing to go on with" in streams.err
    app = FakeApp(chat=FakeChat([capped()]))
    _, streams = talk(app, b"Why?\n/resume\n", ["chat", "--no-store"])
    assert "Nothing of this run was stored" in streams.err
    assert "run 01run" not in streams.err
    assert "go on with" not in streams.err


def test_the_run_is_named_when_it_begins() -> None:
    _, streams = talk(FakeApp(chat=FakeChat([story("01", "one")])), b"Why?\n")
    assert "run 01\n" in streams.err
