"""The form of a preset: a row for each setting that its strategy declares (``setting_rows.py``) and for each
role that it asks somebody for (``lineup_rows.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.strategy_settings import SettingValue
from cort_desktop.gui.preferences.controls import Choice, ChoiceBox
from cort_desktop.gui.preferences.lineup_rows import LineupRows
from cort_desktop.gui.preferences.preset_control import PresetControl
from cort_desktop.gui.preferences.rows import Row, line_of
from cort_desktop.gui.preferences.setting_rows import SettingRow
from cort_desktop.gui.widgets import PlainLabel, button
from cort_desktop.services.outcomes import StrategyInfo
from cort_desktop.telling.strategies import strategy_title

_FIELDS = "settingsPresetModels"


class PresetForm(QWidget):
    """Looks at presets, changes and keeps them. ``kept`` follows a preset saved or removed."""

    kept = Signal()

    def __init__(self, control: PresetControl) -> None:
        super().__init__()
        self._control = control
        self._preset = ChoiceBox("settingsPreset")
        self._preset_row = Row(self.tr("Preset"), self._preset)
        self._words = QLineEdit()
        self._words.setObjectName("settingsPresetWords")
        self._words_row = Row(self.tr("In words"), self._words, self.tr("Shown where presets are chosen."))
        self._strategy = ChoiceBox(
            "settingsStrategy",
            [Choice(value=each.name, text=strategy_title(each.name)) for each in control.strategies()],
        )
        self._strategy_row = Row(self.tr("Strategy"), self._strategy)
        self._settings = QWidget()
        self._rows: dict[str, SettingRow] = {}
        self._lineup = LineupRows(_FIELDS, (), self._set_models)
        self._models: Sequence[ModelRef] = ()
        self._made_for: StrategyInfo | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(16)
        for each in (self._preset_row, self._words_row, self._strategy_row, self._settings, self._keep()):
            self._column.addWidget(each)
        self._preset.chosen.connect(self._look)
        self._words.textEdited.connect(lambda words: self._change(partial(control.set_words, words)))
        self._strategy.chosen.connect(self._choose_strategy)
        self.refresh()

    def refresh(self) -> None:
        """Show the presets there are, and the draft."""
        control = self._control
        choices = [
            Choice(
                value=each.name, text=each.title if each.title == each.name else f"{each.title} ({each.name})"
            )
            for each in control.presets()
        ]
        self._preset.offer(choices)
        self._preset.show_value(control.draft.name)
        if self._words.text().strip() != control.draft.words:  # a blank is on its way to the next word
            self._words.setText(control.draft.words)
        self._strategy.show_value(control.draft.strategy)
        self._make_rows()
        self._show_state()

    def offer(self, refs: Sequence[ModelRef]) -> None:
        """Offer these models for every role."""
        self._models = refs
        self._lineup.offer(refs)

    def _keep(self) -> QWidget:
        self._name = QLineEdit()
        self._name.setObjectName("settingsPresetName")
        self._name.setPlaceholderText(self.tr("Name"))
        self._name.setAccessibleName(self.tr("Name to save as"))
        self._name.textChanged.connect(lambda _text: self._show_state())
        self._name.returnPressed.connect(self._save_as)
        self._save = button(self.tr("Save"), "primary")
        self._save.setObjectName("settingsPresetSave")
        self._save.clicked.connect(lambda: self._control.save(self._control.draft.name, self._kept))
        self._save_as_button = button(self.tr("Save as"))
        self._save_as_button.setObjectName("settingsPresetSaveAs")
        self._save_as_button.clicked.connect(self._save_as)
        self._remove = button(self.tr("Remove"), "danger")
        self._remove.setObjectName("settingsPresetRemove")
        self._remove.clicked.connect(lambda: self._control.remove(self._kept))
        line = QWidget()
        column = QVBoxLayout(line)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._name)
        column.addWidget(line_of(self._save_as_button, self._save, self._remove))
        self._keep_row = Row(self.tr("Save as a preset of your own"), line, is_wide=True)
        line.setFocusProxy(self._name)
        return self._keep_row

    def _look(self, name: object) -> None:
        self._control.look(str(name))
        self._keep_row.say(None)
        self.refresh()

    def _choose_strategy(self, name: object) -> None:
        self._control.set_strategy(str(name))
        self._make_rows()
        self._show_state()

    def _set(self, name: str, value: SettingValue | None) -> None:
        self._change(partial(self._control.set_value, name, value))

    def _set_models(self, role: str, refs: tuple[ModelRef, ...]) -> None:
        self._change(partial(self._control.set_models, role, refs))

    def _change(self, change: partial[None]) -> None:
        change()
        self._show_state()

    def _make_rows(self) -> None:
        """A row for each setting that the strategy declares; made anew only for another strategy."""
        strategy = self._control.strategy()
        if strategy != self._made_for:
            self._made_for = strategy
            fresh = self._rows_of(strategy)
            self._column.replaceWidget(self._settings, fresh)
            self._settings.hide()
            self._settings.deleteLater()
            self._settings = fresh
        for name, row in self._rows.items():
            row.show(self._control.draft.values.get(name))
        self._lineup.show_lineup(self._control.draft.lineup)

    def _rows_of(self, strategy: StrategyInfo) -> QWidget:
        fresh = QWidget()
        column = QVBoxLayout(fresh)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        self._rows = {
            setting.name: SettingRow(setting, partial(self._set, setting.name))
            for setting in strategy.settings
        }
        for each in self._rows.values():
            column.addWidget(each.row)
        if not strategy.settings:
            column.addWidget(PlainLabel(self.tr("This strategy has nothing to set."), "muted"))
        self._lineup = LineupRows(_FIELDS, strategy.roles, self._set_models)
        self._lineup.offer(self._models)
        for row in self._lineup.rows.values():
            column.addWidget(row)
        return fresh

    def _show_state(self) -> None:
        control = self._control
        self._strategy_row.set_hint(control.strategy().summary)
        if control.is_saved:
            words = self.tr("Changed; not saved yet.") if control.is_changed else self.tr("Your own.")
        elif control.is_changed:
            words = self.tr(
                "Comes with the program and stays as it is: save the change under a name of its own."
            )
        else:
            words = self.tr("Comes with the program.")
        self._preset_row.set_hint(words)
        self._save.setVisible(control.is_saved)
        self._save.setEnabled(control.is_changed)
        self._remove.setVisible(control.is_saved)
        name = self._name.text().strip()
        self._save_as_button.setEnabled(bool(name) and control.problem(name) is None)
        self._keep_row.say(control.problem(name))

    def _save_as(self) -> None:
        name = self._name.text().strip()
        if name and self._control.problem(name) is None:
            self._control.save(name, self._kept)

    def _kept(self, problem: str | None) -> None:
        if problem is None:
            self._name.clear()
            self.refresh()
            self.kept.emit()
        self._keep_row.say(problem)
