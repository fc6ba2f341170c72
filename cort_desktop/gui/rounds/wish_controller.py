"""What a person asks of a run on top, from the rounds: alternatives, rounds, their own candidate, who is
out, a further look by judges, their own ranking.

Nothing that asks a model starts before its price was told. Which forms ask for the details is
``wish_forms.py``, what runs at work and at rest do is the services'.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from PySide6.QtCore import QObject, Signal

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import NodeName
from cort_desktop.gui.notices import UNDO_S, Offer
from cort_desktop.gui.rounds import wish_words as words
from cort_desktop.gui.rounds.rounds_controller import Question
from cort_desktop.gui.run_feed import RunFeed
from cort_desktop.gui.selection import Selection
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.undo import Undoable
from cort_desktop.services.wishes import Wished, added_rounds


class WishController(QObject):
    """Wishes to the selected run. ``wanted`` has a feed and a confirmed wish: runs are put to work and
    followed in one place. ``question`` has a ``Question``, ``answer_changed`` a run.
    """

    wanted = Signal(object, object)
    question = Signal(object)
    answer_changed = Signal(object)

    def __init__(self, ui: Ui, selection: Selection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._selection = selection

    @property
    def feed(self) -> RunFeed | None:
        """The run that is looked at."""
        return self._selection.feed

    @property
    def node(self) -> NodeName | None:
        """The node that is chosen in it."""
        return self._selection.node

    def add_round(self) -> None:
        """Ask for one further round."""
        self.ask(lambda: added_rounds(1))

    def ask(self, make: Callable[[], Wished], about: str = "", *, feed: RunFeed | None = None) -> None:
        """Tell the price of a wish and ask whether it is wanted; what asks no model is done at once.
        ``about``: a sentence on what would be done, where its name doesn't say it. ``feed``: whose; None: of
        the run that is looked at.
        """
        feed = feed or self.feed
        if feed is not None:
            self._ui.tasks.start(self._priced(feed, make, about), name="price of a wish")

    def take_out_or_put_back(self) -> None:
        """Take the selected candidate out of the contest, or put it back; that can be undone."""
        feed, node = self.feed, self.node
        if feed is not None and node is not None:
            self._ui.tasks.start(self._in_or_out(feed, node), name=f"contest {node}")

    def rank(self, feed: RunFeed, ranking: tuple[tuple[NodeName, ...], ...]) -> None:
        """Keep the person's own ranking."""
        self._ui.tasks.start(self._rank(feed, ranking), name="ranking")

    async def _priced(self, feed: RunFeed, make: Callable[[], Wished], about: str) -> None:
        wished = make()
        price = await self._ui.app.chat.wishes.price(feed.run, wished)
        if not price.calls_high:
            self.wanted.emit(feed, wished)
            return
        choice = feed.state.override
        self.question.emit(
            Question(
                title=words.title(wished.why, about=about),
                text=words.price(price, choice=choice, looks_back=wished.looks_back, about=about),
                yes=words.yes(looks_back=wished.looks_back),
                go=lambda: self.wanted.emit(feed, wished),
            )
        )

    async def _in_or_out(self, feed: RunFeed, node: NodeName) -> None:
        was_out = node in feed.state.out
        await self._set(feed, node, out=not was_out)
        stack = self._ui.undo
        what = Undoable(
            words=words.undo_back(node) if was_out else words.undo_out(node),
            call=lambda: self._ui.tasks.start(self._set(feed, node, out=was_out), name=f"undo {node}"),
        )
        stack.push(what)
        undo = Offer(text=words.undo(), call=lambda: stack.undo(what), stands=lambda: stack.can_undo(what))
        said = words.put_back(node) if was_out else words.taken_out(node, feed.state.answer_node)
        self._ui.notices.say(said, "good", undo, UNDO_S)

    async def _set(self, feed: RunFeed, node: NodeName, *, out: bool) -> None:
        wishes = self._ui.app.chat.wishes
        await self._folded(feed, (wishes.take_out if out else wishes.put_back)(feed.run, node))
        self.answer_changed.emit(feed.run)

    async def _rank(self, feed: RunFeed, ranking: tuple[tuple[NodeName, ...], ...]) -> None:
        await self._folded(feed, self._ui.app.chat.wishes.rank(feed.run, ranking))
        self._ui.notices.say(words.ranked(), "good")

    async def _folded(self, feed: RunFeed, said: Awaitable[tuple[ev.Event, ...]]) -> None:
        events = await said
        told = self._ui.feeds.known(feed.run) or feed  # it may have been read anew since it was looked at
        told.show_all(event for event in events if (event.seq or 0) > told.state.seq)
