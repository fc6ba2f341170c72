"""The dialog about the program: what it tells, and the diagnostics it copies."""

from __future__ import annotations

import json

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from cort_desktop import __version__
from cort_desktop.gui.about import AboutDialog
from cort_desktop.gui.ui import Ui
from tests.fakes.window import Gui, gone, until


def said(dialog: AboutDialog, name: str) -> str:
    label = dialog.findChild(QLabel, name)
    assert isinstance(label, QLabel)
    return label.text()


def test_it_tells_versions_and_licence(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        parent = QWidget()
        dialog = AboutDialog(ui, parent)
        dialog.open()
        assert __version__ in said(dialog, "aboutTitle")
        assert "MIT" in said(dialog, "aboutWords")
        assert "Qt: 6." in said(dialog, "aboutVersions")
        dialog.reject()
        gone(parent)

    gui.run(main)


def test_the_diagnostics_are_copied_without_a_key(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        key = "sk-made-up-key-of-a-test-0123456789"
        await ui.app.preferences.set_key("openai", key)
        parent = QWidget()
        dialog = AboutDialog(ui, parent)
        dialog.open()
        copy = dialog.findChild(QPushButton, "copyDiagnostics")
        assert isinstance(copy, QPushButton)
        copy.click()
        assert not copy.isEnabled()
        await until(copy.isEnabled)
        text = QGuiApplication.clipboard().text()
        assert text.startswith(f"CoRT Desktop: {__version__}\n")
        report = json.loads(text.partition("\n\n")[2])
        assert report["app"]
        assert "folders" in report
        assert key not in text
        dialog.reject()
        gone(parent)

    gui.run(main)
