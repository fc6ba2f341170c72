"""What is known of the families of models of well-known services, where the service itself does not tell.

OpenAI's list has names and nothing else, yet its reasoning models refuse a temperature and want room for
thoughts. The table is ``resources/families.toml``, with its date; a model it has wrong is mended by the first
refusal. Not here: what services tell (``catalog``), refusals (``refusals``).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from cort_desktop.domain.ids import model_of
from cort_desktop.domain.models import ModelProfile

ANY_ORIGIN = "*"
_TOLD_FIRST = ("context_tokens", "most_output_tokens", "tools", "reasoning", "efforts")
"""Facts that a service may have told: those are not written over. The rest has no word for "not told"."""
_FACTS = (*_TOLD_FIRST, "json_schema", "seed", "temperature", "system_role")


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Models by patterns of their names at one origin. ``facts`` are fields of a profile."""

    origin: str
    models: tuple[str, ...]
    facts: Mapping[str, Any]

    def has(self, origin: str, model: str) -> bool:
        """Whether a model belongs to it."""
        at_home = self.origin in (ANY_ORIGIN, origin)
        return at_home and any(fnmatchcase(model.lower(), pattern) for pattern in self.models)


class Families:
    """The table, read when it is first needed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_once: tuple[date, tuple[Family, ...]] | None = None

    @property
    def dated(self) -> date:
        """When the table was last compared with the services' documentation."""
        return self._read()[0]

    def completed(self, origin: str, profile: ModelProfile) -> ModelProfile:
        """``profile`` with what is known of its family; the same one when nothing is. Blocks for moments."""
        model = model_of(profile.ref)
        family = next((each for each in self._read()[1] if each.has(origin, model)), None)
        if family is None:
            return profile
        facts = {name: value for name, value in family.facts.items() if not _is_told(profile, name)}
        return replace(profile, **facts)

    def _read(self) -> tuple[date, tuple[Family, ...]]:
        if self._read_once is None:
            table = tomllib.loads(self._path.read_text(encoding="utf-8"))
            self._read_once = table["dated"], tuple(_family(row) for row in table["families"])
        return self._read_once


def _family(row: Mapping[str, Any]) -> Family:
    facts = {name: row[name] for name in _FACTS if name in row}
    if "efforts" in facts:
        facts["efforts"] = tuple(facts["efforts"])
    return Family(origin=row["origin"], models=tuple(row["models"]), facts=facts)


def _is_told(profile: ModelProfile, name: str) -> bool:
    return name in _TOLD_FIRST and getattr(profile, name) not in (None, ())
