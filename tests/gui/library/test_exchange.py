"""Out of the window into files, and back: by menu, by drop, by another start."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QPushButton, QWidget

from cort_desktop.gui.library.exchange import Exchange
from cort_desktop.gui.library.exchange_dialogs import documents
from cort_desktop.gui.opening import Opening
from cort_desktop.gui.single_instance import Wanted
from cort_desktop.gui.ui import Ui
from tests.fakes.opened_window import opened
from tests.fakes.whole_window import ask, at_rest
from tests.fakes.window import Gui, until
from tests.gui.chat.chatting import quick_model
from tests.gui.library.test_verbs import answer, question

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
ASKED = "Why is the sky blue?"


def said(ui: Ui) -> list[str]:
    told: list[str] = []
    ui.notices.said.connect(lambda notice: told.append(f"{notice.kind}: {notice.text}"))
    return told


def dialog(name: str) -> QFileDialog:
    found = QApplication.activeModalWidget()
    assert isinstance(found, QFileDialog)
    assert found.objectName() == name
    return found


def press(box: QFileDialog, words: str) -> None:
    button = next(each for each in box.findChildren(QPushButton) if words in each.text().replace("&", ""))
    button.click()


def typed(box: QFileDialog, name: str) -> None:
    field = box.findChild(QLineEdit, "fileNameEdit")
    assert field is not None
    field.setText(name)


async def titles(ui: Ui) -> list[str]:
    return [each.title for each in await ui.app.library.conversations()]


def drop(widget: QWidget, *files: Path) -> bool:
    """What a drag and a drop of files come to: whether they were taken."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    point = widget.rect().center()
    entering = QDragEnterEvent(point, Qt.DropAction.CopyAction, data, buttons, keys)
    QApplication.sendEvent(widget, entering)
    if not entering.isAccepted():
        return False
    QApplication.sendEvent(widget, QDropEvent(QPointF(point), Qt.DropAction.CopyAction, data, buttons, keys))
    return True


def exported(ui: Ui, opening: Opening, path: Path) -> None:
    """Through menu and dialog."""
    opening.window.library.exchange._last = path.parent
    ui.actions["library.export"].trigger()
    box = dialog("exportDialog")
    typed(box, path.name)
    press(box, "Export")


def test_a_conversation_goes_out_by_the_menu_and_comes_in_again(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path / "data") as opening:
            window, told = opening.window, said(ui)
            await ask(ui, window, ASKED)
            first = window.chat.conversation
            window.library.exchange._last = tmp_path
            ui.actions["library.export"].trigger()
            box = dialog("exportDialog")
            assert box.windowTitle() == f"Export “{ASKED}”"
            assert [Path(each) for each in box.selectedFiles()] == [tmp_path / "Why is the sky blue.cort"]
            press(box, "Export")
            file = tmp_path / "Why is the sky blue.cort"
            await until(file.exists)
            await until(lambda: told)
            assert told == [f"good: Exported “{ASKED}” to “{file.name}”."]
            ui.actions["library.import"].trigger()
            box = dialog("importDialog")
            typed(box, file.name)
            press(box, "Import")
            await until(lambda: window.chat.conversation not in (None, first))
            await at_rest(ui)
            assert told[1:] == [f"good: Imported “{ASKED}”."]
            assert await titles(ui) == [ASKED, ASKED]
            assert len(window.library.controller.conversations) == 2
            assert not ui.notices.bars

    gui.run(main, model=quick_model())


def test_the_chosen_form_and_the_name_decide_what_is_written(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path / "data") as opening:
            await ask(ui, opening.window, ASKED)
            told = said(ui)
            exported(ui, opening, tmp_path / "a.json")
            await until(lambda: len(told) == 1)
            assert json.loads((tmp_path / "a.json").read_text())["path"][0]["question"] == ASKED
            ui.actions["library.export"].trigger()
            box = dialog("exportDialog")
            filters = box.nameFilters()
            box.selectNameFilter(filters[1])
            box.filterSelected.emit(filters[1])
            assert Path(box.selectedFiles()[0]).name == "Why is the sky blue.md"
            typed(box, "b")
            press(box, "Export")
            await until(lambda: len(told) == 2)
            assert (tmp_path / "b.md").read_text().startswith(f"# {ASKED}\n")

    gui.run(main, model=quick_model())


