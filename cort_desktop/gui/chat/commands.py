"""The commands of the conversation: what each action does, and when it can be meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from cort_desktop.gui.ui import Ui

if TYPE_CHECKING:
    from cort_desktop.domain.library import TurnView
    from cort_desktop.gui.chat.chat_pane import ChatPane


class ChatCommands(QObject):
    """Connects the registry's ``chat.*`` and ``find.*``; belongs to a pane."""

    def __init__(self, ui: Ui, pane: ChatPane) -> None:
        super().__init__(pane)
        self._ui = ui
        self._pane = pane
        composer, questions = pane.composer, pane.controller.questions
        for name, call in {
            "chat.new": pane.new,
            "chat.new_temporary": lambda: pane.new(temporary=True),
            "chat.attach": self.choose_files,
            "chat.copy_answer": self.copy_answer,
            "chat.send": questions.ask,
            "chat.send_thinking": lambda: questions.ask(with_thinking=True),
            "chat.stop": questions.stop,
            "chat.enough": questions.enough,
            "chat.pause": questions.pause_or_go_on,
            "chat.go_on": questions.pause_or_go_on,
            "chat.resume": self.resume_last,
            "chat.regenerate": self.again_last,
            "chat.edit_last": self.edit_last,
            "chat.system": self.edit_system,
            "chat.model": composer.model.showPopup,
            "chat.preset": composer.preset.showPopup,
            "chat.raw": lambda: self.set_raw(ui.actions["chat.raw"].isChecked()),
            "find.open": pane.finding.open,
            "find.next": pane.finding.next,
            "find.previous": pane.finding.previous,
        }.items():
            ui.actions.on(name, call)

    def update(self) -> None:
        """Enable what can be meant now."""
        controller, composer = self._pane.controller, self._pane.composer
        working, last = controller.questions.working, controller.conversation.last
        is_free = working is None and not controller.questions.is_starting
        states = {
            "chat.send": composer.can_send,
            "chat.send_thinking": composer.can_send,
            "chat.stop": working is not None,
            "chat.enough": working is not None and working.state.answer_node is not None,
            "chat.pause": working is not None and not working.state.paused and not working.state.is_closing,
            "chat.go_on": working is not None and working.state.paused,
            "chat.regenerate": is_free and last is not None and not controller.conversation.is_recording,
            "chat.edit_last": last is not None,
            "chat.copy_answer": last is not None,
            "chat.resume": is_free and self.can_resume_last,
            "find.open": last is not None,
            "find.next": last is not None,
            "find.previous": last is not None,
        }
        for action, is_enabled in states.items():
            self._ui.actions[action].setEnabled(is_enabled)

    def choose_files(self) -> None:
        """Have files chosen that are to go along."""
        from cort_desktop.gui.chat.file_choice import choose_files

        choose_files(self._pane, self._pane.composer.dropped.emit)

    def copy_answer(self) -> None:
        """Copy the answer that is looked at."""
        transcript = self._pane.transcript
        turn = transcript.middle
        widget = None if turn is None else transcript.made.get(turn.turn.id)
        if widget is None or not widget.answer.look.text:
            self._ui.notices.say(self.tr("There is no answer to copy yet."))
        else:
            widget.answer.copy()
            self._ui.notices.say(self.tr("The answer is on the clipboard."), seconds=2.0)

    def edit_last(self) -> None:
        """Write the last question anew."""
        if (last := self._pane.controller.conversation.last) is not None:
            self.edit(last)

    def edit(self, turn: TurnView) -> None:
        """Write a question anew; that of a recording in a conversation of its own."""
        controller = self._pane.controller
        if controller.conversation.is_recording:
            self._pane.begin_with(turn.turn.question)
        else:
            controller.questions.edit(turn)
            self._pane.focus_composer()

    def again_last(self) -> None:
        """Answer the last question once more."""
        if (last := self._pane.controller.conversation.last) is not None:
            self._pane.controller.questions.again(last)

    @property
    def can_resume_last(self) -> bool:
        """Whether the last run can go on."""
        from cort_desktop.telling.summary import is_resumable

        widget = self._pane.transcript.last_made
        feed = None if widget is None else widget.feed
        return (
            feed is not None and not feed.is_working and feed.elsewhere is None and is_resumable(feed.state)
        )

    def resume_last(self) -> None:
        """Go on with the last run."""
        last = self._pane.controller.conversation.last
        if last is not None and last.turn.active is not None and self.can_resume_last:
            self._pane.controller.questions.resume(last.turn.active)

    def edit_system(self) -> None:
        """Open the conversation's system text."""
        from cort_desktop.gui.chat.system_prompt import SystemPrompt

        controller = self._pane.controller
        key = controller.conversation.key  # another one may be looked at by the time it is written
        default = self._ui.app.preferences.settings.defaults.system
        dialog = SystemPrompt(self._ui.theme, controller.conversation.system, default, self._pane)
        dialog.chosen.connect(lambda text: controller.set_system(text, key))
        dialog.open()

    def set_raw(self, is_raw: bool) -> None:
        """Show the answers as they were written."""
        self._pane.transcript.made.set_raw(is_raw)
