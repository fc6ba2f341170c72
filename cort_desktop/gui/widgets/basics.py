"""Buttons by role, lines, the segmented choice, and tooltips that show text as it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QToolButton, QWidget

from cort_desktop.gui.theme import Colour, Theme

ICON_PX = 16
HEAD_PX = 44
"""The height of the heads of the panes, so that their words stand on one line."""
_TOOLTIP_CHARACTERS = 400


class IconButton(QToolButton):
    """A button with an icon alone; its name is for tooltip and screen reader."""

    def __init__(
        self, theme: Theme, icon: str, name: str, parent: QWidget | None = None, *, colour: Colour = "muted"
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icon = icon
        self._colour = colour
        self.setIconSize(QSize(ICON_PX, ICON_PX))
        self.setAccessibleName(name)
        plain_tooltip(self, name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        theme.changed.connect(self._draw)
        self._draw()

    def set_icon(self, icon: str, colour: Colour | None = None) -> None:
        """Show another icon."""
        if (icon, colour or self._colour) != (self._icon, self._colour):
            self._icon = icon
            self._colour = colour or self._colour
            self._draw()

    def _draw(self) -> None:
        self.setIcon(self._theme.icon(self._icon, self._colour))


class Segments(QFrame):
    """One of a few, side by side. ``chosen`` has the index."""

    chosen = Signal(int)

    def __init__(self, names: Sequence[str], label: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "segments")
        self.setAccessibleName(label)
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(0)
        self._group = QButtonGroup(self)
        for index, name in enumerate(names):
            each = button(name, "segment")
            each.setCheckable(True)
            each.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click chooses; the focus stays with the work
            each.setAccessibleName(name)
            self._group.addButton(each, index)
            row.addWidget(each)
        self._group.idToggled.connect(self._toggled)

    def choose(self, index: int) -> None:
        """Choose one; ``chosen`` follows when it wasn't already."""
        self._group.button(index).setChecked(True)

    @property
    def index(self) -> int:
        """Which one is chosen; -1 for none."""
        return self._group.checkedId()

    def segment(self, index: int) -> QPushButton:
        """The button of one of them."""
        found = self._group.button(index)
        if not isinstance(found, QPushButton):
            raise IndexError(index)
        return found

    def _toggled(self, index: int, is_on: bool) -> None:
        if is_on:
            self.chosen.emit(index)


def button(text: str, role: str = "", parent: QWidget | None = None) -> QPushButton:
    """A push button; roles are in the style sheet: primary, danger, link, flat, segment."""
    made = QPushButton(text, parent)
    made.setAutoDefault(False)
    if role:
        set_role(made, role)
    return made


def hline(parent: QWidget | None = None) -> QFrame:
    """A thin line across."""
    line = QFrame(parent)
    set_role(line, "line")
    line.setFixedHeight(1)
    return line


def vline(parent: QWidget | None = None) -> QFrame:
    """A thin line down."""
    line = QFrame(parent)
    set_role(line, "line")
    line.setFixedWidth(1)
    return line


def set_role(widget: QWidget, role: str, property_name: str = "role") -> None:
    """Say what a widget is, and have the style sheet look at it again."""
    if widget.property(property_name) == role:
        return
    widget.setProperty(property_name, role)
    if not widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):
        return  # it has not been looked at yet
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
    QCoreApplication.sendEvent(widget, QEvent(QEvent.Type.StyleChange))  # a label keeps its padding otherwise


def plain_tooltip(target: Any, text: str) -> None:
    """Set a tooltip that shows ``text`` as it is: whatever looks like HTML is shown, not rendered."""
    target.setToolTip(tooltip_text(text))


def tooltip_text(text: str) -> str:
    """``text`` as Qt's tooltips take it, so that it is shown and not rendered; long ones are cut."""
    short = text if len(text) <= _TOOLTIP_CHARACTERS else text[:_TOOLTIP_CHARACTERS] + "…"
    if "<" not in short and "&" not in short:
        return short
    from html import escape

    return f"<span>{escape(short)}</span>"
