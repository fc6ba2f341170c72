"""``models list``: what can be asked, with context, price, where the list is from and of when.

Not here: asking (``services``), finding what a word means (``domain/model_search``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cort_desktop.domain.stamps import stamp
from cort_desktop.domain.wire import dumps
from cort_desktop.telling import figures
from cort_desktop.telling.safe import one_line
from cort_desktop.terminal.next_step import key_step
from cort_desktop.terminal.options import ModelsOptions
from cort_desktop.terminal.streams import Streams

if TYPE_CHECKING:
    from datetime import datetime

    from cort_desktop.domain.budget import Price, PriceSource
    from cort_desktop.domain.models import ModelProfile
    from cort_desktop.services.local_models import FoundServer
    from cort_desktop.services.model_lists import ProviderModels
    from cort_desktop.services.preferences import PreferencesService

_PRICES = ("input", "output", "cached_input", "cache_write", "reasoning")


async def list_models(options: ModelsOptions, preferences: PreferencesService, streams: Streams) -> None:
    """Print the lists; servers of this computer that are not set up are named on standard error."""
    lists = await preferences.models(refresh=options.refresh)
    if options.search:
        lists = [each.matching(options.search) for each in lists]
    if options.json:
        streams.write_json(dumps([_list_json(each) for each in lists]))
        return
    for each in lists:
        if each.models or not options.search:
            _print_list(each, streams)
    if options.search and not any(each.models for each in lists):
        streams.say(f"No model was found for “{one_line(options.search)}”.")
    if options.search:
        return
    for found in await preferences.find_local():
        if found.added_as is None:
            streams.say(_offer(found))


def _print_list(listed: ProviderModels, streams: Streams) -> None:
    if listed.error is not None and not listed.models:
        step = f". {key_step(listed.provider)}" if listed.lacks_key else ""
        streams.write_line(f"{listed.provider}: {one_line(listed.error)}{step}")
        return
    streams.write_line(f"{listed.provider}: {figures.count(len(listed.models), 'model')}{_origin(listed)}")
    for profile in listed.models:
        streams.write_line(f"  {one_line(profile.ref)}  {_facts(profile)}".rstrip())


def _origin(listed: ProviderModels) -> str:
    """Where a list is from, when that is not the service itself at this moment."""
    if listed.source == "settings":
        return ", named in the settings"
    if listed.source != "remembered" or listed.as_of is None:
        return ""
    if listed.error is None:
        return f", as of {_day(listed.as_of)}; --refresh asks again"
    return f", as of {_day(listed.as_of)}; the service can't be reached now: {one_line(listed.error)}"


def _day(at: datetime) -> str:
    here = at.astimezone()
    return f"{here.day} {here:%b %Y %H:%M}"


def _facts(profile: ModelProfile) -> str:
    context = (
        f"{figures.tokens(profile.context_tokens)} context" if profile.context_tokens else "context unknown"
    )
    if profile.price is None:
        price = "price unknown"
    elif profile.price.is_free:
        price = "free"
    else:
        price = f"${profile.price.input:f} in, ${profile.price.output:f} out per million tokens"
        price += _said_by(profile.price_source)
    thinks = ["thinks before it answers"] if profile.reasoning else []
    left_out = [f"takes no {each.what}, left out since {each.since:%Y-%m-%d}" for each in profile.left_out]
    return " · ".join([context, price, *thinks, *left_out])


def _said_by(source: PriceSource | None) -> str:
    """Whose price it is, and of when, where that is not the list itself."""
    if source is None or source.kind == "service":
        return ""
    if source.kind == "settings":
        return " (your [prices])"
    return f" (as of {source.at}, {source.words})"


def _source_json(source: PriceSource | None) -> dict[str, str | None] | None:
    if source is None:
        return None
    at = None if source.at is None else source.at.isoformat()
    return {"kind": source.kind, "at": at, "words": source.words or None}


def _offer(found: FoundServer) -> str:
    """A server that is not set up, and how to."""
    server, provider = found.server, found.provider
    has = "wants a key" if server.wants_key else f"has {figures.count(len(server.models), 'model')}"
    return (
        f"{server.title} answers at {server.base_url} and {has}; to use it, write this into config.toml:\n"
        f'  [providers.{provider.name}]\n  kind = "{provider.kind}"\n  base_url = "{provider.base_url}"'
    )


def _list_json(listed: ProviderModels) -> dict[str, Any]:
    return {
        "provider": listed.provider,
        "reachable": listed.reachable,
        "error": listed.error,
        "source": listed.source,
        "as_of": None if listed.as_of is None else stamp(listed.as_of),
        "models": [
            {
                "ref": profile.ref,
                "context": profile.context_tokens,
                "price": _price_json(profile.price),
                "price_source": _source_json(profile.price_source),
                "tools": profile.tools,
                "reasoning": profile.reasoning,
                "json_schema": profile.json_schema,
                "left_out": [
                    {"what": one.what, "since": stamp(one.since), "said": one.said}
                    for one in profile.left_out
                ],
            }
            for profile in listed.models
        ],
    }


def _price_json(price: Price | None) -> dict[str, float | None] | None:
    """US dollars per million tokens; what has no price of its own is null, and a price nobody knows too."""
    if price is None:
        return None
    told = {name: getattr(price, name) for name in _PRICES}
    return {name: None if value is None else float(value) for name, value in told.items()}
