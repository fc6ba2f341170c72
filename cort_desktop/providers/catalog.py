"""Which models an OpenAI-compatible service has, and what it tells about them.

Reads the shapes of OpenAI (ids only), OpenRouter (context, prices per token as text, parameters taken), vLLM
(``max_model_len``) and llama.cpp (``meta``). What is not told stays unknown. Not here: caching, the settings.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from cort_desktop.domain.budget import MICRO, Price
from cort_desktop.domain.clock import Clock
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.models import ModelProfile
from cort_desktop.providers.causes import ExchangeError
from cort_desktop.providers.faults import Faults, Service
from cort_desktop.providers.http import Outgoing, Reply, Transport
from cort_desktop.providers.keys import Key, bearer, resolve
from cort_desktop.providers.payload import JsonReader, PayloadError

_LONGEST_ID = 256


async def list_models(
    *, provider: str, base_url: str, key: Key, transport: Transport, clock: Clock, local: bool = False
) -> tuple[ModelProfile, ...]:
    """The models of the service at ``base_url``, in its order, each once. Raises ProviderError."""
    limits = transport.limits
    found_key = await resolve(key, provider)
    url = base_url.rstrip("/") + "/models"
    faults = Faults(Service(provider=provider, url=url, key=found_key), limits, clock.now())

    async def use(reply: Reply) -> Any:
        reply.deadlines.set("content_idle", limits.model_list_s)
        if not 200 <= reply.status < 300:  # noqa: PLR2004  HTTP's range of success
            raise faults.of_reply(reply.status, reply.headers, await reply.start(limits.error_body_bytes))
        body = await reply.start(limits.models_bytes + 1)
        if len(body) > limits.models_bytes:
            raise ExchangeError("too_large", f"more than {limits.models_bytes} bytes", sent=True)
        try:
            return JsonReader(limits).read(body.decode("utf-8-sig", errors="replace"))
        except PayloadError as error:
            raise faults.not_an_api(reply.headers, body) from error

    outgoing = Outgoing(
        method="GET",
        url=url,
        headers={"Accept": "application/json", **bearer(found_key)},
        first_event_s=limits.model_list_s,
        response_bytes=limits.models_bytes + limits.header_bytes,
    )
    try:
        told = await transport.exchange(outgoing, use)
    except ExchangeError as error:
        raise faults.of_exchange(error) from error
    if isinstance(told, dict) and isinstance(told.get("data"), list):
        profiles = {profile.ref: profile for profile in _profiles(provider, told["data"], local=local)}
        return tuple(profiles.values())
    raise faults.of_kind("not_an_api", "did not send a list of models.")


def _profiles(provider: str, entries: list[Any], *, local: bool) -> Iterator[ModelProfile]:
    for entry in entries:
        name = entry.get("id") if isinstance(entry, dict) else None
        if not isinstance(name, str) or not name or len(name) > _LONGEST_ID or not name.isprintable():
            continue
        taken = entry.get("supported_parameters")
        taken = set(taken) if isinstance(taken, list) and all(isinstance(one, str) for one in taken) else None
        yield ModelProfile(
            ref=ModelRef(f"{provider}/{name}"),
            context_tokens=_context(entry),
            price=_price(entry.get("pricing")),
            json_schema=taken is None or "structured_outputs" in taken,
            seed=taken is None or "seed" in taken,
            default_max_tokens=min(
                2048, _whole(_inside(entry, "top_provider"), "max_completion_tokens") or 2048
            ),
            local=local,
        )


def _context(entry: dict[str, Any]) -> int | None:
    meta = _inside(entry, "meta")
    return (
        _whole(entry, "context_length")
        or _whole(entry, "max_model_len")
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
