"""Which models an OpenAI-compatible service has, and what it tells about them.

Reads the shapes of OpenAI (ids only), OpenRouter (context, prices per token as text), Groq
(``context_window``), Mistral (``max_context_length``), vLLM (``max_model_len``) and llama.cpp (``meta``).
What is not told stays unknown. Not here: what a model is able to (``capabilities``), caching, the settings.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from cort_desktop.domain.budget import MICRO, Price
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.models import ModelProfile
from cort_desktop.providers.capabilities import told_abilities, writes_text
from cort_desktop.providers.lookup import Lookup

_PATH = "/models"
_LONGEST_ID = 256


async def list_models(service: Lookup, *, local: bool = False) -> tuple[ModelProfile, ...]:
    """The models of a service, in its order, each once. Raises ProviderError."""
    entries = _entries(await service.get(_PATH))
    if entries is not None:
        found = {profile.ref: profile for profile in _profiles(service.provider, entries, local=local)}
        return tuple(found.values())
    faults = await service.faults(_PATH)
    raise faults.of_kind(
        "not_an_api", "did not send a list of models. Look at its base_url: most end in /v1."
    )


def _entries(told: Any) -> list[Any] | None:
    """The list in its wrapping, or bare as Together sends it; None when it is none of models."""
    if isinstance(told, dict) and isinstance(told.get("data"), list):
        entries: list[Any] = told["data"]
        return entries
    is_bare = isinstance(told, list) and any(isinstance(each, dict) and "id" in each for each in told)
    return told if is_bare else None


def _profiles(provider: str, entries: list[Any], *, local: bool) -> Iterator[ModelProfile]:
    for entry in entries:
        name = entry.get("id") if isinstance(entry, dict) else None
        if not isinstance(name, str) or not name or len(name) > _LONGEST_ID or not name.isprintable():
            continue
        if not writes_text(entry):
            continue
        yield ModelProfile(
            ref=ModelRef(f"{provider}/{name}"),
            context_tokens=_context(entry),
            price=_price(entry.get("pricing")),
            local=local,
            **told_abilities(entry),
        )


def _context(entry: dict[str, Any]) -> int | None:
    meta = _inside(entry, "meta")
    return (
        _whole(entry, "context_length")
        or _whole(entry, "max_model_len")
        or _whole(entry, "context_window")
        or _whole(entry, "max_context_length")
        or _whole(meta, "n_ctx")
        or _whole(meta, "n_ctx_train")
    )


def _price(pricing: Any) -> Price | None:
    """Told per token, kept per million; None unless both plain prices are told and make sense."""
    if not isinstance(pricing, dict):
        return None
    told = {name: _per_million(value) for name, value in pricing.items()}
    sent, made = told.get("prompt"), told.get("completion")
    if sent is None or made is None:
        return None
    return Price(
        input=sent,
        output=made,
        cached_input=told.get("input_cache_read"),
        cache_write=told.get("input_cache_write"),
        reasoning=told.get("internal_reasoning") or None,  # zero there means: like the rest of the output
    )


def _per_million(value: Any) -> Decimal | None:
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return None
    try:
        price = Decimal(str(value)) * MICRO
    except InvalidOperation:
        return None
    return price.normalize() if price.is_finite() and 0 <= price <= MICRO else None


def _inside(entry: dict[str, Any], name: str) -> dict[str, Any]:
    value = entry.get(name)
    return value if isinstance(value, dict) else {}


def _whole(entry: dict[str, Any], name: str) -> int | None:
    value = entry.get(name)
    valid = isinstance(value, int) and not isinstance(value, bool) and 0 < value < MICRO * MICRO
    return value if valid else None
