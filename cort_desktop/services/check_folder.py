"""Where checks are kept, one file each: the newest of each model, and the place of the next one.

A check is a bench with a fixed setup; what it asks and how it is worked on is ``bench.py``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cort_desktop.domain.bench import Recorded, Setup
from cort_desktop.domain.ids import ModelRef
from cort_desktop.errors import StorageError, UsageError
from cort_desktop.storage.bench_file import JOURNAL_END, read_result

_MOST = 999
"""Of one model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A check there is of a model; ``recorded`` as far as it came."""

    path: Path
    recorded: Recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckFolder:
    """The checks in ``path``. Its methods block."""

    path: Path

    def newest(self) -> tuple[Checked, ...]:
        """The newest check of each model, those begun last first. What can't be read is left out."""
        newest: dict[ModelRef, Checked] = {}
        for path in sorted({_result_of(each) for each in self.path.glob("check-*.json*")}):
            try:
                found = read_result(path)
            except StorageError:
                continue
            if found is None or not found.trials:
                continue
            model, other = found.setup.model, newest.get(found.setup.model)
            if other is None or other.recorded.origin.started <= found.origin.started:
                newest[model] = Checked(path=path, recorded=found)
        return tuple(sorted(newest.values(), key=lambda each: each.recorded.origin.started, reverse=True))

    def place(self, setup: Setup, versions: Mapping[str, str]) -> Path:
        """Where a check is written: on with one of the same ``versions`` that was cut short, else a new file.

        Raises UsageError when there are too many.
        """
        name = f"check-{_file_name(setup.model)}"
        paths = [self.path / f"{name}-{number}.json" for number in range(1, _MOST + 1)]
        for path in paths:
            try:
                found = read_result(path)
            except StorageError:
                continue  # it stays where it is, for whoever wants to look at it
            if found is None:
                return path
            if not found.is_closed and found.setup == setup and found.origin.versions == versions:
                return path
        raise UsageError(f"There are {_MOST} checks of {setup.model} in {self.path}; delete some.")

    def is_begun(self, setup: Setup, versions: Mapping[str, str]) -> bool:
        """Whether a check of that setup was cut short and would go on."""
        path = self.place(setup, versions)
        return path.with_name(path.name + JOURNAL_END).exists()


def _file_name(model: ModelRef) -> str:
    plain = re.sub(r"[^a-z0-9.-]+", "-", model.casefold()).strip("-.")[:60]
    return f"{plain}-{hashlib.sha256(model.encode()).hexdigest()[:8]}"


def _result_of(path: Path) -> Path:
    return path.with_name(path.name.removesuffix(".lock").removesuffix(JOURNAL_END))
