"""What can be done with a node: make it the answer, try it again, stop it, branch, copy, inspect.

Asks the services and shows what they give in the run's feed. Nothing that costs money starts before its price
was told, and nothing that later answers rest on changes before that was said: such a verb asks first, through
``question``. Which view shows what is the pane's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from cort_desktop.domain.budget import Estimate
from cort_desktop.domain.ids import NodeName
from cort_desktop.errors import CortError
from cort_desktop.gui.notices import UNDO_S, Offer
from cort_desktop.gui.rounds import verb_words as words
from cort_desktop.gui.run_feed import RunFeed
from cort_desktop.gui.selection import Selection
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.undo import Undoable
from cort_desktop.services.foresight import Consequences


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something to be confirmed: what would happen, and what to do then."""

    title: str
    text: str
    yes: str
    go: Callable[[], object]


class RoundsController(QObject):
    """Verbs on the selected node.

    ``answer_changed`` has a run, ``branched`` and ``continued`` a conversation, ``inspected`` a node and its
    request as JSON,
    ``question`` a ``Question``. ``again`` has a feed and the node to be tried again, once that was confirmed:
    runs are followed in one place, whoever puts them to work.
    """

    answer_changed = Signal(object)
    again = Signal(object, object)
    branched = Signal(object)
    continued = Signal(object)
    inspected = Signal(object, str)
    question = Signal(object)

    def __init__(self, ui: Ui, selection: Selection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._selection = selection

    def override(self) -> None:
        """Make the selected candidate the answer; asks first when later answers rest on the old one."""
        feed, node = self._here()
        if feed is not None and node is not None:
            self._ui.tasks.start(self._override(feed, node), name=f"override {node}")

    def retry(self) -> None:
        """Try the selected call again, after its price was told."""
        feed, node = self._here()
        if feed is not None and node is not None:
            self._ui.tasks.start(self._ask_retry(feed, node), name=f"price of {node}")

    def cancel(self) -> None:
        """Stop the selected call; the run goes on with the others."""
        feed, node = self._here()
        if feed is not None and node is not None:
            self._ui.app.chat.cancel(feed.run, node)

    def branch(self) -> None:
        """Begin a new conversation with the selected candidate as the answer."""
        feed, node = self._here()
        if feed is not None and node is not None:
            self._ui.tasks.start(self._branch(feed, node), name=f"branch at {node}")

    def continue_here(self) -> None:
        """Go on with the selected candidate as the conversation's answer so far; this one stays as it is."""
        feed, node = self._here()
        if feed is not None and node is not None:
            self._ui.tasks.start(self._continue(feed, node), name=f"continue from {node}")

    def inspect(self) -> None:
        """Show exactly what was sent for the selected node."""
        feed, node = self._here()
        if feed is not None and node is not None:
            self._ui.tasks.start(self._inspect(feed, node), name=f"request of {node}")

    def copy(self) -> None:
        """Put the selected node's text on the clipboard, as it is."""
        feed, node = self._here()
        if feed is not None and node is not None:
            QGuiApplication.clipboard().setText(feed.text(node))
            self._ui.notices.say(words.copied(node))

    def _here(self) -> tuple[RunFeed | None, NodeName | None]:
        return self._selection.feed, self._selection.node

    async def _override(self, feed: RunFeed, node: NodeName) -> None:
        found = await self._ui.app.chat.consequences(feed.run, node)
        text = words.consequences(found, await self._rerun_price(found))
        if not text:
            await self._choose(feed, node)
            return
        self.question.emit(
            Question(
                title=words.override_title(node),
                text=text,
                yes=words.override_yes(),
                go=lambda: self._ui.tasks.start(self._choose(feed, node), name=f"override {node}"),
            )
        )

    async def _rerun_price(self, found: Consequences) -> Estimate | None:
        """What asking the later questions again would take; None where that can't be told."""
        try:
            return await self._ui.app.chat.rerun_price(found.later)
        except CortError:
            return None

    async def _choose(self, feed: RunFeed, node: NodeName) -> None:
        before = await self._set_answer(feed, node)
        stack = self._ui.undo
        what = Undoable(
            words=words.undo_choice(node),
            call=lambda: self._ui.tasks.start(self._take_back(feed, before), name="override taken back"),
        )
        stack.push(what)
        undo = Offer(text=words.undo(), call=lambda: stack.undo(what), stands=lambda: stack.can_undo(what))
        started = feed.state.started
        about = None if started is None else started.conversation
        self._ui.notices.say(words.chosen(node), "good", undo, UNDO_S, about=about)

    async def _set_answer(self, feed: RunFeed, node: NodeName | None) -> NodeName | None:
        """Set the override, or none; returns the one before."""
        before = feed.state.override
        events = await self._ui.app.chat.override(feed.run, node)
        told = self._ui.feeds.known(feed.run) or feed  # it may have been read anew since it was looked at
        told.show_all(event for event in events if (event.seq or 0) > told.state.seq)
        self.answer_changed.emit(feed.run)
        return before

    async def _take_back(self, feed: RunFeed, before: NodeName | None) -> None:
        """It counts as undoing, not as something new that could be undone."""
        await self._set_answer(feed, before)
        self._ui.notices.say(words.chosen(before), "good")

    async def _ask_retry(self, feed: RunFeed, node: NodeName) -> None:
        price = await self._ui.app.chat.retry_price(feed.run, node)
        self.question.emit(
            Question(
                title=words.retry_title(node),
                text=words.retry_price(price),
                yes=words.retry_yes(),
                go=lambda: self.again.emit(feed, node),
            )
        )

    async def _branch(self, feed: RunFeed, node: NodeName) -> None:
        made = await self._ui.app.library.branch(feed.run, node)
        self._ui.notices.say(words.branched(made.title), "good")
        self.branched.emit(made.id)

    async def _continue(self, feed: RunFeed, node: NodeName) -> None:
        made = await self._ui.app.library.branch(feed.run, node)
        self._ui.notices.say(words.continued(node, made.title), "good")
        self.continued.emit(made.id)

    async def _inspect(self, feed: RunFeed, node: NodeName) -> None:
        if feed.is_stored:
            self.inspected.emit(node, await self._ui.app.library.request(feed.run, node))
        else:
            self.inspected.emit(node, self._ui.app.chat.request(feed.run, node))
