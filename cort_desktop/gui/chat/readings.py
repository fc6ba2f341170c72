"""The files that are being read for drafts: where each is wanted, and why some of them can't go along.

What was read belongs to a draft, which is ``desk``'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from cort_desktop.errors import CortError
from cort_desktop.gui.chat.drafts import Key
from cort_desktop.gui.ui import Ui

_MOST_TOLD = 3


@dataclass(slots=True, kw_only=True, eq=False)
class Reading:
    """A file that is being read for a draft. ``is_wanted`` ends when it is left out before it is there, or
    can't go along; ``refusal`` is why it can't.
    """

    name: str
    key: Key
    is_wanted: bool = True
    refusal: str = ""


class Readings(QObject):
    """``changed``: others are being read; ``read`` has where a file is wanted, and its AttachmentInfo;
    ``refused`` where it was, its CortError, and in words that and why others of those that came along can't.
    """

    changed = Signal()
    read = Signal(object, object)
    refused = Signal(object, object, str)

    def __init__(self, ui: Ui, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._now: list[Reading] = []

    def of(self, key: Key) -> tuple[Reading, ...]:
        """Those that are wanted there."""
        return tuple(each for each in self._now if each.key == key and each.is_wanted)

    def move(self, old: Key, new: Key) -> None:
        """What was wanted there is wanted here."""
        for each in self._now:
            each.key = new if each.key == old else each.key

    def drop(self, reading: Reading) -> None:
        """Leave a file out that is not there yet."""
        reading.is_wanted = False
        self.changed.emit()

    async def take(self, paths: Sequence[Path], key: Key) -> None:
        """Read files, one after the other."""
        mine = [Reading(name=path.name, key=key) for path in paths]
        self._now += mine
        self.changed.emit()
        try:
            for path, reading in zip(paths, mine, strict=True):
                if reading.is_wanted:
                    await self._read(path, reading, mine)
        finally:
            self._now = [each for each in self._now if each not in mine]
            self.changed.emit()

    async def _read(self, path: Path, reading: Reading, beside: Sequence[Reading]) -> None:
        try:
            file = await self._ui.app.attachments.read(path)
        except CortError as error:
            if reading.is_wanted:
                reading.refusal = str(error)
                self.drop(reading)
                self.refused.emit(reading.key, error, self._told(beside))
            return
        if reading.is_wanted:
            self._now.remove(reading)
            self.read.emit(reading.key, file)

    def _told(self, beside: Sequence[Reading]) -> str:
        told = [each.refusal for each in beside if each.refusal]
        more = len(told) - _MOST_TOLD
        rest = [self.tr("… and {count} more").format(count=more)] if more > 0 else []
        return "\n".join(told[:_MOST_TOLD] + rest)
