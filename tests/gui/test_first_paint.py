"""What is there when the window is first painted, and that nothing a person does before the rest is lost."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QTest

from cort_desktop.domain.library import Conversation
from cort_desktop.gui.closing import Closing
from cort_desktop.gui.library.controller import FIRST_PAGE
from cort_desktop.gui.library.first_page import FirstPage
from cort_desktop.gui.main_window import MainWindow
from cort_desktop.gui.tasks import Tasks
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.window_state import WindowState
from tests.fakes.big_library import fill
from tests.fakes.library import shelf
from tests.fakes.whole_window import at_rest
from tests.fakes.window import Gui, gone, until
from tests.gui.chat.chatting import quick_model

LATER = (
    "aiohttp", "asyncio", "httpx", "keyring", "markdown_it", "prompt_toolkit", "pygments", "qasync",
    "rapidfuzz", "rich", "socket", "ssl", "tiktoken", "tomlkit", "xllamacpp", "ziamath",
    "cort_desktop.adapters.tokens", "cort_desktop.bootstrap.parts", "cort_desktop.domain.events",
    "cort_desktop.engine", "cort_desktop.gui.chat.controller", "cort_desktop.gui.chat.transcript",
    "cort_desktop.gui.markdown.view", "cort_desktop.gui.preferences", "cort_desktop.gui.rounds",
    "cort_desktop.providers", "cort_desktop.resilience", "cort_desktop.services.chat",
    "cort_desktop.services.preferences", "cort_desktop.storage.run_log", "cort_desktop.terminal.arguments",
)  # fmt: skip
"""Nothing that a first paint needs."""
_LOOK = """
import json, os, sys
from cort_desktop.__main__ import main
from cort_desktop.gui.opening import Opening
paint = Opening.paint
def look(opening):
    paint(opening)
    listed = opening.window.library.list.list_model.rowCount()
    print(json.dumps({"listed": listed, "modules": sorted(sys.modules)}), flush=True)
    opening.page.wait()
    os._exit(0)
Opening.paint = look
main(["gui"])
"""


@pytest.mark.parametrize("conversations", [0, 5])
def test_the_first_paint_loads_nothing_that_it_does_not_show(tmp_path: Path, conversations: int) -> None:
    (tmp_path / "config.toml").write_text('[defaults]\nstrategy = "cort"\nrounds = 2\n', encoding="utf-8")
    with shelf(tmp_path / "data") as books:
        fill(books, conversations=conversations, turns=1)
    done = subprocess.run(
        [sys.executable, "-c", _LOOK],
        env={**os.environ, "CORT_DESKTOP_HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert (seen["listed"] > conversations) == bool(conversations)
    too_early = [
        name for name in seen["modules"] for later in LATER if name == later or name.startswith(f"{later}.")
    ]
    assert not too_early


@asynccontextmanager
async def early(ui: Ui, data: Path) -> AsyncIterator[MainWindow]:
    """A window that is painted and not yet whole."""
    window = MainWindow(ui, WindowState(data), at_once=False)
    window.resize(1440, 900)
    window.chat.focus_composer()
    window.show()
    try:
        yield window
    finally:
        window.complete()
        for run in ui.app.chat.working():
            ui.app.chat.stop(run)
        await until(lambda: not ui.feeds.working(), "the end of all runs")
        await at_rest(ui)
        window.let_close()
        gone(window)


def test_what_is_typed_early_is_the_draft(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        async with early(ui, tmp_path) as window:
            QTest.keyClicks(window.chat.composer.edit, "Why is the sky")
            QTest.keyClicks(window.library.field, "sky")
            next(window.rest)
            QTest.keyClicks(window.chat.composer.edit, " blue?")
            window.complete()
            assert window.chat.composer.edit.toPlainText() == "Why is the sky blue?"
            assert window.chat.controller.desk.draft.text == "Why is the sky blue?"
            assert window.library.searching.text == "sky"

    gui.run(main)


def test_a_question_sent_early_is_asked(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        async with early(ui, tmp_path) as window:
            QTest.keyClicks(window.chat.composer.edit, "Why is the sky blue?")
            QTest.keyClick(window.chat.composer.edit, Qt.Key.Key_Return)
            await until(lambda: window.chat.conversation is not None, "a conversation")
            await at_rest(ui)
            (kept,) = await ui.app.library.conversations()
            assert kept.title == "Why is the sky blue?"

    gui.run(main, quick_model())


def test_a_conversation_opened_early_is_shown(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        async with early(ui, tmp_path) as window:
            page = FirstPage(ui.app.library)
            page.read.connect(window.library.controller.show_first)
            page.begin()
            await until(lambda: window.library.list.list_model.rowCount() > 1, "the first page")
            page.wait()
            QTest.keyClick(window.library.list, Qt.Key.Key_Down)
            QTest.keyClick(window.library.list, Qt.Key.Key_Return)
            await until(lambda: window.chat.conversation is not None, "the conversation")
            await until(window.chat.transcript.isVisible, "its turns")
            page.deleteLater()

    with shelf(gui.home / "data") as books:
        fill(books, conversations=3, turns=2)
    gui.run(main)


def test_the_first_page_is_the_beginning_and_the_rest_follows(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        async with early(ui, tmp_path) as window:
            controller = window.library.controller
            controller.show_first(ui.app.library.first_page(FIRST_PAGE))
            assert len(controller.conversations) == FIRST_PAGE
            assert controller.has_more
            await until(lambda: window.library.list.list_model.rowCount() > FIRST_PAGE, "its rows")
            window.library.list.scrollToBottom()
            await until(lambda: len(controller.conversations) == FIRST_PAGE + 3, "all of them")
            assert not controller.has_more

    with shelf(gui.home / "data") as books:
        fill(books, conversations=FIRST_PAGE + 3, turns=1)
    gui.run(main)


def test_a_library_that_cannot_be_read_is_told_by_the_ordinary_reading(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        read: list[list[Conversation]] = []
        page = FirstPage(ui.app.library)
        page.read.connect(read.append)
        page.begin()
        page.wait()
        await asyncio.sleep(0)
        assert not read
        page.deleteLater()
        async with early(ui, tmp_path) as window:
            window.library.refresh()
            await until(lambda: window.library.controller.failure is not None, "the failure")
            assert not window.library.pages.quiet.isHidden()

    (gui.home / "data").mkdir(parents=True)
    (gui.home / "data" / "cort.db").write_bytes(b"not a database, whatever it is called" * 100)
    gui.run(main)


def test_a_window_closed_early_closes(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        async with early(ui, tmp_path) as window:
            window.close()
            assert window.isVisible()
            await asyncio.wait_for(Closing(ui, window).wanted(), 20)

    gui.run(main)


def test_work_started_before_the_loop_waits_for_it(gui: Gui) -> None:
    async def main(_ui: Ui) -> None:
        done: list[str] = []

        async def work(name: str) -> None:
            await asyncio.sleep(0)
            done.append(name)

        tasks = Tasks(lambda _error: None, None)
        assert tasks.start(work("early"), name="early") is None
        await asyncio.sleep(0.01)
        assert not done
        tasks.begin(asyncio.get_running_loop())
        await until(lambda: done == ["early"])
        await tasks.aclose()

    gui.run(main)


def test_work_that_never_got_a_loop_is_put_away(qt_app: QObject) -> None:
    async def work() -> None:
        await asyncio.sleep(0)

    async def main() -> None:
        tasks = Tasks(lambda _error: None, None)
        tasks.start(work(), name="early")
        await tasks.aclose()

    asyncio.run(main())
