"""Hostile surroundings of the real window: a screen that is gone, a garbled memory of where it was, settings
that are none, scripts without a font.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QGuiApplication

from cort_desktop.gui.ui import Ui
from cort_desktop.gui.window_state import WindowState, bring_into_reach
from tests.fakes.models import Reply, ScriptedModel
from tests.fakes.whole_window import ask, main_window
from tests.fakes.window import CONFIG, Gui

pytestmark = pytest.mark.qt_log_ignore(
    "propagateSizeHints", "does not support", "OpenType support missing", "unknown user type"
)
SINGLE = CONFIG.replace('"cort"', '"single"')


def slow(seconds: float = 0.2) -> ScriptedModel:
    return ScriptedModel(lambda _request, nth: Reply(text=f"Answer {nth}.", seconds=seconds))


def test_a_window_that_lost_its_screen_comes_back_into_reach(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home, 900, 600) as window:
            screen = QGuiApplication.primaryScreen().availableGeometry()
            for place in (
                QRect(-9000, 40, 900, 600),
                QRect(9000, 9000, 900, 600),
                QRect(100, -5000, 900, 600),
            ):
                window.setGeometry(place)
                bring_into_reach(window)
                assert screen.intersects(window.frameGeometry())
                assert window.frameGeometry().top() >= screen.top()

    gui.run(main)


GARBAGE = {
    "noise": b"\x00\xff\xfe garbage \x80" * 500,
    "a geometry that is none": b'[General]\ngeometry="@ByteArray(\\x1\\xd9\\xd0)"\nlayout=7\nsplitter=x\n',
    "numbers that are none": b"[General]\nlibrary=maybe\nrounds=99999999999999999999\nmenu_bar=[]\n",
    "huge": b"[General]\ngeometry=" + b"A" * 3_000_000,
    "variants": b"[General]\ngeometry=@Variant(\\0\\0\\0\\x7f)\nlibrary=@Rect(1 2 3 4)\nlayout=@Invalid()\n",
    "all far away": (
        b'[General]\ngeometry="@Rect(-30000 -30000 1 1)"\nsplitter="@ByteArray(\\0\\0\\0\\xff)"\n'
    ),
}


@pytest.mark.parametrize("name", GARBAGE)
def test_a_garbled_memory_of_the_window_is_no_trouble(gui: Gui, name: str) -> None:
    async def main(ui: Ui) -> None:
        (gui.home / "window.ini").write_bytes(GARBAGE[name])
        async with main_window(ui, gui.home, 1200, 800) as window:
            bring_into_reach(window)
            assert window.isVisible()
            assert window.chat.isVisible()
            window.grab()

    gui.run(main)


def test_a_memory_that_cannot_be_written_is_no_trouble(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        async with main_window(ui, tmp_path / "no" / "such" / "folder"):
            pass
        state = WindowState(Path("/dev/null/x"))
        state.set_number("library", 1)
        state.flush()

    gui.run(main)


CONFIGS = {
    "appearance": '[appearance]\ntheme = "neon"\ntext_size = 100000\nreduce_motion = "yes"\n',
    "wrong sorts": "appearance = 7\nshortcuts = []\n",
    "shortcuts": '[shortcuts]\n"chat.new" = "\\u202eNo+Such+Key"\n"no.one" = ["F4"]\n"chat.send" = 3\n',
    "one key for two": '[shortcuts]\n"chat.new" = ["Ctrl+K"]\n"view.library" = ["Ctrl+K"]\n',
}


@pytest.mark.parametrize("name", CONFIGS)
def test_garbled_settings_are_told_and_the_window_works(gui: Gui, name: str) -> None:
    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            ui.actions.rebind(ui.app.preferences.settings.shortcuts)
            if name != "one key for two":
                assert ui.app.notices
            await ask(ui, window, "Why?")
            assert (await ui.app.library.conversations())[0].turns == 1

    config = CONFIGS[name] + SINGLE if name == "wrong sorts" else SINGLE + CONFIGS[name]
    gui.run(main, slow(0), config)


SCRIPTS = "漢字 かな 한국어 العربية עברית हिन्दी ไทย 👩‍👩‍👧‍👦 🏴󠁧󠁢󠁳󠁣󠁴󠁿 𓀀 ᚠ ⠿ 🀄 ﷽ Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!͖̬̰̙̗̿̋ͥͥ̂ͣ̐́́͜͞"


def test_scripts_without_a_font_are_boxes_and_no_trouble(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            await ask(ui, window, SCRIPTS)
            window.grab()
            turn = window.chat.transcript.last_made
            assert turn is not None
            assert turn.answer.look.text == SCRIPTS * 20
            assert SCRIPTS[:20] in window.windowTitle()

    gui.run(main, ScriptedModel(lambda _r, _n: Reply(text=SCRIPTS * 20, seconds=0)), SINGLE)
