"""What the records of a ``.cort`` file say, looked at and put together: nothing of it is in the library yet.

What does not fit (a turn that hangs on none, a log with a gap or of calls that never began, a text that is
another one) raises HarmedError with its place. Kinds and keys of later versions are passed over. How records
stand in a file is ``cort_file.py``; a run's log is ``cort_logs.py``; what is made of it all ``imports.py``.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, NoReturn

from cort_desktop.domain.budget import Usage
from cort_desktop.domain.ids import blob_of
from cort_desktop.domain.stamps import parse_stamp, stamp
from cort_desktop.domain.texts import clean
from cort_desktop.domain.wire import dumps, value_from_json
from cort_desktop.storage.cort_file import HarmedError, Record
from cort_desktop.storage.cort_logs import LogReading, LogRow

_MOST_WHOLE = 2**63 - 1


@dataclass(slots=True, kw_only=True)
class ReadTurn:
    """A turn as the file has it; ``runs`` are in the order they were started."""

    id: str
    parent: str | None
    depth: int
    question: str
    created: str
    active: str | None
    chosen: str | None
    pinned: bool
    runs: list[str] = field(default_factory=list)
    summaries: list[tuple[Any, ...]] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class ReadRun:
    """A run as the file has it: its log, what it uses of the texts, what had arrived of cut calls."""

    id: str
    turn: str
    strategy: str
    started: str
    texts: tuple[str, ...]
    log: list[LogRow] = field(default_factory=list)
    partials: dict[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class ReadConversation:
    """A conversation as the file has it. ``title_of_origin``: of what it was branched from."""

    id: str
    title: str
    system: str | None
    created: str
    updated: str
    title_of_origin: str | None
    leaf: str | None
    turns: dict[str, ReadTurn] = field(default_factory=dict)
    runs: dict[str, ReadRun] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """All that a file holds. ``texts`` are packed as they are stored, by their SHA-256."""

    conversations: tuple[ReadConversation, ...]
    texts: Mapping[str, bytes]


def contents_of(records: Iterable[Record]) -> Contents:
    """Put records together. Raises HarmedError."""
    gathering = _Gathering()
    for record in records:
        gathering.take(record)
    return gathering.contents()


class _Gathering:
    def __init__(self) -> None:
        self._done: list[ReadConversation] = []
        self._now: ReadConversation | None = None
        self._texts: dict[str, bytes] = {}
        self._reading: dict[str, LogReading] = {}

    def take(self, record: Record) -> None:
        kind = record.get("kind")
        take = self._TAKEN.get(kind) if isinstance(kind, str) else None
        if take is not None:
            take(self, record)

    def contents(self) -> Contents:
        self._close()
        if not self._done:
            raise HarmedError("there is no conversation in it")
        return Contents(conversations=tuple(self._done), texts=self._texts)

    def _conversation(self, record: Record) -> None:
        self._close()
        self._now = ReadConversation(
            id=f"conversation {len(self._done) + 1}",
            title=_text(record, "title"),
            system=_maybe(record, "system"),
            created=_moment(record, "created"),
            updated=_moment(record, "updated"),
            title_of_origin=_maybe(record, "origin"),
            leaf=_maybe(record, "leaf"),
        )

    def _close(self) -> None:
        """The conversation that was read is whole: look at what could not be looked at before."""
        if self._now is not None:
            _check_tree(self._now)
            self._done.append(self._now)
            self._now = None
            self._reading.clear()

    @property
    def _home(self) -> ReadConversation:
        return self._now or _harmed("it begins without a conversation")

    def _turn(self, record: Record) -> None:
        turns, name, parent = self._home.turns, _text(record, "id"), _maybe(record, "parent")
        if name in turns:
            _harmed(f"turn {name} is in it twice")
        if parent is not None and parent not in turns:
            _harmed(f"turn {name} hangs on a turn that does not come before it")
        turns[name] = ReadTurn(
            id=name,
            parent=parent,
            depth=1 if parent is None else turns[parent].depth + 1,
            question=_text(record, "question"),
            created=_moment(record, "created"),
            active=_maybe(record, "active"),
            chosen=_maybe(record, "chosen"),
            pinned=record.get("pinned") is True,
        )

    def _run(self, record: Record) -> None:
        home, name, turn = self._home, _text(record, "id"), _text(record, "turn")
        if name in home.runs:
            _harmed(f"run {name} is in it twice")
        if turn not in home.turns:
            _harmed(f"run {name} belongs to no turn of its conversation")
        texts = record.get("texts", [])
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            _harmed(f"run {name} does not say which texts it uses")
        run = ReadRun(
            id=name,
            turn=turn,
            strategy=_text(record, "strategy"),
            started=_moment(record, "started"),
            texts=tuple(sorted(set(texts))),
        )
        home.runs[name] = run
        self._reading[name] = LogReading(name, turn)
        home.turns[turn].runs.append(name)

    def _event(self, record: Record) -> None:
        run = self._of_run(record)
        kind, at = _text(record, "type"), _moment(record, "at")
        run.log.append(self._reading[run.id].row_of(record.get("seq"), kind, at, record.get("body")))

    def _partial(self, record: Record) -> None:
        run, node = self._of_run(record), _text(record, "node")
        run.partials[node] = (_text(record, "text"), _text(record, "reasoning"))

    def _of_run(self, record: Record) -> ReadRun:
        run = self._home.runs.get(_text(record, "run"))
        return run or _harmed("a log in it belongs to no run of its conversation")

    def _summary(self, record: Record) -> None:
        turn = self._home.turns.get(_text(record, "turn"))
        if turn is None:
            _harmed("a summary in it belongs to no turn of its conversation")
        usage = record.get("usage")
        try:
            if usage is not None:
                value_from_json(Usage, usage)
            seconds = float(record.get("seconds", 0.0))
            usage = None if usage is None else dumps(usage)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise HarmedError("a summary in it can't be read") from error
        turn.summaries.append(
            (
                _text(record, "path"),
                _whole(record, "turns"),
                _whole(record, "version"),
                _text(record, "text"),
                _whole(record, "tokens"),
                _text(record, "model"),
                _text(record, "problem"),
                zlib.compress(_text(record, "request").encode()),
                usage,
                0 if record.get("priced") is True else None,  # nothing is paid twice
                seconds,
                _moment(record, "made"),
            )
        )

    def _add_text(self, record: Record) -> None:
        name, text = _text(record, "name"), _text(record, "text")
        if text != record["text"] or blob_of(text) != name:
            _harmed(f"the text {name[:64]} in it was changed: it does not match its SHA-256")
        self._texts[name] = zlib.compress(text.encode())

    _TAKEN: ClassVar[dict[str, Callable[[_Gathering, Record], None]]] = {
        "conversation": _conversation,
        "turn": _turn,
        "run": _run,
        "event": _event,
        "partial": _partial,
        "summary": _summary,
        "text": _add_text,
    }


def _check_tree(home: ReadConversation) -> None:
    """What a turn and the conversation point at is there, and where it should be."""
    for turn in home.turns.values():
        if turn.active is not None and turn.active not in turn.runs:
            _harmed(f"the answer that counts of turn {turn.id} is none of its runs")
        if turn.chosen is not None:
            chosen = home.turns.get(turn.chosen)
            if chosen is None or chosen.parent != turn.id:
                _harmed(f"turn {turn.id} leads to a turn that does not hang on it")
    if home.leaf is not None and home.leaf not in home.turns:
        _harmed("the path of a conversation leads to no turn of it")


def _text(record: Record, key: str) -> str:
    found = record.get(key)
    if not isinstance(found, str):
        _harmed(f"a {record['kind']} in it has no {key}")
    return clean(found)


def _maybe(record: Record, key: str) -> str | None:
    return None if record.get(key) is None else _text(record, key)


def _whole(record: Record, key: str) -> int:
    found = record.get(key)
    if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found <= _MOST_WHOLE:
        _harmed(f"a {record['kind']} in it has no {key}")
    return found


def _moment(record: Record, key: str) -> str:
    try:
        return stamp(parse_stamp(_text(record, key)))
    except (ValueError, OverflowError) as error:
        if isinstance(error, HarmedError):
            raise
        raise HarmedError(f"a {record['kind']} in it has no time that can be read") from error


def _harmed(why: str) -> NoReturn:
    raise HarmedError(why)
