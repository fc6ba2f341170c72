"""A person and the runs: a question becomes one, and one is steered, stopped, gone on with, played again.

One question through the code: read the context and freeze the spec (``beginnings``), own the run, store the
question, start the engine with ``emit`` = record, then show; at the end everything is on disk or the outcome
says that it isn't. What is told before a person says yes is ``foresight``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager

from cort_desktop.domain import events as ev
from cort_desktop.domain.bookings import Books
from cort_desktop.domain.budget import Budget
from cort_desktop.domain.ids import NodeName, RunId
from cort_desktop.domain.run import RunState
from cort_desktop.domain.settings import Settings
from cort_desktop.engine import endings, steering
from cort_desktop.engine.engine import Engine
from cort_desktop.engine.strategies.shelf import Unusable
from cort_desktop.errors import RunError, StorageError, UsageError
from cort_desktop.services.allowances import Allowance, Allowances, going_on, lineup_of, models_of
from cort_desktop.services.beginnings import Beginnings, write_down
from cort_desktop.services.consents import Consents
from cort_desktop.services.foresight import Foresight
from cort_desktop.services.foretelling import Foretelling
from cort_desktop.services.live_runs import Held, LiveRuns
from cort_desktop.services.outcomes import Outcome, as_it_is, catch_up, outcome_of
from cort_desktop.services.places import Place, Places
from cort_desktop.services.planning import Ask
from cort_desktop.services.recorder import Recorder, Show, ended
from cort_desktop.services.resting_runs import RestingRun, RestingRuns
from cort_desktop.services.rolling_summaries import RollingSummaries
from cort_desktop.services.store import OpenStore, Store
from cort_desktop.services.verifiers import Verifiers
from cort_desktop.services.wishes import Ways, Wished, Wishes
from cort_desktop.storage.owners import Owned
from cort_desktop.storage.run_log import RunLog


class ChatService(Foretelling):
    """Asks, steers, stops, resumes and replays. One instance serves a whole program; any number of runs work
    side by side.

    The words about single calls (``cancel``, ``retry``, ``override``) and their checks are
    ``engine/steering.py``; what they lead to is told before by ``retry_price`` and ``consequences``, and what
    a person must agree to by ``consents``; what a person wants on top of a run is ``wishes``.
    """

    def __init__(
        self,
        engine: Engine,
        store: OpenStore,
        settings: Callable[[], Settings],
        verifiers: Verifiers,
        *,
        new_id: Callable[[], str],
        new_seed: Callable[[], int],
        unusable: Callable[[], tuple[Unusable, ...]] = tuple,
    ) -> None:
        """``unusable`` tells the strategies that other packages add in vain."""
        self._books_all = False
        self._engine = engine
        self._unusable = unusable
        self._open_store = store
        self._settings = settings
        self._live = LiveRuns()
        self._resting = RestingRuns(store)
        self._allowances = Allowances(store, settings, engine.models, engine.clock.now)
        self._places = Places(store, settings, new_id)
        self._foresight = Foresight(engine, store, settings, self._places, self._resting, self._allowances)
        self._summaries = RollingSummaries(engine, store, settings)
        self._verifiers = verifiers
        self.wishes = Wishes(
            Ways(
                live=self._live,
                resting=self._resting,
                foresight=self._foresight,
                name=self._name,
                in_hand=self._in_hand,
                go_on=self._go_on,
                noted=self._noted,
                admit=self._allowances.admit,
            )
        )
        self.consents = Consents(engine, settings, store, self._resting, verifiers)
        self._beginnings = Beginnings(
            engine, settings, self._places, self._foresight, verifiers, new_id=new_id, new_seed=new_seed
        )

    def book_all(self) -> None:
        """From now on what is not stored is booked, too, where there is no limit on spending: a bench leaves
        nothing to look at, but it was paid for.
        """
        self._books_all = True

    async def ask(self, ask: Ask, show: Show) -> Outcome:
        """Think ``ask`` through. Cancelling stops the run, keeps what there is, and then ends.

        The first event shown is ``run.started``, as soon as it is on disk: it names the run, its conversation
        and its turn. Raises UsageError or SettingsError before anything is sent, LimitError when a limit on
        spending is used up, StorageError when the question could not be stored.
        """
        self._summaries.make_way()
        beginning = await self._beginnings.prepare(ask)
        run, place = beginning.run, beginning.place
        async with AsyncExitStack() as held:
            hands = held.enter_context(self._live.hold(run, stored=ask.store))
            is_wanted = True
            if ask.store:
                held.enter_context(self._store.owners.claim(run))
            allowance = await held.enter_async_context(
                self._allowances.hold(
                    run,
                    place.conversation,
                    beginning.started.budget,
                    lineup_of(beginning.started.spec),
                    stored=ask.store,
                )
            )
            beginning = beginning.allowed(allowance.budget)
            if ask.store:
                is_wanted = await write_down(beginning, self._store.conversations)
            log = self._store.log if ask.store else None
            recorder = self._recorder(RunState(run), log, show, allowance)
            going = self._engine.start(
                run, beginning.started, place.view, recorder, beginning.texts, beginning.verifier
            )
            if ask.again is not None or ask.instead_of is not None:
                going.forgive()
            if not ask.store:
                held.callback(self._keep, place, going.state)
            await hands.work(going, recorder, is_wanted=is_wanted)
        if ask.store and recorder.unsaved is None:
            self._summaries.begin(place.conversation, place.turn, place.view, going.state)
        return outcome_of(going, recorder, allowance)

    async def resume(
        self, run: str, show: Show, *, after: int | None = None, caps: Budget | None = None
    ) -> Outcome:
        """Go on with a run named by its id or the beginning of it; only what is new is shown.

        after: the ``seq`` of the last event the caller has seen, by ``replay`` for example: stored events
        that came since are shown first, so that none is missed and none comes twice. caps: what a run that a
        person or a cap ended may spend in all; without them a cap that was met is granted once more
        (``domain.allowance``). A run that ended by its own rule is returned as it is. Raises UsageError when
        there is no such run, or when it is being worked on already, here or by another process.
        """
        name = await self._name(run)
        if await self._live.settled(name) is not None:
            raise UsageError(f"Run {name} is being worked on already.")
        with self._in_hand(name) as hands:
            resting = await self._resting.taken_up(name)
            catch_up(resting, show, after)
            how = endings.can_go_on(resting.state)
            if how == "ended":
                return as_it_is(resting)
            return await self._go_on(hands, resting, show, reopen=how == "reopen", caps=caps)

    async def retry(
        self, run: str, node: NodeName, show: Show, *, after: int | None = None
    ) -> Outcome | None:
        """Try a candidate or a judge again that failed or was stopped.

        A run at work takes the word in and the result is None at once: what follows is shown where its events
        are shown. A run at rest is reopened (``after`` as in ``resume``), its caps are granted anew, the call
        is asked again and what follows from it is done; a run that had not ended by its own rule goes on with
        all it lacks. How a candidate gets into the contest that is over: ``engine/latecomers.py``. What it
        costs is told by ``retry_price``. Raises UsageError when the call can't be tried again.
        """
        name = await self._name(run)
        going = await self._live.settled(name)
        if going is not None:
            word = steering.tried_again(going.state, node)
            going.forgive()
            going.steer(word)
            return None
        with self._in_hand(name) as hands:
            resting = await self._resting.taken_up(name)
            catch_up(resting, show, after)
            how = endings.can_go_on(resting.state)
            return await self._go_on(hands, resting, show, reopen=how == "reopen", again=node)

    def is_unstored(self, run: RunId) -> bool:
        """Whether a run is kept in memory only."""
        return not (self._live.is_stored(run) if self._live.is_held(run) else self._resting.is_stored(run))

    def forget(self, outcome: Outcome) -> None:
        """Let go of a run that is not stored, with its conversation: nobody will look at it again."""
        self._resting.forget(outcome.run)
        self._places.forget(outcome.conversation)

    @property
    def is_summing_up(self) -> bool:
        """Whether earlier turns of a conversation are being summed up for its later questions."""
        return self._summaries.is_working

    async def settle(self) -> None:
        """Wait for what is summed up beside other work. Cancelling gives that up; nothing else is lost."""
        await self._summaries.settle()

    async def aclose(self) -> None:
        """Give up what is summed up beside other work."""
        await self._summaries.aclose()

    async def replay(self, run: str) -> list[ev.Event]:
        """The stored events of a run. Costs nothing."""
        name = await asyncio.to_thread(lambda: self._store.conversations.find(run))
        return await asyncio.to_thread(self._store.log.events, name)

    def working(self) -> tuple[RunId, ...]:
        """The runs this process works on, until everything of them is on disk; oldest first."""
        return self._live.working()

    def stop(self, run: RunId) -> None:
        """Stop a working run; what there is stays, and the best so far is its answer. Else nothing
        happens.
        """
        self._live.steer(run, ev.UserEvent(verb="stopped"))

    def enough(self, run: RunId) -> None:
        """Call what a working run has good enough: nothing new is asked, judges at work may still decide
        their round, and the best is its answer. Before there is any answer, the first one is waited for.
        """
        self._live.steer(run, ev.UserEvent(verb="enough"))

    def cancel(self, run: RunId, node: NodeName) -> None:
        """Stop one call of a working run; its text so far stays, and the run goes on with the others. Nothing
        happens when it has ended meanwhile. Raises UsageError when there is no such call.
        """
        going = self._live.at_work(run)
        word = None if going is None else steering.dropped(going.state, node)
        if word is not None:
            self._live.steer(run, word)

    async def override(self, run: str, node: NodeName | None) -> tuple[ev.Event, ...]:
        """Make a finished candidate the answer that counts; None takes that back: the run's own answer
        counts.

        The events that this adds to a run at rest, for the views of it to fold; a run at work shows them as
        it shows all of its events. Raises UsageError when ``node`` can't be chosen or another process works
        on the run, StorageError when the choice could not be saved.
        """
        name = await self._name(run)
        going = await self._live.settled(name)
        if going is not None:
            word = steering.chosen(going.state, node)
            if word is not None:
                going.steer(word)
            return ()
        with self._in_hand(name):
            resting = await self._resting.taken_up(name)
            word = steering.chosen(resting.state, node)
            return () if word is None else await self._noted(resting, word)

    @property
    def _store(self) -> Store:
        return self._open_store()

    def _recorder(self, before: RunState, log: RunLog | None, show: Show, allowance: Allowance) -> Recorder:
        """``before``: a state of its own, as it is before the first event that is recorded."""
        if log is not None:
            return Recorder(log, show, books=Books(before))
        texts = self._resting.texts(before.run)
        if not allowance.is_held and not self._books_all:
            return Recorder(None, show, texts=texts)
        return Recorder(None, show, texts=texts, books=Books(before), book=self._store.spending.book)

    @contextmanager
    def _in_hand(self, run: RunId) -> Iterator[Held]:
        """Have a run at rest to ourselves. Raises UsageError naming the process that works on it."""
        stored = self._resting.is_stored(run)
        with ExitStack() as held:
            hands = held.enter_context(self._live.hold(run, stored=stored))
            if stored:
                held.enter_context(self._claim(run))
            yield hands

    async def _go_on(
        self,
        hands: Held,
        resting: RestingRun,
        show: Show,
        *,
        reopen: bool,
        again: NodeName | None = None,
        wished: Wished | None = None,
        caps: Budget | None = None,
    ) -> Outcome:
        log = self._store.log if resting.is_stored else None
        if log is not None and log.problem is not None:
            raise StorageError(log.problem)  # nothing is asked that could not be kept
        before = resting.state.copy()
        texts = self.consents.texts(resting.run)
        verifier = await asyncio.to_thread(self._verifiers.of_run, resting.state.spec.verifier, texts)
        async with self._allowances.hold(
            resting.run,
            resting.conversation,
            going_on(resting.state, again=again is not None or wished is not None, caps=caps),
            models_of(resting.state, wished),
            spent_microusd=resting.state.spent.booked_microusd,
            stored=log is not None,
        ) as allowance:
            recorder = self._recorder(before, log, show, allowance)
            going = self._engine.resume(
                resting.state,
                resting.view,
                recorder,
                partials=resting.partials,
                reopen=reopen,
                again=again,
                wished=wished,
                caps=caps if allowance.budget.left_of is None else allowance.budget,
                verifier=verifier,
            )
            going.forgive()
            try:
                await hands.work(going, recorder)
            finally:
                if resting.place is not None:
                    self._keep(resting.place, going.state)
        if resting.is_stored and recorder.unsaved is None:
            self._summaries.begin(resting.conversation, resting.turn, resting.view, going.state)
        return outcome_of(going, recorder, allowance)

    async def _noted(self, resting: RestingRun, word: ev.UserEvent) -> tuple[ev.Event, ...]:
        """Write a word down in the log of a run at rest."""
        if resting.place is not None:
            events = self._engine.note(resting.state, word)
            self._keep(resting.place, resting.state)
            return events
        log = self._store.log
        if log.problem is not None:
            raise StorageError(log.problem)
        events = self._engine.note(resting.state, word)
        saved = log.note(events)
        await ended(saved)
        saved.result()
        return events

    def _keep(self, place: Place, state: RunState) -> None:
        """What is not stored is known as long as the program runs."""
        self._resting.keep(place, state)
        self._places.remember(place, state)

    def _claim(self, run: RunId) -> Owned:
        try:
            return self._store.owners.claim(run)
        except RunError as error:
            raise UsageError(str(error)) from error
