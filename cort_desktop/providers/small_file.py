"""A small JSON file of the cache folder: read as a table or as nothing, written whole or not at all.

Such a file is only a shortcut, so nothing here fails: what can't be read is empty, what can't be written is
found out anew. Not here: what is in it (``told_models``, ``refusals``).
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

_LONGEST_BYTES = 8 * 1024 * 1024


def read_small(path: Path) -> Mapping[str, Any]:
    """The table in a file; empty when there is none that can be read. Blocks for milliseconds."""
    try:
        if path.stat().st_size > _LONGEST_BYTES:
            return {}
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def write_small(path: Path, table: Mapping[str, Any]) -> None:
    """Put a table in place of the file, which only its owner may read."""
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(table, file, separators=(",", ":"))
            Path(name).replace(path)
        except OSError:
            Path(name).unlink()
            raise
