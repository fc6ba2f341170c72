"""Temporary conversations that work on while another one is looked at: a bar each, with the way back.

They are in no list; without it nobody could see what is being spent, or stop it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject

from cort_desktop.domain.ids import ConversationId
from cort_desktop.gui.chat.controller import ChatController
from cort_desktop.gui.notices import UNDO_S, Offer
from cort_desktop.gui.run_feed import RunFeed
from cort_desktop.gui.ui import Ui


class LeftAtWork(QObject):
    """``show`` looks at a conversation."""

    def __init__(
        self, ui: Ui, controller: ChatController, show: Callable[[ConversationId], object], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._ui, self._controller, self._open = ui, controller, show
        self._told: dict[ConversationId, RunFeed] = {}
        controller.conversation.shown.connect(lambda _view: self._update())
        controller.asking.working_changed.connect(lambda _words: self._update())

    def _update(self) -> None:
        here = self._controller.conversation.key
        away = {}
        for feed in self._controller.asking.unstored():
            started = feed.state.started
            if started is not None and started.conversation != here:
                away[started.conversation] = feed
        for conversation in [each for each in self._told if each not in away]:
            self._settle(conversation, is_here=conversation == here)
        for conversation, feed in away.items():
            if conversation not in self._told:
                self._told[conversation] = feed
                self._tell(conversation, feed)

    def _tell(self, conversation: ConversationId, feed: RunFeed) -> None:
        words = self.tr("A temporary conversation that was left is still being answered.")
        offers = (
            Offer(text=self.tr("Show"), call=partial(self._open, conversation)),
            Offer(text=self.tr("Stop"), call=partial(self._controller.asking.stop, feed.run)),
        )
        self._ui.notices.bar(_key(conversation), words, offers=offers)

    def _settle(self, conversation: ConversationId, *, is_here: bool) -> None:
        del self._told[conversation]
        self._ui.notices.clear(_key(conversation))
        if not is_here:
            words = self.tr("The temporary conversation that was left has come to its end.")
            show = Offer(
                text=self.tr("Show"),
                call=partial(self._open, conversation),
                stands=lambda: self._controller.conversation.key != conversation,
            )
            self._ui.notices.say(words, offer=show, seconds=UNDO_S)


def _key(conversation: ConversationId) -> str:
    return f"temporary:{conversation}"
