"""What was made of the beginning of a conversation, so that it can go on without it: kept as a version each,
with what it cost. Values only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cort_desktop.domain.budget import Usage
from cort_desktop.domain.ids import ConversationId, ModelRef, TurnId

SummaryState = Literal["ready", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryCall:
    """One call that was to sum up the path of a conversation from its first question to ``turn``.

    path: names all that is summed up, so that a summary counts for this very path alone. turns: how many
    there are. version: from 1, of those of its conversation that are usable; None for one that is not, and
    ``problem`` says why. tokens: of its text. cost_microusd and usage: None is unknown.
    """

    conversation: ConversationId
    turn: TurnId
    path: str
    turns: int
    model: ModelRef
    made: datetime
    text: str = ""
    tokens: int = 0
    version: int | None = None
    problem: str = ""
    request: str = ""
    usage: Usage | None = None
    cost_microusd: int | None = None
    seconds: float = 0.0
    attempts: int = 0

    @property
    def state(self) -> SummaryState:
        """Whether it can be used."""
        return "failed" if self.problem else "ready"
