"""A ring around an area that the keyboard came to, so that its owner is seen; a click shows none.

Rows, cards and buttons show their focus themselves: this is for areas that are scrolled as a whole.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QAbstractScrollArea

from cort_desktop.gui.widgets.basics import set_role

_BY_KEYS = (
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
    """Sets the property ``ring`` of an area, which the style sheet draws."""

    def __init__(self, area: QAbstractScrollArea) -> None:
        super().__init__(area)
        set_role(area, "off", "ring")
        area.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QFocusEvent) and event.reason() not in _PASSING:
            is_on = event.gotFocus() and event.reason() in _BY_KEYS
            if isinstance(watched, QAbstractScrollArea):
                set_role(watched, "on" if is_on else "off", "ring")
        return False
