"""What services turned out not to take, remembered between starts: by origin and model, for a month.

Each refusal costs a request; without this the first question of every start would pay for the same lessons
anew. Kept in one small file of the cache folder, which is only a shortcut: one that can't be read is as none.
Of servers on this computer it is kept for this process alone, for another start of theirs may mean other
models. Not here: what a refusal means (``parameters``, ``domain.models``).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cort_desktop.domain.models import LeftOut
from cort_desktop.providers.small_file import read_small, write_small

FILE = "refused-parameters.json"
KEPT = timedelta(days=30)
MOST_MODELS = 2_000
_Place = tuple[str, str]


class Refusals:
    """Remembers what was left out, by origin and model. Its methods block for milliseconds at most."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._known: dict[_Place, tuple[LeftOut, ...]] | None = None
        self._passing: set[str] = set()

    def of(self, origin: str, model: str, now: datetime) -> tuple[LeftOut, ...]:
        """What a service is known not to take for a model, the first lesson first."""
        known = self._all().get((origin, model), ())
        return tuple(each for each in known if _is_fresh(each, now))

    def all(self, now: datetime) -> dict[_Place, tuple[LeftOut, ...]]:
        """Everything that is known, by origin and model."""
        return {place: told for place in self._all() if (told := self.of(*place, now))}

    def learn(self, origin: str, model: str, refused: LeftOut, *, passing: bool) -> None:
        """Remember one refusal, in place of an older one of the same thing. ``passing``: for this process."""
        known = self._all()
        others = tuple(each for each in known.pop((origin, model), ()) if each.what != refused.what)
        known[origin, model] = (*others, refused)
        while len(known) > MOST_MODELS:
            del known[next(iter(known))]
        (self._passing.add if passing else self._passing.discard)(origin)
        if not passing:
            self._write(refused.since)

    def _all(self) -> dict[_Place, tuple[LeftOut, ...]]:
        if self._known is None:
            self._known = {}
            for row in _rows(read_small(self._path)):
                match row:
                    case {"origin": str(origin), "model": str(model), "refused": list(told)}:
                        self._known[origin, model] = tuple(each for one in told if (each := _left_out(one)))
        return self._known

    def _write(self, now: datetime) -> None:
        rows = [
            {"origin": origin, "model": model, "refused": [_row(each) for each in told]}
            for (origin, model), told in self.all(now).items()
            if origin not in self._passing
        ]
        write_small(self._path, {"rows": rows})


def _rows(told: Mapping[str, Any]) -> list[Any]:
    rows = told.get("rows")
    return rows if isinstance(rows, list) else []


def _row(refused: LeftOut) -> dict[str, str]:
    return {"what": refused.what, "since": refused.since.isoformat(), "said": refused.said}


def _left_out(told: Any) -> LeftOut | None:
    match told:
        case {"what": str(what), "since": str(since), "said": str(said)}:
            try:
                at = datetime.fromisoformat(since)
            except ValueError:
                return None
            return LeftOut(what=what, since=at, said=said) if at.tzinfo is not None else None
    return None


def _is_fresh(refused: LeftOut, now: datetime) -> bool:
    return abs(now - refused.since) <= KEPT
