"""Full-text search over questions, answers, losing candidates and judges' words, newest first.

The index holds words only; a passage says where the text itself is (an event, a turn, a title). It is written
in the transaction of the event it belongs to. There is no ranking: bm25 over a million rows takes seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, cast

import apsw

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import ConversationId, NodeName, RunId, TurnId
from cort_desktop.domain.library import Hit
from cort_desktop.domain.search import ANSWER_ROLES
from cort_desktop.domain.stamps import parse_stamp
from cort_desktop.domain.texts import clean
from cort_desktop.storage.codec import event_of
from cort_desktop.storage.database import Database
from cort_desktop.storage.search_words import Term, excerpt, indexable, marks, match_expression, parse
from cort_desktop.storage.standings import Standing, Standings, standings

Part = Literal["title", "question", "answer", "candidate", "verdict"]

_FIND = """
    SELECT p.conversation, c.title, c.archived, p.turn, p.run, p.node, p.seq, p.part, p.at, t.question
    FROM passage_words AS w
    CROSS JOIN passages AS p ON p.number = w.rowid
    CROSS JOIN conversations AS c ON c.id = p.conversation
    LEFT JOIN turns AS t ON t.id = p.turn AND p.part = 'question'
    WHERE w.passage_words MATCH ? AND c.deleted IS NULL
    ORDER BY w.rowid DESC LIMIT ?
"""
_VERSION = """
    SELECT count(*) FILTER (WHERE s.number <= t.number), count(*)
    FROM turns AS t JOIN turns AS s ON s.conversation = t.conversation AND +s.parent IS t.parent
    WHERE t.id = ?
"""
_ANSWER = """
    SELECT count(*) FILTER (WHERE s.number <= r.number), count(*)
    FROM runs AS r JOIN runs AS s ON s.turn = r.turn WHERE r.id = ?
"""


class SearchIndex:
    """Finds words in everything that was asked, answered and judged."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def search(self, text: str, limit: int = 50) -> list[Hit]:
        """Places where all words of ``text`` stand, newest first; words in quotes stand together.

        A word of three letters or more is also found as the beginning of a longer one. Any text is a valid
        query.
        """
        terms = parse(clean(text))
        if not terms:
            return []
        return self._database.read(lambda connection: _find(connection, terms, limit))


def _find(connection: apsw.Connection, terms: list[Term], limit: int) -> list[Hit]:
    rows: list[Any] = connection.execute(_FIND, (match_expression(terms), limit)).fetchall()
    runs = {row[4] for row in rows if row[7] == "candidate"}
    known = {run: standings(connection, run) for run in runs}
    return [_hit(connection, row, terms, known.get(row[4], {})) for row in rows]


def _hit(connection: apsw.Connection, row: Any, terms: list[Term], known: Standings) -> Hit:
    conversation, title, archived, turn, run, node, seq, part, at, question = row
    stands = known.get(node, Standing()) if part == "candidate" else Standing()
    line = excerpt(_text(connection, run, seq, title, question), terms)
    return Hit(
        conversation=ConversationId(conversation),
        title=title,
        run=None if run is None else RunId(run),
        node=None if node is None else NodeName(node),
        part=cast("Part", part),
        excerpt=line,
        at=parse_stamp(at),
        marks=marks(line, terms),
        turn=None if turn is None else TurnId(turn),
        archived=bool(archived),
        version=_place(connection, _VERSION, turn),
        answer=(1, 1) if part == "question" else _place(connection, _ANSWER, run),
        won=stands.won,
        lost=stands.lost,
    )


def _place(connection: apsw.Connection, query: str, key: str | None) -> tuple[int, int]:
    """Which one of several it is, from 1, and how many there are."""
    if key is None:
        return 1, 1
    row = connection.execute(query, (key,)).fetchone()
    return (1, 1) if row is None or not row[1] else (int(row[0]), int(row[1]))


def _text(
    connection: apsw.Connection, run: str | None, seq: int | None, title: str, question: str | None
) -> str:
    """The text of a passage, from where it is stored."""
    if run is None or seq is None:
        return title if question is None else question
    row = connection.execute(
        "SELECT seq, at, type, body FROM events WHERE run = ? AND seq = ?", (run, seq)
    ).fetchone()
    return "" if row is None else _words_of(event_of(RunId(run), row).body)


def _words_of(body: Any) -> str:
    if isinstance(body, ev.NodeFinished):
        return body.text
    if isinstance(body, ev.Verdict):
        said = (body.reason, body.critique, *body.flaws.values())
        return "\n".join(part for part in said if part) or body.raw or ""
    return (body.answer or "") if isinstance(body, ev.RunFinished) else ""


