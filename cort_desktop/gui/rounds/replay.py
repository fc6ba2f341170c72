"""A stored run played again: its events at their own times, its texts revealed evenly, its gaps left out.

``Schedule`` is pure: what a run looks like at any second. ``Player`` walks it with a clock that is passed in
and shows it through feeds of its own, so that the stored run is never touched. Going back means folding from
the beginning into a fresh feed (``feed_changed``). A text has no times of its own in the log; it is revealed
evenly between its first content and its end (CONTRACT 3).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from cort_desktop.domain import events as ev
from cort_desktop.domain.calls import Channel
from cort_desktop.domain.ids import NodeName
from cort_desktop.gui.rounds.trace import Trace
from cort_desktop.gui.run_feed import RunFeed

SPEEDS = (1.0, 2.0, 4.0, 8.0)
TICK_MS = 33


class Steady(Protocol):
    """A clock that never runs backwards."""

    def monotonic(self) -> float:
        """Seconds."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reveal:
    """A text that comes between two seconds of the run, before the event with number ``ends_at``."""

    node: NodeName
    reasoning: str
    answer: str
    start: float
    end: float
    begins_at: int
    ends_at: int

    def shown(self, second: float) -> int:
        """How many characters, reasoning first, are there by then."""
        length = len(self.reasoning) + len(self.answer)
        share = 1.0 if self.end <= self.start else (second - self.start) / (self.end - self.start)
        return int(length * min(1.0, max(0.0, share)))

    def pieces(self, start: int, end: int) -> Iterator[tuple[Channel, str]]:
        """The characters from ``start`` to ``end``, by channel."""
        cut = len(self.reasoning)
        if start < cut:
            yield "reasoning", self.reasoning[start : min(end, cut)]
        if end > cut:
            yield "answer", self.answer[max(0, start - cut) : end - cut]


class Schedule:
    """The events of a run by their second, and the texts that come between them. Deltas are dropped."""

    def __init__(self, events: Sequence[ev.Event]) -> None:
        self.events = [event for event in events if event.seq is not None]
        self.trace = Trace()
        self.times: list[float] = []
        self.reveals: list[Reveal] = []
        begun: dict[NodeName, tuple[int, float]] = {}
        for index, event in enumerate(self.events):
            self.trace.apply(event)
            self.times.append(self.trace.seconds)
            self._follow(index, event.body, begun)

    @property
    def seconds(self) -> float:
        """The length of the run, gaps left out."""
        return self.times[-1] if self.times else 0.0

    def index_at(self, second: float) -> int:
        """How many events have happened by then."""
        return bisect_right(self.times, second)

    def moment(self, index: int, second: float) -> datetime | None:
        """The time of the record ``second`` seconds into the run, after ``index`` events."""
        if index == 0:
            return None
        return self.events[index - 1].at + timedelta(seconds=max(0.0, second - self.times[index - 1]))

    def _follow(
        self, index: int, body: ev.Body | ev.Unknown, begun: dict[NodeName, tuple[int, float]]
    ) -> None:
        if isinstance(body, ev.AttemptStarted | ev.NodeStarted):
            begun.pop(body.node, None)
        elif isinstance(body, ev.AttemptFirstContent):
            begun[body.node] = (index, self.times[index])
        elif isinstance(body, ev.NodeFinished | ev.NodeFailed | ev.NodeCancelled) and body.node in begun:
            begins_at, start = begun.pop(body.node)
            reasoning, answer = _texts(body)
            if reasoning or answer:
                self.reveals.append(
                    Reveal(
                        node=body.node,
                        reasoning=reasoning,
                        answer=answer,
                        start=start,
                        end=self.times[index],
                        begins_at=begins_at,
                        ends_at=index,
                    )
                )


def _texts(body: ev.NodeFinished | ev.NodeFailed | ev.NodeCancelled) -> tuple[str, str]:
    """What streamed, as far as it was kept: reasoning and answer; of a judge its raw reply."""
    if isinstance(body, ev.NodeFinished):
        return body.reasoning or "", body.reply or body.text
    return "", body.partial or ""


