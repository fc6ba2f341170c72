"""What this program is: its version and those of its parts, its licence, and the diagnostics for a report.

Not here: what the diagnostics are (``services.doctor``), which has no key in it.
"""

from __future__ import annotations

import json
import platform

from PySide6 import __version__ as pyside_version
from PySide6.QtCore import QLocale, QSysInfo, Qt, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QVBoxLayout, QWidget

from cort_desktop import __version__
from cort_desktop.errors import CortError
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import PlainLabel, button, plain_tooltip

_ICON, _WIDTH = 64, 460


class AboutDialog(QDialog):
    """Made for one look; goes when it is closed."""

    def __init__(self, ui: Ui, parent: QWidget) -> None:
        super().__init__(parent)
        self._ui = ui
        self._is_open = True
        self.finished.connect(self._ended)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("aboutDialog")
        self.setWindowTitle(self.tr("About CoRT Desktop"))
        self.setMinimumWidth(_WIDTH)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 16)
        column.setSpacing(12)
        column.addLayout(self._head())
        column.addWidget(self._words())
        column.addWidget(self._versions())
        self._said = PlainLabel("", "muted")
        self._said.setWordWrap(True)
        self._said.setAccessibleName(self.tr("State of the diagnostics"))
        column.addWidget(self._said)
        column.addLayout(self._feet())

    def versions(self) -> str:
        """Everything's version, a line each, as it is shown and copied."""
        lines = {
            "CoRT Desktop": __version__,
            "Python": platform.python_version(),
            "Qt": f"{qVersion()} (PySide6 {pyside_version})",
            self.tr("System"): f"{QSysInfo.prettyProductName()}, {QSysInfo.currentCpuArchitecture()}",
            self.tr("Screen"): QGuiApplication.platformName(),
            self.tr("Language"): QLocale().bcp47Name(),
        }
        return "\n".join(f"{name}: {words}" for name, words in lines.items())

    def _head(self) -> QHBoxLayout:
        picture = PlainLabel()
        icon = QGuiApplication.windowIcon()
        picture.setPixmap(icon.pixmap(_ICON, _ICON))
        picture.setVisible(not icon.isNull())
        title = PlainLabel(f"CoRT Desktop {__version__}", "title")
        title.setObjectName("aboutTitle")
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(picture)
        row.addWidget(title, 1)
        return row

    def _words(self) -> PlainLabel:
        words = PlainLabel(
            self.tr(
                "Chain of Recursive Thoughts: a draft, alternatives that challenge it, and judges who don't "
                "know which is which. MIT licence; the licences of its parts are in THIRD_PARTY_NOTICES.md, "
                "which comes with the program."
            )
        )
        words.setObjectName("aboutWords")
        words.setWordWrap(True)
        return words

    def _versions(self) -> PlainLabel:
        shown = PlainLabel(self.versions(), "small")
        shown.setObjectName("aboutVersions")
        shown.setAccessibleName(self.tr("Versions"))
        shown.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        return shown

    def _feet(self) -> QHBoxLayout:
        self._copy = button(self.tr("Copy diagnostics"))
        self._copy.setObjectName("copyDiagnostics")
        plain_tooltip(
            self._copy,
            self.tr("For a report of a mistake: versions, folders, providers, last errors; no key"),
        )
        self._copy.clicked.connect(self._start)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        row = QHBoxLayout()
        row.addWidget(self._copy)
        row.addStretch(1)
        row.addWidget(close)
        return row

    def _start(self) -> None:
        if self._ui.tasks.start(self._collect(), name="diagnostics", failed=self._failed) is not None:
            self._copy.setEnabled(False)
            self._said.setText(self.tr("Looking at versions, folders and providers …"))

    async def _collect(self) -> None:
        report = await self._ui.app.doctor.report()
        text = f"{self.versions()}\n\n{json.dumps(report, indent=1, ensure_ascii=False)}\n"
        QGuiApplication.clipboard().setText(text)
        self._done(self.tr("Copied. There is no key in it; look it over before you send it to anybody."))

    def _failed(self, error: CortError) -> None:
        self._done(str(error))

    def _done(self, words: str) -> None:
        """Say how it went, unless the dialog is gone by now."""
        if self._is_open:
            self._said.setText(words)
            self._copy.setEnabled(True)

    def _ended(self) -> None:
        self._is_open = False
