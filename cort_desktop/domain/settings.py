"""The settings as values, with the defaults that hold when nothing is configured.

What a person wrote is turned into these by ``settings_reading``; files are ``storage/settings_file.py``'s.
Only what some part of this version reads is declared here. A window reads its settings before it is painted:
what only some of them need (addresses, prices) is imported there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Literal

from cort_desktop.domain.ids import ModelRef, own_model_name, provider_of
from cort_desktop.domain.lineups import LINEUP_KEYS, RoleModels
from cort_desktop.domain.network import Network
from cort_desktop.errors import UsageError

if TYPE_CHECKING:
    from cort_desktop.domain.asking_ways import Efforts, Routing
    from cort_desktop.domain.budget import Budget, Price
    from cort_desktop.domain.spending import Limits
    from cort_desktop.domain.strategy_settings import SettingValue

ProviderKind = Literal["builtin", "anthropic", "ollama", "openai", "openrouter"]
KINDS: tuple[ProviderKind, ...] = ("builtin", "anthropic", "ollama", "openai", "openrouter")

BUILTIN_MODEL = ModelRef("builtin/smollm2-135m")
DEFAULT_USD = Decimal("0.50")
"""The cap on money that holds where prices are known and nobody set one."""
DEFAULT_WARN_AT = Decimal("0.8")
"""The share of a limit on spending from which on a person is told of it."""
MOST_CONCURRENT = 64
MOST_FALLBACKS = 3

KIND_ADDRESSES: Mapping[str, str] = {
    "anthropic": "https://api.anthropic.com",
    "ollama": "http://127.0.0.1:11434/v1",
    "openai": "https://api.openai.com/v1",
    "openrouter": "https://openrouter.ai/api/v1",
}
OWN_KEY_VARIABLES: Mapping[str, str] = {
    "anthropic": "ANTHROPIC_API_KEY",
    "openai": "OPENAI_API_KEY",
    "openrouter": "OPENROUTER_API_KEY",
}
"""Environment variables that count for the provider of that name, at its own address only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What a new conversation starts with. None means: the preset's or the strategy's own.

    settings: what else strategies read, by its declared name (``domain/strategy_settings.py``).
    """

    preset: str | None = None
    strategy: str | None = None
    rounds: int | None = None
    alternatives: int | None = None
    judges: int | None = None
    settings: Mapping[str, SettingValue] = field(default_factory=dict)
    model: ModelRef = BUILTIN_MODEL
    judge_model: tuple[ModelRef, ...] = ()
    alternative_models: tuple[ModelRef, ...] = ()
    synthesizer_model: tuple[ModelRef, ...] = ()
    critic_model: tuple[ModelRef, ...] = ()
    router_model: tuple[ModelRef, ...] = ()
    temperature: float | None = None
    max_tokens: int | None = None
    system: str | None = None

    @property
    def lineup(self) -> RoleModels:
        """The models that are named for a role, by role."""
        named = {role: getattr(self, key) for role, key in LINEUP_KEYS.items()}
        return {role: refs for role, refs in named.items() if refs}

    @property
    def models(self) -> tuple[ModelRef, ...]:
        """Every model that is named, each once."""
        others = (ref for refs in self.lineup.values() for ref in refs)
        return tuple(dict.fromkeys((self.model, *others)))


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetSettings:
    """Hard caps for one run as they were written: None is absent, 0 lifts the cap."""

    calls: int | None = None
    tokens: int | None = None
    usd: Decimal | None = None
    seconds: float | None = None

    @property
    def money_cap_is_explicit(self) -> bool:
        """Whether a person asked for a cap on money: then a model without a price is refused."""
        return self.usd is not None and self.usd > 0

    def overridden(self, other: BudgetSettings) -> BudgetSettings:
        """These settings, except where ``other`` says something."""
        names = ("calls", "tokens", "usd", "seconds")
        said = {name: getattr(other, name) for name in names if getattr(other, name) is not None}
        return replace(self, **said)

    def caps(self, *, prices_known: bool) -> Budget:
        """The caps that hold for a run whose line-up has known prices, or not."""
        from cort_desktop.domain.budget import Budget

        usd = self.usd if self.usd is not None else (DEFAULT_USD if prices_known else None)
        return Budget(
            calls=self.calls or None,
            tokens=self.tokens or None,
            cost_microusd=_microusd(usd) if usd else None,
            seconds=self.seconds or None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitSettings:
    """Hard limits on all runs of a conversation, a day, a month, in US dollars: None is absent, 0 lifts one.

    warn_at: the share of a limit from which on a person is told, once; 0: never.
    """

    conversation_usd: Decimal | None = None
    day_usd: Decimal | None = None
    month_usd: Decimal | None = None
    warn_at: Decimal = DEFAULT_WARN_AT

    def limits(self) -> Limits:
        """The same in micro-dollars."""
        from cort_desktop.domain.spending import Limits, microusd_of

        def of(usd: Decimal | None) -> int | None:
            return microusd_of(usd) if usd else None

        return Limits(
            conversation=of(self.conversation_usd),
            day=of(self.day_usd),
            month=of(self.month_usd),
            warn_at=self.warn_at,
        )

    @property
    def is_any(self) -> bool:
        """Whether there is a limit at all."""
        return any((self.conversation_usd, self.day_usd, self.month_usd))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSettings:
    """One service that answers. ``base_url`` is empty for the built-in one; ``models`` may be empty.

    context: the tokens its models take with the answer; None when nobody told, then nothing is left out.
    keep_alive: how long Ollama keeps a model loaded after a call, as it wants to be told; None: its own time.
    efforts: how hard its models are to think. routing: where OpenRouter may send a request.
    fallbacks: who is asked when its models can't be. hedge: a first token that is missing is asked for twice.
    """

    name: str
    kind: ProviderKind
    base_url: str = ""
    key_env: str | None = None
    max_concurrency: int | None = None
    models: tuple[str, ...] = ()
    context: int | None = None
    keep_alive: str | None = None
    efforts: Efforts | None = None
    routing: Routing | None = None
    fallbacks: tuple[ModelRef, ...] = ()
    hedge: bool = False

    @property
    def refs(self) -> tuple[ModelRef, ...]:
        """The models that are named: of the built-in provider these are files, asked by their names."""
        names = map(own_model_name, self.models) if self.kind == "builtin" else self.models
        return tuple(dict.fromkeys(ModelRef(f"{self.name}/{name}") for name in names))

    @property
    def origin(self) -> str:
        """What a key of this provider belongs to: scheme, host and port."""
        from cort_desktop.domain.addresses import origin_of

        return origin_of(self.base_url) if self.base_url else ""

    @property
    def is_local(self) -> bool:
        """Whether it runs on this very computer."""
        from cort_desktop.domain.addresses import is_loopback

        return self.kind == "builtin" or is_loopback(_host(self.base_url))

    @property
    def own_address(self) -> bool:
        """Whether this is the provider of that name at its vendor's address."""
        from cort_desktop.domain.addresses import origin_of

        return self.origin == origin_of(KIND_ADDRESSES.get(self.name, ""))

    @property
    def key_variables(self) -> tuple[str, ...]:
        """The environment variables that may hold the key, the first one first."""
        own = OWN_KEY_VARIABLES.get(self.name) if self.own_address else None
        named = [name for name in (self.key_env, own) if name]
        return tuple(dict.fromkeys(named))

    @property
    def takes_key(self) -> bool:
        """Whether a key is looked for at all: not for what needs none by its nature."""
        if self.kind == "builtin":
            return False
        is_free = self.kind == "ollama" and self.is_local
        return not is_free or self.key_env is not None

    @property
    def needs_key(self) -> bool:
        """Whether nothing can be asked without a key."""
        return self.own_address and self.name in OWN_KEY_VARIABLES


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetSettings:
    """A saved preset: a strategy with its numbers and its other settings by their declared names, what checks
    its answers (``domain/verifying.py``), and which models do what beside the conversation's own.
    """

    name: str
    strategy: str
    words: str = ""
    rounds: int | None = None
    alternatives: int | None = None
    judges: int | None = None
    settings: Mapping[str, SettingValue] = field(default_factory=dict)
    verifier: str | None = None
    lineup: RoleModels = field(default_factory=dict)


