"""A provider as a person sees it, and what is written when one is added, changed or removed.

Pure: makes views and changes of settings, writes nothing and asks nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cort_desktop.domain.ids import ModelRef, provider_of
from cort_desktop.domain.lineups import LINEUP_KEYS, RoleModels
from cort_desktop.domain.settings import ProviderKind, ProviderSettings, Settings, builtin_providers
from cort_desktop.storage.secrets import KeyPlace, PlaceKind

Changes = dict[tuple[str, ...], Any]
_TABLE = "providers"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderView:
    """One provider with the state of its key; never the key.

    key: where it lives, in words; key_place: the sort of that. key_origin: whom a kept key is for, also when
    that is another address than this one, so that it is not used; empty without one. needs_key: nothing can
    be asked without one. key_variable: the environment variable that is looked at first. keep_alive: how long
    Ollama keeps a model loaded, as it is told. note: what a person should know, a whole sentence or empty.
    is_standard: it exists without being configured, so that removing it only takes the changes back.
    """

    name: str
    kind: ProviderKind
    address: str
    key: str
    has_key: bool
    takes_key: bool
    needs_key: bool
    key_place: PlaceKind = "none"
    key_origin: str = ""
    key_variable: str | None = None
    key_env: str | None = None
    models: tuple[str, ...] = ()
    context: int | None = None
    keep_alive: str | None = None
    max_concurrency: int | None = None
    fallbacks: tuple[ModelRef, ...] = ()
    hedge: bool = False
    is_local: bool = False
    is_standard: bool = False
    is_changed: bool = False
    note: str = ""


def view(provider: ProviderSettings, place: KeyPlace) -> ProviderView:
    """A provider whose key lives at ``place``."""
    standard = builtin_providers().get(provider.name)
    variables = provider.key_variables
    return ProviderView(
        name=provider.name,
        kind=provider.kind,
        address=provider.base_url,
        key=place.words,
        has_key=place.kind != "none",
        key_place=place.kind,
        key_origin=place.origin,
        takes_key=provider.takes_key,
        needs_key=provider.needs_key,
        key_variable=variables[0] if variables else None,
        key_env=provider.key_env,
        models=provider.models,
        context=provider.context,
        keep_alive=provider.keep_alive,
        max_concurrency=provider.max_concurrency,
        fallbacks=provider.fallbacks,
        hedge=provider.hedge,
        is_local=provider.is_local,
        is_standard=standard is not None,
        is_changed=standard is None or provider != standard,
        note=_sentence(place.note) if provider.takes_key else "",
    )


def written(provider: ProviderSettings) -> Changes:
    """The whole table of a provider; what it leaves to the default is taken out."""
    values: Mapping[str, Any] = {
        "kind": provider.kind,
        "base_url": provider.base_url or None,
        "key_env": provider.key_env or None,
        "max_concurrency": provider.max_concurrency,
        "models": list(provider.models) or None,
        "context": provider.context,
        "keep_alive": provider.keep_alive,
        "fallbacks": list(provider.fallbacks) or None,
        "hedge": provider.hedge or None,
    }
    return {(_TABLE, provider.name, key): value for key, value in values.items()}


def removed(settings: Settings, name: str) -> Changes:
    """A provider taken out, and with it what would have no meaning without it: defaults, prices and the
    places where its models stand in for others.
    """
    changes: Changes = {(_TABLE, name): None}
    if name in builtin_providers():
        return changes
    changes |= {("prices", ref): None for ref in settings.prices if provider_of(ref) == name}
    for other in settings.providers.values():
        left = _without(other.fallbacks, name)
        if left != other.fallbacks and other.name != name:
            changes[_TABLE, other.name, "fallbacks"] = list(left) or None
    defaults = settings.defaults
    if provider_of(defaults.model) == name:
        changes["defaults", "model"] = None
    tables: list[tuple[tuple[str, ...], RoleModels]] = [(("defaults",), defaults.lineup)]
    tables += [(("presets", preset.name), preset.lineup) for preset in settings.presets.values()]
    for table, lineup in tables:
        for role, refs in lineup.items():
            left = _without(refs, name)
            if left != refs:
                changes[*table, LINEUP_KEYS[role]] = list(left) or None
    return changes


def _without(refs: Iterable[ModelRef], name: str) -> tuple[ModelRef, ...]:
    return tuple(ref for ref in refs if provider_of(ref) != name)


def _sentence(note: str) -> str:
    note = note[:1].upper() + note[1:]
    return note if not note or note.endswith((".", "…")) else f"{note}."
