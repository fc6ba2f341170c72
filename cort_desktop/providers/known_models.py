"""All that is known of a model before it is asked: what its service told, its family, what was refused.

In this order, the later on top of the earlier. Not here: asking a service for its list (``catalog``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from cort_desktop.domain.budget import PriceSource
from cort_desktop.domain.ids import ModelRef, model_of
from cort_desktop.domain.models import LeftOut, ModelProfile
from cort_desktop.providers.families import Families
from cort_desktop.providers.price_table import PriceTable
from cort_desktop.providers.refusals import Refusals
from cort_desktop.providers.told_models import ToldList, ToldModels


class KnownModels:
    """What is known, by the origin of a service. Its methods block for milliseconds at most."""

    def __init__(
        self,
        *,
        told: ToldModels,
        families: Families,
        refusals: Refusals,
        prices: PriceTable | None = None,
    ) -> None:
        self._prices = prices
        self._told = told
        self._families = families
        self._refusals = refusals

    def profile(self, origin: str, ref: ModelRef, now: datetime) -> ModelProfile | None:
        """What is known of a model; None when that is nothing at all."""
        told = self._told.profile(origin, ref, now)
        plain = told or ModelProfile(ref=ref)
        known = self._completed(origin, plain, now)
        return known if told is not None or known != plain else None

    def remember(
        self, origin: str, profiles: Iterable[ModelProfile], now: datetime, *, passing: bool
    ) -> tuple[ModelProfile, ...]:
        """Keep a list as a service told it; the same models with all that is known of them."""
        found = tuple(profiles)
        self._told.remember(origin, found, now, passing=passing)
        told = (_told_now(profile, now) for profile in found)
        return tuple(self._completed(origin, profile, now) for profile in told)

    def listed(self, origin: str, provider: str, now: datetime) -> ToldList | None:
        """The last list of a service, with all that is known of its models; None without one."""
        told = self._told.listed(origin, provider)
        if told is None:
            return None
        return replace(told, models=tuple(self._completed(origin, each, now) for each in told.models))

    def learn(self, origin: str, ref: ModelRef, refused: LeftOut, *, passing: bool) -> None:
        """Remember that a service does not take something for a model. ``passing``: for this process."""
        self._refusals.learn(origin, model_of(ref), refused, passing=passing)

    def report(self, now: datetime) -> dict[str, Any]:
        """The date of the table of families, and what is left out of requests to which model, in words."""
        return {
            "families_dated": self._families.dated.isoformat(),
            "prices_dated": None if self._prices is None else self._prices.dated.isoformat(),
            "left_out": self._left_out(now),
        }

    def _left_out(self, now: datetime) -> dict[str, list[str]]:
        return {
            f"{origin} {model}": [
                f"takes no {each.what}; left out since {each.since:%Y-%m-%d}"
                + (f" (it said: “{each.said}”)" if each.said else "")
                for each in told
            ]
            for (origin, model), told in self._refusals.all(now).items()
        }

    def _completed(self, origin: str, profile: ModelProfile, now: datetime) -> ModelProfile:
        known = self._families.completed(origin, profile)
        if self._prices is not None:
            known = self._prices.completed(origin, known)
        return known.without(self._refusals.of(origin, model_of(profile.ref), now))


def _told_now(profile: ModelProfile, now: datetime) -> ModelProfile:
    if profile.price is None:
        return profile
    return replace(profile, price_source=PriceSource(kind="service", at=now.date()))
