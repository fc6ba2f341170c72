"""What services told of their models, remembered between starts: price, context, what a model takes.

A run is planned without asking anybody first, so what a list of models told once is kept: by origin, in one
small file of the cache folder, for a month. Of servers on this computer it is kept for this process alone:
another start of theirs may mean other models. The file is only a shortcut; one that can't be read is as none.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from cort_desktop.domain.budget import Price
from cort_desktop.domain.ids import ModelRef, model_of
from cort_desktop.domain.models import ModelProfile

FILE = "told-models.json"
KEPT = timedelta(days=30)
_LONGEST_BYTES = 8 * 1024 * 1024
_PRICES = ("input", "output", "cached_input", "cache_write", "reasoning")
_Told = dict[str, dict[str, Any]]


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
        return _profile(ref, told)

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
            for origin, entry in _read(self._path).items():
                match entry:
                    case {"at": str(at), "models": dict(models)}:
                        self._told[origin] = {str(k): v for k, v in models.items() if isinstance(v, dict)}
                        self._since[origin] = at
        return self._told

    def _write(self) -> None:
        kept = {
            origin: {"at": self._since[origin], "models": told}
            for origin, told in self._known().items()
            if origin not in self._passing
        }
        with suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=self._path.parent, prefix=FILE)
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                    json.dump(kept, file, separators=(",", ":"))
                Path(name).replace(self._path)
            except OSError:
                Path(name).unlink()
                raise


def _read(path: Path) -> Mapping[str, Any]:
    try:
        if path.stat().st_size > _LONGEST_BYTES:
            return {}
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


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
        "max_tokens": profile.default_max_tokens,
    }


def _profile(ref: ModelRef, told: Mapping[str, Any]) -> ModelProfile:
    plain = ModelProfile(ref=ref)
    return ModelProfile(
        ref=ref,
        context_tokens=_whole(told.get("context")),
        price=_price(told.get("price")),
        json_schema=told.get("json_schema") is not False,
        seed=told.get("seed") is not False,
        default_max_tokens=_whole(told.get("max_tokens")) or plain.default_max_tokens,
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


def _whole(told: Any) -> int | None:
    return told if isinstance(told, int) and not isinstance(told, bool) and told > 0 else None
