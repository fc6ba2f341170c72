"""Where the window was: taken up again, whatever the file holds and whatever became of the screen."""

from pathlib import Path

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from cort_desktop.gui.ui import Ui
from tests.fakes.opened_window import opened
from tests.fakes.window import Gui

GARBAGE = [
    b"",
    b"\x00\xff\xfe garbage \x80" * 50,
    b"[General]\ngeometry=@ByteArray(nonsense)\nlayout=@ByteArray()\nsplitter=@ByteArray(\\xff\\xff)\n",
    b"[General]\nlibrary=many\nrounds=\nmenu_bar=@Invalid()\ngeometry=12\nsplitter=a, b\n",
]


@pytest.mark.parametrize("held", GARBAGE)
def test_a_file_that_holds_anything_is_survived(gui: Gui, tmp_path: Path, held: bytes) -> None:
    (tmp_path / "window.ini").write_bytes(held)

    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path, None) as opening:
            assert _in_reach(opening.window.frameGeometry())
            assert opening.window.chat.isVisible()
            assert opening.window.chat.width() > 200

    gui.run(main)


@pytest.mark.parametrize("place", [QRect(90_000, 90_000, 800, 600), QRect(-9_000, 10, 800, 600)])
def test_a_window_whose_screen_is_gone_comes_into_reach(gui: Gui, tmp_path: Path, place: QRect) -> None:
    async def first(ui: Ui) -> None:
        async with opened(ui, tmp_path, None) as opening:
            opening.window.setGeometry(place)

    async def then(ui: Ui) -> None:
        async with opened(ui, tmp_path, None) as opening:
            assert _in_reach(opening.window.frameGeometry())

    gui.run(first)
    gui.run(then)


def test_the_layout_is_the_same_after_a_restart(gui: Gui, tmp_path: Path) -> None:
    room = QGuiApplication.primaryScreen().availableGeometry()
    place = QRect(room.x() + 7, room.y() + 9, min(760, room.width() - 20), min(560, room.height() - 20))
    kept: dict[str, object] = {}

    async def first(ui: Ui) -> None:
        async with opened(ui, tmp_path, None) as opening:
            window = opening.window
            window.setGeometry(place)
            ui.actions["view.rounds"].trigger()
            window.splitter.setSizes([260, 500])
            QApplication.processEvents()
            kept["library"] = window.library.width()
            kept["wants rounds"] = ui.actions["view.rounds"].isChecked()

    async def then(ui: Ui) -> None:
        async with opened(ui, tmp_path, None) as opening:
            window = opening.window
            assert window.size() == place.size()
            assert abs(window.x() - place.x()) < 40  # the frame counts or not, as the screen has it
            assert abs(window.y() - place.y()) < 40
            assert window.library.width() == pytest.approx(kept["library"], abs=2)
            assert ui.actions["view.rounds"].isChecked() == kept["wants rounds"]
            assert window.dock.isVisible() == kept["wants rounds"]

    gui.run(first)
    gui.run(then)


def test_a_folder_that_takes_no_file_is_no_reason_to_complain(gui: Gui, tmp_path: Path) -> None:
    (tmp_path / "window.ini").mkdir()

    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path, None) as opening:
            assert opening.window.isVisible()
            assert not ui.notices.bars

    gui.run(main)


def _in_reach(frame: QRect) -> bool:
    return any(
        screen.availableGeometry().intersected(frame).width() >= 80
        and screen.availableGeometry().intersected(frame).height() >= 80
        for screen in QGuiApplication.screens()
    )
