"""The report of a connection test: five lines, each with what is so and what to do next."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from cort_desktop.gui.preferences.rows import StateLine
from cort_desktop.gui.theme import Theme
from cort_desktop.services.connection_words import StepName
from cort_desktop.services.connections import STEPS, ConnectionReport, Step


class ConnectionView(QWidget):
    """Hidden until there is something to say."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("settingsReport")
        self.setAccessibleName(self.tr("Connection test"))
        self._lines: dict[StepName, StateLine] = {name: StateLine(theme) for name in STEPS}
        self._busy = StateLine(theme)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 4)
        column.setSpacing(6)
        column.addWidget(self._busy)
        for line in self._lines.values():
            column.addWidget(line)
        self.clear()

    def clear(self) -> None:
        """Say nothing."""
        self.hide()

    def wait(self, origin: str) -> None:
        """Say that an answer is waited for."""
        for line in self._lines.values():
            line.hide()
        self._busy.show_state("busy", self.tr("Asking %1 …").replace("%1", origin))
        self.show()

    def refuse(self, problem: str) -> None:
        """Say why nothing was tested."""
        self.wait("")
        self._busy.show_state("bad", problem)

    def show_report(self, report: ConnectionReport) -> None:
        """Show how each step went; those that were not taken are left out once something went wrong."""
        self._busy.hide()
        for step in report.steps:
            is_left_out = step.state == "unasked"
            self._lines[step.name].show_state(step.state, "" if is_left_out else self._words(step))
        self.show()

    def _words(self, step: Step) -> str:
        names: dict[StepName, str] = {
            "address": self.tr("Address"),
            "connection": self.tr("Connection"),
            "key": self.tr("Key"),
            "models": self.tr("Models"),
            "credit": self.tr("Credit"),
        }
        words = " ".join(filter(None, (f"{names[step.name]}: {step.words}", step.advice)))
        return f"{words}\n{step.detail}" if step.detail else words
