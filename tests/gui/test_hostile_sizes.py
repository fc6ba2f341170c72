"""Hostile sizes in the real window: no turn of the loop is long, little is built, and all of it can be had.

How long a turn may be is said in layouts of 60,000 letters, timed on this machine at that moment, and counted
in processor time of the window's thread; what is built is counted.
"""

from __future__ import annotations

import asyncio
import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from cort_desktop.domain.calls import (
    AttemptFirstContent,
    AttemptStart,
    ChatRequest,
    Completion,
    Delta,
    Notify,
)
from cort_desktop.domain.ids import NodeName
from cort_desktop.errors import UsageError
from cort_desktop.gui.main_window import MainWindow
from cort_desktop.gui.markdown.view import MarkdownView
from cort_desktop.gui.ui import Ui
from tests.fakes.hostile import SIZES
from tests.fakes.models import Reply, ScriptedModel, is_judge, longest_wins
from tests.fakes.whole_window import Turns, ask, at_rest, close_dialogs, main_window, reference_ms
from tests.fakes.window import CONFIG, Gui, until

pytestmark = [
    pytest.mark.reliability(56),
    pytest.mark.qt_log_ignore("propagateSizeHints", "does not support"),  # what the off-screen platform says
]
SINGLE = CONFIG.replace('"cort"', '"single"')
LONGEST = 18
"""Layouts of 60,000 letters that a turn may take at most."""
MOST_BUILT = 90
PIECES = 60


def says(text: str) -> ScriptedModel:
    return ScriptedModel(lambda _request, _nth: Reply(text=text, seconds=0))


