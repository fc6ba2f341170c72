"""What OpenRouter tells of the key it is asked with: that it is valid, and what may still be spent with it.

Its list of models is open to everybody, so only this tells a good key from a bad one.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from cort_desktop.providers.lookup import Lookup

_PATH = "/key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """US dollars of one key; None where the service does not tell, or has no limit."""

    used_usd: Decimal | None = None
    limit_usd: Decimal | None = None
    left_usd: Decimal | None = None
    is_free_tier: bool = False


async def read_account(service: Lookup) -> Account:
    """The account behind a service's key. Raises ProviderError, of kind ``auth`` for a bad key."""
    told = await service.get(_PATH)
    data = told.get("data") if isinstance(told, dict) else None
    if not isinstance(data, dict):
        faults = await service.faults(_PATH)
        raise faults.of_kind("not_an_api", "did not tell about its key.")
    return Account(
        used_usd=_dollars(data.get("usage")),
        limit_usd=_dollars(data.get("limit")),
        left_usd=_dollars(data.get("limit_remaining")),
        is_free_tier=data.get("is_free_tier") is True,
    )


def _dollars(told: Any) -> Decimal | None:
    if not isinstance(told, str | int | float) or isinstance(told, bool):
        return None
    try:
        amount = Decimal(str(told))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None
