"""From a model's reference to a model that can be asked: its adapter in the retry loop, and its fallbacks.

Part of the composition root. What belongs to a provider and is shared by its models is ``ways``. A handle is
made of the settings and of what is known of its models: when any of that is another, so is the handle.
Adapters are loaded with the first model of their kind: a window has all of this at hand and may never ask.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from typing import TYPE_CHECKING

from cort_desktop.bootstrap.adapters import lookup_of, models_of
from cort_desktop.bootstrap.kept_replies import KeptReplies
from cort_desktop.bootstrap.key_need import by_need
from cort_desktop.bootstrap.ways import Doors, Ways
from cort_desktop.domain.budget import Price
from cort_desktop.domain.calls import ChatModel, ChatRequest
from cort_desktop.domain.clock import Clock
from cort_desktop.domain.health import ProviderHealth
from cort_desktop.domain.ids import ModelRef, model_of, provider_of
from cort_desktop.domain.local_servers import LocalServer
from cort_desktop.domain.messages import user
from cort_desktop.domain.models import LeftOut, ModelProfile
from cort_desktop.domain.settings import ProviderSettings, Settings
from cort_desktop.engine.lineup import ModelHandle
from cort_desktop.errors import CortError, ProviderError
from cort_desktop.services.hosts import HostRecord
from cort_desktop.services.local_models import Progress
from cort_desktop.services.model_lists import RememberedList
from cort_desktop.storage.secrets import KeyStore

if TYPE_CHECKING:
    from cort_desktop.providers.account import Account
    from cort_desktop.providers.builtin import BuiltinModel
    from cort_desktop.providers.http import Transport
    from cort_desktop.providers.keys import Key
    from cort_desktop.providers.known_models import KnownModels
    from cort_desktop.providers.lookup import Lookup
    from cort_desktop.providers.model_file import ModelFiles
    from cort_desktop.resilience.route import Route

_TRIAL = "Answer with the single word: ready"
_TRIAL_TOKENS = 64
FRESH = timedelta(days=1)
"""How long a list of models from the network is good for without asking again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Basis:
    """What is made of one model: when any of it is another, so is the handle."""

    ref: ModelRef
    provider: ProviderSettings
    price: Price | None
    told: ModelProfile | None
    attribution: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """One model, ready to be asked."""

    profile: ModelProfile
    route: Route
    builtin: BuiltinModel | None = None


