"""An answer that is kept so that an equal call need not be sent again, and what it is filed under.

Values only. Which calls are equal, and when an answer is kept or used, is ``resilience/cache.py``; the file
it lies in is ``storage/reply_cache.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cort_desktop.domain.budget import Usage
from cort_desktop.domain.ids import ConversationId, ModelRef, RunId

Tag = Literal["model", "conversation", "run", "stage"]
"""What kept answers can be told apart by, to be listed or cleared together."""
QUESTION_CHARACTERS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """Where a kept answer comes from. ``stage`` is the role that was asked; ``question`` the beginning of the
    run's question, on one line.
    """

    model: ModelRef
    stage: str
    conversation: ConversationId
    run: RunId
    question: str = ""

    def tag(self, name: Tag) -> str:
        """The value of one tag."""
        return str(getattr(self, name))


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptReply:
    """A whole answer as it was given. cost_microusd: what it cost then, None where that was not known;
    seconds: what it took then; made: when, in UTC.
    """

    text: str
    reasoning: str = ""
    filing: Filing
    made: datetime
    usage: Usage | None = None
    cost_microusd: int | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptEntry:
    """One kept answer as it is listed. used: how often it was given in place of a call; last_used: when, None
    when never; bytes: the room it takes.
    """

    key: str
    filing: Filing
    made: datetime
    last_used: datetime | None = None
    used: int = 0
    bytes: int = 0
    cost_microusd: int | None = None

    @property
    def saved_microusd(self) -> int | None:
        """What its uses would have cost; None when what it cost is not known."""
        return 0 if not self.used else None if self.cost_microusd is None else self.used * self.cost_microusd


def beginning_of(question: str) -> str:
    """The beginning of a question, on one line."""
    line = " ".join(question[: 4 * QUESTION_CHARACTERS].split())
    return line if len(line) <= QUESTION_CHARACTERS else line[: QUESTION_CHARACTERS - 1].rstrip() + "…"
