"""How a run is shown while it works, where nothing is painted: plain lines, the event stream, or nothing.

The painted view is ``live.py``. Every view folds for itself and has the same three methods.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable
from typing import Protocol

from cort_desktop.domain import events as ev
from cort_desktop.domain import wire
from cort_desktop.domain.budget import MICRO
from cort_desktop.domain.nodes import Node
from cort_desktop.domain.run import RunState
from cort_desktop.errors import StorageError
from cort_desktop.telling import figures
from cort_desktop.telling.safe import one_line
from cort_desktop.telling.states import (
    ORDER_MATTERED,
    failed_try,
    fault_message,
    fault_words,
    ranking_words,
    round_name,
    source_words,
    tally_words,
    verdict_failed,
    winner_of,
)
from cort_desktop.telling.why import check_line
from cort_desktop.terminal.streams import Streams


class View(Protocol):
    """Shows events as they come."""

    def recall(self, events: Iterable[ev.Event]) -> None:
        """Take in what happened earlier, without showing it as news."""
        ...

    def show(self, event: ev.Event) -> None:
        """Show one event."""
        ...

    def note(self, words: str) -> None:
        """Tell the person something about the program itself."""
        ...

    def close(self) -> None:
        """Leave the stream clean."""
        ...


class PlainLines:
    """One line on standard error for each change that matters; for logs, pipes and dumb terminals."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self._state: RunState | None = None

    def recall(self, events: Iterable[ev.Event]) -> None:
        for event in events:
            self._fold(event)

    def show(self, event: ev.Event) -> None:
        line = _plain_line(self._fold(event), event.body)
        if line:
            self._streams.say(line)

    def note(self, words: str) -> None:
        self._streams.say(words)

    def close(self) -> None:
        """Nothing to clean: every line is complete."""

    def _fold(self, event: ev.Event) -> RunState:
        if self._state is None:
            self._state = RunState(event.run)
        self._state.apply(event)
        return self._state


def _plain_line(state: RunState, body: ev.Body | ev.Unknown) -> str:
    """What a line says about an event, after it was folded; empty for what does not matter enough."""
    return _of_run(state, body) or _of_node(state, body) or _of_judging(state, body)


def _of_run(state: RunState, body: ev.Body | ev.Unknown) -> str:
    match body:
        case ev.RunStarted() | ev.RunPlanned():
            return _plan(state, body)
        case ev.RunResumed(lost=lost):
            return f"resumed; asked again: {', '.join(lost)}" if lost else "resumed"
        case ev.RunReopened():
            return "goes on"
        case ev.LimitReached(which=which, value=value, cap=cap):
            return f"{_CAPS[which](value, cap)}; nothing new starts"
        case _:
            return ""


def _of_node(state: RunState, body: ev.Body | ev.Unknown) -> str:
    match body:
        case ev.AttemptFailed(node=node, error=error, next="retry" | "hedge" | "fallback" as next_):
            return f"{node} {failed_try(error).rstrip('.;')}; {_NEXT[next_]}"
        case ev.NodeFinished(node=node):
            return "" if state.nodes[node].role == "judge" else _finished(state, body)
        case ev.NodeFailed(node=node):
            return _failed(state, state.nodes[node])
        case ev.NodeCancelled(node=node, by="person" | "limit" as by):
            return f"{node} {'stopped' if by == 'person' else 'cut by a cap'}"
        case ev.NodeStalled(node=node, idle_seconds=idle):
            return f"{node} quiet for {figures.seconds(idle)}"
        case _:
            return ""


def _of_judging(state: RunState, body: ev.Body | ev.Unknown) -> str:
    match body:
        case ev.Verdict(node=node, ranking=()):
            return f"{node} abstained: its reply could not be read"
        case ev.Verdict(node=node):
            source = source_words(state.nodes[node])
            does = "gives" if body.purpose == "score" else "ranks"
            return f"{node} {does} {ranking_words(body)}" + (f" · {source}" if source else "")
        case ev.Check():
            return check_line(body)
        case ev.Vote():
            return f"vote: {tally_words(body.tally)}"
        case ev.RoundFinished():
            return _round(state, body)
        case _:
            return ""


def _failed(state: RunState, failed: Node) -> str:
    """The fault in full the first time; of a hundred calls that one thing befell each names the first."""
    words = fault_message(failed)
    before = [
        node
        for node in state.nodes.values()
        if node.status == "failed" and node is not failed and fault_message(node) == words
    ]
    if not before:
        return f"{failed.name} failed: {fault_words(failed)}"
    first = min(before, key=lambda node: node.ended_at or node.started_at)
    return f"{failed.name} failed like {first.name}"