class Models:
    """All providers of this process, as the settings of the moment have them."""

    def __init__(  # noqa: PLR0913  the composition root: each part by name
        self,
        *,
        settings: Callable[[], Settings],
        keys: KeyStore,
        files: ModelFiles,
        known: KnownModels,
        hosts: HostRecord,
        kept: KeptReplies,
        clock: Clock,
        doors: Callable[[], Doors],
    ) -> None:
        self._settings = settings
        self._keys = keys
        self._hosts = hosts
        self._files = files
        self._known = known
        self._kept = kept
        self._clock = clock
        self._ways = Ways(keys, hosts, clock, doors=doors)
        self._handles: dict[tuple[ModelRef, bool], tuple[tuple[_Basis, ...], ModelHandle]] = {}
        self._builtin: dict[tuple[str, int | None], _Way] = {}
        self._behind_s: dict[str, float] = {}
        self._open = AsyncExitStack()
        self._open.push_async_callback(self._ways.aclose)

    def handle(self, ref: ModelRef) -> ModelHandle:
        """The model behind a reference. Raises UsageError or ProviderError when there can't be one."""
        return self._handle(ref, spoken_for=True)

    def itself(self, ref: ModelRef) -> ModelHandle:
        """As ``handle``, but nobody stands in for it: for what is measured."""
        return self._handle(ref, spoken_for=False)

    def _handle(self, ref: ModelRef, *, spoken_for: bool) -> ModelHandle:
        provider = self._settings().provider(provider_of(ref))
        others = self._fallbacks(ref, provider) if spoken_for else ()
        bases = (self._basis(ref, provider), *others)
        known = self._handles.get((ref, spoken_for))
        if known is None or known[0] != bases:
            made = self._kept.around(self._made(bases), provider, self._file_of(ref))
            known = self._handles[ref, spoken_for] = (bases, made)
        return known[1]

    def health(self) -> tuple[ProviderHealth, ...]:
        """How each provider fares that was asked in this process."""
        own = {}
        for (name, _), way in self._builtin.items():
            own[name] = way.route.states.health(provider_of(way.profile.ref))
        return (*own.values(), *self._ways.health())

    def _basis(self, ref: ModelRef, provider: ProviderSettings) -> _Basis:
        settings = self._settings()
        return _Basis(
            ref=ref,
            provider=provider,
            price=settings.price_of(ref),
            told=self.told(ref),
            attribution=settings.privacy.attribution,
        )

    def _fallbacks(self, ref: ModelRef, provider: ProviderSettings) -> tuple[_Basis, ...]:
        """Those whose provider is there."""
        if not provider.fallbacks:
            return ()
        from cort_desktop.resilience.route import in_order

        known = self._settings().providers
        others = in_order(ref, (each for each in provider.fallbacks if provider_of(each) in known))
        return tuple(self._basis(each, known[provider_of(each)]) for each in others)

    def _made(self, bases: tuple[_Basis, ...]) -> ModelHandle:
        from cort_desktop.resilience.resilient import Resilient

        way, others = self._way(bases[0]), []
        for basis in bases[1:]:
            with suppress(CortError):  # one that can't be asked at all is no fallback
                others.append(self._way(basis))
        chat = Resilient(
            way.route,
            fallbacks=[other.route for other in others],
            clock=self._clock,
            random=random.Random(),
        )
        limiter = way.route.states.limiter

        def forgive() -> None:
            for each in (way, *others):
                each.route.states.breakers.reset(each.route.ref)

        handle = ModelHandle(
            profile=way.profile,
            chat=chat,
            fallbacks=tuple(other.profile for other in others),
            room=lambda: limiter.places,
            forgive=forgive,
        )
        return handle if way.builtin is None else replace(handle, launch=way.builtin.launch)

    def _way(self, basis: _Basis) -> _Way:
        if basis.provider.kind == "builtin":
            return self._builtin_way(basis)
        told = basis.told or ModelProfile(ref=basis.ref)
        profile = self._ways.profile(basis.provider, told.priced(basis.price))
        learn = partial(self._learn, basis.provider, basis.ref)
        route = self._ways.route(basis.provider, profile, learn=learn, attribution=basis.attribution)
        return _Way(profile=profile, route=route)

    def _learn(self, provider: ProviderSettings, ref: ModelRef, what: str, said: str) -> None:
        """A service does not take something: remembered where another start may profit from it."""
        refused = LeftOut(what=what, since=self._clock.now(), said=said)
        self._known.learn(provider.origin, ref, refused, passing=provider.is_local)

    def _file_of(self, ref: ModelRef) -> object:
        """What tells the answers of one model file from those of another; None for what is no file."""
        if self._settings().provider(provider_of(ref)).kind != "builtin":
            return None
        name = model_of(ref)
        if name in self._files.known:
            return self._files.known[name]
        own = self._files.own.named(name)
        if own is None:
            return None
        looked = own.path.stat()
        return own.path, looked.st_size, looked.st_mtime_ns

    async def adopt(self) -> None:
        """The settings have changed: let go of what belongs to others than these."""
        names = await self._ways.keep(set(self._settings().providers.values()))
        self._handles = {at: one for at, one in self._handles.items() if provider_of(at[0]) not in names}

    def told(self, ref: ModelRef) -> ModelProfile | None:
        """What is known of a model without asking: what its service told last, its family, refusals."""
        provider = self._settings().providers.get(provider_of(ref))
        if provider is None or not provider.origin:
            return None
        return self._known.profile(provider.origin, ref, self._clock.now())

    async def listed(self, provider: ProviderSettings, key: str | None = None) -> tuple[ModelProfile, ...]:
        """The models of a provider, configured or not; ``key`` in place of the stored one, "" for none.

        Raises ProviderError. What is told is remembered for the next plan.
        """
        if provider.kind == "builtin":
            return await asyncio.to_thread(self._files.profiles)

        async def ask(with_key: str | None) -> tuple[ModelProfile, ...]:
            async with self._service(provider, with_key) as service:
                return await models_of(provider, service)

        found = await by_need(provider, key, self._keys, ask)
        return self._known.remember(provider.origin, found, self._clock.now(), passing=provider.is_local)

    def remembered(self, provider: ProviderSettings) -> RememberedList | None:
        """What a provider told when it was last asked for its models; one on this computer is never fresh."""
        if not provider.origin:
            return None
        now = self._clock.now()
        told = self._known.listed(provider.origin, provider.name, now)
        if told is None:
            return None
        is_fresh = not provider.is_local and abs(now - told.at) < FRESH
        models = tuple(replace(each, local=provider.is_local) for each in told.models)
        return RememberedList(models=models, at=told.at, is_fresh=is_fresh)

    async def pull(self, provider: ProviderSettings, model: str, progress: Progress) -> None:
        """Have an Ollama fetch a model. Raises ProviderError; cancelling ends it."""
        from cort_desktop.providers.ollama_pull import PULL_LIMITS, OllamaPull

        transport = self._ways.transport(provider, PULL_LIMITS)
        key = self._ways.key(provider).find
        pull = OllamaPull(
            provider=provider.name,
            base_url=provider.base_url,
            key=key,
            transport=transport,
            clock=self._clock,
        )
        try:
            with self._ways.discreet():
                await pull.pull(model, progress)
        finally:
            await transport.aclose()

    async def find_servers(self, contacted: Callable[[str], None]) -> tuple[LocalServer, ...]:
        """Servers with models on this computer; ``contacted`` is told of each look. Takes about a second."""
        from cort_desktop.providers.discovery import find_servers

        return await find_servers(clock=self._clock, contacted=contacted)

    def behind_s(self, provider: ProviderSettings) -> float | None:
        """How many seconds this computer's clock is behind the service's, by its last answer to a look."""
        return self._behind_s.get(provider.origin)

    def _note_time(self, origin: str, date: str) -> None:
        with suppress(ValueError, TypeError):
            self._behind_s[origin] = (parsedate_to_datetime(date) - self._clock.now()).total_seconds()

    async def account(self, provider: ProviderSettings, key: str | None = None) -> Account | None:
        """What a provider tells of the key it is asked with; None when it has no such page.

        Raises ProviderError.
        """
        if provider.kind != "openrouter":
            return None
        from cort_desktop.providers.account import read_account

        async with self._service(provider, key) as service:
            return await read_account(service)

    def alone(self, ref: ModelRef) -> ChatModel:
        """The model itself, asked once: no kept answer, no stand-in and no second attempt speaks for it.

        A person wants it tried, so what was held against it may have been mended. Raises UsageError.
        """
        from cort_desktop.resilience.resilient import Resilient

        route = self._way(self._basis(ref, self._settings().provider(provider_of(ref)))).route
        route.states.breakers.reset(ref)
        once = replace(route, first_tokens=None)
        return Resilient(once, clock=self._clock, random=random.Random(), attempts=1)

    async def tried(self, ref: ModelRef) -> float:
        """Ask a model for one word; the seconds until it had answered. Raises UsageError or ProviderError.

        A model that spent the few tokens on thoughts has shown that it can be asked.
        """
        request = ChatRequest(model=ref, messages=(user(_TRIAL),), max_tokens=_TRIAL_TOKENS, temperature=0.0)
        began = self._clock.monotonic()
        try:
            await self.alone(ref).complete(request, lambda _: None)
        except ProviderError as error:
            if error.kind != "no_content":
                raise
        return self._clock.monotonic() - began

    def transport(self, provider: ProviderSettings) -> Transport:
        """New connections that are recorded under a provider's name; who asks for them closes them."""
        return self._ways.transport(provider)

    async def aclose(self) -> None:
        """Close every connection and end the built-in model's process."""
        await self._open.aclose()

    def _builtin_way(self, basis: _Basis) -> _Way:
        from cort_desktop.providers.builtin import BuiltinModel
        from cort_desktop.resilience.limiter import Limiter
        from cort_desktop.resilience.route import Route, fresh_states

        name, most = model_of(basis.ref), basis.provider.max_concurrency
        file = self._files.named(name)
        found = self._builtin.get((name, most))
        if found is None or found.builtin is None or not found.builtin.serves(file):
            ways = (way.builtin for (each, _), way in self._builtin.items() if each == name)
            before = next((each for each in ways if each is not None and each.serves(file)), None)
            model = before or BuiltinModel(name, self._files, clock=self._clock)
            if before is None:
                self._open.push_async_callback(model.aclose)
            places = min(most or model.profile.concurrency, model.profile.concurrency)
            states = fresh_states(self._clock, Limiter(places, clock=self._clock))
            route = Route(ref=basis.ref, model=model, states=states)
            found = self._builtin[name, most] = _Way(profile=model.profile, route=route, builtin=model)
        return found

    @asynccontextmanager
    async def _service(self, provider: ProviderSettings, key: str | None) -> AsyncIterator[Lookup]:
        """A way to look at a provider; one that is not configured gets connections for this once."""
        how: Key = self._ways.key(provider).find if key is None else key
        is_held = provider in self._settings().providers.values()
        transport = self._ways.held(provider).transport if is_held else self._ways.transport(provider)
        try:
            service = lookup_of(provider, key=how, transport=transport, clock=self._clock)
            with self._ways.discreet():
                yield replace(service, told_time=partial(self._note_time, provider.origin))
        finally:
            if not is_held:
                await transport.aclose()
