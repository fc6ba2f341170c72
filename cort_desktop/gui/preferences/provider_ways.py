"""What is written to change how a provider is asked: how hard its models think, where OpenRouter may send it.

Pure: makes changes of settings. One word holds for all models until one of them has a word of its own; then
it is a table, in which "*" is for the rest.
"""

from __future__ import annotations

from typing import Any

from cort_desktop.domain.asking_ways import ROUTING_PRICES, Efforts, Routing
from cort_desktop.domain.models import Effort
from cort_desktop.domain.settings import ProviderSettings

Changes = dict[tuple[str, ...], Any]
_REST = "*"


def effort_changes(provider: ProviderSettings, model: str, effort: Effort | None) -> Changes:
    """How hard ``model`` is to think, by its name there; of all models without one when that is empty."""
    place = ("providers", provider.name, "reasoning")
    now = provider.efforts or Efforts()
    each = {name: word for name, word in now.each if name != model}
    rest = now.all
    if not model:
        rest = effort
    elif effort is not None:
        each[model] = effort
    if not each:
        return {place: rest}
    if now.each:  # it is a table already: what a person wrote beside it stays
        return {(*place, model or _REST): effort}
    return {place: each if rest is None else {_REST: rest, **each}}


def routing_changes(provider: ProviderSettings, **fields: Any) -> Changes:
    """Where OpenRouter may send a request, with ``fields`` of Routing changed; without any, no table."""
    from dataclasses import replace

    place = ("providers", provider.name, "routing")
    changed = replace(provider.routing or Routing(), **fields)
    if not changed.wire():
        return {place: None}
    found: Changes = {}
    for name, value in fields.items():
        if name in _PRICE_KEYS:
            found[*place, "max_price", _PRICE_KEYS[name]] = value
        else:
            found[*place, name] = (list(value) or None) if isinstance(value, tuple) else value
    return found


_PRICE_KEYS = dict(zip(("most_prompt_usd", "most_completion_usd"), ROUTING_PRICES, strict=True))
