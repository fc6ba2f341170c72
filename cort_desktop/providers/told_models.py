"""What services told of their models, remembered between starts: price, context, what a model takes.

A run is planned without asking anybody first, so what a list of models told once is kept: by origin, in one
small file of the cache folder, for a month. Of servers on this computer it is kept for this process alone:
another start of theirs may mean other models. The file is only a shortcut; one that can't be read is as none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import islice
from pathlib import Path
from typing import Any

from cort_desktop.domain.budget import Price, PriceSource
from cort_desktop.domain.ids import ModelRef, model_of
from cort_desktop.domain.models import EFFORTS, ModelProfile
from cort_desktop.providers.small_file import read_small, write_small

FILE = "told-models.json"
KEPT = timedelta(days=30)
_MOST_KEPT = 4_000
"""Of one service between starts: ten times what the largest have, and the file stays one that is read."""
_PRICES = ("input", "output", "cached_input", "cache_write", "reasoning")
_Told = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldList:
    """What a service told, and when."""

    models: tuple[ModelProfile, ...]
    at: datetime


class ToldModels:
    """Remembers profiles by the origin that told them. Its methods block for milliseconds at most."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._told: dict[str, _Told] | None = None
        self._since: dict[str, str] = {}
        self._passing: set[str] = set()

    def profile(self, origin: str, ref: ModelRef, now: datetime) -> ModelProfile | None:
        """What the service at ``origin`` told of a model, when that is not too long ago."""
        told = self._known().get(origin, {}).get(model_of(ref))
        if told is None or not _is_fresh(self._since.get(origin, ""), now):
            return None
        return _dated(_profile(ref, told), datetime.fromisoformat(self._since[origin]))

    def listed(self, origin: str, provider: str) -> ToldList | None:
        """The last list of the service at ``origin``, however old; None when there is none."""
        told = self._known().get(origin)
        try:
            at = datetime.fromisoformat(self._since.get(origin, ""))
        except ValueError:
            return None
        if told is None or at.tzinfo is None:
            return None
        models = (_profile(ModelRef(f"{provider}/{name}"), row) for name, row in told.items())
        return ToldList(models=tuple(_dated(each, at) for each in models), at=at)

    def remember(
        self, origin: str, profiles: Iterable[ModelProfile], now: datetime, *, passing: bool
    ) -> bool:
        """Keep a whole list in place of the last one; whether it differs. ``passing``: for this process."""
        told = {model_of(profile.ref): _row(profile) for profile in profiles}
        known = self._known()
        changed = known.get(origin) != told
        known[origin] = told
        self._since[origin] = now.isoformat()
        (self._passing.add if passing else self._passing.discard)(origin)
        if not passing:
            self._write()
        return changed

    def _known(self) -> dict[str, _Told]:
        if self._told is None:
            self._told = {}
            for origin, entry in read_small(self._path).items():
                match entry:
                    case {"at": str(at), "models": dict(models)}:
                        self._told[origin] = {str(k): v for k, v in models.items() if isinstance(v, dict)}
                        self._since[origin] = at
        return self._told

    def _write(self) -> None:
        kept = {
            origin: {"at": self._since[origin], "models": dict(islice(told.items(), _MOST_KEPT))}
            for origin, told in self._known().items()
            if origin not in self._passing
        }
        write_small(self._path, kept)


def _dated(profile: ModelProfile, at: datetime) -> ModelProfile:
    """Says of a price who told it, and when."""
    if profile.price is None:
        return profile
    return replace(profile, price_source=PriceSource(kind="service", at=at.date()))


def _is_fresh(at: str, now: datetime) -> bool:
    try:
        return abs(now - datetime.fromisoformat(at)) <= KEPT
    except (ValueError, TypeError):
        return False


def _row(profile: ModelProfile) -> dict[str, Any]:
    price = profile.price
    return {
        "context": profile.context_tokens,
        "price": None if price is None else {n: _text(getattr(price, n)) for n in _PRICES},
        "json_schema": profile.json_schema,
        "seed": profile.seed,
        "temperature": profile.temperature,
        "max_tokens": profile.default_max_tokens,
        "most_output": profile.most_output_tokens,
        "tools": profile.tools,
        "reasoning": profile.reasoning,
        "efforts": list(profile.efforts),
    }


def _profile(ref: ModelRef, told: Mapping[str, Any]) -> ModelProfile:
    plain = ModelProfile(ref=ref)
    return ModelProfile(
        ref=ref,
        context_tokens=_whole(told.get("context")),
        price=_price(told.get("price")),
        json_schema=told.get("json_schema") is not False,
        seed=told.get("seed") is not False,
        temperature=told.get("temperature") is not False,
        default_max_tokens=_whole(told.get("max_tokens")) or plain.default_max_tokens,
        most_output_tokens=_whole(told.get("most_output")),
        tools=_truth(told.get("tools")),
        reasoning=_truth(told.get("reasoning")),
        efforts=tuple(each for each in EFFORTS if each in _list(told.get("efforts"))),
    )


def _price(told: Any) -> Price | None:
    if not isinstance(told, dict):
        return None
    numbers = {name: _decimal(told.get(name)) for name in _PRICES}
    sent, made = numbers.pop("input"), numbers.pop("output")
    return None if sent is None or made is None else Price(input=sent, output=made, **numbers)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _decimal(told: Any) -> Decimal | None:
    try:
        value = Decimal(told) if isinstance(told, str) else None
    except InvalidOperation:
        return None
    return value if value is not None and value.is_finite() and value >= 0 else None


def _truth(told: Any) -> bool | None:
    return told if isinstance(told, bool) else None


def _list(told: Any) -> list[Any]:
    return told if isinstance(told, list) else []


def _whole(told: Any) -> int | None:
    return told if isinstance(told, int) and not isinstance(told, bool) and told > 0 else None