class Player(QObject):
    """Plays a stored run through ``feed``. ``moved`` after each step of position, ``finished`` at the end.

    make_feed: an empty feed for the run; the player owns what it makes. clock: measures the real time between
    ticks. A timer calls ``tick`` while it plays; a test may call it itself.
    """

    moved = Signal()
    feed_changed = Signal(object)
    playing_changed = Signal()
    finished = Signal()

    def __init__(
        self,
        events: Sequence[ev.Event],
        make_feed: Callable[[], RunFeed],
        clock: Steady,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.schedule = Schedule(events)
        self.speed = 1.0
        self.index = 0
        self.second = 0.0
        self._make_feed = make_feed
        self._clock = clock
        self._last = 0.0
        self._shown: dict[NodeName, int] = {}
        self._next_reveal = 0
        self._revealing: list[Reveal] = []
        self._reveals = sorted(self.schedule.reveals, key=lambda each: each.begins_at)
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self.tick)
        self.feed = self._fresh_feed()
        self._show_to(min(1, len(self.schedule.events)), 0.0)

    @property
    def is_playing(self) -> bool:
        """Whether it goes on by itself."""
        return self._timer.isActive()

    @property
    def is_at_end(self) -> bool:
        """Whether everything is shown."""
        return self.index == len(self.schedule.events)

    def play(self) -> None:
        """Go on from here; from the beginning when it is at the end."""
        if self.is_playing:
            return
        if self.is_at_end:
            self.seek(1)
        self._last = self._clock.monotonic()
        self._timer.start()
        self.playing_changed.emit()

    def pause(self) -> None:
        """Stay where it is."""
        if self.is_playing:
            self._timer.stop()
            self.playing_changed.emit()

    def tick(self) -> None:
        """Move on by the time that has passed since the last tick, times the speed."""
        now = self._clock.monotonic()
        passed, self._last = now - self._last, now
        second = min(self.second + passed * self.speed, self.schedule.seconds)
        self._go_to(self.schedule.index_at(second), second, is_back=False)
        if self.is_at_end:
            self.pause()
            self.finished.emit()

    def seek(self, index: int) -> None:
        """Show the run as it was after ``index`` of its events, 1 to all of them."""
        index = min(max(1, index), len(self.schedule.events))
        second = self.schedule.times[index - 1] if index else 0.0
        self._go_to(index, second, is_back=index < self.index or second < self.second)

    def seek_second(self, second: float) -> None:
        """Show the run as it was at a second of it."""
        second = min(max(0.0, second), self.schedule.seconds)
        self._go_to(self.schedule.index_at(second), second, is_back=second < self.second)

    def step(self, by: int) -> None:
        """One event on (1) or back (-1), paused."""
        self.pause()
        self.seek(self.index + by)

    def _go_to(self, index: int, second: float, *, is_back: bool) -> None:
        """Show a position; going back begins with a fresh feed, which is told of once it is there."""
        old = self.feed
        if is_back:
            self._begin_again()
        self._show_to(index, second)
        if is_back:
            self.feed_changed.emit(self.feed)
            old.deleteLater()
        self.moved.emit()

    def _show_to(self, index: int, second: float) -> None:
        """Show the events up to ``index`` and the texts up to ``second``; never backwards."""
        for at in range(self.index, index):
            event = self.schedule.events[at]
            self._reveal_at_end(at)
            self.feed.show(event)
        self.index = max(self.index, index)
        self.second = second
        self._reveal_until(second)
        moment = self.schedule.moment(self.index, second)
        self.feed.play_at(None if self.is_at_end else moment)
        self.feed.set_working(not self.is_at_end)

    def _reveal_at_end(self, at: int) -> None:
        """An attempt's text belongs before the event that ends it."""
        self._revealing = [each for each in self._revealing if each.ends_at != at]

    def _reveal_until(self, second: float) -> None:
        while self._next_reveal < len(self._reveals) and (
            self._reveals[self._next_reveal].begins_at < self.index
        ):
            reveal = self._reveals[self._next_reveal]
            self._next_reveal += 1
            if reveal.ends_at >= self.index:
                self._revealing.append(reveal)
                self._shown[reveal.node] = 0
        for reveal in self._revealing:
            before, now = self._shown[reveal.node], reveal.shown(second)
            for channel, text in reveal.pieces(before, now):
                body = ev.NodeDelta(node=reveal.node, text=text, channel=channel)
                at = self.schedule.events[self.index - 1].at
                self.feed.show(ev.Event(run=self.feed.run, seq=None, at=at, body=body))
            self._shown[reveal.node] = max(before, now)

    def _begin_again(self) -> None:
        self.index, self.second, self._next_reveal = 0, 0.0, 0
        self._shown, self._revealing = {}, []
        self.feed = self._fresh_feed()

    def _fresh_feed(self) -> RunFeed:
        feed = self._make_feed()
        feed.setParent(self)
        feed.set_working(True)
        return feed
