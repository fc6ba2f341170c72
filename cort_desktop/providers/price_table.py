"""Prices that a service states on its pages and not in its list of models: ``resources/prices.toml``.

Small and dated on purpose. What the service tells itself (``catalog``) and a person's own prices beat it; a
model that is not in it has no known price. Prices are written as texts, for a number with a point is no exact
amount.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from cort_desktop.domain.budget import Price, PriceSource
from cort_desktop.domain.ids import model_of
from cort_desktop.domain.models import ModelProfile

_PRICES = ("input", "output", "cached_input", "cache_write", "reasoning")


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRow:
    """A price of some models at one origin, and the page that states it."""

    origin: str
    models: tuple[str, ...]
    price: Price
    source: str

    def has(self, origin: str, model: str) -> bool:
        """Whether it is this model's."""
        return self.origin == origin and any(fnmatchcase(model.lower(), pattern) for pattern in self.models)


class PriceTable:
    """The table, read when it is first needed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_once: tuple[date, tuple[PriceRow, ...]] | None = None

    @property
    def dated(self) -> date:
        """The day on which the services' pages were read."""
        return self._read()[0]

    @property
    def rows(self) -> tuple[PriceRow, ...]:
        """All of it."""
        return self._read()[1]

    def completed(self, origin: str, profile: ModelProfile) -> ModelProfile:
        """``profile`` with its price, when nobody told one. Blocks for moments."""
        if profile.price is not None:
            return profile
        model = model_of(profile.ref)
        row = next((each for each in self.rows if each.has(origin, model)), None)
        if row is None:
            return profile
        source = PriceSource(kind="table", at=self.dated, words=row.source)
        return replace(profile, price=row.price, price_source=source)

    def _read(self) -> tuple[date, tuple[PriceRow, ...]]:
        if self._read_once is None:
            table = tomllib.loads(self._path.read_text(encoding="utf-8"))
            self._read_once = table["dated"], tuple(_row(row) for row in table["prices"])
        return self._read_once


def _row(row: Mapping[str, Any]) -> PriceRow:
    price = Price(**{name: Decimal(row[name]) for name in _PRICES if name in row})
    return PriceRow(origin=row["origin"], models=tuple(row["models"]), price=price, source=row["source"])
