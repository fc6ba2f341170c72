"""When a round is judged without its slowest: once two thirds of it, the incumbent among them, are there and
the rest takes twice as long as those took (ENGINE 7).

Pure: the time comes from the events, and the wait is a decision for later. Who is left behind is no loss: it
joins the next verdict when it has come by then.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median

from cort_desktop.domain.events import RoundQuorum
from cort_desktop.domain.nodes import Node
from cort_desktop.engine.decisions import Later

SHARE_THERE = (2, 3)
TIMES_THE_MEDIAN = 2


def quorum(number: int, members: Sequence[Node], *, incumbent_there: bool) -> Later | None:
    """The decision to judge round ``number`` without its slowest; None while there is no quorum.

    members: the round's calls, but an incumbent that stood before. incumbent_there: whether the incumbent has
    its text; one that stood before counts as a member that is there.
    """
    waiting = [node for node in members if node.status == "running" and not node.is_late]
    took = [seconds for node in members if (seconds := _seconds(node)) is not None]
    there = len(took) + (incumbent_there and all(node.round == number for node in members))
    size = len(waiting) + there
    share, of = SHARE_THERE
    if not waiting or not took or not incumbent_there or there < math.ceil(size * share / of):
        return None
    middle = median(took)
    due = [_due(node, middle) for node in waiting]
    if any(each is None for each in due):
        return None  # one that still waits for a place with its provider isn't slow
    body = RoundQuorum(
        round=number, late=tuple(node.name for node in waiting), median_seconds=round(middle, 3)
    )
    return Later(body=body, at=max(each for each in due if each is not None))


def _seconds(node: Node) -> float | None:
    """How long a candidate took from its first request to its end."""
    if not node.is_candidate or node.is_late or node.asked_at is None or node.ended_at is None:
        return None
    return (node.ended_at - node.asked_at).total_seconds()


def _due(node: Node, middle_s: float) -> datetime | None:
    return None if node.asked_at is None else node.asked_at + timedelta(seconds=TIMES_THE_MEDIAN * middle_s)
