"""What a person watches while a run works: it fits, moves only where it changes, and leaves nothing."""

from __future__ import annotations

import asyncio

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.terminal.glyphs import DRAWN
from cort_desktop.terminal.live import LiveView, Watched, frame
from cort_desktop.terminal.live_area import LiveArea
from tests.fakes.loops import run_virtual
from tests.fakes.screen import Screen
from tests.fakes.story import BEGIN, Story, n, two_rounds
from tests.fakes.terminal import CapturedStreams


def watched(story: Story, upto: int | None = None) -> Watched:
    seen = Watched()
    for event in story.events[:upto]:
        seen.take(event)
    return seen


def picture(seen: Watched, columns: int = 80, rows: int = 40, tick: int = 0) -> list[str]:
    lines = frame(seen, now=BEGIN, size=(columns, rows), glyphs=DRAWN, tick=tick)
    return [line.plain.rstrip() for line in lines]


def streaming() -> Story:
    story = Story().start("D", "draft").finish("D", "text").start("R1.A1").start("R1.A2", "other_method")
    story.stream("R1.A1", "Because of\tRayleigh\x1b[2J scattering.\nBlue is ").stream("R1.A2", "Light")
    return story.stream("R1.A1", "scattered more.")


def test_picture_of_a_working_run() -> None:
    assert picture(watched(streaming())) == [
        "                                                          tokens    price   time",
        "◆ Why is the sky blue?",
        "  ● D     draft  first answer, not judged yet                300  $0.0015  0.0 s",
        "  ▾ Round 1",
        "    ◐ R1.A1 fresh attempt  streaming                         ~17           0.0 s",
        "    ◐ R1.A2 another method  streaming                         ~1           0.0 s",
        "",
        "R1.A1 writes",
        "  Because of    Rayleigh␛[2J scattering.",
        "  Blue is scattered more.",
        "",
        "",
        "so far: D, not judged yet · Ctrl-C stops and keeps what there is",
        "░░░░░░░░░░░░░░░░  3 calls · 300 of 20.0k tokens · $0.0015 of $0.50 · 0.0 s",
    ]


def test_how_far_a_judge_is_fits_a_narrow_terminal() -> None:
    """A line that the terminal folds would leave the picture of before standing above the next one."""
    story = Story()
    saw = tuple(n(f"R1.A{index}") for index in range(1, 13))
    for name in saw:
        story.start(name).finish(name, "text")
    story.start("R1.J12", None, "judge", saw=saw).stream("R1.J12", '{"analysis": [')
    shown = picture(watched(story), columns=19)
    assert max(map(len, shown)) <= 19
    assert "R1.J12 reading 12 …" in shown


def test_one_call_is_followed_to_its_end() -> None:
    story = streaming().stream("R1.A2", " is")
    assert "R1.A1 writes" in picture(watched(story))
    story.finish("R1.A1", "x").stream("R1.A2", " blue")
    assert "R1.A2 writes" in picture(watched(story))


def test_best_so_far_changes_only_when_a_round_ends() -> None:
    story = two_rounds()
    seen = Watched()
    bests: list[tuple[str, str]] = []
    for event in story.events:
        seen.take(event)
        line = next((line for line in picture(seen) if line.startswith("so far:")), None)
        if line and (not bests or bests[-1][0] != line.split()[2].rstrip(",")):
            bests.append((line.split()[2].rstrip(","), event.type))
    assert bests == [("D", "node.finished"), ("R1.A2", "round.finished")]


@pytest.mark.parametrize("columns", [20, 40, 79, 200])
@pytest.mark.parametrize("rows", [4, 8, 13, 24, 60])
def test_every_picture_fits_its_terminal(columns: int, rows: int) -> None:
    for story in (two_rounds(), streaming()):
        for upto in range(1, len(story.events) + 1):
            lines = frame(watched(story, upto), now=BEGIN, size=(columns, rows), glyphs=DRAWN, tick=0)
            assert 0 < len(lines) <= rows
            assert max(line.cell_len for line in lines) <= columns


def test_a_short_terminal_keeps_what_is_running() -> None:
    story = two_rounds()
    cut = next(
        i for i, e in enumerate(story.events) if isinstance(e.body, ev.NodeStarted) and e.body.node == "R2.A1"
    )
    lines = picture(watched(story, cut + 2), rows=8)
    assert any("R2.A1" in line for line in lines)
    assert not any("R1.J" in line for line in lines)


