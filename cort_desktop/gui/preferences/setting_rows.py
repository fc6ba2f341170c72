"""A row for each kind of setting a strategy declares: a number, a choice, a switch, with its words.

What is left as usual is None, so that a preset says only what it wants otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from cort_desktop.domain.settings_reading import RANGES
from cort_desktop.domain.strategy_settings import (
    ChoiceSetting,
    Setting,
    SettingValue,
    SwitchSetting,
    WholeSetting,
)
from cort_desktop.gui.preferences.controls import Choice, ChoiceBox, Tick, WholeBox
from cort_desktop.gui.preferences.rows import Row

Chosen = Callable[[SettingValue | None], None]
"""Told what a person set; None: as usual."""


class SettingRow:
    """The row of one setting. ``show`` shows a value and tells nobody."""

    def __init__(self, setting: Setting, chosen: Chosen) -> None:
        self._setting = setting
        self._chosen = chosen
        self._show: Callable[[SettingValue | None], None]
        self.row = Row(_title(setting.name), self._control(), self._hint())

    def show(self, value: SettingValue | None) -> None:
        """Show what a preset says; None: nothing."""
        self._show(value)

    def _control(self) -> QWidget:
        setting = self._setting
        match setting:
            case WholeSetting():
                return self._number(setting)
            case ChoiceSetting():
                return self._choice(setting)
            case SwitchSetting():
                return self._switch(setting)
        assert_never(setting)

    def _number(self, setting: WholeSetting) -> QWidget:
        absent = (
            QCoreApplication.translate("SettingRow", "the strategy decides")
            if setting.default is None
            else _as_usual(str(setting.default))
        )
        box = WholeBox(f"settingsNumber-{setting.name}", *_range(setting), absent)
        box.chosen.connect(self._chosen)
        self._show = lambda value: box.show_number(value if isinstance(value, int) else None)
        return box

    def _choice(self, setting: ChoiceSetting) -> QWidget:
        box = ChoiceBox(f"settingsChoice-{setting.name}")
        titles = {way.value: _title(way.value) for way in setting.ways}
        box.offer(
            [
                Choice(value=value, text=_as_usual(title) if value == setting.default else title)
                for value, title in titles.items()
            ]
        )
        box.chosen.connect(lambda value: self._choose(str(value)))
        self._show = lambda value: box.show_value(setting.default if value is None else value)
        return box

    def _switch(self, setting: SwitchSetting) -> QWidget:
        on = QCoreApplication.translate("SettingRow", "On")
        tick = Tick(f"settingsSwitch-{setting.name}", _as_usual(on) if setting.default else on)
        tick.chosen.connect(self._choose)
        self._show = lambda value: tick.show_state(setting.default if value is None else bool(value))
        return tick

    def _choose(self, value: SettingValue) -> None:
        self._chosen(None if value == self._setting.default else value)

    def _hint(self) -> str:
        setting = self._setting
        words = [_sentence(setting.words)]
        if isinstance(setting, WholeSetting):
            low, high = _range(setting)
            words.append(
                QCoreApplication.translate("SettingRow", "From %1 to %2.")
                .replace("%1", str(low))
                .replace("%2", str(high))
            )
        elif isinstance(setting, ChoiceSetting):
            told = QCoreApplication.translate("SettingRow", "%1: %2")
            words += [
                _sentence(told.replace("%1", _title(way.value)).replace("%2", way.words))
                for way in setting.ways
            ]
        return " ".join(words)


def _range(setting: WholeSetting) -> tuple[int, int]:
    """What both the settings file and the strategy take."""
    low, high = RANGES.get(setting.name, (setting.low, setting.high))
    return max(low, setting.low), min(high, setting.high)


def _as_usual(words: str) -> str:
    return QCoreApplication.translate("SettingRow", "%1, as usual").replace("%1", words)


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _sentence(words: str) -> str:
    words = words[:1].upper() + words[1:]
    return words if words.endswith(".") else f"{words}."
