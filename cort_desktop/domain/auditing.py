"""What is known of a run's judging, as values: how it is found out is ``engine/audit.py``, how it is told
``telling/judging.py``.
"""

from __future__ import annotations

from dataclasses import dataclass

ENOUGH_VERDICTS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacePreference:
    """How often whom a judge was shown first came out first, beside how often chance would have it."""

    share: float
    expected: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfPreference:
    """The mean points (0 to 1) judges gave answers of their own model, and what others gave the same ones."""

    own: float
    others: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What is known of a run's judging; None where there is nothing to know it from.

    verdicts: how many could be read; abstained: how many could not. agreement: the mean of Kendall's tau-b
    between the rankings of a round, scaled to 0..1, over the rounds. swap_consistency: see ``order_effects``,
    over ``pairs``. length: the mean tau-b between rank and length of text, -1 to 1; above 0 longer ones did
    better. own_author: every judge is of the model that wrote the answers; own_judged: how many verdicts
    compared an answer of the judge's own model with others. with_person: the share of the
    person's choices that the judges put first too, of ``choices``.
    """

    verdicts: int
    abstained: int
    agreement: float | None = None
    swap_consistency: float | None = None
    pairs: int = 0
    place: PlacePreference | None = None
    length: float | None = None
    self_preference: SelfPreference | None = None
    own_author: bool = False
    own_judged: int = 0
    with_person: float | None = None
    choices: int = 0

    @property
    def is_indicator(self) -> bool:
        """Too few verdicts to say more than a direction."""
        return self.verdicts < ENOUGH_VERDICTS
