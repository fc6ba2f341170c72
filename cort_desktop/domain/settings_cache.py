"""The table [cache]: whether answers are kept to be used again, how many of them, how long, and whose."""

from __future__ import annotations

from cort_desktop.domain.settings import (
    LONGEST_KEPT_DAYS,
    MOST_CACHE_MEGABYTES,
    STAGES,
    CacheSettings,
    Stage,
    closest,
    shown,
)
from cort_desktop.domain.settings_values import Table

_CACHE = ("enabled", "megabytes", "days", "stages")


def read_cache(table: Table) -> CacheSettings:
    """[cache]: what is wrong is noted, and its default holds."""
    for name in table:
        if name not in _CACHE:
            near = closest(name, _CACHE)
            table.notes.doubtful((*table.path, name), f"is not known and has no effect{near}")
    plain = CacheSettings()
    return CacheSettings(
        enabled=_truth(table, "enabled", default=plain.enabled),
        megabytes=table.whole("megabytes", 1, MOST_CACHE_MEGABYTES) or plain.megabytes,
        days=table.whole("days", 1, LONGEST_KEPT_DAYS) or plain.days,
        stages=_stages(table),
    )


def _truth(table: Table, name: str, *, default: bool) -> bool:
    said = table.truth(name)
    return default if said is None else said


def _stages(table: Table) -> tuple[Stage, ...]:
    """Of an empty list nothing is kept; that is a choice."""
    written = table.texts("stages")
    unknown = [word for word in written if word not in STAGES]
    for word in unknown:
        near = closest(word, STAGES)
        table.wrong("stages", f"names {shown(word)}, which is unknown{near}; known are {', '.join(STAGES)}")
    is_usable = "stages" in table and not unknown and (bool(written) or table.raw("stages") == [])
    return tuple(stage for stage in STAGES if stage in written) if is_usable else STAGES
