"""From what was written to ``Settings``: every wrong value at once, by dotted key and, if known, its line.

Pure: takes the parsed tables, reads no file. A wrong value is left out, so that its default holds; a key that
nobody knows is only a warning. Numbers with a point are expected as ``Decimal``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from cort_desktop.domain.addresses import AddressCheck, check_address
from cort_desktop.domain.budget import Price
from cort_desktop.domain.ids import ModelRef, model_of, provider_of
from cort_desktop.domain.lineups import LINEUP_KEYS
from cort_desktop.domain.settings import (
    KIND_ADDRESSES,
    KINDS,
    MOST_CONCURRENT,
    MOST_FALLBACKS,
    BudgetSettings,
    Defaults,
    PresetSettings,
    Privacy,
    ProviderKind,
    ProviderSettings,
    Settings,
    builtin_providers,
    closest,
    shown,
)
from cort_desktop.domain.settings_asking import read_efforts, read_routing
from cort_desktop.domain.settings_cache import read_cache
from cort_desktop.domain.settings_context import read_context
from cort_desktop.domain.settings_limits import read_limits
from cort_desktop.domain.settings_local import read_keep_alive, read_models
from cort_desktop.domain.settings_looks import read_appearance, read_shortcuts
from cort_desktop.domain.settings_network import read_network
from cort_desktop.domain.settings_strategies import Declarations, read_strategy, read_strategy_settings
from cort_desktop.domain.settings_values import LineOf, Notes, Path, SettingNote, Table

RANGES = {"rounds": (1, 1000), "alternatives": (1, 64), "judges": (1, 32)}
"""What any strategy takes; each has narrower ones of its own."""
_TOP = (
    "defaults",
    "budget",
    "limits",
    "providers",
    "prices",
    "presets",
    "cache",
    "context",
    "appearance",
    "shortcuts",
    "privacy",
    "network",
)
_LINEUP = tuple(LINEUP_KEYS.values())
_MODELS = ("model", *_LINEUP)
_DEFAULTS = ("preset", "strategy", *RANGES, *_MODELS, "temperature", "max_tokens", "system")
_BUDGET = ("calls", "tokens", "usd", "seconds")
LEAST_CONTEXT, MOST_CONTEXT = 512, 100_000_000
_PROVIDER = (
    "kind",
    "base_url",
    "key_env",
    "max_concurrency",
    "models",
    "context",
    "keep_alive",
    "fallbacks",
    "hedge",
    "reasoning",
    "routing",
)
_PRIVACY = ("attribution",)
_PRICE = ("input", "output", "cached_input", "cache_write", "reasoning")
_PRESET = ("strategy", "words", *RANGES, "verifier", *_LINEUP)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_KEY_WORDS = ("api_key", "apikey", "api-key", "key", "token", "secret", "password")


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The names that may be written for strategies and built-in presets; empty means: not checked here.

    declarations: what all strategies read, asked only for a name that isn't known without.
    """

    strategies: tuple[str, ...] = ()
    presets: tuple[str, ...] = ()
    declarations: Callable[[], Declarations] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The settings with defaults in place of what was wrong, and all that is to be said about the rest."""

    settings: Settings
    problems: tuple[SettingNote, ...] = ()
    warnings: tuple[SettingNote, ...] = ()


def nowhere(_path: Path) -> None:
    """Say that no line is known: the tables were never a text."""


def read(data: Mapping[str, Any], line_of: LineOf = nowhere, vocabulary: Vocabulary | None = None) -> Reading:
    """Read a whole configuration; never raises."""
    notes = Notes(line_of)
    settings = _Reader(notes, vocabulary or Vocabulary()).read(Table(data, (), notes))
    return Reading(settings=settings, problems=notes.problems, warnings=notes.warnings)


class _Reader:
    """One pass over one configuration."""

    def __init__(self, notes: Notes, vocabulary: Vocabulary) -> None:
        self._notes = notes
        self._vocabulary = vocabulary
        self._provider_names: tuple[str, ...] = ()

    def read(self, top: Table) -> Settings:
        self._warn_of_unknown(top, _TOP)
        written = top.table("providers")
        self._provider_names = tuple(dict.fromkeys((*builtin_providers(), *written)))
        presets = self._presets(top.table("presets"))
        known_presets = (*self._vocabulary.presets, *presets) if self._vocabulary.presets else ()
        return Settings(
            defaults=self._defaults(top.table("defaults"), known_presets),
            budget=self._budget(top.table("budget")),
            limits=read_limits(top.table("limits")),
            providers=self._providers(written),
            prices=self._prices(top.table("prices")),
            presets=presets,
            cache=read_cache(top.table("cache")),
            context=read_context(top.table("context"), self._refs),
            appearance=read_appearance(top.table("appearance")),
            shortcuts=read_shortcuts(top.table("shortcuts")),
            privacy=_privacy(top.table("privacy")),
            network=read_network(top.table("network")),
        )

    def _defaults(self, table: Table, presets: Collection[str]) -> Defaults:
        settings = read_strategy_settings(table, _DEFAULTS, self._vocabulary.declarations)
        models = {name: self._refs(table, name) for name in _MODELS}
        if len(models["model"]) > 1:
            table.wrong("model", "must be one model; further ones go into alternative_models")
        return Defaults(
            preset=table.word("preset", presets),
            strategy=read_strategy(table, self._vocabulary.strategies, self._vocabulary.declarations),
            **_counts(table),
            settings=settings,
            model=models["model"][0] if len(models["model"]) == 1 else Defaults().model,
            judge_model=models["judge_model"],
            alternative_models=models["alternative_models"],
            synthesizer_model=models["synthesizer_model"],
            critic_model=models["critic_model"],
            router_model=models["router_model"],
            temperature=_float(table.number("temperature", 2)),
            max_tokens=table.whole("max_tokens", 1, 1_000_000),
            system=table.text("system", 100_000),
        )

    def _budget(self, table: Table) -> BudgetSettings:
        self._warn_of_unknown(table, _BUDGET)
        return BudgetSettings(
            calls=table.whole("calls", 0, 10**9),
            tokens=table.whole("tokens", 0, 10**12),
            usd=table.number("usd", 10**6),
            seconds=_float(table.number("seconds", 10**7)),
        )

    def _providers(self, written: Table) -> dict[str, ProviderSettings]:
        found = builtin_providers()
        for name, table in written.tables():
            # What was meant to be changed must not be asked as it was: its prompts were meant for elsewhere.
            found.pop(name, None)
            provider = self._provider(name, table)
            if provider is not None:
                found[name] = provider
        return found

    def _provider(self, name: str, table: Table) -> ProviderSettings | None:
        if not _NAME.fullmatch(name):
            self._notes.wrong(
                table.path, "is no name for a provider: use letters, digits, dots and dashes, at most 64"
            )
            return None
        self._warn_of_unknown(table, _PROVIDER)
        kind = table.raw("kind") if "kind" in table else self._kind_by_name(name)
        problem = _kind_problem(kind, name)
        if problem:
            self._notes.wrong((*table.path, "kind") if "kind" in table else table.path, problem)
        provider = ProviderSettings(
            name=name,
            kind=cast("ProviderKind", kind),
            base_url="" if kind == "builtin" else self._address(table, _default_address(name, kind)),
            key_env=table.variable("key_env"),
            max_concurrency=table.whole("max_concurrency", 1, MOST_CONCURRENT),
            models=read_models(table, kind),
            keep_alive=read_keep_alive(table, kind),
            context=table.whole("context", LEAST_CONTEXT, MOST_CONTEXT),
            efforts=read_efforts(table),
            routing=read_routing(table, kind=kind),
            fallbacks=self._fallbacks(table),
            hedge=table.truth("hedge") is True,
        )
        usable = problem is None and (provider.base_url or kind == "builtin")
        return provider if usable else None

    def _fallbacks(self, table: Table) -> tuple[ModelRef, ...]:
        refs = self._refs(table, "fallbacks")
        if len(refs) > MOST_FALLBACKS:
            table.wrong("fallbacks", f"names {len(refs)} models; at most {MOST_FALLBACKS} are asked instead")
            return ()
        return refs

    @staticmethod
    def _kind_by_name(name: str) -> str:
        return name if name in KINDS else "openai"

    def _address(self, table: Table, default: str | None) -> str:
        """The checked address; empty without one, for then nothing may be sent anywhere."""
        written = table.text("base_url", 2_000)
        if written is None and "base_url" in table:
            if table.raw("base_url") == "":
                table.wrong("base_url", "is empty")
            return ""
        if written is None and default is None:
            table.wrong(
                "base_url", 'is missing; write the server\'s address, like "http://127.0.0.1:8080/v1"'
            )
        check = check_address(written) if written else AddressCheck(url=default or "")
        if check.problem:
            table.wrong("base_url", check.problem)
        if check.warning:
            self._notes.doubtful((*table.path, "base_url"), check.warning)
        return check.url

    def _prices(self, written: Table) -> dict[ModelRef, Price]:
        found = {}
        for name, table in written.tables():
            self._warn_of_unknown(table, _PRICE)
            known = self._is_ref(name, table.path)
            missing = [each for each in ("input", "output") if each not in table]
            if missing and table.written:
                self._notes.wrong(
                    table.path, f"lacks {' and '.join(missing)}, in US dollars per million tokens"
                )
            numbers = {each: table.number(each, 10**6) for each in _PRICE}
            price_in, price_out = numbers.pop("input"), numbers.pop("output")
            if known and price_in is not None and price_out is not None:
                found[ModelRef(name)] = Price(input=price_in, output=price_out, **numbers)
        return found

    def _presets(self, written: Table) -> dict[str, PresetSettings]:
        found = {}
        for name, table in written.tables():
            words = self._vocabulary
            strategy = read_strategy(table, words.strategies, words.declarations)
            settings = read_strategy_settings(table, _PRESET, words.declarations, strategy=strategy or "")
            if table.written and "strategy" not in table:
                table.wrong("strategy", "is missing; a preset names its strategy")
            preset = PresetSettings(
                name=name,
                strategy=strategy or "",
                words=table.text("words", 500) or "",
                verifier=_verifier(table),
                **_counts(table),
                settings=settings,
                lineup={role: refs for role, key in LINEUP_KEYS.items() if (refs := self._refs(table, key))},
            )
            if strategy:
                found[name] = preset
        return found

    def _refs(self, table: Table, name: str) -> tuple[ModelRef, ...]:
        refs = table.texts(name)
        good = [self._is_ref(ref, (*table.path, name)) for ref in refs]
        return tuple(ModelRef(ref) for ref in refs) if all(good) else ()

    def _is_ref(self, text: str, at: Path) -> bool:
        provider = provider_of(ModelRef(text))
        if not provider or not model_of(ModelRef(text)):
            self._notes.wrong(at, f"must name a model as PROVIDER/MODEL, not {shown(text)}")
            return False
        if provider in self._provider_names:
            return True
        why = f"there is no such provider{closest(provider, self._provider_names)}"
        self._notes.wrong(at, f"names {shown(text)}, but {why}")
        return False

    def _warn_of_unknown(self, table: Table, known: Collection[str]) -> None:
        for name in table:
            at = (*table.path, name)
            if name not in known and name.lower() in _KEY_WORDS and table.path[:1] == ("providers",):
                how = f"take it out and enter it as the key of {table.path[1]}, for the system's key store"
                self._notes.doubtful(at, f"is not read, for keys don't belong in a plain file: {how}")
            elif name not in known:
                self._notes.doubtful(at, f"is not known and has no effect{closest(name, known)}")


def _default_address(name: str, kind: Any) -> str | None:
    """The vendor's address, where leaving it out can mean nothing else; empty where none is needed."""
    if name == "builtin" or not isinstance(kind, str) or kind not in KIND_ADDRESSES:
        return ""
    return KIND_ADDRESSES[kind] if kind != "openai" or name == "openai" else None


