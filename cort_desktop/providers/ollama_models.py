"""Which models an Ollama has: how much context, whether they think, and which are loaded right now.

``/api/tags`` names them, ``/api/show`` tells of each what it can do, ``/api/ps`` which are loaded (Ollama's
docs/api.md). Models that can't chat are left out. Not here: asking one (``ollama``), fetching one
(``ollama_pull``).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cort_desktop.domain.budget import FREE
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.models import ModelProfile
from cort_desktop.errors import ProviderError
from cort_desktop.providers.lookup import Lookup

_AT_ONCE = 4
_MOST = 500
_LONGEST_NAME = 256
_LATEST = ":latest"
_THOUGHTS = 4096
"""Room for the thoughts of a model on a person's own machine, on top of an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A model that is in memory: with so many tokens of context (None: not told), in so many bytes."""

    name: str
    context_tokens: int | None
    bytes: int


async def list_models(service: Lookup, *, local: bool = False) -> tuple[ModelProfile, ...]:
    """The models that can chat, in Ollama's order. Raises ProviderError.

    service: below Ollama's own interface. A model that can't be looked at (it is being removed) is listed
    with what is known; when Ollama falls silent meanwhile, so are the rest.
    """
    told = await service.get("/api/tags")
    if not isinstance(told, dict) or not isinstance(told.get("models") or [], list):
        faults = await service.faults("/api/tags")
        raise faults.of_kind("not_an_api", "did not send a list of models.")
    turns = asyncio.Semaphore(_AT_ONCE)
    is_silent = False

    async def look(name: str) -> ModelProfile | None:
        nonlocal is_silent
        plain = ModelProfile(ref=ModelRef(f"{service.provider}/{name}"), price=FREE, local=local)
        async with turns:
            if is_silent:
                return plain
            try:
                return _profile(plain, await service.ask("/api/show", {"model": name}))
            except ProviderError as error:
                is_silent = error.status is None
                return plain

    async with asyncio.TaskGroup() as group:
        looks = [group.create_task(look(name)) for name in _names(told.get("models") or [])]
    return tuple(profile for each in looks if (profile := each.result()) is not None)


async def loaded(service: Lookup) -> tuple[Loaded, ...]:
    """The models in memory. Raises ProviderError."""
    told = await service.get("/api/ps")
    entries = told.get("models") if isinstance(told, dict) else None
    return tuple(
        Loaded(
            name=entry["name"],
            context_tokens=_whole(entry.get("context_length")),
            bytes=_whole(entry.get("size")) or 0,
        )
        for entry in (entries if isinstance(entries, list) else ())
        if isinstance(entry, dict) and isinstance(entry.get("name"), str)
    )


async def version(service: Lookup) -> str:
    """Ollama's version. Raises ProviderError, ``not_an_api`` for what is no Ollama."""
    told = await service.get("/api/version")
    found = told.get("version") if isinstance(told, dict) else None
    if isinstance(found, str) and found.isprintable():
        return found
    faults = await service.faults("/api/version")
    raise faults.of_kind("not_an_api", "is no Ollama.")


def _names(entries: Any) -> list[str]:
    names = (entry.get("name") or entry.get("model") for entry in entries if isinstance(entry, dict))
    good = (
        name.removesuffix(_LATEST)
        for name in names
        if isinstance(name, str) and 0 < len(name) <= _LONGEST_NAME and name.isprintable()
    )
    return list(dict.fromkeys(good))[:_MOST]


def _profile(plain: ModelProfile, told: Any) -> ModelProfile | None:
    """``plain`` with what Ollama tells of the model; None when it can't chat."""
    if not isinstance(told, dict):
        return plain
    plain = replace(plain, context_tokens=_context(told.get("model_info")))
    abilities = told.get("capabilities")
    if not isinstance(abilities, list):
        return plain  # an Ollama from before 2025
    if "completion" not in abilities:
        return None
    thinks = "thinking" in abilities
    return replace(
        plain, tools="tools" in abilities, reasoning=thinks, thinking_tokens=_THOUGHTS if thinks else 0
    )


def _context(info: Any) -> int | None:
    """The longest context, which is filed under the name of the model's architecture."""
    if not isinstance(info, Mapping):
        return None
    return _whole(info.get(f"{info.get('general.architecture')}.context_length"))


def _whole(value: Any) -> int | None:
    valid = isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**15
    return value if valid else None
