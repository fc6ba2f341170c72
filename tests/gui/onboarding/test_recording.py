"""A recording in the window: chosen by keys, played by a hand-moved clock, and never taken for a run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QDialog, QToolButton

from cort_desktop.domain.ids import NodeName
from cort_desktop.gui.closing import Closing
from cort_desktop.gui.main_window import MainWindow
from cort_desktop.gui.onboarding.chooser import DemoChooser
from cort_desktop.gui.onboarding.demos import Demo, read_demos
from cort_desktop.gui.onboarding.recording import Recording
from cort_desktop.gui.rounds.timeline_paint import winners
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import ElidedLabel
from cort_desktop.gui.window_state import WindowState
from tests.fakes.window import RESOURCES, Gui, gone, shown, until

BREAD, SUM = read_demos(RESOURCES / "demos")[:2]
FAR_S = 10_000.0


class Hands:
    """A clock whose steady time is moved by hand; its time of day is real."""

    def __init__(self, real: Any) -> None:
        self._real = real
        self.at = 0.0

    def now(self) -> Any:
        return self._real.now()

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        await self._real.sleep(seconds)


class Watched:
    """A window, and the recording that plays in it."""

    def __init__(self, ui: Ui, clock: Hands, window: MainWindow) -> None:
        self.ui, self.clock, self.window = ui, clock, window
        self.recordings: list[Recording] = []
        window.stage.began.connect(self.recordings.append)

    @property
    def recording(self) -> Recording:
        return self.recordings[-1]

    def play(self, demo: Demo = BREAD) -> Recording:
        """Begin one; time stands still until ``run``."""
        self.window.stage.play(demo)
        return self.recording

    def run(self, seconds: float) -> None:
        """Let time pass for the player."""
        self.clock.at += seconds
        self.recording.player.tick()
        self.ui.pulse.beat()

    def to_end(self) -> None:
        self.run(FAR_S)
        assert self.recording.player.is_at_end

    @property
    def answer(self) -> str:
        """What the transcript shows as the answer, or in the place of one."""
        turn = self.window.chat.transcript.last_made
        assert turn is not None
        return turn.answer.look.text or turn.answer.look.waiting

    @property
    def bar_words(self) -> str:
        return self.window.chat.recording_bar.findChildren(ElidedLabel)[0].text()

    def is_playing(self) -> bool:
        return self.recording.player.is_playing

    def bar_button(self, name: str) -> QAbstractButton:
        bar = self.window.chat.recording_bar
        found = [
            each for each in bar.findChildren(QAbstractButton) if name in (each.accessibleName(), each.text())
        ]
        assert len(found) == 1, name
        return found[0]


def winners_drawn(window: MainWindow) -> set[NodeName]:
    """Who has a star in the timeline."""
    played = window.rounds.timeline.view.bars.drawn.played
    return set() if played is None else winners(played)


@asynccontextmanager
async def watched(ui: Ui, home: Path) -> AsyncIterator[Watched]:
    clock = Hands(ui.clock)
    ui = replace(ui, clock=clock)
    window = MainWindow(ui, WindowState(home))
    await until(lambda: not ui.tasks.names)  # before events are processed by hand
    shown(window, 1440, 900)
    made = Watched(ui, clock, window)
    await until(lambda: not ui.tasks.names)
    try:
        yield made
    finally:
        window.let_close()
        window.chat.controller.conversation.new()
        await until(lambda: not ui.feeds.working() and not ui.tasks.names)
        gone(window)


def test_it_is_chosen_with_the_keyboard_and_plays(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with watched(ui, gui.home) as seen:
            ui.actions["help.demo"].trigger()
            await until(lambda: seen.window.findChild(DemoChooser) is not None)
            chooser = seen.window.findChild(DemoChooser)
            assert chooser is not None
            assert [card.demo.name for card in chooser.cards] == ["bread", "sum"]
            assert all("calls" in card.accessibleDescription() for card in chooser.cards)
            chooser.cards[0].setFocus()
            QTest.keyClick(chooser.cards[0], Qt.Key.Key_Down)
            assert chooser.focusWidget() is chooser.cards[1]
            QTest.keyClick(chooser.cards[1], Qt.Key.Key_Return)
            assert seen.recording.demo.name == "sum"
            assert seen.is_playing()
            await until(lambda: seen.window.findChild(DemoChooser) is None)

    gui.run(main)


def test_escape_leaves_the_choice_without_playing(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with watched(ui, gui.home) as seen:
            seen.window.stage.choose()
            await until(lambda: seen.window.findChild(QDialog, "demoChooser") is not None)
            chooser = seen.window.findChild(QDialog, "demoChooser")
            assert chooser is not None
            QTest.keyClick(chooser, Qt.Key.Key_Escape)
            await until(lambda: seen.window.findChild(QDialog, "demoChooser") is None)
            assert seen.recordings == []

    gui.run(main)


def test_all_panes_follow_it_to_its_end(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with watched(ui, gui.home) as seen:
            recording = seen.play()
            window = seen.window
            assert window.windowTitle().startswith("Recorded: Three answers")
            assert window.chat.recording_bar.isVisible()
            seen.run(0.5)
            assert "answers are being written" in seen.answer
            feed = window.selection.feed
            assert feed is recording.player.feed
            assert feed.origin == "recording"
            assert len(feed.state.running) == 3
            assert window.rounds.timeline.desk.player is recording.player
            seen.run(5.0)
            assert winners_drawn(window) == set()
            seen.to_end()
            assert winners_drawn(window) == {BREAD.finished.answer_node}
            assert seen.answer == BREAD.finished.answer
            assert window.selection.feed is feed
            assert feed.state.answer_node == BREAD.finished.answer_node
            assert window.rounds.timeline.desk.player is recording.player

    gui.run(main)


def test_it_is_no_run_of_this_window(gui: Gui) -> None:
    """Nothing of it is stored, it keeps no window open, and nothing that costs or changes is offered."""

    async def main(ui: Ui) -> None:
        async with watched(ui, gui.home) as seen:
            words: list[object] = []
            seen.window.chat.working_changed.connect(words.append)
            recording = seen.play()
            seen.run(3.0)
            assert recording.player.feed.is_working
            assert ui.feeds.working() == []
            assert words == []
            assert seen.window.chat.conversation is None
            closing = Closing(seen.ui, seen.window)
            seen.window.close_wanted.emit()
            async with asyncio.timeout(5):
                await closing.wanted()
            seen.to_end()
            assert await ui.app.library.conversations() == []
            losers = [n for n, node in recording.player.feed.state.nodes.items() if node.is_candidate]
            for node in (*losers, NodeName("R1.J1")):
                seen.window.selection.select(node)
                for verb in ("override", "retry", "cancel", "branch", "inspect"):
                    assert not ui.actions[f"tree.{verb}"].isEnabled(), (node, verb)
                assert ui.actions["tree.copy"].isEnabled()
            for command in ("chat.stop", "chat.enough", "chat.regenerate", "chat.resume", "library.rename"):
                assert not ui.actions[command].isEnabled(), command
            turn = seen.window.chat.transcript.last_made
            assert turn is not None
            offered = [each.accessibleName() for each in turn.findChildren(QToolButton) if each.isVisible()]
            assert "Copy the answer" in offered
            assert "Answer again, beside this answer" not in offered

    gui.run(main)


def test_the_timeline_drives_it(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with watched(ui, gui.home) as seen:
            recording = seen.play()
            desk = seen.window.rounds.timeline.desk
            seen.run(2.0)
            ui.actions["tree.replay"].trigger()
            assert not seen.is_playing()
            assert desk.can_replay
            first = recording.player.feed
            desk.seek_second(recording.player.schedule.seconds)
            seen.ui.pulse.beat()
            assert seen.answer == BREAD.finished.answer
            desk.seek_second(1.0)
            seen.ui.pulse.beat()
            assert seen.window.selection.feed is recording.player.feed is not first
            assert "answers are being written" in seen.answer
            desk.step(1)
            assert recording.player.second >= 1.0
            desk.next_speed()
            desk.toggle()
            seen.run(1.0)
            assert recording.player.second >= 3.0
            assert "2 times as fast" in seen.bar_words

    gui.run(main)


def test_the_bar_pauses_it_and_plays_it_again(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with watched(ui, gui.home) as seen:
            recording = seen.play(SUM)
            seen.run(1.0)
            seen.bar_button("Pause the recording").click()
            assert not seen.is_playing()
            seen.ui.pulse.beat()
            seen.bar_button("Go on with the recording").click()
            seen.to_end()
            seen.bar_button("Play it again").click()
            seen.run(0.5)
            assert seen.is_playing()
            assert "answers are being written" in seen.answer
            assert seen.window.selection.feed is recording.player.feed

    gui.run(main)


@pytest.mark.parametrize(
    "way",
    ["ask it yourself", *(pytest.param(way, marks=pytest.mark.endurance) for way in ("edit", "send"))],
)
def test_what_is_asked_from_it_begins_a_conversation(gui: Gui, way: str) -> None:
    async def main(ui: Ui) -> None:
        async with watched(ui, gui.home) as seen:
            seen.play()
            chat = seen.window.chat
            seen.run(1.0)
            if way == "ask it yourself":
                seen.bar_button("Ask it yourself").click()
            elif way == "edit":
                ui.actions["chat.edit_last"].trigger()
            else:
                chat.composer.edit.setPlainText(BREAD.started.question)
            if way != "send":
                assert chat.recording_bar.isHidden()
                assert not seen.is_playing()
            assert chat.composer.edit.toPlainText() == BREAD.started.question
            QTest.keyClick(chat.composer.edit, Qt.Key.Key_Return)
            await until(lambda: chat.conversation is not None)
            assert chat.conversation != BREAD.started.conversation
            assert chat.recording_bar.isHidden()
            assert not seen.is_playing()
            await until(lambda: not ui.feeds.working() and not ui.tasks.names)
            stored = await ui.app.library.conversations()
            assert [each.id for each in stored] == [chat.conversation]
            feed = seen.window.selection.feed
            assert feed is not None
            assert feed.origin == "run"
            assert seen.window.rounds.timeline.desk.player is None

    gui.run(main)


def test_left_and_begun_again_another_takes_its_place(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with watched(ui, gui.home) as seen:
            first = seen.play()
            seen.run(2.0)
            seen.bar_button("Leave the recording").click()
            assert not first.player.is_playing
            assert seen.window.chat.recording_bar.isHidden()
            await until(lambda: seen.window.selection.feed is None)
            for demo in (SUM, SUM, BREAD):
                again = seen.play(demo)
                seen.run(1.0)
                await asyncio.sleep(0)
                assert seen.window.selection.feed is again.player.feed
                assert seen.is_playing()
            seen.to_end()
            assert seen.answer == BREAD.finished.answer
            assert len(seen.window.stage.findChildren(Recording)) == 1

    gui.run(main)


def test_the_bar_has_room_in_a_narrow_window(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with watched(ui, gui.home) as seen:
            seen.play()
            bar = seen.window.chat.recording_bar
            assert bar.minimumSizeHint().width() <= 520
            bar.resize(340, bar.height())
            seen.ui.pulse.beat()
            assert bar.minimumSizeHint().width() <= 340

    gui.run(main)