def _kind_problem(kind: Any, name: str) -> str | None:
    usable = [each for each in KINDS if each != "builtin"]
    if name == "builtin":
        return None if kind == "builtin" else 'must be "builtin" for the provider named builtin'
    if isinstance(kind, str) and kind in usable:
        return None
    if kind == "builtin":
        return f'can be "builtin" for the provider named builtin alone; here it is one of {", ".join(usable)}'
    near = closest(kind, usable) if isinstance(kind, str) else ""
    known = f'{", ".join(usable)}, and "builtin" for the provider of that name'
    return f"is {shown(kind)}, which is unknown{near}; known are {known}"


def _privacy(table: Table) -> Privacy:
    table.doubt_unknown(_PRIVACY)
    return Privacy(attribution=table.truth("attribution") is not False)


def _verifier(table: Table) -> str | None:
    """A verifier's declaration. Its file is named from the root or from ``~``: a preset is used anywhere."""
    text = table.text("verifier", 2000)
    if text is None:
        return None
    from pathlib import PurePath

    from cort_desktop.domain.verifying import declared
    from cort_desktop.errors import UsageError

    try:
        found = declared(text)
    except UsageError as error:
        table.wrong("verifier", f"is none: {error}")
        return None
    if found.needs_file and not (found.argument.startswith("~") or PurePath(found.argument).is_absolute()):
        table.wrong("verifier", "must name its file with the whole path, or beginning with ~")
        return None
    return text


def _counts(table: Table) -> dict[str, int | None]:
    return {name: table.whole(name, low, high) for name, (low, high) in RANGES.items()}


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
