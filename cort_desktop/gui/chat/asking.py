"""Runs that this window works on: begun, stopped, gone on with, wherever a person looks meanwhile.

What is asked is put together elsewhere (``desk``); what is shown of a run is its feed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Signal

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Budget
from cort_desktop.domain.ids import ConversationId, NodeName, RunId
from cort_desktop.errors import CortError, UsageError
from cort_desktop.gui.chat.agreeing import ConsentWanted
from cort_desktop.gui.chat.drafts import Key
from cort_desktop.gui.chat.look import Problem
from cort_desktop.gui.chat.progress import badge_words
from cort_desktop.gui.run_feed import Changes, RunFeed
from cort_desktop.gui.ui import Ui
from cort_desktop.services.attachments import AttachmentInfo
from cort_desktop.services.outcomes import Outcome
from cort_desktop.services.planning import Ask
from cort_desktop.services.verifiers import Consent
from cort_desktop.services.wishes import Wished
from cort_desktop.telling.safe import one_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A question that was taken: ``key`` is where it was asked from."""

    ask: Ask
    key: Key
    feed: RunFeed


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A question that was not taken, and why; nothing was sent or stored."""

    ask: Ask
    key: Key
    error: CortError


class Asking(QObject):
    """``begun`` has a Begun, ``refused`` a Refused, ``ended`` the feed of a run that came to rest;
    ``working_changed`` a dict from conversation to words like “R2”; ``consent_wanted`` a ConsentWanted: what
    a person must agree to before anything is asked.
    """

    begun = Signal(object)
    refused = Signal(object)
    ended = Signal(object)
    working_changed = Signal(object)
    starting_changed = Signal()
    consent_wanted = Signal(object)

    def __init__(self, ui: Ui, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._ours: set[RunId] = set()
        self._starting: set[Key] = set()
        self._told: Mapping[ConversationId, str] = {}
        self.problems: dict[RunId, Problem] = {}
        self._files: dict[RunId, tuple[AttachmentInfo, ...]] = {}

    def ask(self, ask: Ask, key: Key) -> None:
        """Have a question thought through, in a task of its own."""
        self._starting.add(key)
        self.starting_changed.emit()
        if self._ui.tasks.start(self._ask(ask, key), name="ask") is None:
            self._started(key)

    def resume(self, feed: RunFeed, caps: Budget | None = None) -> None:
        """Go on with a run that has not ended, or that was stopped; ``caps``: what it may spend in all."""
        if not feed.is_working:
            self._ui.tasks.start(self._resume(feed, caps), name="resume")

    def retry(self, feed: RunFeed, node: NodeName) -> None:
        """Try a call again that failed or was stopped; a run at rest is put to work for it."""
        self._ui.tasks.start(self._retry(feed, node), name=f"again {node}")

    def carry_out(self, feed: RunFeed, wished: Wished) -> None:
        """Do what a person wants on top; a run at rest is put to work for it."""
        self._ui.tasks.start(self._carry_out(feed, wished), name="wish")

    def pause(self, run: RunId) -> None:
        """Start nothing new once the round is decided."""
        self._ui.app.chat.wishes.pause(run)

    def go_on(self, run: RunId) -> None:
        """Go on after a pause."""
        self._ui.app.chat.wishes.go_on(run)

    def stop(self, run: RunId) -> None:
        """Stop a run; what there is stays."""
        self._ui.app.chat.stop(run)

    def enough(self, run: RunId) -> None:
        """End a run with the best so far as its answer."""
        self._ui.app.chat.enough(run)

    def working_in(self, conversation: Key) -> RunFeed | None:
        """The run of a conversation that works now; the latest, should there be several."""
        found = [feed for feed in self._ui.feeds.working() if _conversation(feed) == conversation]
        return found[-1] if found else None

    def is_starting(self, key: Key) -> bool:
        """Whether a question of this conversation is on its way."""
        return key in self._starting

    def unstored(self) -> list[RunFeed]:
        """The runs that work now and that are in memory only."""
        return [feed for feed in self._ui.feeds.working() if feed.run in self._files]

    def unstored_files(self, run: RunId | None) -> tuple[AttachmentInfo, ...]:
        """What went along with a question that is in memory only; nothing for one that the library knows."""
        return () if run is None else self._files.get(run, ())

    async def _ask(self, ask: Ask, key: Key) -> None:
        feeds: list[RunFeed] = []

        def show(event: ev.Event) -> None:
            if not feeds:
                feeds.append(self._ui.feeds.begin(event.run))
                feeds[0].is_stored = ask.store
                feeds[0].show(event)
                if not ask.store:
                    self._files[event.run] = ask.attached
                self._works(feeds[0])
                self._started(key)
                self.begun.emit(Begun(ask=ask, key=key, feed=feeds[0]))
            else:
                feeds[0].show(event)

        try:
            await self._agreed(await self._ui.app.chat.consents.of_ask(ask))
            await self._follow(lambda: self._ui.app.chat.ask(ask, show), feeds)
        except CortError as error:
            self._started(key)
            self.refused.emit(Refused(ask=ask, key=key, error=error))
        finally:
            self._started(key)

    async def _agreed(self, wanted: Consent | None) -> None:
        """Have a person agree to tests that would be run, where that is missing. Raises UsageError for a
        no.
        """
        if wanted is None:
            return
        answer = asyncio.get_running_loop().create_future()
        self.consent_wanted.emit(ConsentWanted(consent=wanted, answer=answer))
        if not await answer:
            name = one_line(wanted.name)
            raise UsageError(self.tr("Nothing was asked, because {name} may not be run.").format(name=name))
        await self._ui.app.chat.consents.agree(wanted)

    async def _agreed_for(self, feed: RunFeed) -> None:
        """The same before a run at rest goes on: its tests may come from another machine."""
        if feed.state.spec.verifier is not None:
            await self._agreed(await self._ui.app.chat.consents.of_run(feed.run))

    async def _resume(self, feed: RunFeed, caps: Budget | None) -> None:
        await self._agreed_for(feed)
        if feed.is_working:  # it was asked for twice
            return
        self.problems.pop(feed.run, None)
        self._works(feed)
        resume = partial(self._ui.app.chat.resume, feed.run, feed.show, after=feed.state.seq, caps=caps)
        await self._follow(resume, [feed])

    async def _retry(self, feed: RunFeed, node: NodeName) -> None:
        retry = partial(self._ui.app.chat.retry, feed.run, node, feed.show)
        if not feed.is_working:
            await self._agreed_for(feed)
        if feed.is_working:  # it takes the word in; whoever put it to work follows it
            await retry()
            return
        self.problems.pop(feed.run, None)
        self._works(feed)
        await self._follow(partial(retry, after=feed.state.seq), [feed])

    async def _carry_out(self, feed: RunFeed, wished: Wished) -> None:
        begin = partial(self._ui.app.chat.wishes.carry_out, feed.run, wished, feed.show)
        if not feed.is_working:
            await self._agreed_for(feed)
        if feed.is_working:  # it takes the word in; whoever put it to work follows it
            await begin()
            return
        self.problems.pop(feed.run, None)
        self._works(feed)
        await self._follow(partial(begin, after=feed.state.seq), [feed])

    async def _follow(self, begin: Callable[[], Awaitable[Outcome | None]], feeds: list[RunFeed]) -> None:
        """Wait for a run's end. Its failure is told at its turn; a CortError before it began is raised."""
        try:
            outcome = await begin()
            if outcome is not None and outcome.unsaved is not None:
                self.problems[outcome.run] = Problem(text=str(outcome.unsaved), is_unsaved=True)
        except CortError as error:
            if not feeds:
                raise
            self.problems[feeds[0].run] = Problem(text=str(error))
        finally:
            for feed in feeds:
                self._rests(feed)

    def _works(self, feed: RunFeed) -> None:
        self._ours.add(feed.run)
        feed.elsewhere = None
        feed.set_working(True)
        feed.changed.connect(self._progressed)
        self.tell_working()

    def _rests(self, feed: RunFeed) -> None:
        if feed.run not in self._ours:
            return
        self._ours.discard(feed.run)
        feed.changed.disconnect(self._progressed)
        feed.set_working(False)
        self.tell_working()
        self.ended.emit(feed)

    def _progressed(self, changes: Changes) -> None:
        if changes.has_facts:
            self.tell_working()

    def tell_working(self) -> None:
        """Say what works where, if that is news."""
        words: dict[ConversationId, str] = {}
        for feed in self._ui.feeds.working():
            conversation = _conversation(feed)
            if conversation is not None:
                words[conversation] = badge_words(feed.state)
        if words != self._told:
            self._told = words
            self.working_changed.emit(words)

    def _started(self, key: Key) -> None:
        if key in self._starting:
            self._starting.discard(key)
            self.starting_changed.emit()


def _conversation(feed: RunFeed) -> Key:
    return None if feed.state.started is None else feed.state.started.conversation