def test_a_file_that_is_there_is_replaced_only_when_a_person_says_so(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path / "data") as opening:
            await ask(ui, opening.window, ASKED)
            told, file = said(ui), tmp_path / "a.md"
            file.write_text("mine")
            exported(ui, opening, file)
            assert question().text() == "Replace “a.md”?"
            answer("Cancel")
            await at_rest(ui)
            assert (file.read_text(), told) == ("mine", [])
            exported(ui, opening, file)
            answer("Replace")
            await until(lambda: told)
            assert ASKED in file.read_text()

    gui.run(main, model=quick_model())


def test_conversations_that_are_dropped_are_imported_and_others_attached(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path / "data") as opening:
            window, told = opening.window, said(ui)
            await ask(ui, window, ASKED)
            file, notes = tmp_path / "it.CORT", tmp_path / "notes.txt"
            await ui.app.exchange.export([str(window.chat.conversation)], file)
            notes.write_text("a note")
            assert not drop(window, notes)
            seen = {window.chat.conversation}
            for target in (window, window.chat, window.chat.composer.edit.viewport()):
                assert drop(target, file, notes) is True
                await until(lambda: window.chat.conversation not in seen)
                seen.add(window.chat.conversation)
                await at_rest(ui)
            assert told == [f"good: Imported “{ASKED}”."] * 3
            assert len(await titles(ui)) == 4

    gui.run(main, model=quick_model())


def test_a_file_that_is_none_is_told_and_the_others_come_in(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path / "data") as opening:
            window = opening.window
            await ask(ui, window, ASKED)
            good, bad = tmp_path / "a.cort", tmp_path / "b.cort"
            await ui.app.exchange.export([str(window.chat.conversation)], good)
            bad.write_bytes(good.read_bytes()[:-40])
            told = said(ui)
            opening.come_forward(Wanted(files=(bad, good)))
            await until(lambda: told)
            assert told == [f"good: Imported “{ASKED}”."]
            (bar,) = ui.notices.bars.values()
            assert bar.kind == "bad"
            assert bar.text.startswith("“b.cort” can't be imported: it is cut short or damaged.")
            await at_rest(ui)
            assert len(await titles(ui)) == 2

    gui.run(main, model=quick_model())


def test_a_window_that_is_started_with_a_file_shows_it(gui: Gui, tmp_path: Path) -> None:
    file = tmp_path / "a.cort"

    async def make(ui: Ui) -> None:
        async with opened(ui, tmp_path / "data") as opening:
            await ask(ui, opening.window, ASKED)
            await ui.app.exchange.export([str(opening.window.chat.conversation)], file)
            opening.window.chat.new()
            await at_rest(ui)

    async def show(ui: Ui) -> None:
        async with opened(ui, tmp_path / "data", files=(file,)) as opening:
            await until(lambda: opening.window.chat.conversation is not None)
            await at_rest(ui)
            assert opening.window.windowTitle().startswith(ASKED)
            assert len(await titles(ui)) == 2

    gui.run(make, model=quick_model())
    gui.run(show, model=quick_model())


def test_long_work_tells_how_far_it_is_and_can_be_stopped(
    gui: Gui, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path / "data") as opening:
            told, begun = said(ui), asyncio.Event()

            async def endless(_path: Path, *, tell: object) -> list[object]:
                assert callable(tell)
                tell(1, 4)
                begun.set()
                await asyncio.Event().wait()
                return []

            monkeypatch.setattr(ui.app.exchange, "import_file", endless)
            monkeypatch.setattr("cort_desktop.gui.library.exchange.PATIENCE_S", 0.0)
            exchange: Exchange = opening.window.library.exchange
            exchange.bring_in([tmp_path / "big.cort"])
            await begun.wait()
            (bar,) = ui.notices.bars.values()
            assert bar.text == "Importing “big.cort”… 25 %"
            (stop,) = bar.offers
            assert stop.text == "Stop"
            stop.call()
            await until(lambda: told)
            assert (told, dict(ui.notices.bars)) == (["info: It was stopped."], {})

    gui.run(main)


def test_nothing_is_to_be_exported_without_a_conversation(gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path / "data") as opening:
            assert not ui.actions["library.export"].isEnabled()
            assert ui.actions["library.import"].isEnabled()
            await ask(ui, opening.window, ASKED)
            await until(ui.actions["library.export"].isEnabled)

    gui.run(main, model=quick_model())


def test_without_a_folder_of_documents_files_go_where_a_person_is_at_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Qt names the folder there or not; a dialog of one that isn't there shows the working folder."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    assert documents() == tmp_path
    (tmp_path / "Documents").mkdir()
    assert documents() == tmp_path / "Documents"
