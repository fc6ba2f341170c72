"""The recorded runs that come with the program: real ones, as ``ask … --events`` printed them.

A recording is a file of events, one JSON object a line, in ``resources/demos``; the README there tells how
one is made. What is said of it is here, or read off its own events, so that nothing is claimed that didn't
happen. Playing is ``recording.py``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.wire import WireError, event_from_json
from cort_desktop.errors import StorageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """A recording. ``name`` is its file's, without the ending; ``events`` are those of one whole run."""

    name: str
    title: str
    words: str
    events: tuple[ev.Event, ...]

    @property
    def started(self) -> ev.RunStarted:
        """How the run began: its question, strategy and models."""
        return cast("ev.RunStarted", self.events[0].body)

    @property
    def finished(self) -> ev.RunFinished:
        """How it came out."""
        return cast("ev.RunFinished", self.events[-1].body)

    @property
    def recorded(self) -> datetime:
        """When it was recorded, in UTC."""
        return self.events[0].at

    @property
    def model(self) -> ModelRef:
        """Which model wrote the answers."""
        return self.started.spec.lineup["proposer"][0]


def read_demos(folder: Path, names: Sequence[str] = ()) -> tuple[Demo, ...]:
    """The recordings of ``resources/demos`` in the order they are offered; with names only those.

    Blocks. Raises StorageError for one that is not there or is no whole run.
    """
    return tuple(
        Demo(
            name=name,
            title=QCoreApplication.translate("Demos", title),
            words=QCoreApplication.translate("Demos", words),
            events=read_events(folder / f"{name}.jsonl"),
        )
        for name, title, words in SHELF
        if not names or name in names
    )


def read_events(file: Path) -> tuple[ev.Event, ...]:
    """The events of a recorded run. Raises StorageError when it can't be read or is no whole run."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
        events = tuple(_event(line) for line in lines if line.strip())
    except (OSError, ValueError, WireError) as error:
        raise StorageError(_broken(file)) from error
    is_whole = events and isinstance(events[0].body, ev.RunStarted)
    if not is_whole or not isinstance(events[-1].body, ev.RunFinished):
        raise StorageError(_broken(file))
    return events


def _event(line: str) -> ev.Event:
    data = json.loads(line)
    if not isinstance(data, dict):
        raise WireError("an event is an object")
    return event_from_json(data)


def _broken(file: Path) -> str:
    words = QCoreApplication.translate(
        "Demos", "The recorded run {file} can’t be read. Installing CoRT Desktop again brings it back."
    )
    return words.format(file=file.name)


SHELF: tuple[tuple[str, Any, Any], ...] = (
    (
        "bread",
        QT_TRANSLATE_NOOP("Demos", "Three answers, three judges"),
        QT_TRANSLATE_NOOP(
            "Demos",
            "“What makes bread rise?” Three answers are written side by side. Then each of three judges "
            "reads them in another order and ranks them, without knowing who wrote what.",
        ),
    ),
    (
        "sum",
        QT_TRANSLATE_NOOP("Demos", "A vote"),
        QT_TRANSLATE_NOOP(
            "Demos",
            "“What is 2 + 3?” The question is asked several times, and the answers are counted. A slip "
            "doesn’t matter where most agree, and asking stops as soon as the outcome is clear.",
        ),
    ),
)
"""File, title and a word about it, in the order they are offered."""