def test_a_cap_and_a_stop_are_said() -> None:
    story = streaming().add(ev.LimitReached(which="tokens", value=20_100, cap=20_000))
    assert "so far: D, not judged yet · cap of tokens reached, nothing new starts" in picture(watched(story))
    seen = watched(story)
    seen.note = "stopping"
    assert "so far: D, not judged yet · stopping" in picture(seen)


def test_the_wheel_turns() -> None:
    seen = watched(streaming())
    assert {picture(seen, tick=tick)[4].split()[0] for tick in range(8)} == set("◐◓◑◒")


class TestArea:
    def paint(self, screen: Screen, area: LiveArea, *lines: str) -> None:
        area.paint(lines, [len(line) for line in lines], screen.columns)

    def test_shows_the_last_lines_only(self) -> None:
        screen = Screen(20, 10)
        area = LiveArea(screen.feed)
        screen.feed("$ ask\r\n")
        self.paint(screen, area, "one", "two", "three")
        self.paint(screen, area, "one", "2")
        assert screen.lines() == ["$ ask", "one", "2"]
        shown_while_painting = screen.cursor_visible
        area.clear()
        assert screen.lines() == ["$ ask"]
        assert (shown_while_painting, screen.cursor_visible) == (False, True)
        assert (screen.row, screen.column) == (1, 0)

    def test_writes_only_what_changed(self) -> None:
        written: list[str] = []
        area = LiveArea(written.append)
        area.paint(["alpha", "beta"], [5, 4], 80)
        area.paint(["alpha", "gamma"], [5, 5], 80)
        assert "alpha" not in written[-1]
        assert "gamma" in written[-1]
        area.paint(["alpha", "gamma"], [5, 5], 80)
        assert len(written) == 2

    def test_scrolls_at_the_bottom(self) -> None:
        screen = Screen(20, 4)
        area = LiveArea(screen.feed)
        screen.feed("a\r\nb\r\nc\r\n")
        self.paint(screen, area, "one", "two")
        self.paint(screen, area, "1", "2", "3")
        assert screen.lines() == ["1", "2", "3"]

    def test_what_was_written_over_it_is_painted_anew(self) -> None:
        screen = Screen(20, 6)
        area = LiveArea(screen.feed)
        self.paint(screen, area, "one", "two")
        screen.feed("^C")
        area.forget()
        self.paint(screen, area, "one", "two")
        assert screen.lines() == ["one", "two"]

    def test_a_narrower_terminal_starts_over_above_the_folded_lines(self) -> None:
        screen = Screen(20, 10)
        area = LiveArea(screen.feed)
        screen.feed("$ ask\r\n")
        self.paint(screen, area, "x" * 18, "y" * 18)
        screen.fold_to(10)
        self.paint(screen, area, "x" * 9, "y" * 9)
        assert screen.lines() == ["$ ask", "x" * 9, "y" * 9]


def test_the_view_paints_by_the_clock_and_leaves_nothing() -> None:
    streams = CapturedStreams(terminal=True, env={"NO_COLOR": "1"})
    screen = Screen(80, 24)

    async def watch() -> None:
        view = LiveView(streams)
        for event in streaming().events:
            view.show(event)
        assert streams.err == ""  # nothing is painted for each event
        await asyncio.sleep(0.5)
        screen.feed(streams.err)
        assert "so far: D" in "\n".join(screen.lines())
        view.note("stopping")
        await asyncio.sleep(0.1)
        view.close()
        await asyncio.sleep(1)

    run_virtual(watch())
    whole = Screen(80, 24)
    whole.feed(streams.err)
    assert whole.lines() == []
    assert whole.cursor_visible
    assert streams.out == ""


def test_a_resumed_run_shows_the_tree_as_it_was() -> None:
    story = two_rounds()
    seen = Watched()
    seen.recall(story.events[:20])
    assert any("R1.A2" in line for line in picture(seen))
    seen.take(story.events[20])
    assert seen.state is not None
    assert seen.state.seq == 21
    assert n("D") in seen.state.nodes


def test_an_unknown_price_has_its_cap_beside_it() -> None:
    story = Story().start("D", "draft").finish("D", "text", cost=None)
    assert "unknown price, cap $0.50" in picture(watched(story))[-1]
