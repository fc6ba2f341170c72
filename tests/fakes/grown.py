"""Conversations grown from shapes: trees of turns with runs that ended, broke off or were begun only.

``told`` says all that is stored of a conversation without its ids, so that two can be compared.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import apsw
from hypothesis import strategies as st

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Reserved
from cort_desktop.domain.ids import ConversationId, NodeName, RunId, TurnId, blob_of
from cort_desktop.domain.search import Attachment
from tests.fakes.library import DRAFT, Shelf, event, node_finished, run_finished, started

RIVAL = NodeName("R1.A1")
JUDGE = NodeName("R1.J1")
End = Literal["ended", "broken off", "begun"]
ENDS: tuple[End, ...] = ("ended", "ended", "broken off", "begun")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grown:
    """A turn to be: which earlier turn it hangs on (None: the beginning), and how each of its runs ended."""

    parent: int | None
    runs: tuple[End, ...]


@st.composite
def shapes(draw: st.DrawFn) -> list[Grown]:
    """Trees of up to eight turns."""
    size = draw(st.integers(1, 8))
    end = st.sampled_from(ENDS)
    ends = st.lists(end, min_size=1, max_size=3)
    return [
        Grown(parent=draw(st.none() | st.integers(0, place - 1)) if place else None, runs=tuple(draw(ends)))
        for place in range(size)
    ]


def turn_id(conversation: str, place: int) -> TurnId:
    return TurnId(f"{conversation}-t{place}")


def run_id(conversation: str, place: int, nth: int) -> RunId:
    return RunId(f"{conversation}-t{place}-r{nth}")


def grow(books: Shelf, shape: Sequence[Grown], conversation: str = "grown") -> ConversationId:
    """Write down all of ``shape``, as asking would."""
    for place, turn in enumerate(shape):
        for nth, end in enumerate(turn.runs):
            run = run_id(conversation, place, nth)
            books.conversations.start_turn(
                conversation=ConversationId(conversation),
                turn=turn_id(conversation, place),
                run=run,
                question=f"Question {place} of {conversation}?",
                strategy="cort",
                system="Be brief.",
                parent=None if turn.parent is None else turn_id(conversation, turn.parent),
            ).result()
            if end != "begun":
                _think(books, conversation, place, nth, end)
    return ConversationId(conversation)


def _think(books: Shelf, conversation: str, place: int, nth: int, end: End) -> None:
    """Two candidates, of which the second wins."""
    run = run_id(conversation, place, nth)
    files = {blob_of(text): text for text in (f"context {place}", "a file", f"request {place} {nth}")}
    context, file, request = files
    first = replace(
        started(f"Question {place} of {conversation}?"),
        conversation=ConversationId(conversation),
        turn=turn_id(conversation, place),
        context=context,
        attachments=(Attachment(name="notes.txt", blob=file, tokens=2),),
    )
    bodies: list[ev.Body | ev.Unknown] = [
        first,
        _asked(DRAFT, request),
        _asked(RIVAL, request),
        node_finished(DRAFT, f"draft{place}x{nth} words"),
    ]
    if end == "ended":
        bodies += [
            node_finished(RIVAL, f"rival{place}x{nth} words"),
            ev.Unknown(kind="told.later", fields={"conversation": "kept as it is", "n": 1}),
            run_finished(f"rival{place}x{nth} words", RIVAL),
        ]
    books.log.append([event(seq, body, run) for seq, body in enumerate(bodies, 1)], files).result()
    if end == "broken off":
        books.log.partial(run, RIVAL, f"half a rival {place}", "a thought")
        books.database.write(lambda _: None).result()


def _asked(node: NodeName, request: Any) -> ev.NodeStarted:
    return ev.NodeStarted(node=node, role="proposer", round=0, request=request, reserved=Reserved(tokens=9))


def told(books: Shelf, conversation: ConversationId) -> dict[str, Any]:
    """All that is stored of a conversation but its title and its own times; ids are told as places."""
    return books.database.read(lambda connection: _told(connection, conversation))


def _told(connection: apsw.Connection, conversation: ConversationId) -> dict[str, Any]:
    def rows(query: str, *values: str) -> list[Any]:
        return connection.execute(query, values).fetchall()

    turns = rows("SELECT id FROM turns WHERE conversation = ? ORDER BY number", conversation)
    runs = rows("SELECT id FROM runs WHERE conversation = ? ORDER BY turn, number", conversation)
    place: dict[str | None, int | None] = {None: None}
    place |= {turn: nth for nth, (turn,) in enumerate(turns)}
    by_turn = {
        turn: [run for (run,) in rows("SELECT id FROM runs WHERE turn = ? ORDER BY number", turn)]
        for (turn,) in turns
    }
    ordered = [run for (turn,) in turns for run in by_turn[turn]]
    assert sorted(ordered) == sorted(run for (run,) in runs)
    place |= {run: nth for nth, run in enumerate(ordered)}
    ((system, leaf),) = rows("SELECT system, leaf FROM conversations WHERE id = ?", conversation)
    return {
        "system": system,
        "leaf": place[leaf],
        "turns": [
            (place[parent], depth, question, created, place[active], place[chosen])
            for parent, depth, question, created, active, chosen in rows(
                "SELECT parent, depth, question, created, active, chosen FROM turns "
                "WHERE conversation = ? ORDER BY number",
                conversation,
            )
        ],
        "runs": [
            (
                [(place[turn], *rest) for turn, *rest in rows(
                    "SELECT turn, strategy, status, answer_node, answer, started, ended, last_seq "
                    "FROM runs WHERE id = ?",
                    run,
                )],
                [(seq, at, kind, _body(kind, body, conversation, place)) for seq, at, kind, body in rows(
                    "SELECT seq, at, type, body FROM events WHERE run = ? ORDER BY seq", run
                )],
                rows(
                    "SELECT node, text, reasoning FROM partial_texts WHERE run = ? ORDER BY node, piece", run
                ),
                rows("SELECT blob FROM blob_uses WHERE run = ? ORDER BY 1", run),
            )
            for run in ordered
        ],
        "passages": [
            (place[turn], place[run], *rest)
            for turn, run, *rest in rows(
                "SELECT turn, run, node, seq, part, at FROM passages "
                "WHERE conversation = ? AND part != 'title' ORDER BY number",
                conversation,
            )
        ],
    }  # fmt: skip


def _body(kind: str, body: str, conversation: str, place: dict[str | None, int | None]) -> str:
    """A run's first event names its conversation and its turn."""
    data = json.loads(body)
    if kind == "run.started":
        assert data["conversation"] == conversation
        data["conversation"] = None
        data["turn"] = place[data["turn"]]
    return json.dumps(data)