class Streaming(ScriptedModel):
    """Brings its text in many pieces, each in a turn of its own."""

    async def _attempt(self, request: ChatRequest, reply: Reply, notify: Notify) -> Completion:
        notify(AttemptStart(attempt=1, model=request.model, why="first"))
        notify(AttemptFirstContent(attempt=1))
        step = max(1, len(reply.text) // PIECES)
        for at in range(0, len(reply.text), step):
            notify(Delta(text=reply.text[at : at + step]))
            await asyncio.sleep(0.01)
        return Completion(
            text=reply.text,
            finish="stop",
            model=request.model,
            usage=None,
            seconds=1.0,
            first_content_seconds=0.1,
        )


class Watched:
    """A stretch of work in a window whose longest turn is measured."""

    def __init__(self, ui: Ui, window: MainWindow) -> None:
        self._ui = ui
        self._turns = Turns(window)
        self._limit = LONGEST * reference_ms(ui.theme.font("body"))

    async def over(self, what: str) -> None:
        """Let the window come to rest; no turn since the last time was long."""
        await at_rest(self._ui)
        longest = self._turns.end()
        print(f"{what}: {longest:.0f} ms of {self._limit:.0f}")  # noqa: T201 - the figures are the result
        assert longest < self._limit, what
        self._turns.begin()

    def begin(self) -> None:
        self._turns.begin()


async def warm(ui: Ui, window: MainWindow) -> None:
    """What is imported with the first question is no matter of sizes."""
    await ask(ui, window, "Warm?")


def built(window: MainWindow) -> list[int]:
    """How many parts each text has made."""
    views = [view for view in window.findChildren(MarkdownView) if view.isVisible() and view.text]
    return [sum(1 for _ in view._flow.parts()) for view in views]


@pytest.mark.endurance  # markdown/test_no_stall.py holds each size in every run
@pytest.mark.parametrize("name", SIZES)
def test_an_answer_of_any_size_is_shown_without_a_long_turn(gui: Gui, name: str) -> None:
    text = SIZES[name]

    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            await warm(ui, window)
            watched = Watched(ui, window)
            watched.begin()
            await ask(ui, window, f"Why {name}?")
            await watched.over("shown")
            turn = window.chat.transcript.last_made
            assert turn is not None
            bar = window.chat.transcript.verticalScrollBar()
            for step in (0, 2, 1, 3):
                bar.setValue(bar.maximum() * step // 3)
                await asyncio.sleep(0.03)
            await watched.over("scrolled")
            window.resize(1100, 800)
            await watched.over("made narrower")
            for is_raw in (True, False):
                window.chat.commands.set_raw(is_raw)
                await watched.over(f"raw: {is_raw}")
            assert max(built(window)) <= MOST_BUILT
            ui.actions["chat.copy_answer"].trigger()
            assert QApplication.clipboard().text() == text
            window.selection.select(NodeName("A1"))
            ui.actions["tree.copy"].trigger()
            assert QApplication.clipboard().text() == text

    gui.run(main, says(text), SINGLE)


@pytest.mark.endurance
@pytest.mark.parametrize(
    "name", ["2 MB of prose", "one word of 1 MB", "500 code blocks", "20,000 rows", "50,000 fences"]
)
def test_a_stream_of_any_size_is_followed_without_a_long_turn(gui: Gui, name: str) -> None:
    text = SIZES[name]

    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            await warm(ui, window)
            watched = Watched(ui, window)
            watched.begin()
            await ask(ui, window, f"Why {name}?")
            await watched.over("streamed")
            ui.actions["chat.copy_answer"].trigger()
            assert QApplication.clipboard().text() == text

    gui.run(main, Streaming(lambda _request, _nth: Reply(text=text)), SINGLE)


@pytest.mark.endurance  # its ratio wants a core to itself
@pytest.mark.parametrize("name", ["2 MB of prose", "one word of 1 MB", "one line of 1 MB"])
def test_a_question_of_any_size_is_pasted_asked_and_edited(gui: Gui, name: str) -> None:
    text = SIZES[name]

    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            await warm(ui, window)
            watched = Watched(ui, window)
            edit = window.chat.composer.edit
            QApplication.clipboard().setText(text)
            watched.begin()
            edit.paste()
            await watched.over("pasted")
            edit.moveCursor(QTextCursor.MoveOperation.End)
            QTest.keyClicks(edit, "more")
            await watched.over("typed on")
            edit.selectAll()
            edit.copy()
            assert QApplication.clipboard().text() == f"{text}more"
            QTest.keyClick(edit, Qt.Key.Key_Return)
            await until(ui.app.chat.working, "the run")
            await watched.over("asked")
            turns = window.chat.controller.conversation.view
            assert turns is not None
            assert turns.turns[-1].turn.question.strip() == f"{text}more".strip()
            window.chat.commands.edit_last()
            await watched.over("edited")

    gui.run(main, ScriptedModel(lambda _request, _nth: Reply(text="Yes.", seconds=0.2)), SINGLE)


def test_a_judge_and_a_failure_of_any_size(gui: Gui) -> None:
    huge = "y" * 300_000 + " <b>x</b> " * 30_000

    def script(request: ChatRequest, nth: int) -> Reply:
        if is_judge(request):
            said = json.loads(longest_wins(request))
            said["reason"] = said["critique"] = huge
            for each in said["analysis"]:
                each["fatal_flaw"] = huge
            return Reply(text=json.dumps(said), seconds=0)
        return Reply(text=f"Try {nth}. " + huge[: 1000 * nth], seconds=0)

    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            watched = Watched(ui, window)
            await ask(ui, window, "Why?")
            watched.begin()
            feed = window.selection.feed
            assert feed is not None
            for name, node in feed.state.nodes.items():
                window.selection.select(name)
                window.selection.mark(next(each for each in feed.state.nodes if each != name))
                for tab in range(window.rounds.tabs.count()):
                    window.rounds.tabs.setCurrentIndex(tab)
                    await watched.over(f"{name}, tab {tab}")
                if node.request is not None:
                    ui.actions["tree.inspect"].trigger()
                    await until(lambda: QApplication.activeModalWidget() is not None, "the request")
                    await watched.over(f"the request of {name}")
                    close_dialogs()
            for view in ("view.map", "view.columns", "view.outline"):
                ui.actions[view].trigger()
                await watched.over(view)
            assert window.minimumSizeHint().width() < 900

    gui.run(main, ScriptedModel(script))


def test_words_without_an_end_make_nothing_wider(gui: Gui) -> None:
    """A service's message holds an address of 3,000 letters: the window stays as wide as it was."""
    long = "my-server answered 400: https://example.org/" + "x" * 3_000

    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            least, width = window.minimumSizeHint().width(), window.width()
            ui.notices.bar("one", long, "bad")
            ui.notices.say(long)
            window.chat.composer.show_refusal(long)
            ui.notices.error(UsageError(long))
            await at_rest(ui)
            window.grab()
            assert (window.minimumSizeHint().width(), window.width()) == (least, width)
            for _ in range(5):  # each step hides what has no room any more
                window.resize(320, 240)
                await asyncio.sleep(0.02)
            assert window.width() <= 640
            window.grab()

    gui.run(main)


def test_selecting_everything_copies_everything(gui: Gui) -> None:
    text = SIZES["one line of 1 MB"]

    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            await ask(ui, window, "Why?")
            watched = Watched(ui, window)
            watched.begin()
            turn = window.chat.transcript.last_made
            assert turn is not None
            part = next(iter(turn.answer.view._flow.parts()))
            assert part.edit is not None
            QTest.keySequence(part.edit, QKeySequence(QKeySequence.StandardKey.SelectAll))
            await watched.over("selected")
            QTest.keySequence(part.edit, QKeySequence(QKeySequence.StandardKey.Copy))
            assert QApplication.clipboard().text().split() == text.split()

    gui.run(main, says(text), SINGLE)
