"""The end of the window while a run works: who is asked, who isn't, and what is on disk afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

import pytest
from PySide6.QtGui import QSessionManager
from PySide6.QtWidgets import QMessageBox, QPushButton

from cort_desktop.domain import events as ev
from cort_desktop.domain.calls import ChatRequest
from cort_desktop.domain.ids import RunId
from cort_desktop.gui.closing import Closing
from cort_desktop.gui.main_window import MainWindow
from cort_desktop.gui.ui import Ui
from tests.fakes.models import Reply, ScriptedModel, good_model
from tests.fakes.whole_window import main_window
from tests.fakes.window import Gui, until

QUICK_S = 0.01
QUESTION = "closeQuestion"


def stuck() -> ScriptedModel:
    """The second call never ends by itself."""
    good = good_model(seconds=QUICK_S)

    def script(request: ChatRequest, nth: int) -> Reply:
        reply = good.script(request, nth)
        return Reply(text=reply.text, seconds=600.0) if nth == 2 else reply

    return ScriptedModel(script)


def slow() -> ScriptedModel:
    """Works for a while and ends by itself."""
    return good_model(seconds=0.15)


def question(window: MainWindow) -> QMessageBox | None:
    found = window.findChild(QMessageBox, QUESTION)
    return found if found is not None and found.isVisible() else None


def press(window: MainWindow, words: str) -> None:
    box = question(window)
    assert box is not None
    next(each for each in box.findChildren(QPushButton) if each.text() == words).click()


async def at_work(ui: Ui, window: MainWindow) -> RunId:
    """Have a question thought through until its first answer is there."""
    window.chat.composer.edit.setPlainText("Why?")
    window.chat.controller.questions.ask()
    await until(lambda: ui.feeds.working() and ui.feeds.working()[0].state.candidates())
    return ui.feeds.working()[0].run


async def end_of(ui: Ui, run: RunId) -> ev.RunFinished:
    body = (await ui.app.chat.replay(run))[-1].body
    assert isinstance(body, ev.RunFinished)
    return body


@pytest.mark.parametrize(
    "end",
    [lambda closing: closing.end(), lambda closing: closing.at_session_end(cast("QSessionManager", None))],
    ids=["signal", "session"],
)
def test_a_signal_and_the_end_of_the_session_ask_nobody(gui: Gui, end: Callable[[Closing], None]) -> None:
    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            closing = Closing(ui, window)
            run = await at_work(ui, window)
            end(closing)
            await asyncio.wait_for(closing.wanted(), 20)
            assert question(window) is None
            assert not ui.feeds.working()
            assert (await end_of(ui, run)).status == "stopped"
            window.close()  # the desktop asks all windows after that
            assert question(window) is None

    gui.run(main, stuck())


def test_a_signal_does_not_wait_for_the_answer_of_somebody_who_was_asked(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            closing = Closing(ui, window)
            await at_work(ui, window)
            window.close()
            assert question(window) is not None
            closing.end()
            await asyncio.wait_for(closing.wanted(), 20)
            assert question(window) is None

    gui.run(main, stuck())


def test_the_question_goes_when_what_it_asks_about_has_ended(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            closing = Closing(ui, window)
            run = await at_work(ui, window)
            window.close()
            assert question(window) is not None
            await asyncio.wait_for(closing.wanted(), 20)
            assert question(window) is None
            assert (await end_of(ui, run)).status == "complete"

    gui.run(main, slow())


def test_who_wants_to_keep_thinking_keeps_the_window(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            closing = Closing(ui, window)
            wanted = asyncio.ensure_future(closing.wanted())
            await at_work(ui, window)
            window.close()
            press(window, "Keep thinking")
            await until(lambda: not ui.feeds.working())
            for _ in range(5):
                await asyncio.sleep(0)
            assert not wanted.done()
            window.close()  # nothing works: nobody is asked
            await asyncio.wait_for(wanted, 20)

    gui.run(main, slow())
