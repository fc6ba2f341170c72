"""The composer and the desk, kept alike: what is written goes there, what it holds is shown."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from cort_desktop.domain.ids import ModelRef
from cort_desktop.gui.chat.composer import Composer
from cort_desktop.gui.chat.controller import ChatController
from cort_desktop.gui.chat.drafts import Thinking
from cort_desktop.gui.chat.estimating import Estimating
from cort_desktop.gui.chat.offers import TO_SETTINGS, model_options, thinking_options
from cort_desktop.gui.chat.text_window import open_text
from cort_desktop.gui.ui import Ui
from cort_desktop.services.attachments import AttachmentInfo
from cort_desktop.services.model_lists import ProviderModels


class ComposerDesk(QObject):
    """Fills the pickers when they are first wanted: asking providers for their models takes a while."""

    def __init__(self, ui: Ui, controller: ChatController, composer: Composer, window: QWidget) -> None:
        super().__init__(window)
        self._ui, self._controller, self._composer = ui, controller, composer
        self._window = window
        self._found: Sequence[ProviderModels] = ()
        self._is_asking = self._has_asked = False
        self._estimating = Estimating(ui, self)
        self._is_late = False
        self._wire_draft()
        self._wire_choices()
        stop_listening = ui.app.preferences.on_change(lambda _settings: self._settings_changed())
        self.destroyed.connect(stop_listening)
        self._show_choice()

    def _wire_draft(self) -> None:
        desk, composer = self._controller.desk, self._composer
        composer.written.connect(lambda: desk.write(composer.edit.toPlainText()))
        composer.dropped.connect(lambda _paths: composer.show_refusal(""))
        composer.submitted.connect(lambda _thinking: composer.show_refusal(""))
        composer.dropped.connect(lambda paths: self._ui.tasks.start(desk.attach(paths), name="attach"))
        composer.removed_file.connect(desk.remove)
        composer.removed_reading.connect(desk.drop_reading)
        composer.opened_file.connect(self._read)
        composer.edit_dropped.connect(desk.drop_edit)
        desk.draft_changed.connect(self._show_draft)
        desk.draft_changed.connect(lambda: composer.show_refusal(""))  # it was about another draft
        desk.files_changed.connect(self._show_draft)
        desk.refused.connect(composer.show_refusal)
        self._controller.questions.refused.connect(
            lambda words, to_settings: composer.show_refusal(words, about_settings=to_settings)
        )
        composer.settings_wanted.connect(self._ui.actions["app.settings"].trigger)

    def _show_draft(self) -> None:
        desk = self._controller.desk
        self._composer.show_draft(desk.draft, desk.readings)

    def _wire_choices(self) -> None:
        desk, composer = self._controller.desk, self._composer
        desk.choice_changed.connect(self._show_choice)
        desk.estimate_wanted.connect(self._estimate)
        self._controller.questions.state_changed.connect(self._estimate_late)
        self._estimating.estimated.connect(composer.show_estimate)
        composer.preset.picked.connect(self._picked_thinking)
        composer.model.picked.connect(self._picked_model)
        composer.model.wanted.connect(self._ask_models)

    def _picked_thinking(self, value: object) -> None:
        if isinstance(value, Thinking):
            self._controller.desk.pick(thinking=value)

    def _picked_model(self, value: object) -> None:
        if value == TO_SETTINGS:
            self._show_choice()
            self._ui.actions["app.providers"].trigger()
        elif isinstance(value, str):
            self._controller.desk.pick(model=ModelRef(value))

    def _show_choice(self) -> None:
        chat, settings = self._ui.app.chat, self._ui.app.preferences.settings
        desk = self._controller.desk
        known = dict.fromkeys((desk.model, settings.defaults.model))
        ways = thinking_options(chat.presets(), chat.strategies(), desk.thinking)
        self._composer.preset.offer(ways, desk.thinking)
        options = model_options(self._found, list(known), asking=self._is_asking)
        self._composer.model.offer(options, desk.model)

    def _ask_models(self) -> None:
        if not self._has_asked and not self._is_asking:
            self._is_asking = True
            self._ui.tasks.start(self._models(), name="models")
            QTimer.singleShot(0, self, self._show_choice)

    async def _models(self) -> None:
        try:
            self._found = await self._ui.app.preferences.models()
            self._has_asked = True
        finally:
            self._is_asking = False
        self._show_choice()

    def _settings_changed(self) -> None:
        self._has_asked = False
        self._controller.desk.settings_changed()
        self._show_choice()
        self._estimate()

    def _estimate(self) -> None:
        """What would be sent next: nothing as long as nothing is written, and then nothing is loaded that
        could tell. What a temporary conversation says is known when its run has ended.
        """
        questions, draft = self._controller.questions, self._controller.desk.draft
        is_busy = questions.working is not None or questions.is_starting
        self._is_late = is_busy and self._controller.conversation.is_temporary
        if self._is_late or not (draft.text.strip() or draft.files):
            self._estimating.forget()
            self._composer.show_estimate("")
        else:
            self._estimating.ask(questions.placed(self._controller.desk.asked()))

    def _estimate_late(self) -> None:
        if self._is_late and self._controller.questions.working is None:
            self._estimate()

    def _read(self, file: AttachmentInfo) -> None:
        open_text(self._ui.theme, file.name, file.text, self._window, is_code=True)
