"""What is told of a call in the timeline: by its tooltip, by a screen reader, and above the strip.

Pure words over ``RunState`` and ``Trace``.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from cort_desktop.domain.run import RunState
from cort_desktop.gui.rounds.timeline_layout import Row
from cort_desktop.gui.rounds.trace import Attempt, Call, Trace
from cort_desktop.telling import figures, run_tree
from cort_desktop.telling import told as telling
from cort_desktop.telling.run_tree import Moment
from cort_desktop.telling.safe import one_line
from cort_desktop.telling.timing import queued_words, timing_of

_TOLD_TRIES = 4
_TOLD_CALLS = 6


def total_words(state: RunState, trace: Trace, now: float) -> str:
    """``9.4 s · 14 calls · 4 at once``: of the whole run."""
    seconds = now if state.finished is None else state.finished.seconds
    calls = state.spent.calls if state.finished is None else state.finished.calls
    words = [figures.seconds(seconds), figures.count(calls, "call")]
    if trace.most_at_once > 1:
        words.append(
            QCoreApplication.translate("Timeline", "{count} at once").format(count=trace.most_at_once)
        )
    return " · ".join(words)


def call_words(moment: Moment, call: Call) -> list[str]:
    """What a call is, when it ran, what it took, and each of its tries: a sentence each."""
    state = moment.state
    node = state.nodes.get(call.node)
    if node is None:
        return [call.node]
    place = run_tree.place_of(state, call.node)
    told = None if place is None else telling.told(moment, place)
    said = f"{call.node}, {(told.label if told else node.role).lower()}"
    if told is not None and told.words:
        said += f": {told.words}"
    model = [node.model] if node.model else []
    return [said, *model, _when(moment, call), *_took(state, call), *_tries(call.attempts)]


def row_words(moment: Moment, trace: Trace, row: Row, now: float) -> str:
    """A row for a screen reader: all of its one call, or a line for each of several."""
    calls = [trace.calls[name] for name in row.nodes]
    if len(calls) == 1:
        return ". ".join(call_words(moment, calls[0]))
    told = [call_words(moment, call)[0] for call in calls[:_TOLD_CALLS]]
    hidden = len(calls) - _TOLD_CALLS
    more = (
        [QCoreApplication.translate("Timeline", "and {count} more").format(count=hidden)]
        if hidden > 0
        else []
    )
    span = QCoreApplication.translate("Timeline", "from {start} to {end}").format(
        start=figures.seconds(calls[0].start), end=figures.seconds(_end(calls, now))
    )
    return ". ".join([f"{row.label}, {figures.count(len(calls), 'call')}", span, *told, *more])


def _end(calls: Sequence[Call], now: float) -> float:
    return max(now if call.end is None else call.end for call in calls)


def _when(moment: Moment, call: Call) -> str:
    """When it began and how long it took: the seconds that every other place shows."""
    timing = timing_of(moment.state.nodes[call.node], moment.now)
    words = QCoreApplication.translate("Timeline", "started at {start}").format(
        start=figures.seconds(call.start)
    )
    queued = queued_words(timing)
    said = [words, queued] if queued else [words]
    if timing.took_s is not None:
        took = (
            QCoreApplication.translate("Timeline", "running for {seconds}")
            if call.end is None
            else QCoreApplication.translate("Timeline", "took {seconds}")
        )
        said.append(took.format(seconds=figures.seconds(timing.took_s)))
    if timing.content_s is not None:
        first = QCoreApplication.translate("Timeline", "first content after {seconds}")
        said.append(first.format(seconds=figures.seconds(timing.content_s)))
    return ", ".join(said)


def _took(state: RunState, call: Call) -> list[str]:
    node = state.nodes[call.node]
    if node.status == "running":
        return []
    if node.cached:
        return [QCoreApplication.translate("Timeline", "from the cache, nothing was sent")]
    usage = node.booked.usage.total
    is_known = node.usage is not None or usage > 0
    tokens = (
        QCoreApplication.translate("Timeline", "{count} tokens").format(count=figures.tokens(usage))
        if is_known
        else QCoreApplication.translate("Timeline", "tokens unknown")
    )
    return [f"{tokens}, {figures.money(node.booked.cost_microusd)}"] if node.attempts else []


def _tries(attempts: Sequence[Attempt]) -> list[str]:
    """Each try, where there was more than one; of many the last ones."""
    if len(attempts) < 2:  # noqa: PLR2004 - a single try is told already
        return []
    told = [_try(each) for each in attempts[-_TOLD_TRIES:]]
    hidden = len(attempts) - len(told)
    earlier = QCoreApplication.translate("Timeline", "{count} earlier tries").format(count=hidden)
    return [earlier, *told] if hidden else told


def _try(attempt: Attempt) -> str:
    words = QCoreApplication.translate("Timeline", "try {number} at {start}").format(
        number=attempt.number, start=figures.seconds(attempt.start)
    )
    if attempt.why in ("hedge", "fallback"):
        words += f" ({_why(attempt.why)}: {attempt.model})"
    if attempt.outcome == "failed":
        error = one_line(attempt.error)
        status = (
            f"{attempt.http_status} " if attempt.http_status and str(attempt.http_status) not in error else ""
        )
        failed = QCoreApplication.translate("Timeline", "{attempt} failed: {error}")
        words = failed.format(attempt=words, error=f"{status}{error}")
        if attempt.wait_s is not None:
            waited = QCoreApplication.translate("Timeline", "waited {seconds}")
            words += "; " + waited.format(seconds=figures.seconds(attempt.wait_s))
        return words
    return _ended(attempt.outcome).format(attempt=words)


def _why(why: str) -> str:
    """Why a further try was made, in words."""
    return {
        "hedge": QCoreApplication.translate("Timeline", "hedge"),
        "fallback": QCoreApplication.translate("Timeline", "fallback"),
    }.get(why, why)


def _ended(outcome: str) -> str:
    """How a try stands; ``{attempt}`` is the try."""
    return {
        "open": QCoreApplication.translate("Timeline", "{attempt} is running"),
        "finished": QCoreApplication.translate("Timeline", "{attempt} finished"),
        "cancelled": QCoreApplication.translate("Timeline", "{attempt} cancelled"),
    }.get(outcome, f"{{attempt}} {outcome}")
