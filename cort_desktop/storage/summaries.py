"""What long conversations were summed up to: every call that was to do that, the usable ones as versions.

A summary belongs to a path of turns and to what was said on it (``path``); it is never edited, and one that
no longer fits is simply no longer found. When one is made, and what of: ``services/summaries.py``.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import apsw

from cort_desktop.domain.budget import Reserved, Usage
from cort_desktop.domain.ids import ConversationId, RunId
from cort_desktop.domain.spending import Booking, Spend
from cort_desktop.domain.stamps import parse_stamp, stamp
from cort_desktop.domain.summaries import SummaryCall
from cort_desktop.domain.texts import clean
from cort_desktop.domain.wire import value_from_json, value_to_json
from cort_desktop.storage.database import Database
from cort_desktop.storage.spending import note_bookings

_COLUMNS = (
    "conversation, turn, path, turns, version, text, tokens, model, problem, request, usage, cost_microusd, "
    "seconds, attempts, made"
)
WAIT_FACTOR = 2
"""A model whose summary could not be used is asked again once there are so many times as many turns: one that
is too small for it would else be asked after every answer.
"""


class Summaries:
    """Reads and adds summaries."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(
        self, call: SummaryCall, reserved: Reserved, *, known_microusd: int = 0, unknown: int = 1
    ) -> Future[SummaryCall | None]:
        """Add a call, and book what it spent; the result has its version. None when its turn was deleted for
        good meanwhile: then it is only booked.

        Where its cost isn't known: ``known_microusd`` is what is, and ``reserved`` is booked for each of the
        ``unknown`` requests of which nobody knows it.
        """
        left_open = Spend(
            known_microusd=known_microusd,
            unknown=unknown,
            booked_microusd=known_microusd + unknown * (reserved.cost_microusd or 0),
        )
        calendar = self._database.calendar

        def write(connection: apsw.Connection) -> SummaryCall | None:
            note_bookings(connection, [_booking(connection, call, left_open)], calendar)
            if not connection.execute("SELECT 1 FROM turns WHERE id = ?", (call.turn,)).get:
                return None
            kept = call
            if not call.problem:
                last = connection.execute(
                    "SELECT max(version) FROM summaries WHERE conversation = ?", (call.conversation,)
                ).get
                kept = replace(call, version=1 if last is None else int(str(last)) + 1)
            marks = ", ".join("?" * len(_COLUMNS.split(",")))
            connection.execute(f"INSERT INTO summaries ({_COLUMNS}) VALUES ({marks})", _row(kept))  # noqa: S608
            return kept

        return self._database.write(write)

    def of(self, conversation: ConversationId) -> list[SummaryCall]:
        """All calls of a conversation, in the order they were made. Raises StorageError."""
        return self._read("WHERE conversation = ? ORDER BY number", (conversation,))

    def ready(self, conversation: ConversationId, paths: Sequence[str]) -> SummaryCall | None:
        """The newest usable summary of the longest beginning of a path; ``paths`` names its beginnings, the
        shortest first. None when there is none. Raises StorageError.
        """
        query = (
            "WHERE conversation = ? AND version IS NOT NULL AND path IN (SELECT value FROM json_each(?)) "
            "ORDER BY turns DESC, version DESC LIMIT 1"
        )
        found = self._read(query, (conversation, json.dumps(list(paths))))
        return found[0] if found else None

    def was_answered_in_vain(self, call: SummaryCall) -> bool:
        """Whether asking can be expected to bring nothing that could be used: this very call came back so, or
        whatever this model said since its last good summary of the conversation did, and that is not twice as
        long yet. What never came back may be asked again. Raises StorageError.
        """
        query = "WHERE conversation = ? AND model = ? AND seconds > 0 ORDER BY made, rowid"
        before = self._read(query, (call.conversation, call.model))
        good = max((place for place, one in enumerate(before) if not one.problem), default=-1)
        same = (one.request == call.request and one.path == call.path for one in before if one.problem)
        return any(same) or any(call.turns < WAIT_FACTOR * one.turns for one in before[good + 1 :])

    def _read(self, query: str, values: tuple[str, ...]) -> list[SummaryCall]:
        rows = self._database.read(
            lambda connection: connection.execute(
                f"SELECT {_COLUMNS} FROM summaries {query}",  # noqa: S608  one of the queries above
                values,
            ).fetchall()
        )
        return [_call(row) for row in rows]


def _booking(connection: apsw.Connection, call: SummaryCall, left_open: Spend) -> Booking:
    """All that was spent on the summaries of a conversation stands under one name, which is no run's."""
    name = RunId(f"summaries of {call.conversation}")
    last = connection.execute("SELECT coalesce(max(seq), 0) FROM spending WHERE run = ?", (name,)).get
    cost = call.cost_microusd
    money = left_open if cost is None else Spend(known_microusd=cost, booked_microusd=cost)
    return Booking(
        run=name,
        conversation=call.conversation,
        seq=int(str(last)) + 1,
        at=call.made,
        model=call.model,
        spend=replace(money, calls=call.attempts, usage=call.usage or Usage()),
    )


def _row(call: SummaryCall) -> tuple[Any, ...]:
    return (
        call.conversation,
        call.turn,
        call.path,
        call.turns,
        call.version,
        clean(call.text),
        call.tokens,
        clean(call.model),
        clean(call.problem),
        zlib.compress(clean(call.request).encode()),
        None if call.usage is None else json.dumps(value_to_json(call.usage)),
        call.cost_microusd,
        call.seconds,
        call.attempts,
        stamp(call.made),
    )


def _call(row: Sequence[Any]) -> SummaryCall:
    (
        conversation,
        turn,
        path,
        turns,
        version,
        text,
        tokens,
        model,
        problem,
        request,
        usage,
        cost,
        seconds,
        attempts,
        made,
    ) = row
    return SummaryCall(
        conversation=conversation,
        turn=turn,
        path=path,
        turns=turns,
        version=version,
        text=text,
        tokens=tokens,
        model=model,
        problem=problem,
        request=zlib.decompress(request).decode(),
        usage=None if usage is None else value_from_json(Usage, json.loads(usage)),
        cost_microusd=cost,
        seconds=seconds,
        attempts=attempts,
        made=parse_stamp(made),
    )
