"""Settings › Thinking: what a new conversation starts with, and the presets."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QVBoxLayout

from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.lineups import LINEUP_KEYS
from cort_desktop.domain.settings import MOST_RETRIEVED_TURNS, Settings
from cort_desktop.domain.strategy_settings import said as words
from cort_desktop.gui.preferences.controls import Choice, ChoiceBox, DecimalBox, Tick, WholeBox
from cort_desktop.gui.preferences.known_models import KnownModels
from cort_desktop.gui.preferences.lineup_rows import LineupRows
from cort_desktop.gui.preferences.model_fields import ModelField, ModelsField
from cort_desktop.gui.preferences.preset_control import PresetControl
from cort_desktop.gui.preferences.preset_form import PresetForm
from cort_desktop.gui.preferences.rows import Page, Row, StateLine
from cort_desktop.gui.preferences.saver import Saver
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import button, set_role

_OVERRIDES = ("strategy", "rounds", "alternatives", "judges")
_FURTHER_ROLES = ("synthesizer", "critic", "router")
_HOTTEST = 2.0
_MOST_TOKENS = 1_000_000
_PROMPT_LINES = 5


class ThinkingPage(Page):
    """Defaults above, presets below."""

    def __init__(self, ui: Ui, saver: Saver, models: KnownModels) -> None:
        super().__init__(
            self.tr("Thinking"),
            self.tr("How a question is thought through unless the composer says otherwise."),
        )
        self._ui = ui
        self._saver = saver
        self._models = models
        self.section(self.tr("New conversations"))
        self._add_preset()
        self._add_models()
        self._add_answer()
        self.section(self.tr("Long conversations"))
        self._add_context()
        self.section(self.tr("Presets"))
        self._form = PresetForm(PresetControl(ui.app, ui.tasks))
        self.add(self._form)
        self._add_unusable()
        self.finish()
        self._show(saver.settings)
        self._offer()
        saver.changed.connect(self._show)
        models.changed.connect(self._offer)

    def entered(self) -> None:
        """What runs on this computer is asked for its models."""
        self._models.ask_local()

    def _add_unusable(self) -> None:
        """Strategies that installed packages add in vain, each with its error."""
        told = self._ui.app.chat.unusable_strategies()
        if told:
            self.section(self.tr("Strategies that can’t be used"))
        for number, sentence in enumerate(told, 1):
            line = StateLine(self._ui.theme)
            line.setObjectName(f"settingsUnusableStrategy-{number}")
            line.show_state("bad", sentence)
            self.add(line)

    def _add_preset(self) -> None:
        self._preset = ChoiceBox("settingsDefaultPreset")
        self._preset_row = Row(self.tr("Preset"), self._preset)
        self._preset.chosen.connect(lambda name: self._write("preset", name, self._preset_row))
        self._beaten = StateLine(self._ui.theme)
        self._beaten.setObjectName("settingsOverrides")
        self._obey = button(self.tr("Let the preset decide"))
        self._obey.setObjectName("settingsDropOverrides")
        self._obey.clicked.connect(self._drop_overrides)
        self.add(self._preset_row, self._beaten, self._obey)

    def _add_models(self) -> None:
        self._model = ModelField("settingsDefaultModel")
        self._model_row = Row(
            self.tr("Model"),
            self._model,
            self.tr("As PROVIDER/MODEL; it writes, and judges in a fresh context."),
        )
        self._model.chosen.connect(lambda ref: self._write("model", ref or None, self._model_row))
        self._judges = ModelsField(
            "settingsJudgeModels", self.tr("Judges"), self.tr("those that answer, in a fresh context")
        )
        self._judges_row = Row(
            self.tr("Judges"),
            self._judges,
            self.tr("Other models judge more independently; they take turns."),
        )
        self._judges.chosen.connect(
            lambda refs: self._write("judge_model", list(refs) or None, self._judges_row)
        )
        self._others = ModelsField(
            "settingsAlternativeModels", self.tr("Alternatives"), self.tr("the model alone")
        )
        self._others_row = Row(
            self.tr("Alternatives"), self._others, self.tr("Further models that write alternatives, in turn.")
        )
        self._others.chosen.connect(
            lambda refs: self._write("alternative_models", list(refs) or None, self._others_row)
        )
        self._roles = LineupRows("settingsModels", _FURTHER_ROLES, self._write_role)
        self.add(self._model_row, self._judges_row, self._others_row, *self._roles.rows.values())

    def _write_role(self, role: str, refs: tuple[ModelRef, ...]) -> None:
        self._write(LINEUP_KEYS[role], list(refs) or None, self._roles.rows[role])

    def _add_answer(self) -> None:
        self._temperature = DecimalBox(
            "settingsTemperature", 0.0, _HOTTEST, step=0.1, absent=self.tr("as the strategy does")
        )
        self._temperature_row = Row(
            self.tr("Temperature"), self._temperature, self.tr("Of what is written; judges stay cold.")
        )
        self._temperature.chosen.connect(lambda t: self._write("temperature", t, self._temperature_row))
        self._tokens = WholeBox("settingsMaxTokens", 1, _MOST_TOKENS, self.tr("as the model’s"))
        self._tokens.setSingleStep(256)
        self._tokens_row = Row(
            self.tr("Longest answer"), self._tokens, self.tr("In tokens, of each single candidate.")
        )
        self._tokens.chosen.connect(lambda number: self._write("max_tokens", number, self._tokens_row))
        self._system = _Prompt(self.tr("System prompt"))
        self._system_row = Row(
            self.tr("System prompt"),
            self._system,
            self.tr(
                "Said to the model before every question of a new conversation; saved when you leave it."
            ),
            is_wide=True,
        )
        self._system.left.connect(lambda text: self._write("system", text or None, self._system_row))
        self.add(self._temperature_row, self._tokens_row, self._system_row)

    def _add_context(self) -> None:
        self._summary = Tick("settingsSummary", self.tr("Sum up earlier turns in the background"))
        self._summary_row = Row(
            self.tr("Summary"),
            self._summary,
            self.tr("Later questions know of what no longer fits; each summary is a call with its price."),
        )
        self._summary.chosen.connect(
            lambda is_on: self._write_context("summary", None if is_on else False, self._summary_row)
        )
        self._summarizer = ModelField("settingsSummaryModel", self.tr("the conversation’s own model"))
        self._summarizer_row = Row(
            self.tr("Summed up by"),
            self._summarizer,
            self.tr("Empty: the conversation’s own model. Asked only where the conversation itself goes."),
        )
        self._summarizer.chosen.connect(
            lambda ref: self._write_context("summary_model", ref or None, self._summarizer_row)
        )
        self._retrieved = WholeBox("settingsRetrievedTurns", 0, MOST_RETRIEVED_TURNS)
        self._retrieved_row = Row(
            self.tr("Earlier turns"),
            self._retrieved,
            self.tr("How many that have to do with the question are looked for; 0 is none."),
        )
        self._retrieved.chosen.connect(
            lambda number: self._write_context("retrieved_turns", number, self._retrieved_row)
        )
        self.add(self._summary_row, self._summarizer_row, self._retrieved_row)

    def _write_context(self, key: str, value: object, row: Row) -> None:
        self._saver.write({("context", key): value}, row.say)

    def _write(self, key: str, value: object, row: Row) -> None:
        self._saver.write({("defaults", key): value}, row.say)

    def _drop_overrides(self) -> None:
        keys = (*_OVERRIDES, *self._saver.settings.defaults.settings)
        self._saver.write({("defaults", key): None for key in keys}, self._preset_row.say)

    def _show(self, settings: Settings) -> None:
        defaults = settings.defaults
        standard = Choice(value=None, text=self.tr("Quick with the built-in model, else Balanced"))
        presets = [Choice(value=each.name, text=each.title) for each in self._ui.app.chat.presets()]
        self._preset.offer([standard, *presets])
        self._preset.show_value(defaults.preset)
        beating = {key: value for key in _OVERRIDES if (value := getattr(defaults, key)) is not None}
        said = [f"{key} = {words(value)}" for key, value in {**beating, **defaults.settings}.items()]
        beaten = self.tr("The settings file says %1, which beats the preset.")
        self._beaten.show_state("doubt", beaten.replace("%1", ", ".join(said)) if said else "")
        self._obey.setVisible(bool(said))
        self._model.show_model(defaults.model)
        self._judges.show_models(defaults.judge_model)
        self._others.show_models(defaults.alternative_models)
        self._roles.show_lineup(defaults.lineup)
        self._temperature.show_number(defaults.temperature)
        self._tokens.show_number(defaults.max_tokens)
        self._system.show_text(defaults.system or "")
        self._summary.show_state(settings.context.summary)
        self._summarizer.show_model(settings.context.summary_model or "")
        self._retrieved.show_number(settings.context.retrieved_turns)
        self._form.refresh()

    def _offer(self) -> None:
        refs = self._models.refs()
        for field in (self._model, self._judges, self._others, self._summarizer):
            field.offer(refs)
        self._roles.offer(refs)
        self._form.offer(refs)


class _Prompt(QFrame):
    """A text of several lines; ``left`` has it when a person leaves the field having changed it."""

    left = Signal(str)

    def __init__(self, label: str) -> None:
        super().__init__()
        set_role(self, "card")
        self.setAccessibleName(label)
        self._text = _Text()
        self._text.setObjectName("settingsSystem")
        self._text.setAccessibleName(label)
        set_role(self._text, "bare")
        self._text.setTabChangesFocus(True)
        self._text.focused.connect(self._focused)
        self._shown = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 6)
        column.addWidget(self._text)
        self.setFocusProxy(self._text)

    def show_text(self, text: str) -> None:
        """Show a text; one that is being written stays."""
        self._shown = text
        if not self._text.hasFocus() and self._text.toPlainText() != text:
            self._text.setPlainText(text)

    def _focused(self, is_in: bool) -> None:
        set_role(self, "true" if is_in else "false", "focused")
        text = self._text.toPlainText().strip()
        if not is_in and text != self._shown:
            self._shown = text
            self.left.emit(text)


class _Text(QPlainTextEdit):
    """Tells when it is entered and left."""

    focused = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(self.fontMetrics().lineSpacing() * _PROMPT_LINES + 8)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focused.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.focused.emit(False)
