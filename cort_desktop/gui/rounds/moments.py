"""A feed as a ``Moment``: the run as it stands now, and what the calls in flight have brought so far."""

from __future__ import annotations

from datetime import datetime

from cort_desktop.domain.ids import NodeName
from cort_desktop.gui.run_feed import RunFeed
from cort_desktop.telling.run_tree import Moment
from cort_desktop.telling.states import Streaming, judged_in


def moment_of(feed: RunFeed, last_at: datetime | None = None) -> Moment:
    """The run of a feed now. last_at: when its last event came."""
    return Moment(
        state=feed.state,
        now=feed.now(),
        last_at=last_at,
        live=lambda name: streaming(feed, name),
        is_worked_on=feed.is_working or feed.state.finished is not None,
        elsewhere=feed.elsewhere or "",
    )


def streaming(feed: RunFeed, name: NodeName) -> Streaming | None:
    """What has come of a call in flight; None before its first piece."""
    streamed = feed.texts.get(name)
    if streamed is None:
        return None
    is_judge = name in feed.state.nodes and feed.state.nodes[name].role == "judge"
    return Streaming(
        characters=streamed.characters,
        is_reasoning=not streamed.answer,
        judged=judged_in(streamed.answer) if is_judge else None,
    )
