"""A bench's setup written down before it is run: a JSON file that people read and that decides all of it.

Its SHA-256 goes into the result, so that anybody can see that it was not changed afterwards.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cort_desktop.domain.bench import MOST_ITEMS, Setup, contender, task_spec
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.settings import closest, shown
from cort_desktop.errors import UsageError

_NAMES = ("words", "tasks", "items", "strategies", "model", "judge_models", "seed")
_KNOWN = (*_NAMES, "budget_tokens", "max_tokens", "controls")
_NEEDED = ("tasks", "items", "strategies")


def read_registered(path: Path, model: ModelRef) -> tuple[Setup, str]:
    """The setup in ``path`` and the file's SHA-256; ``model`` where it names none. Blocks.

    Raises UsageError with what is wrong with it.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror or error}.") from error
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} isn't JSON: {error}.") from error
    if not isinstance(found, dict):
        raise UsageError(f"{path} has no setup: an object with {', '.join(_NEEDED)} is expected.")
    for name in found:
        if name not in _KNOWN:
            raise UsageError(f"{path}: {shown(name)} is not known{closest(name, _KNOWN)}.")
    missing = [name for name in _NEEDED if name not in found]
    if missing:
        raise UsageError(f"{path} lacks {', '.join(missing)}.")
    return _setup(path, found, model), hashlib.sha256(data).hexdigest()


def _setup(path: Path, found: Mapping[str, Any], model: ModelRef) -> Setup:
    def texts(name: str) -> tuple[str, ...]:
        value = found.get(name, [])
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise UsageError(f"{path}: {name} is a list of texts.")
        return tuple(value)

    def whole(name: str, low: int, high: int) -> int | None:
        value = found.get(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise UsageError(f"{path}: {name} is a whole number from {low} to {high}.")
        return value

    named, controls = found.get("model", model), found.get("controls", True)
    if not isinstance(named, str) or not isinstance(controls, bool):
        raise UsageError(f"{path}: model is a text, and controls is true or false.")
    if not texts("tasks") or not texts("strategies"):
        raise UsageError(f"{path} names no tasks or no strategies.")
    return Setup(
        tasks=tuple(task_spec(text) for text in texts("tasks")),
        items=whole("items", 1, MOST_ITEMS) or 1,
        contenders=tuple(contender(text) for text in texts("strategies")),
        model=ModelRef(named),
        judge_models=tuple(ModelRef(ref) for ref in texts("judge_models")),
        seed=whole("seed", 0, 2**31 - 1) or 0,
        budget_tokens=whole("budget_tokens", 1, 10**9),
        max_tokens=whole("max_tokens", 1, 10**6),
        controls=controls,
        words=str(found.get("words", "")),
    )
