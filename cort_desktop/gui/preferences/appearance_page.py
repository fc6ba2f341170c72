"""Settings › Appearance: theme, text size, motion. All of it is in force while it is chosen."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QSlider, QWidget

from cort_desktop.domain.settings import LARGEST_TEXT, SMALLEST_TEXT, THEMES, Settings
from cort_desktop.gui.preferences.controls import Choice, ChoiceBox, WholeBox
from cort_desktop.gui.preferences.rows import Page, Row
from cort_desktop.gui.preferences.saver import Saver
from cort_desktop.gui.widgets import Segments

_STEP = 10


class AppearancePage(Page):
    """How the window looks."""

    def __init__(self, saver: Saver) -> None:
        super().__init__(self.tr("Appearance"), self.tr("Everything here is in force at once."))
        self._saver = saver
        self._theme = Segments(
            [self.tr("System"), self.tr("Light"), self.tr("Dark"), self.tr("High contrast")],
            self.tr("Theme"),
        )
        self._theme.setObjectName("settingsTheme")
        self._theme_row = Row(
            self.tr("Theme"), self._theme, self.tr("System follows the desktop, also while it changes.")
        )
        self._size = _TextSize(self.tr("Text size"))
        self._size_row = Row(
            self.tr("Text size"), self._size, self.tr("Of all text, beside the size the system has.")
        )
        self._motion = ChoiceBox(
            "settingsMotion",
            [
                Choice(value=None, text=self.tr("As the system asks")),
                Choice(value=True, text=self.tr("As little as possible")),
                Choice(value=False, text=self.tr("Where it explains something")),
            ],
        )
        self._motion_row = Row(
            self.tr("Motion"), self._motion, self.tr("Nothing moves for decoration in any case.")
        )
        self.add(self._theme_row, self._size_row, self._motion_row)
        self.finish()
        self._show(saver.settings)
        self._theme.chosen.connect(lambda at: self._write("theme", THEMES[at], self._theme_row))
        self._size.box.chosen.connect(lambda percent: self._write("text_size", percent, self._size_row))
        self._motion.chosen.connect(lambda value: self._write("reduce_motion", value, self._motion_row))
        saver.changed.connect(self._show)

    def _write(self, key: str, value: object, row: Row) -> None:
        self._saver.write({("appearance", key): value}, row.say)

    def _show(self, settings: Settings) -> None:
        appearance = settings.appearance
        was = self._theme.blockSignals(True)  # nobody chose it now
        self._theme.choose(THEMES.index(appearance.theme))
        self._theme.blockSignals(was)
        self._size.show_percent(appearance.text_size)
        self._motion.show_value(appearance.reduce_motion)


class _Slider(QSlider):
    """Changed by hand and keys alone."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class _TextSize(QWidget):
    """A slider for the hand and a number for the exact: both say the same percent."""

    def __init__(self, label: str) -> None:
        super().__init__()
        self.slider = _Slider(Qt.Orientation.Horizontal)
        self.slider.setObjectName("settingsTextSlider")
        self.slider.setAccessibleName(label)
        self.slider.setRange(SMALLEST_TEXT // _STEP, LARGEST_TEXT // _STEP)
        self.slider.setPageStep(2)
        self.box = WholeBox("settingsTextSize", SMALLEST_TEXT, LARGEST_TEXT)
        self.box.setAccessibleName(label)
        self.box.setSuffix(" %")
        self.box.setSingleStep(_STEP)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.slider, 1)
        row.addWidget(self.box)
        self.setFocusProxy(self.slider)
        self.slider.valueChanged.connect(self._slid)
        self.slider.sliderReleased.connect(lambda: self._slid(self.slider.value()))

    def show_percent(self, percent: int) -> None:
        """Show a size; tells nobody."""
        self.box.show_number(percent)
        was = self.slider.blockSignals(True)
        self.slider.setValue(round(percent / _STEP))
        self.slider.blockSignals(was)

    def _slid(self, tens: int) -> None:
        # While the hand is on the slider nothing may move under it: the size is taken when it lets go.
        if not self.slider.isSliderDown():
            self.box.setValue(tens * _STEP)
