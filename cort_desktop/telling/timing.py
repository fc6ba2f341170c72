"""How long a call took, told the same wherever it is told: from its first request to its end, every try and
every pause between tries included. What it waited in our own queue before that is told by itself.

Pure: the times are those of the log, so that an outline, a card and the bars of a timeline agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cort_desktop.domain.nodes import Node
from cort_desktop.telling import figures

LEAST_QUEUED_S = 0.05
"""A shorter wait in the queue is no wait: figures have one digit."""
SECONDS_MEAN = "from its first request to its end, all tries included; waiting in the queue is told by itself"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Seconds of one call; None where they are not known, or not yet. queued_s: before its first request.

    content_s: from its first request until the content that counts began to come.
    """

    queued_s: float | None = None
    took_s: float | None = None
    content_s: float | None = None


def timing_of(node: Node, now: datetime | None = None) -> Timing:
    """The seconds of a call; ``now`` measures one that is under way."""
    if node.cancelled_by == "crash":
        return Timing()  # when it was lost is known to nobody, only when that was noticed
    end = node.ended_at or now
    if node.asked_at is None:
        is_queued = node.status == "running" and node.role != "person"
        took = node.seconds if node.status == "finished" else None
        return Timing(queued_s=_between(node.started_at, end) if is_queued else None, took_s=took)
    return Timing(
        queued_s=_between(node.started_at, node.asked_at),
        took_s=_between(node.asked_at, end),
        content_s=_between(node.asked_at, node.content_at),
    )


def is_queued(node: Node) -> bool:
    """Whether a call waits for a free place of ours: nothing has been sent for it yet."""
    return node.status == "running" and node.asked_at is None and node.role != "person"


def queued_words(timing: Timing) -> str:
    """``3.2 s in the queue``, or nothing."""
    if timing.queued_s is None or timing.queued_s < LEAST_QUEUED_S:
        return ""
    return f"{figures.seconds(timing.queued_s)} in the queue"


def _between(start: datetime, end: datetime | None) -> float | None:
    return None if end is None else max(0.0, (end - start).total_seconds())
