"""The commands of the conversation: which action does what, and when it can be meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cort_desktop.gui.ui import Ui

if TYPE_CHECKING:
    from cort_desktop.gui.chat.chat_pane import ChatPane


def connect(ui: Ui, pane: ChatPane) -> None:
    """Say what the actions ``chat.*`` and ``find.*`` do."""
    composer, controller = pane.composer, pane.controller
    on = ui.actions.on
    on("chat.new", pane.new)
    on("chat.new_temporary", lambda: pane.new(temporary=True))
    on("chat.attach", pane.choose_files)
    on("chat.copy_answer", pane.copy_answer)
    on("chat.send", controller.questions.ask)
    on("chat.send_thinking", lambda: controller.questions.ask(with_thinking=True))
    on("chat.stop", controller.questions.stop)
    on("chat.enough", controller.questions.enough)
    on("chat.resume", pane.resume_last)
    on("chat.regenerate", pane.again_last)
    on("chat.edit_last", pane.edit_last)
    on("chat.system", pane.edit_system)
    on("chat.model", composer.model.showPopup)
    on("chat.preset", composer.preset.showPopup)
    ui.actions.on("chat.raw", lambda: pane.set_raw(ui.actions["chat.raw"].isChecked()))
    on("find.open", pane.finding.open)
    on("find.next", pane.finding.next)
    on("find.previous", pane.finding.previous)


def update(ui: Ui, pane: ChatPane) -> None:
    """Enable what can be meant now."""
    controller = pane.controller
    working, last = controller.questions.working, controller.conversation.last
    is_free = working is None and not controller.questions.is_starting
    states = {
        "chat.send": pane.composer.can_send,
        "chat.send_thinking": pane.composer.can_send,
        "chat.stop": working is not None,
        "chat.enough": working is not None and working.state.answer_node is not None,
        "chat.regenerate": is_free and last is not None and not controller.conversation.is_recording,
        "chat.edit_last": last is not None,
        "chat.copy_answer": last is not None,
        "chat.resume": is_free and pane.can_resume_last,
        "find.open": last is not None,
        "find.next": last is not None,
        "find.previous": last is not None,
    }
    for action, is_enabled in states.items():
        ui.actions[action].setEnabled(is_enabled)
