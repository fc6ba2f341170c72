"""What is known of a model: its context, its price, what its service takes. Data, not behaviour."""

from __future__ import annotations

from dataclasses import dataclass

from cort_desktop.domain.budget import Price
from cort_desktop.domain.ids import ModelRef


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelProfile:
    """Facts about one model.

    context_tokens: what prompt and answer share; None when the service does not tell.
    price: None when unknown, which is never the same as free.
    concurrency: how many calls at once are useful; for the built-in model the number of its slots.
    json_schema: whether a JSON schema may be asked for. seed: whether a seed is taken.
    default_max_tokens: the longest answer asked for unless a setting says otherwise.
    """

    ref: ModelRef
    context_tokens: int | None = None
    price: Price | None = None
    concurrency: int = 8
    json_schema: bool = True
    seed: bool = True
    default_max_tokens: int = 2048
    local: bool = False
