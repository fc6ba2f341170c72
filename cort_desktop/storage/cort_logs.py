"""The log of a run in a ``.cort`` file, looked at event by event: decoded as a stored one is, and folded.

Only a log that every reader can fold gets into the library. What belongs to a run besides is
``cort_records.py``.
"""

from __future__ import annotations

from typing import Any, NoReturn

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import RunId
from cort_desktop.domain.run import RunState
from cort_desktop.domain.texts import clean
from cort_desktop.domain.wire import ENVELOPE, dumps
from cort_desktop.errors import StorageError
from cort_desktop.storage.codec import event_of
from cort_desktop.storage.cort_file import HarmedError

LogRow = tuple[int, str, str, str]
"""(seq, at, type, body) of an event, as it is stored."""
_DISORDER = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)
"""What folding events that contradict each other can come to."""
_MOST_DEPTH = 200
"""SQLite reads a thousand."""


class LogReading:
    """A log while it is read. ``run`` and ``turn`` are those of the file."""

    def __init__(self, run: str, turn: str) -> None:
        self._run = run
        self._turn = turn
        self._state = RunState(RunId(run))

    def row_of(self, seq: Any, kind: str, at: str, body: Any) -> LogRow:
        """The row of the next event; what is not known of ``body`` is kept. Raises HarmedError."""
        if seq != self._state.seq + 1 or isinstance(seq, bool) or not isinstance(body, dict):
            _harmed(f"the log of run {self._run} has a gap after event {self._state.seq}")
        if _is_deeper(body, _MOST_DEPTH):
            _harmed(f"event {seq} of run {self._run} is nested too deeply")
        fields = {key: value for key, value in body.items() if key == "v" or key not in ENVELOPE}
        try:
            row = (self._state.seq + 1, at, kind, clean(dumps(fields)))
            event = event_of(RunId(self._run), row)
        except (StorageError, ValueError, RecursionError) as error:
            raise HarmedError(f"event {seq} of run {self._run} can't be read") from error
        self._check(event)
        try:
            self._state.apply(event)
        except _DISORDER as error:
            raise HarmedError(f"event {seq} of run {self._run} contradicts those before it") from error
        return row

    def _check(self, event: ev.Event) -> None:
        """Of this run, and built on what it has."""
        body = event.body
        if isinstance(body, ev.RunStarted) != (event.seq == 1):
            _harmed(f"the log of run {self._run} does not begin with its beginning")
        if isinstance(body, ev.RunStarted) and body.turn != self._turn:
            _harmed(f"the log of run {self._run} is of another turn")
        if isinstance(body, ev.NodeDelta):
            _harmed(f"event {event.seq} of run {self._run} is none that is stored")
        if isinstance(body, ev.NodeStarted):
            built_on = {*body.parents, *body.saw}
            if body.node in built_on or not self._state.nodes.keys() >= built_on:
                _harmed(f"event {event.seq} of run {self._run} is built on what never began")


def _is_deeper(value: Any, depth: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return not depth or any(_is_deeper(each, depth - 1) for each in inner)


def _harmed(why: str) -> NoReturn:
    raise HarmedError(why)
