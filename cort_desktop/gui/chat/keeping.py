"""Keeps what is written and not sent over a restart, in ``composer.json`` of the data folder.

Written whole or not at all, for its owner alone, a moment after the last key; read once. A file that can't be
written is no reason to complain about a text that is still there. What is kept is ``kept``.
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock

from PySide6.QtCore import QFile, QIODevice, QObject, QSaveFile, QTimer

from cort_desktop.errors import StorageError, UsageError
from cort_desktop.gui.chat.desk import Desk
from cort_desktop.gui.chat.drafts import Key
from cort_desktop.gui.chat.kept import Kept, from_text, to_text
from cort_desktop.gui.ui import Ui

FILE = "composer.json"
PAUSE_MS = 700
_MOST_BYTES = 32 * 1024 * 1024


class Keeping(QObject):
    """Belongs to a desk. ``begin`` reads; ``finish`` writes what waits."""

    def __init__(self, ui: Ui, desk: Desk, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ui, self._desk = ui, desk
        self._file = folder / FILE
        self._written = ""
        self._is_read = self._is_writing = False
        self._newest = 0
        self._turn = Lock()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._write_soon)
        desk.kept_changed.connect(self._changed)

    def begin(self) -> None:
        """Take up what was kept the last time."""
        self._ui.tasks.start(self._read(), name="drafts")

    def finish(self) -> None:
        """Write now what waits; the window closes."""
        self._pause.stop()
        if self._is_read:
            self._newest += 1
            self._write(to_text(self._desk.kept()), self._newest)

    async def _read(self) -> None:
        text = await self._ui.tasks.offload(_text_of, self._file)
        kept = await self._of_this_library(from_text(text))
        self._written = text
        self._is_read = True
        self._desk.take_up(kept)

    async def _of_this_library(self, kept: Kept) -> Kept:
        """What was written in a conversation that is gone for good is gone, too."""
        drafts = {key: draft for key, draft in kept.drafts.items() if await self._is_known(key)}
        return Kept(drafts=drafts, last=kept.last)

    async def _is_known(self, key: Key) -> bool:
        try:
            return key is None or (await self._ui.app.library.get(key)).id == key
        except UsageError:
            return False
        except StorageError:
            return True  # nobody knows; it is kept until somebody does

    def _changed(self) -> None:
        if self._is_read:
            self._pause.start()

    def _write_soon(self) -> None:
        if self._is_writing:
            self._pause.start()
            return
        self._is_writing = True
        self._newest += 1
        self._ui.tasks.start(self._write_beside(to_text(self._desk.kept()), self._newest), name="keep drafts")

    async def _write_beside(self, text: str, number: int) -> None:
        try:
            await self._ui.tasks.offload(self._write, text, number)
        finally:
            self._is_writing = False

    def _write(self, text: str, number: int) -> None:
        """One after the other, and never an older text over a newer one."""
        with self._turn:
            if number == self._newest and text != self._written and _save(self._file, text):
                self._written = text


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_MOST_BYTES).decode("ascii", "replace")
    except OSError:
        return ""


def _save(path: Path, text: str) -> bool:
    """Replace the file in one step; whether that could be done."""
    file = QSaveFile(str(path))
    if not file.open(QIODevice.OpenModeFlag.WriteOnly):
        return False
    file.setPermissions(QFile.Permission.ReadOwner | QFile.Permission.WriteOwner)
    file.write(text.encode("ascii"))
    return bool(file.commit())
