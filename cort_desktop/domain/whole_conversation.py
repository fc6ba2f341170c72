"""A conversation with all that is told of it where it leaves the library as something to read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from cort_desktop.domain.events import Event
from cort_desktop.domain.ids import RunId
from cort_desktop.domain.library import ConversationView
from cort_desktop.domain.summaries import SummaryCall

ExportForm = Literal["cort", "markdown", "json"]
"""What conversations are written as: all of them, to be opened again; the answers, to be read; or for other
programs.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeConversation:
    """The active path, and the logs of all runs of its turns."""

    view: ConversationView
    summaries: tuple[SummaryCall, ...]
    logs: Mapping[RunId, tuple[Event, ...]]


Render = Callable[[Sequence[WholeConversation]], str]
"""Makes one text of conversations."""
