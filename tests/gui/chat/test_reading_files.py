import asyncio
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QPushButton

from cort_desktop.gui.chat.chat_pane import ChatPane
from cort_desktop.gui.chat.chips import FileChip
from cort_desktop.gui.ui import Ui
from tests.fakes.window import Gui, until
from tests.gui.chat.chatting import ask, chat_pane, last, press, quick_model, reading_waits, rest, write


def _chips(pane: ChatPane) -> list[str]:
    found = [chip for chip in pane.composer.findChildren(FileChip) if chip.isVisible()]
    return [chip.findChildren(QPushButton)[0].text() for chip in found]


def test_a_question_waits_for_the_files_that_go_along(
    gui: Gui, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_read = reading_waits(monkeypatch)
    for name in ("one.txt", "two.txt"):
        (tmp_path / name).write_text("Words. " * 20)

    async def main(ui: Ui) -> None:
        async with chat_pane(ui) as pane:
            write(pane, "What does it say?")
            pane.composer.dropped.emit([tmp_path / "one.txt", tmp_path / "two.txt"])
            await until(lambda: len(_chips(pane)) == 2)
            assert all(words.endswith("reading…") for words in _chips(pane))
            assert not pane.composer.can_send
            assert not ui.actions["chat.send"].isEnabled()
            press(pane, Qt.Key.Key_Return)
            assert "being read" in pane.composer._refusal.text()
            pane.controller.questions.ask()
            assert not pane.controller.questions.is_starting
            pane.controller.desk.drop_reading(pane.controller.desk.readings[1])
            assert len(_chips(pane)) == 1
            may_read.set()
            await until(lambda: pane.composer.can_send)
            assert pane.composer._refusal.text() == ""
            assert ui.actions["chat.send"].isEnabled()
            press(pane, Qt.Key.Key_Return)
            await rest(pane)
            feed = last(pane).feed
            assert feed is not None
            assert feed.state.started is not None
            assert [each.name for each in feed.state.started.attachments] == ["one.txt"]

    gui.run(main, quick_model())


@pytest.mark.parametrize("temporary", [False, True])
def test_of_two_files_of_one_name_the_one_that_is_meant_is_shown(
    gui: Gui, tmp_path: Path, temporary: bool
) -> None:
    paths = []
    for text in ("The first one.", "The second one."):
        folder = tmp_path / text[4:9].strip()
        folder.mkdir()
        (folder / "notes.txt").write_text(text)
        paths.append(folder / "notes.txt")

    async def main(ui: Ui) -> None:
        async with chat_pane(ui) as pane:
            pane.new(temporary=temporary)
            pane.composer.dropped.emit(paths)
            await until(lambda: len(pane.controller.desk.draft.files) == 2)
            turn = await ask(pane, "What do they say?")
            assert turn.feed is not None
            assert turn.feed.state.started is not None
            turn.question.file_opened.emit(turn.feed.state.started.attachments[1])
            await until(lambda: pane.findChild(QDialog))
            window = pane.findChild(QDialog)
            assert isinstance(window, QDialog)
            shown = window.findChild(QPlainTextEdit)
            assert isinstance(shown, QPlainTextEdit)
            assert shown.toPlainText() == "The second one."
            window.close()
            await asyncio.sleep(0)

    gui.run(main, quick_model())
