"""Asking: a question becomes a run, a run is stopped, gone on with, or played again.

One question through the code: read the context, freeze the spec, own the run, store the question, start the
engine with ``emit`` = record, then show; at the end everything is on disk or the outcome says that it
isn't.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass

from cort_desktop import __version__
from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import Blob, ConversationId, ModelRef, RunId, TurnId, blob_of
from cort_desktop.domain.library import RunRow
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import Attachment
from cort_desktop.domain.settings import Settings
from cort_desktop.domain.texts import clean
from cort_desktop.engine import endings
from cort_desktop.engine.context import ContextView, count_messages
from cort_desktop.engine.engine import Engine, Run
from cort_desktop.engine.estimate import estimate
from cort_desktop.engine.prompts import PROMPTS_VERSION
from cort_desktop.engine.strategies.base import Setting
from cort_desktop.errors import RunError, StorageError, UsageError
from cort_desktop.services import presets
from cort_desktop.services.attachments import read_text_file
from cort_desktop.services.places import Place, Places
from cort_desktop.services.planning import Ask, Plan, cleaned, make_plan
from cort_desktop.services.recorder import Recorder, Show, ended, nodes_with_text
from cort_desktop.services.store import OpenStore, Store
from cort_desktop.storage.owners import Owned

TITLE_CHARACTERS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyInfo:
    """A strategy as it is offered."""

    name: str
    summary: str
    settings: tuple[Setting, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a run came out. ``unsaved`` says why it could not be stored, when it couldn't."""

    run: RunId
    conversation: ConversationId
    turn: TurnId
    state: RunState
    unsaved: StorageError | None = None


