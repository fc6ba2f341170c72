"""A run as the window follows it: the fold of its events, and the text of the calls in flight.

A live run, one read from the library and a replay all come in through ``show``; views hear ``changed`` at
most once a pulse and look at what they need. Nothing is decided here; all feeds at hand are ``run_feeds.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from PySide6.QtCore import QObject, Signal

from cort_desktop.domain import events as ev
from cort_desktop.domain.calls import Channel
from cort_desktop.domain.clock import Clock
from cort_desktop.domain.ids import NodeName, RunId
from cort_desktop.domain.run import RunState
from cort_desktop.gui.pulse import Pulse

Origin = Literal["run", "replay", "recording"]
"""``run``: the run itself; ``replay``: a stored one played again; ``recording``: one that came with the
program and is in no library. Only the first is ever worked on, steered or asked from.
"""


@dataclass(slots=True)
class Streamed:
    """The text of a call in flight; grows until its node ends."""

    _answer: list[str] = field(default_factory=list)
    _reasoning: list[str] = field(default_factory=list)
    characters: int = 0

    def add(self, text: str, channel: Channel) -> None:
        """Take the next piece in."""
        (self._answer if channel == "answer" else self._reasoning).append(text)
        self.characters += len(text)

    @property
    def answer(self) -> str:
        """The answer so far."""
        return _joined(self._answer)

    @property
    def reasoning(self) -> str:
        """The reasoning so far."""
        return _joined(self._reasoning)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What happened since the last pulse: ``nodes`` were named by events, ``streamed`` got text."""

    nodes: frozenset[NodeName]
    streamed: frozenset[NodeName]
    events: tuple[ev.Event, ...]

    @property
    def has_facts(self) -> bool:
        """Whether anything but text came."""
        return bool(self.events)


class RunFeed(QObject):
    """One run. ``is_working``: this window works on it, or plays it; ``elsewhere``: who else does, in words.

    ``log`` holds all its events so far but the pieces of text: times and replays are read off it.
    ``is_stored``: the library has it, too; else it is in memory only.
    """

    changed = Signal(object)
    ended = Signal()

    def __init__(
        self,
        run: RunId,
        pulse: Pulse,
        clock: Clock,
        parent: QObject | None = None,
        origin: Origin = "run",
    ) -> None:
        super().__init__(parent)
        self.run = run
        self.origin = origin
        self.state = RunState(run)
        self.texts: dict[NodeName, Streamed] = {}
        self.log: list[ev.Event] = []
        self.is_working = False
        self.is_stored = True
        self.elsewhere: str | None = None
        self._pulse = pulse
        self._clock = clock
        self._played_at: datetime | None = None
        self._events: list[ev.Event] = []
        self._streamed: set[NodeName] = set()

    @property
    def is_at_rest(self) -> bool:
        """Whether it has ended, all of it is in the library, and nobody adds to it: so it can be copied.

        A run tells its end a moment before its last words are on the disk and its claim is given back.
        """
        return self.state.finished is not None and self.is_stored and not self.is_working

    @property
    def is_interrupted(self) -> bool:
        """Whether it has not ended and nobody works on it."""
        unfinished = self.state.started is not None and self.state.finished is None
        return unfinished and not self.is_working and self.elsewhere is None

    def show(self, event: ev.Event) -> None:
        """Take the next event in; views hear of it with the next pulse."""
        body = event.body
        if isinstance(body, ev.NodeDelta):
            self.texts.setdefault(body.node, Streamed()).add(body.text, body.channel)
            self._streamed.add(body.node)
        else:
            self.state.apply(event)
            self.log.append(event)
            self._events.append(event)
            if isinstance(body, ev.NodeStarted | ev.AttemptStarted | ev.NodeFinished):
                self.texts.pop(body.node, None)
        self._pulse.ask(self._tell)

    def show_all(self, events: Iterable[ev.Event]) -> None:
        """Take several in."""
        for event in events:
            self.show(event)

    def set_working(self, working: bool) -> None:
        """Say whether this window works on it."""
        if self.is_working != working:
            self.is_working = working
            self._pulse.ask(self._tell)
            if not working:
                self._tell()
                self.ended.emit()

    def set_elsewhere(self, who: str | None) -> None:
        """Say which other program works on it, in words; None: none does. Who says so may have looked before
        its end came here: of a run that works here, or has ended, it is not believed.
        """
        who = None if self.is_working or self.state.finished is not None else who
        if self.elsewhere != who:
            self.elsewhere = who
            self._pulse.ask(self._tell)

    def now(self) -> datetime | None:
        """The time by which running calls are measured: a replay has its own; None for a run at rest."""
        if self._played_at is not None:
            return self._played_at
        return self._clock.now() if self.is_working else None

    def play_at(self, moment: datetime | None) -> None:
        """Measure running calls by ``moment`` from now on; None: by the clock."""
        self._played_at = moment

    def text(self, name: NodeName) -> str:
        """The best text there is of a node: finished, streamed so far, or what was kept of a broken one."""
        node = self.state.nodes.get(name)
        streamed = self.texts.get(name)
        if node is not None and (node.status == "finished" or node.text):
            return node.text
        return "" if streamed is None else streamed.answer

    def reasoning(self, name: NodeName) -> str:
        """The reasoning text of a node, so far or whole."""
        node = self.state.nodes.get(name)
        if node is not None and node.reasoning:
            return node.reasoning
        streamed = self.texts.get(name)
        return "" if streamed is None else streamed.reasoning

    def _tell(self) -> None:
        events, self._events = tuple(self._events), []
        streamed, self._streamed = frozenset(self._streamed), set()
        nodes = frozenset(node for node in (getattr(e.body, "node", None) for e in events) if node)
        self.changed.emit(Changes(nodes=nodes, streamed=streamed, events=events))


def _joined(pieces: list[str]) -> str:
    if len(pieces) > 1:
        pieces[:] = ["".join(pieces)]
    return pieces[0] if pieces else ""
