"""Events and texts as rows, and back. How an event looks as JSON is ``domain/wire.py``.

Text that is no valid Unicode is repaired here, at the border: nothing a model sends can keep an event from
being stored.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from cort_desktop.domain.events import Event
from cort_desktop.domain.ids import RunId
from cort_desktop.domain.texts import clean
from cort_desktop.domain.wire import WireError, dumps, event_from_json, event_to_json
from cort_desktop.errors import StorageError

EventRow = tuple[str, int, str, str, str]
"""(run, seq, at, type, body), body being the rest of the event's JSON."""


def event_row(event: Event) -> EventRow:
    """The row of a stored event. Raises StorageError when it holds what JSON can't."""
    try:
        data = event_to_json(event)
        run, seq, at, kind = (data.pop(key) for key in ("run", "seq", "at", "type"))
        return clean(run), seq, at, clean(kind), clean(dumps(data))
    except (TypeError, ValueError, RecursionError) as error:
        raise StorageError(
            f"Event {event.seq} ({event.type}) of run {event.run} can't be stored ({error}). Report this."
        ) from error


def event_of(run: RunId, row: Sequence[Any]) -> Event:
    """The event in a row (seq, at, type, body). Raises StorageError when the row can't be read."""
    seq, at, kind, body = row
    try:
        return event_from_json({**json.loads(body), "run": run, "seq": seq, "at": at, "type": kind})
    except (WireError, ValueError, TypeError, RecursionError) as error:
        raise StorageError(
            f"Event {seq} of run {run} can't be read ({error}). The rest of the library is not affected."
        ) from error
