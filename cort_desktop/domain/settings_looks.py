"""The tables that only a window reads: [appearance] and [shortcuts].

Which actions there are is the window's to know: it names ids that mean nothing, and keys that two actions
share. Here only the shape is checked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast

from cort_desktop.domain.settings import (
    LARGEST_TEXT,
    SMALLEST_TEXT,
    THEMES,
    Appearance,
    Theme,
    closest,
    shown,
)
from cort_desktop.domain.settings_values import Table

_APPEARANCE = ("theme", "text_size", "reduce_motion")
_ACTION = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)+")
_KEYS = re.compile(r"[ -~]{1,40}")
MOST_KEYS = 4
_DEEPEST = 4


def read_appearance(table: Table) -> Appearance:
    """[appearance]: what is wrong is noted, and its default holds."""
    for name in table:
        if name not in _APPEARANCE:
            near = closest(name, _APPEARANCE)
            table.notes.doubtful((*table.path, name), f"is not known and has no effect{near}")
    plain = Appearance()
    return Appearance(
        theme=cast("Theme", table.word("theme", THEMES) or plain.theme),
        text_size=table.whole("text_size", SMALLEST_TEXT, LARGEST_TEXT) or plain.text_size,
        reduce_motion=_motion(table),
    )


def read_shortcuts(table: Table) -> dict[str, tuple[str, ...]]:
    """[shortcuts]: action id = "Ctrl+K", a list of such, or "" for none.

    An id has points in it, which TOML reads as tables in tables unless it stands in quotes; both are meant.
    """
    found: dict[str, tuple[str, ...]] = {}
    for name in table:
        if isinstance(table.raw(name), Mapping) and len(table.path) <= _DEEPEST:
            inner = read_shortcuts(table.table(name))
            found |= {f"{name}.{rest}": keys for rest, keys in inner.items()}
            continue
        keys = _keys(table, name)
        if keys is not None:
            found[name] = keys
    return found


def _keys(table: Table, name: str) -> tuple[str, ...] | None:
    if not _ACTION.fullmatch(".".join((*table.path[1:], name))):
        table.wrong(name, 'is no id of an action; those look like "chat.send"')
        return None
    written = table.raw(name)
    items = [written] if isinstance(written, str) else written
    if items == [""]:
        return ()
    good = isinstance(items, list) and len(items) <= MOST_KEYS
    if not good or not all(isinstance(item, str) and _KEYS.fullmatch(item) for item in items):
        said = shown(written) if isinstance(written, str) else "that"
        table.wrong(
            name, f'must be keys like "Ctrl+K", at most {MOST_KEYS} of them, or "" for none, not {said}'
        )
        return None
    return tuple(dict.fromkeys(items))


def _motion(table: Table) -> bool | None:
    value = table.raw("reduce_motion")
    if value is None or isinstance(value, bool):
        return value
    if value != "system":
        table.wrong("reduce_motion", 'must be true, false or "system"')
    return None
