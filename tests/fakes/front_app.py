"""An app for the front ends: its services play stories instead of asking models. Same shapes, same promises.

It steps through a story in real or virtual time (``pace`` seconds for each second of the story), ends a run
early when it is stopped, and remembers what it was asked.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, cast

from cort_desktop.domain import events as ev
from cort_desktop.domain.auditing import Audit
from cort_desktop.domain.ids import ConversationId, ModelRef, NodeName, RunId, TurnId
from cort_desktop.domain.library import Conversation, Hit, RunRow, Turn
from cort_desktop.domain.models import ModelProfile
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import Reason
from cort_desktop.domain.summaries import SummaryCall
from cort_desktop.engine.audit import audit
from cort_desktop.errors import CortError, StorageError, UsageError
from cort_desktop.services.app import App
from cort_desktop.services.library import ConversationView, TurnView
from cort_desktop.services.local_models import FoundServer
from cort_desktop.services.model_lists import ProviderModels
from cort_desktop.services.outcomes import Outcome
from cort_desktop.services.planning import Ask
from cort_desktop.services.preferences import KeyInfo
from cort_desktop.services.verifiers import Consent
from tests.fakes.story import BEGIN, Story

Show = Callable[[ev.Event], None]


@dataclass
class FakeConsents:
    """Asks for ``wanted`` until it was agreed to."""

    wanted: Consent | None = None
    agreed: list[Consent] = field(default_factory=list)

    async def of_ask(self, _ask: Ask) -> Consent | None:
        return None if self.wanted in self.agreed else self.wanted

    async def of_run(self, _run: str) -> Consent | None:
        return None if self.wanted in self.agreed else self.wanted

    async def agree(self, consent: Consent) -> None:
        self.agreed.append(consent)


@dataclass
class FakeChat:
    """Plays ``stories`` in turn, one for each question; an error in their place is raised."""

    stories: list[Story | CortError]
    pace: float = 0.0
    unsaved: StorageError | None = None
    asked: list[Ask] = field(default_factory=list)
    stopped: list[RunId] = field(default_factory=list)
    stored: dict[str, list[ev.Event]] = field(default_factory=dict)
    rest: dict[str, list[ev.Event]] = field(default_factory=dict)
    hold: bool = False
    """Wait for a stop after the first half of the events."""
    is_deaf: bool = False
    """Never stop, as a run whose last call does not let go."""
    _stop: asyncio.Event | None = None
    consents: FakeConsents = field(default_factory=FakeConsents)
    is_summing_up: bool = False

    def audit(self, state: RunState) -> Audit:
        return audit(state)

    async def ask(self, ask: Ask, show: Show) -> Outcome:
        self.asked.append(ask)
        story = self.stories.pop(0)
        if isinstance(story, CortError):
            raise story
        return await self._play(story.run, [], story.events, show)

    async def resume(self, run: str, show: Show) -> Outcome:
        before = await self.replay(run)
        return await self._play(before[0].run, before, self.rest.get(before[0].run, []), show)

    async def replay(self, run: str) -> list[ev.Event]:
        found = [events for name, events in self.stored.items() if name.startswith(run)]
        if len(found) != 1:
            raise UsageError(f"There is no run {run!r}.")
        return found[0]

    async def settle(self) -> None:
        """Nothing works in the background."""

    def is_unstored(self, _run: RunId) -> bool:
        return False

    def stop(self, run: RunId) -> None:
        self.stopped.append(run)
        if self._stop is not None and not self.is_deaf:
            self._stop.set()

    async def _play(self, run: RunId, before: list[ev.Event], events: list[ev.Event], show: Show) -> Outcome:
        self._stop = asyncio.Event()
        state = RunState(run).fold(before)
        log = self.stored.setdefault(run, [])
        at = events[0].at if events else BEGIN
        for index, event in enumerate(events):
            if self.hold and index == len(events) // 2:
                await self._stop.wait()
            if self._stop.is_set():
                break
            await asyncio.sleep((event.at - at).total_seconds() * self.pace)
            at = event.at
            self._tell(state, log, event, show)
        if self._stop.is_set() and state.finished is None:
            for event in _stopped(state, at):
                self._tell(state, log, event, show)
        started = state.started
        assert started is not None
        return Outcome(
            run=run,
            conversation=started.conversation,
            turn=started.turn,
            state=state,
            unsaved=self.unsaved,
        )

    @staticmethod
    def _tell(state: RunState, log: list[ev.Event], event: ev.Event, show: Show) -> None:
        state.apply(event)
        if not isinstance(event.body, ev.NodeDelta):
            log.append(event)
        show(event)


def _stopped(state: RunState, at: Any) -> list[ev.Event]:
    """How the engine ends a run that a person stopped."""
    bodies: list[ev.Body] = [ev.UserEvent(verb="stopped")]
    bodies += [ev.NodeCancelled(node=name, by="person") for name in state.running]
    best = state.best
    bodies.append(
        ev.RunFinished(
            status="failed" if best is None else "stopped",
            reason=Reason(rule="stopped", text="You stopped the run."),
            answer_node=best,
            answer=None if best is None else state.nodes[best].text,
            usage=state.spent.usage,
            cost_microusd=state.spent.cost_microusd,
            calls=state.spent.calls,
            seconds=1.0,
        )
    )
    return [
        ev.Event(run=state.run, seq=state.seq + 1 + index, at=at, body=body)
        for index, body in enumerate(bodies)
    ]


CONVERSATION = Conversation(
    id=ConversationId("c1d2"),
    title="Why is the sky blue?",
    created=BEGIN,
    updated=BEGIN,
    turns=1,
    pinned=True,
)


@dataclass
class FakeLibrary:
    """One conversation with one turn."""

    deleted: list[str] = field(default_factory=list)
    title: str = CONVERSATION.title
    made: list[SummaryCall] = field(default_factory=list)
    pins: list[tuple[TurnId, bool]] = field(default_factory=list)
    context: dict[str, Any] = field(default_factory=dict)

    async def conversations(self, *, archived: bool = False) -> list[Conversation]:
        return [replace(CONVERSATION, title=self.title)]

    async def show(self, conversation: str) -> ConversationView:
        if not CONVERSATION.id.startswith(conversation):
            raise UsageError(f"There is no conversation {conversation!r}.")
        turn = Turn(
            id=TurnId("t1"),
            conversation=CONVERSATION.id,
            parent=None,
            question="Why is the\nsky blue?",
            created=BEGIN,
            runs=(RunId("01run"),),
            active=RunId("01run"),
        )
        row = RunRow(
            id=RunId("01run"),
            turn=turn.id,
            conversation=CONVERSATION.id,
            strategy="best_of_n",
            status="complete",
            answer_node=None,
            answer="Because of scattering.",
            started=BEGIN,
            ended=BEGIN,
            last_seq=9,
        )
        return ConversationView(
            conversation=replace(CONVERSATION, title=self.title), turns=(TurnView(turn=turn, runs=(row,)),)
        )

    async def summaries(self, _conversation: str) -> list[SummaryCall]:
        return list(self.made)

    async def pin_turn(self, turn: TurnId, *, pinned: bool = True) -> None:
        self.pins.append((turn, pinned))

    async def request(self, _run: str, _node: NodeName) -> str:
        return json.dumps({"context": self.context})

    async def search(self, text: str, limit: int = 50) -> list[Hit]:
        if text != "sky":
            return []
        hit = Hit(
            conversation=CONVERSATION.id,
            title=self.title,
            run=RunId("01run"),
            node=None,
            part="question",
            excerpt="Why is the sky blue?",
            at=BEGIN,
        )
        loser = replace(hit, node=NodeName("c2"), part="candidate", excerpt="The sky mirrors the sea.")
        won, lost = replace(loser, won=(1, 2)), replace(loser, node=NodeName("c3"), lost=True)
        return [hit, loser, won, lost][:limit]

    async def delete(self, conversation: str) -> Conversation:
        self.deleted.append(conversation)
        return CONVERSATION


@dataclass
class FakePreferences:
    """Two providers, one of them out of reach."""

    kept: dict[str, str] = field(default_factory=dict)
    local: tuple[FoundServer, ...] = ()
    refreshed: bool = False

    async def models(self, *, refresh: bool = False) -> list[ProviderModels]:
        self.refreshed = refresh
        profile = ModelProfile(ref=ModelRef("builtin/smollm2-135m"), context_tokens=2048)
        return [
            ProviderModels(provider="builtin", reachable=True, models=(profile,)),
            ProviderModels(provider="my-server", reachable=False, error="Nothing answers at 127.0.0.1:9."),
        ]

    async def find_local(self) -> tuple[FoundServer, ...]:
        return self.local

    async def install_model(self, name: str, progress: Callable[[int, int], None]) -> ModelRef:
        for done in (0, 50_000_000, 98_000_000):
            progress(done, 98_000_000)
        return ModelRef(name)

    async def keys(self) -> list[KeyInfo]:
        return [
            KeyInfo(
                provider=name,
                where="the system key store" if name in self.kept else "no key",
                origin="https://api.openai.com",
                missing=name not in self.kept,
            )
            for name in ("openai",)
        ]

    async def set_key(self, provider: str, key: str) -> KeyInfo:
        self.kept[provider] = key
        return (await self.keys())[0]

    async def delete_key(self, provider: str) -> bool:
        return self.kept.pop(provider, None) is not None


@dataclass
class FakeDoctor:
    """A report of every shape."""

    async def report(self) -> dict[str, Any]:
        return {
            "app": "0.1.0",
            "folders": {"data": {"path": "/somewhere/data", "writable": True}},
            "providers": [{"provider": "builtin", "reachable": True}, {"provider": "x", "reachable": False}],
            "last_errors": [],
        }


@dataclass
class FakeApp:
    """The app as the terminal sees it, and how often it was opened and closed."""

    chat: FakeChat = field(default_factory=lambda: FakeChat([]))
    library: FakeLibrary = field(default_factory=FakeLibrary)
    preferences: FakePreferences = field(default_factory=FakePreferences)
    doctor: FakeDoctor = field(default_factory=FakeDoctor)
    notices: tuple[str, ...] = ()
    opened: int = 0
    closed: int = 0
    refuses: CortError | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[App]:
        if self.refuses is not None:
            raise self.refuses
        self.opened += 1
        try:
            yield cast("App", self)
        finally:
            self.closed += 1
