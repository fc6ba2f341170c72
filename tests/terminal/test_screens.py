"""What stays on a screen: the answer as text, the tree of a run that has ended, the id of one that began."""

from __future__ import annotations

import asyncio

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.terminal.answer_text import print_answer
from cort_desktop.terminal.arguments import parse
from cort_desktop.terminal.glyphs import DRAWN
from cort_desktop.terminal.live import LiveView, Watched, frame
from cort_desktop.terminal.main import main
from tests.fakes.front_app import FakeApp, FakeChat
from tests.fakes.loops import run_virtual
from tests.fakes.screen import Screen
from tests.fakes.story import BEGIN, Story, n, two_rounds
from tests.fakes.terminal import CapturedStreams


def printed(text: str, *, columns: int = 40, color: bool = False) -> str:
    env = {} if color else {"NO_COLOR": "1", "TERM": "dumb"}
    streams = CapturedStreams(out_terminal=True, columns=columns, env=env)
    print_answer(streams, text)
    return streams.out


class TestAnswer:
    def test_is_folded_at_blanks(self) -> None:
        assert printed("The sky is blue because light is scattered by air.") == (
            "The sky is blue because light is\nscattered by air.\n"
        )

    def test_markdown_is_formatted(self) -> None:
        text = "Some **bold** and `code`.\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n"
        text += "```\nx  = 1\n```\n"
        shown = printed(text)
        assert "Some bold and code.\n" in shown
        assert " • one\n • two\n" in shown
        assert "**" not in shown
        assert "|---" not in shown
        assert "x  = 1" in shown
        assert "\x1b[1mbold\x1b[0m" in printed(text, color=True)

    def test_ends_of_lines_html_and_addresses_stay(self) -> None:
        shown = printed(
            "Roses\nare <T> red\n\n<div>\nx\n</div>\n\n[site](http://a.b/c) ![cat](http://p.q/r.png)",
            columns=80,
        )
        assert "Roses\nare <T> red\n" in shown
        assert "<div>\nx\n</div>\n" in shown
        assert "site (http://a.b/c) cat (http://p.q/r.png)" in shown

    @pytest.mark.parametrize(
        "evil",
        [
            "\x1b]0;owned\x07",
            "&#27;[2J",
            "&#x9b;2J",
            "&#x202e;abc",
            "`\x1b[2J`",
            "```\n\x1b[2J\n```",
            "[a](\x1b[2J)",
        ],
    )
    def test_nothing_in_it_acts_on_the_terminal(self, evil: str) -> None:
        shown = printed(f"a {evil} z")
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(shown)
        assert "\x1b]" not in printed(f"a {evil} [l](http://x.y) z", color=True)

    def test_a_pipe_gets_it_raw(self) -> None:
        streams = CapturedStreams()
        print_answer(streams, "**b** " * 50)
        assert streams.out == "**b** " * 50 + "\n"


def playing(story: Story) -> FakeApp:
    return FakeApp(chat=FakeChat([story]))


class TestRunId:
    def test_is_said_when_a_run_begins(self) -> None:
        streams = CapturedStreams()
        story = Story("55f3ab5c0123456789").start("D").finish("D", "x").end("one", "One.", answer="D")
        main(parse(["ask", "x"], None), playing(story).open, streams)
        assert streams.err.startswith("run 55f3ab5c…\n")

    @pytest.mark.parametrize("words", ["--no-store", "--events"])
    def test_not_where_it_is_of_no_use(self, words: str) -> None:
        streams = CapturedStreams()
        main(parse(["ask", "x", words], None), playing(two_rounds()).open, streams)
        assert not [line for line in streams.err.splitlines() if line.startswith("run ")]


class TestFinalTree:
    def test_stays_when_a_run_has_ended(self) -> None:
        streams = CapturedStreams(terminal=True, env={"NO_COLOR": "1"})

        async def watch() -> None:
            view = LiveView(streams)
            for event in two_rounds().events:
                view.show(event)
            await asyncio.sleep(0.5)
            view.close()

        run_virtual(watch())
        screen = Screen(80, 40)
        screen.feed(streams.err.replace("\n", "\r\n").replace("\r\r\n", "\r\n"))
        lines = screen.lines()
        assert lines[1].startswith("◆ Why does my query get slower")
        assert lines[-1].startswith("  ■ degraded  The same answer won")
        assert not [line for line in lines if line.startswith("so far")]
        assert screen.cursor_visible


class TestUnfinished:
    def left_behind(self) -> FakeApp:
        story = Story().start("D", "draft").finish("D", "a").start("R1.A1").start("R1.J1", role="judge")
        app = FakeApp(chat=FakeChat([]))
        app.chat.stored["01run"] = story.events
        return app

    def test_replay_says_so_and_nothing_seems_to_work(self) -> None:
        streams = CapturedStreams()
        assert main(parse(["replay", "01run"], None), self.left_behind().open, streams) == 0
        assert "– R1.A1 fresh attempt  was in flight" in streams.out
        assert "– R1.J1 judge  was in flight" in streams.out
        assert "■ not finished" in streams.out
        assert "interrupted" in streams.out
        assert "cort-desktop resume 01run" in " ".join(streams.out.split())
        assert "waiting" not in streams.out
        assert "reading" not in streams.out


class TestJudges:
    def picture(self, *pieces: str) -> list[str]:
        story = Story().start("D", "draft").finish("D", "a").start("R1.A1").finish("R1.A1", "b")
        story.start("R1.J1", role="judge", saw=(n("D"), n("R1.A1")))
        for piece in pieces:
            story.stream("R1.J1", piece)
        seen = Watched()
        for event in story.events:
            seen.take(event)
        return [line.plain.rstrip() for line in frame(seen, now=BEGIN, size=(80, 40), glyphs=DRAWN, tick=0)]

    def test_a_verdict_is_shown_as_progress_not_as_json(self) -> None:
        assert any("judge  reading 2 answers" in line for line in self.picture())
        lines = self.picture('{"analysis": [{"candi', 'date": "kqz", "notes": "x"')
        assert any("judge  at answer 1 of 2" in line for line in lines)
        assert "R1.J1 at answer 1 of 2" in lines
        assert not any("analysis" in line for line in lines)
        lines = self.picture('{"analysis": [{"candidate": "kqz"}, {"candidate":"bcd"}], "ranking": [["kqz"]]')
        assert "R1.J1 at answer 2 of 2" in lines


def test_the_first_answer_is_not_called_the_best() -> None:
    seen = Watched()
    story = Story().start("D", "draft").finish("D", "a").start("R1.A1")
    for event in story.events:
        seen.take(event)
    lines = [line.plain for line in frame(seen, now=BEGIN, size=(100, 40), glyphs=DRAWN, tick=0)]
    assert any(line.startswith("so far: D, not judged yet") for line in lines)
    assert any("first answer, not judged yet" in line for line in lines)
    story.add(ev.RoundFinished(round=1, winner=n("D")))
    seen.take(story.events[-1])
    lines = [line.plain for line in frame(seen, now=BEGIN, size=(100, 40), glyphs=DRAWN, tick=0)]
    assert any(line.startswith("so far: D ·") for line in lines)
