"""Which models a service with the Anthropic interface has, and what it tells about them.

It tells the context, the longest answer and what a model takes, but no prices. The list comes in pages.
Not here: how the service is reached (``lookup``), caching, the settings.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.models import EFFORTS, ModelProfile
from cort_desktop.providers.lookup import Lookup
from cort_desktop.providers.payload import count

_PATH = "/models?limit=1000"
MOST_PAGES = 20
_LONGEST_ID = 256
_ANSWER_TOKENS = 2048


async def list_models(service: Lookup, *, local: bool = False) -> tuple[ModelProfile, ...]:
    """The models of a service, in its order, each once. Raises ProviderError."""
    found: dict[ModelRef, ModelProfile] = {}
    path = _PATH
    for _ in range(MOST_PAGES):
        told = await service.get(path)
        if not isinstance(told, dict) or not isinstance(told.get("data"), list):
            faults = await service.faults(path)
            raise faults.of_kind("not_an_api", "did not send a list of models.")
        known = len(found)
        found |= {one.ref: one for one in _profiles(service.provider, told["data"], local=local)}
        last = told.get("last_id")
        if told.get("has_more") is not True or not isinstance(last, str) or len(found) == known:
            break
        path = f"{_PATH}&after_id={quote(last, safe='')}"
    return tuple(found.values())


def _profiles(provider: str, entries: list[Any], *, local: bool) -> Iterator[ModelProfile]:
    for entry in entries:
        name = entry.get("id") if isinstance(entry, dict) else None
        if not isinstance(name, str) or not name or len(name) > _LONGEST_ID or not name.isprintable():
            continue
        if entry.get("lifecycle") == "retired":  # it is only remembered there: to ask it fails
            continue
        longest = count(entry.get("max_tokens")) or None
        yield ModelProfile(
            ref=ModelRef(f"{provider}/{name}"),
            context_tokens=count(entry.get("max_input_tokens")) or None,
            most_output_tokens=longest,
            default_max_tokens=min(_ANSWER_TOKENS, longest or _ANSWER_TOKENS),
            seed=False,
            tools=True,
            reasoning=_thinks(entry),
            efforts=tuple(effort for effort in EFFORTS if _can(entry, "effort", effort)),
            local=local,
        )


def _thinks(entry: dict[str, Any]) -> bool | None:
    """Whether a model thinks without being asked to; None when it is not told.

    Those that can't be given a number of tokens to think with decide by themselves whether to think.
    """
    thinking = _inside(entry, "capabilities", "thinking")
    if thinking.get("supported") is False:
        return False
    if not isinstance(thinking.get("types"), dict):
        return None
    return _can(entry, "thinking", "types", "adaptive") and not _can(entry, "thinking", "types", "enabled")


def _can(entry: dict[str, Any], *names: str) -> bool:
    return _inside(entry, "capabilities", *names).get("supported") is True


def _inside(entry: dict[str, Any], *names: str) -> dict[str, Any]:
    found: Any = entry
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}
