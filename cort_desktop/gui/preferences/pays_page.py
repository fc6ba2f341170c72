"""Settings › Does it pay?: whether thinking harder gets more questions right with a model, found by a check.

What it takes is told before anything is asked, and a person says yes to it. What is measured and how it is
judged is ``services/bench.py`` and ``domain/bench_advice.py``.
"""

from __future__ import annotations

from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from cort_desktop.domain.settings import Settings
from cort_desktop.gui.preferences.controls import Tick
from cort_desktop.gui.preferences.known_models import KnownModels
from cort_desktop.gui.preferences.model_fields import ModelField
from cort_desktop.gui.preferences.pays_control import PaysControl
from cort_desktop.gui.preferences.pays_results import PaysCard
from cort_desktop.gui.preferences.rows import Page, Row, StateLine, line_of
from cort_desktop.gui.preferences.saver import Saver
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import PlainLabel, button, set_role
from cort_desktop.telling import figures

_PRESETS = ("quick", "balanced", "deep")
_STEPS = 1000


class PaysPage(Page):
    """The check above, what was found below."""

    def __init__(self, ui: Ui, saver: Saver, models: KnownModels) -> None:
        super().__init__(
            self.tr("Does it pay?"),
            self.tr(
                "Whether thinking harder helps depends on the model and on the kind of question. This asks "
                "yours sixty questions that score themselves, once and by each way of thinking, and says "
                "what can be told from it, or that it can’t be told."
            ),
        )
        self._ui = ui
        self._models = models
        self._control = PaysControl(ui, self)
        self._results = QWidget()
        self._add_wish(saver.settings)
        self._add_work()
        self.section(self.tr("What was found"))
        self._nothing = PlainLabel(self.tr("No model was checked yet."), "muted")
        self.add(self._nothing, self._results)
        self.finish()
        self._control.changed.connect(lambda: ui.pulse.ask(self._show))
        self._control.checked.connect(self._show_checks)
        models.changed.connect(self._offer)
        self._offer()
        self._show()

    def entered(self) -> None:
        """Checks may have been made in a terminal meanwhile."""
        self._control.refresh()

    def _add_wish(self, settings: Settings) -> None:
        self._model = ModelField("settingsPaysModel")
        self._model.show_model(settings.defaults.model)
        self._model_row = Row(
            self.tr("Model"),
            self._model,
            self.tr("It judges its own answers blind, unless other judges are set under Thinking."),
        )
        self._ticks = {
            name: Tick(f"settingsPaysPreset-{name}", words)
            for name, words in zip(
                _PRESETS, (self.tr("Quick"), self.tr("Balanced"), self.tr("Deep")), strict=True
            )
        }
        for tick in self._ticks.values():
            tick.show_state(is_on=True)
            tick.chosen.connect(lambda _on: self._changed_mind())
        self._model.chosen.connect(lambda _ref: self._changed_mind())
        ticks: list[QWidget] = list(self._ticks.values())
        self._ticks_row = Row(
            self.tr("Against asking once"),
            line_of(*ticks, gap=16),
            self.tr("Deep takes the most by far."),
        )
        self.add(self._model_row, self._ticks_row)

    def _add_work(self) -> None:
        self._state = StateLine(self._ui.theme)
        self._state.setObjectName("settingsPaysState")
        self._bar = QProgressBar()
        self._bar.setObjectName("settingsPaysProgress")
        self._bar.setAccessibleName(self.tr("Progress of the check"))
        self._bar.setTextVisible(False)
        self._bar.setRange(0, _STEPS)
        self._look = button(self.tr("What would it take?"))
        self._look.setObjectName("settingsPaysLook")
        self._look.clicked.connect(self._ask)
        self._start = button(self.tr("Start the check"), "primary")
        self._start.setObjectName("settingsPaysStart")
        self._start.clicked.connect(self._control.start)
        self._leave = button(self.tr("Not now"))
        self._leave.setObjectName("settingsPaysLeave")
        self._leave.clicked.connect(self._control.forget)
        self._stop = button(self.tr("Stop"))
        self._stop.setObjectName("settingsPaysStop")
        self._stop.clicked.connect(self._control.stop)
        self.add(self._state, self._bar, line_of(self._look, self._start, self._leave, self._stop))

    def _offer(self) -> None:
        self._model.offer(self._models.refs())

    def _chosen(self) -> tuple[str, ...]:
        return tuple(name for name, tick in self._ticks.items() if tick.isChecked())

    def _changed_mind(self) -> None:
        """What was told holds for another check."""
        control = self._control
        if (control.wanted is not None or control.is_looking) and not control.is_working:
            control.forget()
        self._show()

    def _ask(self) -> None:
        self._control.look(self._model.currentText().strip(), self._chosen())

    def _show(self) -> None:
        control = self._control
        is_told = control.wanted is not None and not control.is_working
        self._look.setVisible(not is_told and not control.is_working)
        self._look.setEnabled(not control.is_looking and bool(self._chosen()))
        self._start.setVisible(is_told)
        self._start.setText(
            self.tr("Go on with the check") if control.goes_on else self.tr("Start the check")
        )
        self._leave.setVisible(is_told)
        self._stop.setVisible(control.is_working)
        self._bar.setVisible(control.is_working)
        for each in (self._model, *self._ticks.values()):
            each.setEnabled(not control.is_working)
        self._state.show_state(*self._words())
        progress = control.progress
        if control.is_working and progress is not None:
            self._bar.setValue(_STEPS * progress.done // max(1, progress.total))
        elif control.is_working:
            self._bar.setValue(0)

    def _words(self) -> tuple[str, str]:
        control = self._control
        if control.problem:
            return "bad", control.problem
        if control.is_working:
            return "busy", self._progress_words()
        if control.is_looking:
            return "busy", self.tr("Looking what it would take …")
        if control.wanted is not None and control.estimate is not None:
            return "unasked", self._estimate_words()
        if control.was_stopped:
            return "doubt", self.tr("Stopped. What was answered is kept; the same check goes on from there.")
        if not self._chosen():
            return "unasked", self.tr("Tick at least one way of thinking to compare with.")
        return "unasked", ""

    def _estimate_words(self) -> str:
        expected = self._control.estimate
        if expected is None:
            return ""
        words = self.tr("%1 questions: %2 calls, %3 tokens, %4, %5. It can be stopped and gone on with.")
        if self._control.goes_on:
            words = self.tr("A part of it is done. All of it: %2 calls, %3 tokens, %4, %5 for %1 questions.")
        time = self.tr("time not known yet")
        if expected.seconds is not None:
            time = self.tr("about %1").replace("%1", figures.seconds(expected.seconds))
        for mark, text in (
            ("%1", str(expected.items)),
            ("%2", figures.span(expected.calls_low, expected.calls_high)),
            ("%3", figures.span(expected.tokens_low, expected.tokens_high)),
            ("%4", figures.money(expected.cost_microusd)),
            ("%5", time),
        ):
            words = words.replace(mark, text)
        return words

    def _progress_words(self) -> str:
        progress = self._control.progress
        if progress is None:
            return self.tr("Making the questions …")
        words = self.tr("%1 of %2 done, %3 so far. It goes on when this window is closed.")
        if progress.left_s is not None:
            words = self.tr("%1 of %2 done, %4 left, %3 so far. It goes on when this window is closed.")
            words = words.replace("%4", figures.seconds(progress.left_s))
        words = words.replace("%1", str(progress.done)).replace("%2", str(progress.total))
        return words.replace("%3", figures.money(progress.cost_microusd))

    def _show_checks(self) -> None:
        """A card for each model; made anew, for there are few."""
        fresh = QWidget()
        column = QVBoxLayout(fresh)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for checked in self._control.checks:
            column.addWidget(PaysCard(self._ui.theme, checked))
        self.column.replaceWidget(self._results, fresh)
        self._results.hide()
        self._results.deleteLater()
        self._results = fresh
        set_role(fresh, "")
        fresh.setVisible(bool(self._control.checks))
        self._nothing.setVisible(not self._control.checks)
