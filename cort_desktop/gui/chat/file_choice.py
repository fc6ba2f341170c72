"""Choosing files that are to go along with a question."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QWidget


def choose_files(parent: QWidget, take: Callable[[list[Path]], object]) -> QFileDialog:
    """Ask for text and code files; ``take`` gets what was chosen. Returns at once."""
    dialog = QFileDialog(parent, QCoreApplication.translate("FileChoice", "Attach text or code"))
    dialog.setObjectName("attachDialog")
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    dialog.filesSelected.connect(lambda names: take([Path(name) for name in names]))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog
