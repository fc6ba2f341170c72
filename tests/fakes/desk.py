"""A ChatService and a LibraryService over a real database file; every model is a scripted one.

Not here: processes, the settings file and the network, which the end-to-end tests have.
"""

from __future__ import annotations

import asyncio
import itertools
import shutil
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import apsw

from cort_desktop.domain import calls
from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import FREE
from cort_desktop.domain.ids import ModelRef, RunId
from cort_desktop.domain.run import RunState
from cort_desktop.domain.settings import (
    CacheSettings,
    Defaults,
    ProviderSettings,
    Settings,
    builtin_providers,
)
from cort_desktop.engine.engine import Engine
from cort_desktop.engine.lineup import ModelHandle
from cort_desktop.engine.strategies import built_in
from cort_desktop.services.attachments import Attachments
from cort_desktop.services.chat import ChatService
from cort_desktop.services.library import LibraryService
from cort_desktop.services.outcomes import Outcome
from cort_desktop.services.planning import Ask
from cort_desktop.services.store import Store
from cort_desktop.storage.database import Database
from cort_desktop.storage.owners import Owners
from tests.fakes.library import StepClock
from tests.fakes.loops import LoopClock, run_virtual
from tests.fakes.models import MODEL, RoughCounter, ScriptedModel, good_model, handle
from tests.fakes.verifying import verifiers

SETTINGS = Settings(
    cache=CacheSettings(enabled=False),  # nothing is kept around a scripted model, so each run draws its seed
    defaults=Defaults(model=MODEL),
    providers={
        **builtin_providers(),
        "fake": ProviderSettings(name="fake", kind="openai", base_url="http://127.0.0.1:9/v1"),
    },
)
QUESTION = "Why is the sky blue?"


def asking(question: str = QUESTION, **more: Any) -> Ask:
    """A question for the strategy ``single`` unless said otherwise."""
    return Ask(question=question, **({"strategy": "single"} | more))


def cort(question: str = QUESTION, **more: Any) -> Ask:
    """A question for two rounds of ``cort``: 7 calls, 3 candidates' worth of them."""
    return asking(question, **({"strategy": "cort", "rounds": 2, "alternatives": 2, "judges": 1} | more))


class Shown(list[ev.Event]):
    """A front end: it keeps what it is shown. ``watch`` is told of each event as it comes."""

    def __init__(self, watch: Callable[[ev.Event], None] = lambda _: None) -> None:
        super().__init__()
        self.watch = watch

    def __call__(self, event: ev.Event) -> None:
        self.append(event)
        self.watch(event)

    @property
    def stored(self) -> list[ev.Event]:
        """Without the pieces of text."""
        return [event for event in self if event.seq is not None]

    def bodies(self, kind: type) -> list[Any]:
        """The bodies of one type, in order."""
        return [event.body for event in self if isinstance(event.body, kind)]

    def asked(self) -> list[str]:
        """The nodes that were started."""
        return [body.node for body in self.bodies(ev.NodeStarted)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The services of one process, with the parts below them."""

    chat: ChatService
    library: LibraryService
    attachments: Attachments
    database: Database
    store: Store
    model: ScriptedModel
    launched: list[ModelRef]
    forgiven: list[ModelRef]

    def events(self, run: RunId) -> list[ev.Event]:
        """What is stored of a run."""
        return self.store.log.events(run)

    def state(self, run: RunId) -> RunState:
        """The fold of what is stored."""
        return RunState(run).fold(self.events(run))


class _Patient:
    """Begins a call when all that came before is on disk: virtual time would not wait for a real disk."""

    def __init__(self, model: ScriptedModel, database: Database) -> None:
        self._model = model
        self._database = database

    async def complete(
        self, request: calls.ChatRequest, notify: calls.Notify, admit: calls.Admit = calls.always
    ) -> calls.Completion:
        # Blocking on purpose: while the loop waits, its time would jump to the next timer.
        self._database.write(lambda _: None).result()
        await asyncio.sleep(0)
        return await self._model.complete(request, notify, admit)


@contextmanager
def desk(
    folder: Path,
    model: ScriptedModel | None = None,
    *,
    ids: str = "a",
    settings: Settings = SETTINGS,
    vfs: str | None = None,
    patient: bool = True,
    free: Collection[ModelRef] = (),
    **profile: Any,
) -> Iterator[Desk]:
    """Open the database in ``folder``, and close it as the program does.

    patient: each call waits until what came before it is on disk. profile: changes the model's. free: models
    that cost nothing all the same.
    """
    model = model or good_model()
    plain = handle(model)
    known = replace(plain.profile, **profile)
    launched: list[ModelRef] = []
    forgiven: list[ModelRef] = []

    def models(ref: ModelRef) -> ModelHandle:
        return ModelHandle(
            profile=replace(known, ref=ref, price=FREE if ref in free else known.price),
            chat=_Patient(model, database) if patient else model,
            launch=lambda: launched.append(ref),
            forgive=lambda: forgiven.append(ref),
        )

    with Database.open(folder, clock=StepClock(), vfs=vfs) as database:
        store = Store(database, Owners(folder))
        numbers = itertools.count(1)

        def new_id() -> str:
            return f"{ids}{next(numbers):04d}"

        chat = ChatService(
            Engine(strategies=built_in(), models=models, clock=LoopClock(), tokens=RoughCounter()),
            lambda: store,
            lambda: settings,
            verifiers(folder),
            new_id=new_id,
            new_seed=lambda: 7,
        )
        yield Desk(
            chat=chat,
            library=LibraryService(lambda: store, new_id=new_id),
            attachments=Attachments(lambda: store, RoughCounter()),
            database=database,
            store=store,
            model=model,
            launched=launched,
            forgiven=forgiven,
        )


def ask(at: Desk, wish: Ask, shown: Shown | None = None) -> Outcome:
    """One question to its end, on virtual time."""
    return run_virtual(at.chat.ask(wish, shown if shown is not None else Shown()))


def resume(at: Desk, run: str, shown: Shown | None = None) -> Outcome:
    """Go on with a run to its end, on virtual time."""
    return run_virtual(at.chat.resume(run, shown if shown is not None else Shown()))


@contextmanager
def slow_disk(at: Desk) -> Iterator[None]:
    """Nothing is written within the block; all of it is afterwards."""
    go = threading.Event()
    busy = threading.Event()

    def wait(_connection: apsw.Connection) -> None:
        busy.set()
        go.wait()

    at.database.write(wait)
    busy.wait()
    try:
        yield
    finally:
        go.set()
        at.database.write(lambda _: None).result()


def die(live: Path, copy: Path) -> None:
    """Make ``copy`` what the disk holds of ``live`` at this moment: what a process that is killed leaves.

    The file before its log: as long as nobody checkpoints in between, that is a state SQLite can meet.
    """
    copy.mkdir(parents=True)
    for name in ("cort.db", "cort.db-wal"):
        if (live / name).exists():
            shutil.copy(live / name, copy / name)