class ChatService:
    """Asks, stops, resumes and replays. One instance serves a whole program."""

    def __init__(
        self,
        engine: Engine,
        store: OpenStore,
        settings: Callable[[], Settings],
        *,
        new_id: Callable[[], str],
        new_seed: Callable[[], int],
    ) -> None:
        self._engine = engine
        self._open_store = store
        self._settings = settings
        self._new_id = new_id
        self._new_seed = new_seed
        self._live: dict[RunId, Run] = {}
        self._places = Places(store, settings, new_id)

    async def ask(self, ask: Ask, show: Show) -> Outcome:
        """Think ``ask`` through. Cancelling stops the run, keeps what there is, and then ends.

        Raises UsageError or SettingsError before anything is sent, StorageError when the question could not
        be stored.
        """
        ask = cleaned(ask)
        if not ask.question.strip():
            raise UsageError("The question is empty; write one.")
        plan = make_plan(ask, self._settings(), self._engine.strategies, self._engine.models, self._new_seed)
        files = [(clean(path.name), await asyncio.to_thread(read_text_file, path)) for path in ask.files]
        place = await asyncio.to_thread(self._places.find, ask, tuple(files))
        run = RunId(self._new_id())
        started = self._started(plan, place, ask)
        with ExitStack() as held:
            if ask.store:
                held.enter_context(self._store.owners.claim(run))
                stored = self._store_question(run, plan, place, ask)
                await ended(stored)
                stored.result()
            recorder = Recorder(self._store.log if ask.store else None, show)
            going = self._engine.start(run, started, place.view, recorder, _texts(place.view))
            await self._work(going, recorder)
        if not ask.store:
            self._places.remember(place, going.state)
        return self._outcome(going, recorder)

    async def resume(self, run: str, show: Show) -> Outcome:
        """Go on with a run named by its id or the beginning of it; only what is new is shown.

        A run that ended by its own rule is returned as it is. Raises UsageError when there is no such run,
        or when another process works on it.
        """
        row = await asyncio.to_thread(self._find, run)
        with ExitStack() as held:
            held.enter_context(self._claim(row.id))
            state = RunState(row.id).fold(await asyncio.to_thread(self._store.log.events, row.id))
            if state.started is None:
                raise RunError(f"Run {row.id} was stored without its first event; ask the question again.")
            how = endings.can_go_on(state)
            if how == "ended":
                return Outcome(run=row.id, conversation=row.conversation, turn=row.turn, state=state)
            if self._store.log.problem is not None:
                raise StorageError(self._store.log.problem)  # nothing is asked that could not be kept
            view = await asyncio.to_thread(self._view_of, state.started)
            recorder = Recorder(self._store.log, show)
            partials = nodes_with_text(await asyncio.to_thread(self._store.log.partials, row.id))
            going = self._engine.resume(state, view, recorder, partials=partials, reopen=how == "reopen")
            await self._work(going, recorder)
        return self._outcome(going, recorder)

    async def replay(self, run: str) -> list[ev.Event]:
        """The stored events of a run. Costs nothing."""
        row = await asyncio.to_thread(self._find, run)
        return await asyncio.to_thread(self._store.log.events, row.id)

    def stop(self, run: RunId) -> None:
        """Stop a working run; what there is stays, and the best so far is its answer."""
        going = self._live.get(run)
        if going is not None:
            going.steer(ev.UserEvent(verb="stopped"))

    def strategies(self) -> list[StrategyInfo]:
        """The strategies there are, with their settings."""
        return [
            StrategyInfo(name=s.name, summary=s.summary, settings=s.settings)
            for s in self._engine.strategies.values()
        ]

    def presets(self) -> list[presets.Preset]:
        """The presets there are."""
        return list(presets.presets(self._settings()).values())

    @property
    def _store(self) -> Store:
        return self._open_store()

    async def _work(self, going: Run, recorder: Recorder) -> None:
        """Let a run work to its end and everything of it reach the disk, even when we are cancelled."""
        self._live[going.state.run] = going
        work = asyncio.ensure_future(going.answer())
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            if not work.cancelled():
                going.steer(ev.UserEvent(verb="stopped"))
                await work
            raise
        finally:
            del self._live[going.state.run]
            await recorder.flush()

    def _outcome(self, going: Run, recorder: Recorder) -> Outcome:
        started = going.state.started
        if started is None:
            raise AssertionError("a run that worked has started")
        return Outcome(
            run=going.state.run,
            conversation=started.conversation,
            turn=started.turn,
            state=going.state,
            unsaved=recorder.unsaved,
        )

    def _started(self, plan: Plan, place: Place, ask: Ask) -> ev.RunStarted:
        context = place.view.to_json()
        count = self._engine.tokens.count
        prompt_tokens = count_messages(place.view.turns, count) + count(place.view.question_text)
        return ev.RunStarted(
            conversation=place.conversation,
            turn=place.turn,
            question=ask.question,
            context=blob_of(context),
            attachments=tuple(
                Attachment(name=name, blob=blob_of(text), tokens=count(text))
                for name, text in place.view.attachments
            ),
            strategy=plan.strategy.name,
            preset=plan.preset,
            spec=plan.spec,
            budget=plan.budget,
            estimate=estimate(
                plan.strategy,
                plan.spec,
                question=ask.question,
                prompt_tokens=prompt_tokens,
                profile=lambda ref: self._engine.models(ref).profile,
                pace=self._pace if ask.store else _unknown_pace,
            ),
            app=__version__,
            prompts=PROMPTS_VERSION,
        )

    def _pace(self, model: ModelRef, verdict: bool) -> float | None:  # noqa: FBT001 - the kind of call
        return self._store.paces.seconds(model, verdict=verdict)

    def _store_question(self, run: RunId, plan: Plan, place: Place, ask: Ask) -> Future[None]:
        return self._store.conversations.start_turn(
            conversation=place.conversation,
            title=title_of(ask.question),
            system=place.view.system,
            turn=place.turn,
            parent=place.parent,
            question=ask.question,
            run=run,
            strategy=plan.strategy.name,
        )

    def _view_of(self, started: ev.RunStarted) -> ContextView:
        if started.context is None:
            return ContextView(system=None, turns=(), question=started.question)
        return ContextView.from_json(self._store.log.blob(started.context), started.question)

    def _find(self, prefix: str) -> RunRow:
        return self._store.conversations.run(self._store.conversations.find(prefix))

    def _claim(self, run: RunId) -> Owned:
        try:
            return self._store.owners.claim(run)
        except RunError as error:
            raise UsageError(str(error)) from error


def _unknown_pace(_model: ModelRef, _verdict: bool) -> None:  # noqa: FBT001 - the kind of call
    """What is not stored doesn't read what is stored."""


def title_of(question: str) -> str:
    """A conversation's first title: the beginning of its first question, on one line."""
    line = " ".join(question.split())
    return line if len(line) <= TITLE_CHARACTERS else line[: TITLE_CHARACTERS - 1].rstrip() + "…"


def _texts(view: ContextView) -> dict[Blob, str]:
    """The texts behind the blobs of a run's first event."""
    texts = [view.to_json(), *(text for _, text in view.attachments)]
    return {blob_of(text): text for text in texts}
