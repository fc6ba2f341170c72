"""Where a reader comes to: the turn that was just asked, a place that a search found, a node that was named,
and the way back to a temporary conversation that was left.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from cort_desktop.domain.ids import ConversationId, NodeName, RunId, TurnId
from cort_desktop.domain.library import Hit
from cort_desktop.gui.chat.controller import ChatController
from cort_desktop.gui.chat.finding import Finding
from cort_desktop.gui.chat.transcript import Transcript
from cort_desktop.gui.chat.watch import Watch
from cort_desktop.gui.library.hits import found_words
from cort_desktop.gui.notices import UNDO_S, Offer
from cort_desktop.gui.ui import Ui

if TYPE_CHECKING:
    from cort_desktop.gui.chat.asking import Begun
    from cort_desktop.gui.chat.hits import Part
    from cort_desktop.gui.run_feed import RunFeed


class Arriving(QObject):
    """``node_wanted`` has a feed and a node of it, ``words_wanted`` words besides that are to be marked in
    it.
    """

    node_wanted = Signal(object, object)
    words_wanted = Signal(object, object, str)

    def __init__(
        self,
        ui: Ui,
        controller: ChatController,
        transcript: Transcript,
        finding: Finding,
        watch: Watch,
    ) -> None:
        super().__init__(controller)
        self._ui, self._controller = ui, controller
        self._transcript, self._finding, self._watch = transcript, finding, watch
        self._hit: Hit | None = None
        controller.found.connect(self._show_found)
        controller.asking.begun.connect(self._expect)

    def open(self, conversation: ConversationId, run: RunId | None, node: NodeName | None) -> None:
        """Go to a conversation; with a run and a node, to the turn they belong to."""
        self._hit = None
        self._controller.open(conversation, run, node)

    def open_hit(self, hit: Hit) -> None:
        """Go to a place that a search found, in the version of the question it is in, and mark its words."""
        self._controller.open(hit.conversation, hit.run, hit.node)
        self._hit = hit

    def offer_back(self, conversation: ConversationId, go: Callable[[ConversationId], object]) -> None:
        """A temporary conversation is in no list: once left, it is found again only from here."""
        words = self.tr("The temporary conversation was left. It is gone when the window closes.")
        back = Offer(
            text=self.tr("Go back"),
            call=lambda: go(conversation),
            stands=lambda: self._controller.conversation.key != conversation,
        )
        self._ui.notices.say(words, offer=back, seconds=UNDO_S)

    def _expect(self, begun: Begun) -> None:
        started = begun.feed.state.started
        if started is not None and begun.key == self._controller.conversation.key:
            self._transcript.expect(started.turn)

    def _show_found(self, feed: RunFeed, node: NodeName | None) -> None:
        started = feed.state.started
        if started is not None:
            self._transcript.to_turn(started.turn)
        self._watch.look_at(feed)
        if node is not None:
            self.node_wanted.emit(feed, node)
        hit, self._hit = self._hit, None
        if hit is not None and started is not None and hit.run == feed.run:
            self._mark(hit, feed, started.turn)

    def _mark(self, hit: Hit, feed: RunFeed, turn: TurnId) -> None:
        """Mark what was found, in the transcript if it stands there, and in the rounds."""
        part: Part = "question" if hit.part == "question" else "answer"
        shown = self._controller.conversation.turn(turn)
        is_here = hit.part == "question" or (shown is not None and shown.turn.active == hit.run)
        if hit.part in ("question", "answer") and is_here:
            self._finding.look_for(found_words(hit), turn, part)
        if hit.node is not None:
            self.words_wanted.emit(feed, hit.node, found_words(hit))