Theme = Literal["system", "light", "dark", "contrast"]
THEMES: tuple[Theme, ...] = ("system", "light", "dark", "contrast")
SMALLEST_TEXT, LARGEST_TEXT = 80, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Appearance:
    """How the window looks. ``text_size`` is in percent; ``reduce_motion`` None follows the system."""

    theme: Theme = "system"
    text_size: int = 100
    reduce_motion: bool | None = None


Stage = Literal["proposer", "judge", "critic", "synthesizer", "router", "summarizer"]
STAGES: tuple[Stage, ...] = ("proposer", "judge", "critic", "synthesizer", "router", "summarizer")
MOST_CACHE_MEGABYTES = 100_000
LONGEST_KEPT_DAYS = 3650


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheSettings:
    """Whether answers are kept so that an equal call is not sent again, how much room they may take, how long
    one is good, and the roles whose answers are kept: all of them, for a run asked again costs nothing only
    when none of its calls is sent.
    """

    enabled: bool = True
    megabytes: int = 256
    days: int = 30
    stages: tuple[Stage, ...] = STAGES


MOST_RETRIEVED_TURNS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextSettings:
    """What a question is told of a conversation that is longer than its model.

    summary: earlier turns are summed up in the background. summary_model: by this model; None: by that of the
    conversation. It is asked only where the conversation itself goes. retrieved_turns: how many earlier turns
    that have to do with the question are looked for; 0: none.
    """

    summary: bool = True
    summary_model: ModelRef | None = None
    retrieved_turns: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Privacy:
    """What services learn beside what they are asked. attribution: OpenRouter may know the program's name."""

    attribution: bool = True


