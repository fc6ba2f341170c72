"""The look in force: follows the system live, or what the settings say.

Parts of the window ask for colours, fonts and icons by name and listen to ``changed``; what a widget of a
kind looks like everywhere is ``stylesheet.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QIcon, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from cort_desktop.gui.theme import icons
from cort_desktop.gui.theme.fonts import Face, Fonts
from cort_desktop.gui.theme.stylesheet import stylesheet
from cort_desktop.gui.theme.tokens import PALETTES, Colour, Mode, Palette

Look = Literal["light", "dark", "contrast"]
_MIDDLE = 128


class Theme(QObject):
    """Colours, fonts and icons by name. ``changed`` is sent after all of them may differ."""

    changed = Signal()

    def __init__(
        self, app: QApplication, resources: Path, *, mode: Mode = "system", percent: int = 100
    ) -> None:
        super().__init__(app)
        self._app = app
        self._resources = resources
        self._icons = resources / "icons"
        self._fonts = Fonts(resources / "fonts", percent)
        self._mode: Mode = mode
        self._system_was_dark = app.palette().color(QPalette.ColorRole.Window).lightness() < _MIDDLE
        self._look: Look = "light"
        self._made: dict[tuple[str, str, bool], QIcon] = {}
        self.has_motion = True
        app.setStyle(QStyleFactory.create("Fusion"))
        hints = app.styleHints()
        self._scheme: Callable[[], Qt.ColorScheme] = hints.colorScheme
        hints.colorSchemeChanged.connect(self._system_changed)
        accessibility = getattr(hints, "accessibility", None)  # NOTE: Qt 6.10 and newer
        self._wants_contrast: Callable[[], bool] = lambda: False
        if accessibility is not None:
            access = accessibility()
            access.contrastPreferenceChanged.connect(self._system_changed)
            high = Qt.ContrastPreference.HighContrast
            self._wants_contrast = lambda: access.contrastPreference() == high
        self._apply()

    @property
    def mode(self) -> Mode:
        """What was asked for."""
        return self._mode

    @property
    def look(self) -> Look:
        """What is in force."""
        return self._look

    @property
    def palette(self) -> Palette:
        """The colours in force, as ``#rrggbb``."""
        return PALETTES[self._look]

    @property
    def families(self) -> tuple[str, str]:
        """The proportional and the monospace family."""
        return self._fonts.families

    def use(
        self, *, mode: Mode | None = None, percent: int | None = None, motion: bool | None = None
    ) -> None:
        """Change the look; what is None stays. ``percent`` scales all text."""
        looked, moved = (self._mode, self._fonts.percent), self.has_motion
        self._mode = self._mode if mode is None else mode
        self._fonts.percent = self._fonts.percent if percent is None else percent
        self.has_motion = self.has_motion if motion is None else motion
        if looked != (self._mode, self._fonts.percent):
            self._apply()
        elif moved != self.has_motion:  # every widget would be dressed anew for nothing
            self.changed.emit()

    def colour(self, name: Colour) -> QColor:
        """The colour of that name, in force now."""
        return QColor(self.palette[name])

    def font(self, face: Face) -> QFont:
        """The font of that name, in force now."""
        return self._fonts.font(face)

    def icon(self, name: str, colour: Colour = "muted", *, filled: bool = False) -> QIcon:
        """The icon ``resources/icons/NAME.svg`` in a colour. Raises FileNotFoundError when there is none."""
        key = (name, colour, filled)
        if key not in self._made:
            self._made[key] = icons.icon(
                self._icons, name, self.palette[colour], self.palette["line_strong"], filled=filled
            )
        return self._made[key]

    def _system_changed(self) -> None:
        if self._mode == "system":
            self._apply()

    def _resolved(self) -> Look:
        if self._mode != "system":
            return self._mode
        if self._wants_contrast():
            return "contrast"
        scheme = self._scheme()
        if scheme == Qt.ColorScheme.Unknown:
            return "dark" if self._system_was_dark else "light"
        return "dark" if scheme == Qt.ColorScheme.Dark else "light"

    def _apply(self) -> None:
        self._look = self._resolved()
        self._made.clear()
        self._app.setFont(self.font("body"))
        self._app.setPalette(_qt_palette(self.palette))
        self._app.setStyleSheet(stylesheet(self.palette, self._fonts, self._resources))
        self.changed.emit()


def _qt_palette(colours: Palette) -> QPalette:
    role = QPalette.ColorRole
    pairs: dict[QPalette.ColorRole, Colour] = {
        role.Window: "window",
        role.WindowText: "text",
        role.Base: "card",
        role.AlternateBase: "bubble",
        role.Text: "text",
        role.Button: "card",
        role.ButtonText: "text",
        role.BrightText: "bad",
        role.Highlight: "accent",
        role.HighlightedText: "on_accent",
        role.Link: "accent",
        role.LinkVisited: "accent",
        role.ToolTipBase: "card",
        role.ToolTipText: "text",
        role.PlaceholderText: "faint",
        role.Light: "card",
        role.Midlight: "line",
        role.Mid: "line_strong",
        role.Dark: "line_strong",
        role.Shadow: "line_strong",
        role.Accent: "accent",
    }
    palette = QPalette()
    for each, name in pairs.items():
        palette.setColor(each, QColor(colours[name]))
    for each in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, each, QColor(colours["faint"]))
    return palette