def index_title(connection: apsw.Connection, conversation: ConversationId, title: str, at: str) -> None:
    """Make ``title`` the one that is found."""
    old = connection.execute(
        "SELECT number FROM passages WHERE conversation = ? AND part = 'title'", (conversation,)
    ).fetchall()
    for (number,) in old:
        connection.execute("DELETE FROM passage_words WHERE rowid = ?", (number,))
        connection.execute("DELETE FROM passages WHERE number = ?", (number,))
    _add(connection, (conversation, None, None, None, None, "title", at), title)


def index_question(
    connection: apsw.Connection,
    conversation: ConversationId,
    turn: TurnId,
    run: RunId | None,
    question: str,
    at: str,
) -> None:
    """Make a turn's question found, with the ``run`` it was first asked with; called once for a turn."""
    _add(connection, (conversation, turn, run, None, None, "question", at), question)


def index_event(connection: apsw.Connection, event: ev.Event, at: str) -> None:
    """Make the words of an event found, if it has any."""
    body = event.body
    if isinstance(body, ev.NodeFinished):
        if _role(connection, event.run, body.node) in ANSWER_ROLES:
            _add_event(connection, event, body.node, "candidate", at)
    elif isinstance(body, ev.Verdict):
        _add_event(connection, event, body.node, "verdict", at)
    elif isinstance(body, ev.RunFinished):
        _mark_answer(connection, event, body, at)


def index_choice(connection: apsw.Connection, run: str, node: str) -> None:
    """What a person made the answer of an ended run is found as the answer."""
    if connection.execute("SELECT ended FROM runs WHERE id = ?", (run,)).get is not None:
        _mark_node(connection, run, node)


def index_copies(
    connection: apsw.Connection,
    source: ConversationId,
    copy: ConversationId,
    *,
    turns: Mapping[str, str],
    runs: Mapping[str, str],
    active: Mapping[str, str],
) -> None:
    """Make the copies of a conversation's turns and runs found like the originals, new by old id.

    A question stands with the run it was first asked with; where that one was not copied, with the ``active``
    one of its turn.
    """
    rows: list[Any] = connection.execute(
        "SELECT p.turn, p.run, p.node, p.seq, p.part, p.at, t.question FROM passages AS p "
        "JOIN turns AS t ON t.id = p.turn WHERE p.conversation = ? ORDER BY p.number",
        (source,),
    ).fetchall()
    for turn, run, node, seq, part, at, question in rows:
        if turn in turns and (part == "question" or run in runs):
            new = runs.get(run, active.get(turn))
            text = _text(connection, run, seq, "", question)
            _add(connection, (copy, turns[turn], new, node, seq, part, at), text)


def _mark_answer(connection: apsw.Connection, event: ev.Event, body: ev.RunFinished, at: str) -> None:
    """The candidate that won is found as the answer; an answer that is nobody's text is found by itself."""
    run = clean(event.run)
    if body.answer_node is not None:
        if _mark_node(connection, run, clean(body.answer_node)):
            return
    else:
        _unmark(connection, run)
    if body.answer:
        _add_event(connection, event, body.answer_node, "answer", at)


def _mark_node(connection: apsw.Connection, run: str, node: str) -> bool:
    """Whether the node has a text to be found as the run's only answer."""
    _unmark(connection, run)
    connection.execute(
        "UPDATE passages SET part = 'answer' WHERE number = (SELECT max(number) FROM passages "
        "WHERE run = ? AND node = ? AND part = 'candidate')",
        (run, node),
    )
    return bool(connection.changes())


def _unmark(connection: apsw.Connection, run: str) -> None:
    connection.execute("UPDATE passages SET part = 'candidate' WHERE run = ? AND part = 'answer'", (run,))


def _role(connection: apsw.Connection, run: RunId, node: NodeName) -> Any:
    return connection.execute(
        "SELECT json_extract(body, '$.role') FROM events WHERE type = 'node.started' AND run = ? "
        "AND json_extract(body, '$.node') = ? ORDER BY seq DESC LIMIT 1",
        (clean(run), clean(node)),
    ).get


def _add_event(
    connection: apsw.Connection, event: ev.Event, node: NodeName | None, part: Part, at: str
) -> None:
    conversation, turn = connection.execute(
        "SELECT conversation, turn FROM runs WHERE id = ?", (clean(event.run),)
    ).fetchone() or (None, None)
    name = None if node is None else clean(node)
    place = (conversation, turn, clean(event.run), name, event.seq, part, at)
    _add(connection, place, _words_of(event.body))


def _add(connection: apsw.Connection, place: tuple[Any, ...], text: str) -> None:
    connection.execute(
        "INSERT INTO passages (conversation, turn, run, node, seq, part, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        place,
    )
    connection.execute(
        "INSERT INTO passage_words (rowid, words) VALUES (?, ?)",
        (connection.last_insert_rowid(), indexable(clean(text))),
    )
