"""Composition root: ``open_app`` builds and closes everything but the front end.

The five siblings (engine, providers, resilience, storage, adapters) meet here, by shape. Nothing is started
that the command may not need: the database opens with its first use, a connection with its first request,
the built-in model's process with the first plan that names it.
"""

from __future__ import annotations

import random
import secrets
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from cort_desktop import __version__
from cort_desktop.adapters.clock import SystemClock
from cort_desktop.adapters.tokens import Tokens
from cort_desktop.assets import resource
from cort_desktop.bootstrap.models import Models
from cort_desktop.engine.engine import Engine
from cort_desktop.engine.strategies import built_in
from cort_desktop.logs import Redactor, last_errors
from cort_desktop.paths import Paths
from cort_desktop.providers.model_file import ModelFiles, known_models
from cort_desktop.providers.model_install import ModelInstaller
from cort_desktop.providers.told_models import ToldModels
from cort_desktop.services.app import App
from cort_desktop.services.attachments import Attachments
from cort_desktop.services.chat import ChatService
from cort_desktop.services.doctor import Doctor
from cort_desktop.services.hosts import HostRecord
from cort_desktop.services.library import LibraryService
from cort_desktop.services.preferences import PreferencesService, Progress, Services
from cort_desktop.services.presets import BUILT_IN
from cort_desktop.services.store import Store
from cort_desktop.storage.conversations import Conversations
from cort_desktop.storage.database import Database
from cort_desktop.storage.failures import last_failures
from cort_desktop.storage.owners import Owners
from cort_desktop.storage.paces import Paces
from cort_desktop.storage.run_log import RunLog
from cort_desktop.storage.search_index import SearchIndex
from cort_desktop.storage.secrets import KeyStore
from cort_desktop.storage.settings_file import Loaded, SettingsFile

_ID_BYTES = 8
_SEED_BITS = 31


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the entry knows before there is an app."""

    paths: Paths
    environment: Mapping[str, str]
    redactor: Redactor


@asynccontextmanager
async def open_app(around: Surroundings, *, with_defaults: bool) -> AsyncIterator[App]:
    """The program without a front end, closed when the block ends.

    with_defaults: go on with the defaults when the settings file is wrong, and say so; else that is a
    SettingsError.
    """
    clock = SystemClock()
    file = _settings_file(around)
    loaded = file.load()
    if loaded.error is not None and not with_defaults:
        raise loaded.error
    async with AsyncExitStack() as stack:
        files = ModelFiles(
            known_models(resource("models.toml")), folder=around.paths.models, cache=around.paths.cache
        )
        preferences, models = _preferences(around, file, loaded, files, clock)
        stack.push_async_callback(models.aclose)
        store = _Stores(around, clock)
        stack.callback(store.close)
        tokens = Tokens(resource("tokenizers"))
        chat = ChatService(
            Engine(
                strategies=built_in(),
                models=models.handle,
                clock=clock,
                tokens=tokens,
            ),
            store.open,
            lambda: preferences.settings,
            new_id=_new_id,
            new_seed=lambda: random.SystemRandom().getrandbits(_SEED_BITS),
        )
        yield App(
            chat=chat,
            library=LibraryService(store.open, new_id=_new_id),
            attachments=Attachments(store.open, tokens),
            preferences=preferences,
            doctor=_doctor(around, preferences, store, files),
            notices=_notices(loaded),
        )


def _preferences(
    around: Surroundings, file: SettingsFile, loaded: Loaded, files: ModelFiles, clock: SystemClock
) -> tuple[PreferencesService, Models]:
    """The settings and the models, each of which asks the other."""
    keys = KeyStore(environment=around.environment, on_key=around.redactor.add)
    hosts = HostRecord(clock)
    models = Models(
        settings=lambda: preferences.settings,
        keys=keys,
        files=files,
        told=ToldModels(around.paths.cache),
        hosts=hosts,
        clock=clock,
    )
    preferences = PreferencesService(
        file=file, loaded=loaded, keys=keys, services=_services(models, files), hosts=hosts
    )
    return preferences, models


def _new_id() -> str:
    return secrets.token_hex(_ID_BYTES)


class _Stores:
    """The database of this process, opened once, when it is first needed, on whichever thread that is."""

    def __init__(self, around: Surroundings, clock: SystemClock) -> None:
        self._folder = around.paths.data
        self._clock = clock
        self._lock = threading.RLock()
        self._database: Database | None = None
        self._store: Store | None = None

    def open(self) -> Store:
        """The parts of the database. Raises StorageError."""
        with self._lock:
            if self._store is None:
                database = self._open_database()
                owners = Owners(self._folder, started=self._clock.now())
                self._store = Store(
                    log=RunLog(database),
                    conversations=Conversations(database),
                    search=SearchIndex(database),
                    owners=owners,
                    paces=Paces(database),
                )
            return self._store

    def look(self) -> dict[str, Any]:
        """The database's state, for the doctor. Raises StorageError when it can't be read."""
        database = self._open_database()
        return {
            "file": str(database.path),
            "problem": database.problem,
            "last_failures": last_failures(database),
        }

    def close(self) -> None:
        """Write what waits. Raises StorageError when something could not be saved."""
        if self._database is not None:
            self._database.close()

    def _open_database(self) -> Database:
        with self._lock:
            if self._database is None:
                self._database = Database.open(self._folder, clock=self._clock)
            return self._database


def _settings_file(around: Surroundings) -> SettingsFile:
    from cort_desktop.domain.settings_reading import Vocabulary

    names = Vocabulary(strategies=tuple(built_in()), presets=tuple(preset.name for preset in BUILT_IN))
    return SettingsFile(around.paths.config_file, names)


def _notices(loaded: Loaded) -> tuple[str, ...]:
    problems = (f"{loaded.error} Going on with the defaults.",) if loaded.error is not None else ()
    return (*problems, *loaded.warnings)


def _services(models: Models, files: ModelFiles) -> Services:
    return Services(
        listed=models.listed,
        account=models.account,
        tried=models.tried,
        told=models.told,
        adopt=models.adopt,
        install=partial(_install, ModelInstaller(files)),
        builtin=lambda: [(known, files.describe(known.name)) for known in files.known.values()],
    )


async def _install(installer: ModelInstaller, name: str, progress: Progress) -> None:
    await installer.install(name, progress)


def _doctor(
    around: Surroundings, preferences: PreferencesService, store: _Stores, files: ModelFiles
) -> Doctor:
    def model() -> dict[str, Any]:
        states = {name: files.describe(name) for name in files.known}
        return {
            name: {"condition": state.condition, "path": str(state.path) if state.path else None}
            for name, state in states.items()
        }

    return Doctor(
        app_version=__version__,
        preferences=preferences,
        folders=around.paths.folders(),
        looks={"database": store.look, "builtin": model},
        last_errors=lambda: last_errors(around.paths.logs, around.redactor),
        clean=around.redactor.clean,
    )