def builtin_providers() -> dict[str, ProviderSettings]:
    """The providers that exist without any configuration."""
    return {
        kind: ProviderSettings(name=kind, kind=kind, base_url=KIND_ADDRESSES.get(kind, "")) for kind in KINDS
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything configured, and the defaults for the rest."""

    defaults: Defaults = Defaults()
    budget: BudgetSettings = BudgetSettings()
    limits: LimitSettings = LimitSettings()
    providers: Mapping[str, ProviderSettings] = field(default_factory=builtin_providers)
    prices: Mapping[ModelRef, Price] = field(default_factory=dict)
    presets: Mapping[str, PresetSettings] = field(default_factory=dict)
    cache: CacheSettings = CacheSettings()
    context: ContextSettings = ContextSettings()
    appearance: Appearance = Appearance()
    shortcuts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The keys of an action by its id, like "Ctrl+K"; no keys at all takes its shortcut away."""
    privacy: Privacy = Privacy()
    network: Network = field(default_factory=Network)

    def provider(self, name: str) -> ProviderSettings:
        """The provider of that name. Raises UsageError, with the nearest name, when there is none."""
        found = self.providers.get(name)
        if found is not None:
            return found
        raise UsageError(
            f"There is no provider named {shown(name)}{closest(name, self.providers)}. "
            f"Known are {', '.join(self.providers)}; others are added as [providers.NAME] in config.toml."
        )

    def price_of(self, ref: ModelRef) -> Price | None:
        """The price that is known without asking anyone: the configured one, or nothing for what is free."""
        price = self.prices.get(ref)
        if price is not None:
            return price
        from cort_desktop.domain.budget import FREE

        provider = self.providers.get(provider_of(ref))
        return FREE if provider is not None and provider.kind in ("builtin", "ollama") else None


def closest(word: str, known: Iterable[str]) -> str:
    """`` (did you mean "x"?)``, or nothing when no known word is near."""
    import difflib

    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f' (did you mean "{near[0]}"?)' if near else ""


def shown(value: object) -> str:
    """A value as it may be repeated to a person: short, on one line, and not when it looks like a key."""
    if isinstance(value, int) and value.bit_length() > 1_000:  # noqa: PLR2004 - Python refuses to spell it out
        return "a very long number"
    text = f'"{value}"' if isinstance(value, str) else str(value)
    if looks_like_key(text.strip('"')):
        return "a text that looks like a key"
    line = "".join(ch if ch.isprintable() else "?" for ch in text)
    return line if len(line) <= 60 else f"{line[:56]}…{line[-1]}"  # noqa: PLR2004 - fits a line


def looks_like_key(text: str) -> bool:
    """Whether a text begins like the keys of known services."""
    return text.startswith(("sk-", "AIza", "gsk_", "xai-", "hf_", "Bearer "))


def _microusd(usd: Decimal) -> int:
    from cort_desktop.domain.budget import MICRO

    return int((usd * MICRO).to_integral_value(rounding=ROUND_HALF_EVEN))


def _host(url: str) -> str:
    from cort_desktop.domain.addresses import host_of

    return host_of(url)