_CAPS: dict[str, Callable[[float, float], str]] = {
    "calls": lambda value, cap: (
        f"the next call would have made {figures.count(round(value), 'call')}; the cap is {cap:g}"
    ),
    "tokens": lambda value, cap: (
        f"the next call could have come to {figures.tokens(round(value))} tokens; "
        f"the cap is {figures.tokens(round(cap))}"
    ),
    "usd": lambda value, cap: (
        f"the next call could have come to {figures.money(round(value * MICRO))}; "
        f"the cap is {figures.money(round(cap * MICRO))}"
    ),
    "seconds": lambda _, cap: f"the cap of {figures.seconds(cap)} is reached",
}
"""A cap is met by the call that would have gone beyond it; ``value`` is what it could have come to."""
_NEXT = {
    "retry": "trying again",
    "hedge": "the request beside it goes on",
    "fallback": "asking another model",
}


def _plan(state: RunState, body: ev.RunStarted | ev.RunPlanned) -> str:
    models = list(dict.fromkeys(model for models in body.spec.lineup.values() for model in models))
    parts = [state.strategy, ", ".join(models)]
    if isinstance(body, ev.RunPlanned):
        parts.append(one_line(body.why))
    if body.estimate is not None:
        estimate = body.estimate
        calls = figures.span(estimate.calls_low, estimate.calls_high)
        parts.append(f"about {calls} {'call' if estimate.calls_high == 1 else 'calls'}")
        parts.append(f"{figures.span(estimate.tokens_low, estimate.tokens_high)} tokens")
        parts.append(figures.money(estimate.cost_microusd))
        if estimate.seconds is not None:
            parts.append(figures.seconds(estimate.seconds))
    return " · ".join(part for part in parts if part)


def _finished(state: RunState, body: ev.NodeFinished) -> str:
    node = state.nodes[body.node]
    source = source_words(node)
    parts = [f"{node.name} {source or 'answered'}"]
    if body.cached:
        saved = f"saved {figures.money(body.saved_microusd)}" if body.saved_microusd else ""
        return " · ".join(part for part in (*parts, saved) if part)
    if body.finish == "length":
        parts = [part for part in (f"{node.name} cut at its token limit", source) if part]
    parts.append("tokens unknown" if body.usage is None else f"{figures.tokens(body.usage.total)} tokens")
    parts.append(figures.money(body.cost_microusd))
    if body.seconds is not None:
        parts.append(figures.seconds(body.seconds))
    return " · ".join(parts)


def _round(state: RunState, body: ev.RoundFinished) -> str:
    who = winner_of(state, state.rounds[body.round])
    name = round_name(state).lower()
    if verdict_failed(state.rounds[body.round]):
        return f"{name} {body.round}: the verdict failed, too few judges could be read; {who}"
    scored = sorted(body.scores.items(), key=lambda item: -item[1])
    preference = ", ".join(f"{name} {score:.2f}" for name, score in scored)
    kind = "share of the votes" if body.method == "vote" else "judges' preference"
    line = f"{name} {body.round}: {who}" + (f" ({kind}: {preference})" if preference else "")
    return f"{line}; {ORDER_MATTERED}" if body.unstable else line


class EventStream:
    """Events as JSON on standard output, one object a line; ``full`` with the text deltas.

    A thread does the writing, so that a slow reader of the pipe never holds up the run. ``on_gone`` is
    called, on that thread, when the reader has gone away: nobody is listening any more.
    """

    def __init__(self, streams: Streams, *, full: bool, on_gone: Callable[[], None]) -> None:
        self._streams = streams
        self._full = full
        self._on_gone = on_gone
        self._problem: StorageError | None = None
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="event-stream", daemon=True)
        self._thread.start()

    def recall(self, events: Iterable[ev.Event]) -> None:
        """Only new events are printed."""

    def show(self, event: ev.Event) -> None:
        if self._full or not isinstance(event.body, ev.NodeDelta):
            self._lines.put(wire.line(event))

    def note(self, words: str) -> None:
        self._streams.say(words)

    def close(self) -> None:
        """Wait until everything is written. Raises StorageError when something could not be."""
        self._lines.put(None)
        self._thread.join()
        if self._problem is not None:
            raise self._problem

    def _write(self) -> None:
        is_read = True
        while (line := self._lines.get()) is not None:
            if is_read and not self._write_one(line):
                is_read = False
                self._on_gone()

    def _write_one(self, line: str) -> bool:
        try:
            return self._streams.write_json(line)
        except StorageError as error:
            self._problem = error
            return False
