"""How a provider fares as seen from here: its places, and the breakers of its models that hold back.

Looks anew every two seconds while it is shown; nobody is asked for it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QDateTime, QLocale, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cort_desktop.domain.health import CircuitHealth, ProviderHealth
from cort_desktop.domain.ids import model_of
from cort_desktop.gui.preferences.rows import StateLine
from cort_desktop.gui.theme import Theme
from cort_desktop.telling import figures
from cort_desktop.telling.safe import one_line

_LOOK_MS = 2_000
_RETRY_LEAST = 5


class HealthView(QWidget):
    """``look``: the health of every provider that was asked since the program started."""

    def __init__(self, theme: Theme, look: Callable[[], tuple[ProviderHealth, ...]]) -> None:
        super().__init__()
        self.setObjectName("settingsHealth")
        self.setAccessibleName(self.tr("How it fares"))
        self._theme = theme
        self._look = look
        self._provider = ""
        self._told: list[tuple[str, str]] = []
        self._lines: list[StateLine] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self.refresh)

    def show_provider(self, provider: str) -> None:
        """Tell of this one."""
        self._provider = provider
        self.refresh()

    def refresh(self) -> None:
        """Look again; what has not changed stays as it is, so that a reader isn't disturbed."""
        health = next((each for each in self._look() if each.provider == self._provider), None)
        told = self._words(health)
        if told == self._told:
            return
        self._told = told
        while len(self._lines) < len(told):
            line = StateLine(self._theme)
            self._lines.append(line)
            self._column.addWidget(line)
        for place, line in enumerate(self._lines):
            line.show_state(*(told[place] if place < len(told) else ("unasked", "")))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def _words(self, health: ProviderHealth | None) -> list[tuple[str, str]]:
        """State and words, one for each line."""
        if health is None:
            return [("unasked", self.tr("No question went there since the program started."))]
        told = [self._places(health)]
        if health.retry_tokens <= _RETRY_LEAST:
            words = self.tr(
                "So many calls failed lately that none is tried again by itself until some succeed."
            )
            told.append(("doubt", words))
        return [*told, *map(self._circuit, health.trouble)]

    def _places(self, health: ProviderHealth) -> tuple[str, str]:
        words = self.tr("%1 of %2 places in use, %3 waiting; there may be up to %4.")

        for mark, number in (
            ("%1", str(health.running)),
            ("%2", str(health.places)),
            ("%3", str(health.waiting)),
            ("%4", str(health.most_places)),
        ):
            words = words.replace(mark, number)
        if health.is_staggered:
            slow = self.tr("It said that there were too many requests, so they go out one by one.")
            return "doubt", f"{words} {slow}"
        sent = sum(each.requests for each in health.circuits)
        if not health.trouble and sent:
            failed = sum(each.failures for each in health.circuits)
            minute = self.tr("In the last minute: %1, %2 failed.")
            words = (
                f"{words} {minute.replace('%1', figures.count(sent, 'request')).replace('%2', str(failed))}"
            )
        return ("doubt" if health.trouble else "good"), words

    def _circuit(self, circuit: CircuitHealth) -> tuple[str, str]:
        name = one_line(model_of(circuit.model))
        key = self.tr(" (key %1)").replace("%1", circuit.key) if circuit.key else ""
        since = _time(circuit.since)
        if circuit.state == "half_open":
            words = self.tr("%1%2: one request is trying whether it answers again.")
            state = "busy"
        elif circuit.state == "held":
            words = self.tr("%1%2: asked no more since %3, until the key or the settings are changed.")
            state = "bad"
        else:
            words = self.tr("%1%2: not asked since %3; the next try may go out at %4.")
            state = "bad"
        probe = self.tr("once a question comes") if circuit.next_probe is None else _time(circuit.next_probe)
        for mark, text in (("%1", name), ("%2", key), ("%3", since), ("%4", probe)):
            words = words.replace(mark, text)
        counted = self.tr("%1 of %2 failed in the last minute.")
        counted = counted.replace("%1", str(circuit.failures)).replace(
            "%2", figures.count(circuit.requests, "request")
        )
        parts = (words, counted if circuit.requests else "", circuit.reason)
        return state, " ".join(filter(None, parts))


def _time(at: datetime) -> str:
    moment = QDateTime.fromSecsSinceEpoch(int(at.timestamp()))
    return QLocale().toString(moment.time(), "HH:mm:ss")
