"""Writes what is changed on a page, and tells the field it came from when that was refused.

Has no widgets: a field is whatever takes a sentence (None: all is well).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal

from cort_desktop.domain.settings import Settings
from cort_desktop.errors import CortError, SettingsError
from cort_desktop.gui.tasks import Tasks
from cort_desktop.services.preferences import PreferencesService

Say = Callable[[str | None], None]
Changes = Mapping[tuple[str, ...], Any]


class Saver(QObject):
    """``changed`` follows every change of the settings, wherever it came from; while more of them are on
    their way from here, the last one's: what a person chose since would look undone.
    """

    changed = Signal(object)

    def __init__(self, preferences: PreferencesService, tasks: Tasks, parent: QObject) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self._tasks = tasks
        self._on_their_way = 0
        self._has_news = False
        self._stop_listening = preferences.on_change(self._heard)
        self.destroyed.connect(self._stop_listening)

    @property
    def settings(self) -> Settings:
        """The settings that hold now."""
        return self._preferences.settings

    def write(self, changes: Changes, say: Say) -> None:
        """Write ``changes`` now; ``say`` hears None when they hold, else why they don't."""
        self._on_their_way += 1
        self._tasks.start(
            self._write(changes, say), name="save settings", failed=lambda error: say(reason(error))
        )

    def stop(self) -> None:
        """Hear of no further change: the window is going."""
        self._stop_listening()

    async def _write(self, changes: Changes, say: Say) -> None:
        try:
            await self._preferences.change(changes)
        finally:
            self._on_their_way -= 1
            self._tell()
        say(None)

    def _heard(self, _settings: Settings) -> None:
        self._has_news = True
        self._tell()

    def _tell(self) -> None:
        if self._has_news and not self._on_their_way:
            self._has_news = False
            self.changed.emit(self.settings)


def reason(error: CortError) -> str:
    """Why something was refused, without the file's path: the field shows where."""
    why = error.__cause__
    if not isinstance(error, SettingsError) or not isinstance(why, SettingsError):
        return str(error)
    words = str(why)
    return f"{words[:1].upper()}{words[1:]}."
