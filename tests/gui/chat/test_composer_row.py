from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget

from cort_desktop.gui.chat.composer_row import shorter
from cort_desktop.gui.chat.picker_rows import CHOSEN_ROLE, HEADING_ROLE, WORDS_ROLE
from cort_desktop.gui.chat.system_prompt import SystemPrompt
from cort_desktop.gui.ui import Ui
from tests.fakes.window import Gui, gone, shown, until
from tests.gui.chat.chatting import chat_pane, held_model, press, quick_model, rest, write

CONTROL = Qt.KeyboardModifier.ControlModifier


def test_an_estimate_in_fewer_words() -> None:
    assert shorter("≈ 4 calls · 1–2k tokens · $0.02") == ("≈ 4 calls · $0.02", "≈ $0.02")
    assert shorter("≈ 4 calls · 1–2k tokens · unknown price")[-1] == "≈ 4 calls"
    assert shorter("") == ()


@pytest.mark.parametrize(("width", "is_tall"), [(340, True), (456, False), (900, False)])
def test_in_a_narrow_window_all_of_the_row_can_be_read(gui: Gui, width: int, is_tall: bool) -> None:
    """The preset was “…”, and the estimate had no room."""

    async def main(ui: Ui) -> None:
        async with chat_pane(ui, width) as pane:
            write(pane, "Why is the sky blue?")
            row = pane.composer.row
            await until(row.estimate.text)
            assert row.is_tall == is_tall
            for picker in (row.preset, row.model):
                words = picker.fontMetrics().horizontalAdvance(picker.currentText())
                assert picker.width() >= words + 20, picker.currentText()
            shown_words = row.estimate.text()
            assert row.estimate.fontMetrics().horizontalAdvance(shown_words) <= row.estimate.width()
            assert shown_words.startswith("≈")
            for each in (row.attach, row.preset, row.model, row.estimate, row.send):
                assert row.rect().contains(each.geometry()), each

    gui.run(main, quick_model())


def test_stop_stands_where_send_stood(gui: Gui) -> None:
    """Without an estimate beside it, it was a third of the row wide."""

    async def main(ui: Ui) -> None:
        async with chat_pane(ui, 900) as pane:
            row = pane.composer.row
            row.show_working(working=True)
            QApplication.processEvents()
            assert row.stop.width() <= row.stop.sizeHint().width() + 1
            assert row.stop.geometry().right() == row.rect().right()
            assert row.preset.width() <= row.preset.sizeHint().width() + 1

    gui.run(main)


def test_the_list_of_presets_has_groups_words_and_a_tick(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with chat_pane(ui) as pane:
            picker = pane.composer.preset
            ui.actions["chat.preset"].trigger()
            rows = [picker.itemText(row) for row in range(picker.count())]
            headings = [row for row in range(picker.count()) if picker.itemData(row, HEADING_ROLE)]
            assert [rows[row] for row in headings] == ["Presets", "Strategies"]
            assert len(set(rows)) == len(rows)
            for row in range(picker.count()):
                assert picker.itemData(row, HEADING_ROLE) or picker.itemData(row, WORDS_ROLE)
            ticked = [row for row in range(picker.count()) if picker.itemData(row, CHOSEN_ROLE)]
            assert ticked == [picker.currentIndex()]
            assert picker.currentText() == "CoRT"
            picker.hidePopup()
            picker.setCurrentIndex(rows.index("Strategies") - 1)
            QTest.keyClick(picker, Qt.Key.Key_Down)  # over the heading
            assert picker.currentIndex() == rows.index("Strategies") + 1
            assert (picker.objectName(), picker.accessibleName()) == ("presetPicker", "Thinking")

    gui.run(main, quick_model())


def test_a_refused_file_is_forgotten_by_the_next_one(gui: Gui, tmp_path: Path) -> None:
    """Its words stood there for ever."""
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    (tmp_path / "notes.txt").write_text("notes")

    async def main(ui: Ui) -> None:
        async with chat_pane(ui) as pane:
            refusal = pane.composer._refusal_row
            pane.composer.dropped.emit([tmp_path / "picture.png"])
            await until(refusal.isVisible)
            pane.composer.dropped.emit([tmp_path / "notes.txt"])
            assert not refusal.isVisible()
            await until(lambda: pane.controller.desk.draft.files)
            pane.composer.dropped.emit([tmp_path / "picture.png"])
            await until(refusal.isVisible)
            pane.new(temporary=True)
            assert not refusal.isVisible()

    gui.run(main, quick_model())


def test_a_temporary_conversation_that_works_is_not_estimated(gui: Gui) -> None:
    """“There is no conversation that begins with …” stood in the composer while it worked."""

    async def main(ui: Ui) -> None:
        async with chat_pane(ui) as pane:
            pane.new(temporary=True)
            write(pane, "Why?")
            press(pane, Qt.Key.Key_Return)
            await until(lambda: pane.conversation is not None and pane.controller.questions.working)
            write(pane, "and then?")
            pane.controller.desk.estimate_wanted.emit()
            await until(lambda: "estimate" not in ui.tasks.names)
            assert pane.composer._warning.text() == ""
            press(pane, Qt.Key.Key_Escape)
            await rest(pane)
            await until(pane.composer.row.estimate.text)
            assert pane.composer._warning.text() == ""

    gui.run(main, held_model(1))


@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_escape_does_not_throw_a_written_system_prompt_away(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        window = shown(QWidget())
        place = SystemPrompt(ui.theme, "Be brief.", None, window)
        chosen: list[object] = []
        place.chosen.connect(chosen.append)
        place.open()
        QTest.keyClicks(place._edit, "And kind. ")
        QTest.keyClick(place, Qt.Key.Key_Escape)
        assert place.isVisible()
        box = place.findChild(QMessageBox, "systemPromptQuestion")
        assert box is not None
        QTest.keyClick(box, Qt.Key.Key_Return)
        assert chosen == ["And kind. Be brief."]
        assert not place.isVisible()
        gone(window)

    gui.run(main)
