"""How long a model's replies were: what the estimate of the next run's tokens rests on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cort_desktop.domain.ids import ModelRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Length:
    """Output tokens of the newest replies of one kind, as their service counted them: the fewest and the
    most. ``text_``: without those of thoughts, which no other call reads.
    """

    fewest: int
    most: int
    text_fewest: int
    text_most: int


Lengths = Callable[[ModelRef, bool], Length | None]
"""That of a model's answers (False) or verdicts (True); None when none was counted."""


def uncounted(_model: ModelRef, _verdict: bool) -> None:  # noqa: FBT001 - the kind of call
    """Nothing was counted yet."""
