"""Whether the keyboard is used in an area, so that its focus is seen; a click alone shows none.

An area that is scrolled as a whole gets a ring around it (``RING``, drawn by the style sheet); where a row
has the focus, its delegate draws that and asks ``BY_KEYS``. Qt's own sign, State_KeyboardFocusChange, knows
of Tab alone.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QAbstractScrollArea

from cort_desktop.gui.widgets.basics import set_role

RING, BY_KEYS = "ring", "byKeys"
_REASONS = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)
_PASSING = (
    Qt.FocusReason.PopupFocusReason,
    Qt.FocusReason.MenuBarFocusReason,
    Qt.FocusReason.ActiveWindowFocusReason,
)
"""Reasons of a focus that comes back by itself: the ring stays as it was."""


class FocusRing(QObject):
    """Keeps the property of an area at "on" or "off"."""

    def __init__(self, area: QAbstractScrollArea, name: str = RING) -> None:
        super().__init__(area)
        self._name = name
        set_role(area, "off", name)
        area.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(watched, QAbstractScrollArea):
            return False
        if isinstance(event, QFocusEvent) and event.reason() not in _PASSING:
            is_on = event.gotFocus() and event.reason() in _REASONS
            set_role(watched, "on" if is_on else "off", self._name)
        elif event.type() == QEvent.Type.KeyPress:
            set_role(watched, "on", self._name)
        return False
