"""What can be undone in the window, the latest first: one stack for all that is taken away or chosen.

How something is undone is said by whoever did it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Undoable:
    """One thing that was done: ``words`` name its undoing, ``call`` does it."""

    words: str
    call: Callable[[], object]


class UndoStack(QObject):
    """``changed`` follows a change of what would be undone."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._done: list[Undoable] = []

    @property
    def last(self) -> Undoable | None:
        """What ``undo`` would undo."""
        return self._done[-1] if self._done else None

    def can_undo(self, what: Undoable) -> bool:
        """Whether this was not undone, nor has become impossible to undo."""
        return what in self._done

    def push(self, what: Undoable) -> None:
        """This was done and can be undone from now on."""
        self._done.append(what)
        self.changed.emit()

    def drop(self, what: Undoable) -> None:
        """This can't be undone any more, or is undone already."""
        if what in self._done:
            self._done.remove(what)
            self.changed.emit()

    def undo(self, what: Undoable | None = None) -> None:
        """Undo ``what``, or the last; nothing happens for one that was undone before."""
        what = what or self.last
        if what is not None and what in self._done:
            self.drop(what)
            what.call()
