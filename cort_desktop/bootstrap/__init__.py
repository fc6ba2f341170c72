"""Composition root: ``open_app`` builds and closes everything but the front end.

Nothing is started, built or even loaded that the command may not need: the settings are read at once, the
database opens with its first use, and ``parts.py``, where all the rest meets, comes with the first service
that wants it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from cort_desktop.adapters.clock import SystemClock
from cort_desktop.bootstrap.stores import Stores, new_id
from cort_desktop.domain.clock import Clock
from cort_desktop.domain.settings import OWN_KEY_VARIABLES, Settings
from cort_desktop.logs import Redactor
from cort_desktop.paths import Paths
from cort_desktop.services.app import App
from cort_desktop.services.library import LibraryService
from cort_desktop.services.live_settings import LiveSettings
from cort_desktop.storage.settings_file import Loaded, SettingsFile

if TYPE_CHECKING:
    from cort_desktop.bootstrap.parts import Parts
    from cort_desktop.domain.ids import ConversationId
    from cort_desktop.domain.settings_reading import Vocabulary
    from cort_desktop.domain.settings_strategies import Declarations
    from cort_desktop.engine.strategies.shelf import StrategyShelf
    from cort_desktop.services.exchange import ExchangeService

STRATEGIES = (
    "single",
    "best_of_n",
    "self_consistency",
    "cort",
    "tournament",
    "balanced",
    "mixture_of_agents",
    "council",
    "debate",
    "universal_self_consistency",
    "self_refine",
    "recursive_self_aggregation",
    "ab_mcts",
    "auto",
)
"""Those of ``engine.strategies.built_in``, for a settings file that is read before the engine is loaded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the entry knows before there is an app."""

    paths: Paths
    environment: Mapping[str, str]
    redactor: Redactor
    clock: Clock = field(default_factory=SystemClock)


@asynccontextmanager
async def open_app(around: Surroundings, *, with_defaults: bool) -> AsyncIterator[App]:
    """The program without a front end, closed when the block ends.

    with_defaults: go on with the defaults when the settings file is wrong, and say so; else that is a
    SettingsError.
    """
    built = Building(around, with_defaults=with_defaults)
    try:
        yield built.app
    finally:
        await built.aclose()


class Building:
    """The same for a front end that begins before there is a loop: ``app`` now, ``aclose`` at the end."""

    def __init__(self, around: Surroundings, *, with_defaults: bool) -> None:
        """Read the settings. Raises SettingsError: see ``open_app``."""
        self._around = around
        self._clock = around.clock
        file = SettingsFile(around.paths.config_file, self._vocabulary)
        loaded = file.load()
        if loaded.error is not None and not with_defaults:
            raise loaded.error
        self._settings = LiveSettings(file, loaded)
        _hide_keys(around, loaded.settings)
        self._stores = Stores(around.paths.data, self._clock)
        self.app = App(
            settings=self._settings,
            library=LibraryService(
                self._stores.open,
                new_id=new_id,
                on_purged=self._forget_kept,
            ),
            chat=lambda: self._parts.chat,
            attachments=lambda: self._parts.attachments,
            preferences=lambda: self._parts.preferences,
            doctor=lambda: self._parts.doctor,
            cache=lambda: self._parts.cache,
            spending=lambda: self._parts.spending,
            bench=lambda: self._parts.bench,
            worth=lambda: self._parts.worth,
            exchange=self._exchange,
            load=self._load,
            notices=_notices(loaded),
        )

    async def aclose(self) -> None:
        """Write what waits, close every connection, end the built-in model. Raises StorageError."""
        try:
            if "_parts" in self.__dict__:
                await self._parts.rest()
            self._stores.close()
        finally:
            if "_parts" in self.__dict__:
                await self._parts.aclose()

    async def _forget_kept(self, conversation: ConversationId) -> None:
        await self._parts.cache.forget_conversation(conversation)

    def _exchange(self) -> ExchangeService:
        from cort_desktop import __version__
        from cort_desktop.services.exchange import ExchangeService

        return ExchangeService(self._stores.open, new_id=new_id, program=__version__)

    @cached_property
    def _parts(self) -> Parts:
        from cort_desktop.bootstrap.parts import Parts

        return Parts(self._around, self._settings, self._stores, self._clock, self._strategies)

    @cached_property
    def _strategies(self) -> StrategyShelf:
        from cort_desktop.bootstrap.added_strategies import all_strategies

        return all_strategies()

    def _load(self) -> object:
        """The code that asking needs, that of strategies from other packages too."""
        from cort_desktop.bootstrap import parts

        self._strategies.unusable()
        return parts

    def _vocabulary(self) -> Vocabulary:
        from cort_desktop.domain.settings_reading import Vocabulary
        from cort_desktop.services.presets import BUILT_IN

        return Vocabulary(
            strategies=STRATEGIES,
            presets=tuple(preset.name for preset in BUILT_IN),
            declarations=self._declarations,
        )

    def _declarations(self) -> Declarations:
        return self._strategies.declarations()


def _hide_keys(around: Surroundings, settings: Settings) -> None:
    """Keep the keys of the environment out of all that is written, before anything asks for one."""
    named = {provider.key_env for provider in settings.providers.values()}
    for variable in {*OWN_KEY_VARIABLES.values(), *filter(None, named)}:
        around.redactor.add(around.environment.get(variable, "").strip())


def _notices(loaded: Loaded) -> tuple[str, ...]:
    """What is said at the start; an error names what is doubtful too."""
    return loaded.warnings if loaded.error is None else (f"{loaded.error} Going on with the defaults.",)
