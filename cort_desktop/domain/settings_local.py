"""Settings of what runs on the person's own machine: how long Ollama keeps a model, which files are models.

Not here: the rest of a provider (``settings_reading``).
"""

from __future__ import annotations

import re

from cort_desktop.domain.settings_values import Table

_DURATION = re.compile(r"-?(\d+(\.\d+)?(ms|s|m|h))+|0|-1")
_MOST_SECONDS = 366 * 86_400
_ROOTED = re.compile(r"/|~[/\\]|[A-Za-z]:[/\\]|\\\\")
_ENDING = ".gguf"


def read_keep_alive(table: Table, kind: object) -> str | None:
    """How long Ollama keeps a model loaded after a call: "10m", "24h", 600 (seconds), -1 (for ever), 0.

    None when nothing usable is written.
    """
    written = table.raw("keep_alive")
    if written is None:
        return None
    if kind != "ollama":
        table.notes.doubtful((*table.path, "keep_alive"), "has no effect: only Ollama is told it")
        return None
    if isinstance(written, int) and not isinstance(written, bool) and -1 <= written <= _MOST_SECONDS:
        return f"{written}s" if written > 0 else str(written)
    if isinstance(written, str) and _DURATION.fullmatch(written):
        return written
    table.wrong(
        "keep_alive", 'must be a time, like "10m", "24h", 600 (seconds), -1 (for ever) or 0 (not at all)'
    )
    return None


def read_models(table: Table, kind: object) -> tuple[str, ...]:
    """The models that are named: by their names there, or for the built-in provider by their files."""
    models = table.texts("models")
    if kind != "builtin":
        return models
    for path in models:
        if not path.lower().endswith(_ENDING) or not _ROOTED.match(path):
            table.wrong("models", f'must be whole paths of GGUF files, like "/models/mine{_ENDING}"')
            return ()
    return models
