"""``balanced``: a vote where the answer can be compared, a judged choice where it can't.

Reads the question by cheap signs only (``extraction.is_checkable``) and writes its choice down as
``run.planned``; from there on the run is one of the chosen strategy.
"""

from __future__ import annotations

from dataclasses import replace

from cort_desktop.domain import events as ev
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import RunSpec
from cort_desktop.domain.strategy_settings import WholeSetting
from cort_desktop.engine.decisions import Decision, Finish, Record
from cort_desktop.engine.extraction import is_checkable
from cort_desktop.engine.strategies.base import Calls, Depth, Strategy, fallback_answer
from cort_desktop.engine.strategies.best_of_n import BestOfN
from cort_desktop.engine.strategies.self_consistency import SelfConsistency

MOST_SAMPLES = 16
ANSWERS = 4


class Balanced:
    """Self-consistency for checkable questions, best-of-N for the rest."""

    name = "balanced"
    summary = (
        "A vote when the answer can be compared (a number, a choice), else the best of several by judges."
    )
    source = "Snell et al. 2024, arXiv:2408.03314: where to spend compute depends on the question."
    settings = (
        WholeSetting(
            name="alternatives",
            default=None,
            low=1,
            high=40,
            words="samples at most: 16 for a vote, else 4",
            noun="samples",
        ),
        WholeSetting(name="judges", default=3, low=1, high=9, words="judges, where there is no vote"),
    )

    def __init__(self) -> None:
        self._vote = SelfConsistency()
        self._judged = BestOfN()

    def calls(self, spec: RunSpec, question: str) -> tuple[Calls, ...]:
        """Those of the strategy it will choose."""
        chosen, spec = self._choice(spec, question)
        return chosen.calls(spec, question)

    def depth(self, spec: RunSpec, question: str) -> Depth:
        """That of the strategy it will choose."""
        chosen, spec = self._choice(spec, question)
        return chosen.depth(spec, question)

    def decide(self, state: RunState) -> list[Decision]:
        """Choose once."""
        chosen, spec = self._choice(state.spec, state.question)
        why = (
            "The question has an answer that can be compared, so samples vote."
            if chosen is self._vote
            else "The question has no single answer to compare, so judges choose."
        )
        return [Record(body=ev.RunPlanned(strategy=chosen.name, spec=spec, why=why))]

    def _choice(self, spec: RunSpec, question: str) -> tuple[Strategy, RunSpec]:
        """The strategy for a question, and its numbers."""
        if is_checkable(question):
            return self._vote, replace(spec, alternatives=spec.alternatives or MOST_SAMPLES, judges=None)
        return self._judged, replace(spec, alternatives=spec.alternatives or ANSWERS)

    def close(self, state: RunState) -> Finish:
        """Nothing was asked yet."""
        return Finish(
            rule="not_started", text="Nothing was asked.", answer=fallback_answer(state), degraded=True
        )
