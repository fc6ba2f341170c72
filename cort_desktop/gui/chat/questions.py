"""Asking, asking again, asking otherwise, and steering what works: the verbs of questions, without a widget.

What a question is made of is ``desk``, how its run is followed is ``asking``; here it gets its place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from cort_desktop.domain.budget import Budget
from cort_desktop.domain.ids import RunId
from cort_desktop.domain.library import TurnView
from cort_desktop.errors import CortError, SettingsError, UsageError
from cort_desktop.gui.chat.asking import Asking, Refused
from cort_desktop.gui.chat.desk import Desk
from cort_desktop.gui.chat.drafts import Key
from cort_desktop.gui.chat.open_conversation import OpenConversation
from cort_desktop.gui.run_feed import RunFeed
from cort_desktop.gui.ui import Ui
from cort_desktop.services.foresight import Forecast
from cort_desktop.services.planning import Ask


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """Answering again would take this; ``go`` does it."""

    forecast: Forecast
    go: Callable[[], object]


class Questions(QObject):
    """``refused`` has why a question was not taken, and whether settings help; ``state_changed``: whether one
    may be asked now, or stopped, may have changed; ``priced`` has a Priced to be confirmed.
    """

    refused = Signal(str, bool)
    state_changed = Signal()
    priced = Signal(object)

    def __init__(
        self, ui: Ui, at: OpenConversation, asking: Asking, desk: Desk, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._ui = ui
        self._conversation, self._asking, self._desk = at, asking, desk
        self._is_pricing = False
        asking.refused.connect(self._refused)
        asking.starting_changed.connect(self.state_changed)
        asking.working_changed.connect(lambda _words: self.state_changed.emit())

    @property
    def working(self) -> RunFeed | None:
        """The run of this conversation that works now."""
        key = self._conversation.key
        return None if key is None else self._asking.working_in(key)

    @property
    def is_starting(self) -> bool:
        """Whether a question is on its way."""
        return self._asking.is_starting(self._conversation.key)

    def placed(self, ask: Ask) -> Ask:
        """A question in its place: after the path that is looked at, or beside the turn that is edited."""
        at = self._conversation
        instead_of = None if ask.again is not None else self._desk.draft.edits
        goes_on = at.is_aside and ask.again is None and instead_of is None
        is_known = at.key is not None and not at.is_temporary  # then the library has the system text
        return replace(
            ask,
            conversation=at.key,
            instead_of=instead_of,
            after=at.last.turn.id if goes_on and at.last is not None else None,
            system=None if is_known else at.system,
            store=not at.is_temporary,
        )

    def ask(self, *, with_thinking: bool = False) -> None:
        """Ask what is on the desk, once all of it is there."""
        if not self._desk.readings:
            self._ask(self._desk.asked(with_thinking=with_thinking))

    def again(self, turn: TurnView) -> None:
        """Answer a question once more, beside its other answers. What may cost money tells its price."""
        if self.working is None and not self.is_starting and not self._is_pricing:
            self._is_pricing = True
            again = self._again(turn), self._conversation.key
            if self._ui.tasks.start(self._ask_again(*again), name="price of another answer") is None:
                self._is_pricing = False

    async def price_again(self, turn: TurnView) -> Forecast:
        """What answering a question once more would take. Raises CortError."""
        return await self._ui.app.chat.estimate(self._again(turn))

    def edit(self, turn: TurnView) -> None:
        """Write a question anew, beside the old one."""
        if self._conversation.is_temporary:
            self._desk.edit(turn, self._asking.unstored_files(turn.turn.active))
        else:
            self._ui.tasks.start(self._edit(turn), name="edit question")

    def stop(self) -> None:
        """Stop the run of this conversation."""
        if (feed := self.working) is not None:
            self._asking.stop(feed.run)

    def enough(self) -> None:
        """End the run of this conversation with the best so far."""
        if (feed := self.working) is not None and feed.state.answer_node is not None:
            self._asking.enough(feed.run)

    def pause_or_go_on(self) -> None:
        """Pause the run of this conversation after its round, or let it go on."""
        if (feed := self.working) is not None:
            (self._asking.go_on if feed.state.paused else self._asking.pause)(feed.run)

    def resume(self, run: RunId, caps: Budget | None = None) -> None:
        """Go on with a run, also of a conversation that is not looked at. ``caps``: what it may spend in all;
        without them a cap that it met is granted once more.
        """
        self._ui.tasks.start(self._resume(run, caps), name="resume")

    def _ask(self, ask: Ask) -> None:
        self._begin(self.placed(ask), self._conversation.key)

    def _begin(self, placed: Ask, key: Key) -> None:
        if key == self._conversation.key and self.working is None and not self.is_starting:
            self._asking.ask(placed, key)

    def _again(self, turn: TurnView) -> Ask:
        files = self._asking.unstored_files(turn.turn.active)
        asked = self._desk.asked()
        return self.placed(replace(asked, question=turn.turn.question, attached=files, again=turn.turn.id))

    async def _ask_again(self, ask: Ask, key: Key) -> None:
        """What is free, or can't be asked anyhow, needs no yes."""
        try:
            found = await self._ui.app.chat.estimate(ask)
        except CortError as error:
            self._refused(Refused(ask=ask, key=key, error=error))
            return
        finally:
            self._is_pricing = False
        if found.is_refused or found.cost_microusd == 0:
            self._begin(ask, key)
        elif key == self._conversation.key:
            self.priced.emit(Priced(forecast=found, go=lambda: self._begin(ask, key)))

    async def _edit(self, turn: TurnView) -> None:
        """What went along with the question comes along with its new version."""
        run = turn.turn.active
        files = await self._ui.app.attachments.of_run(run) if run is not None else ()
        if self._conversation.turn(turn.turn.id) is not None:
            self._desk.edit(turn, files)

    async def _resume(self, run: RunId, caps: Budget | None) -> None:
        self._asking.resume(await self._ui.feeds.read(run), caps)

    def _refused(self, refused: Refused) -> None:
        is_here = refused.key == self._conversation.key
        if not is_here:
            self._ui.notices.error(refused.error)
            return
        needs_settings = isinstance(refused.error, SettingsError) and not isinstance(
            refused.error, UsageError
        )
        self.refused.emit(str(refused.error), needs_settings)
