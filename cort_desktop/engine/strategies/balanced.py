"""``balanced``: a vote where the answer can be compared, a judged choice where it can't.

Reads the question by cheap signs only (``extraction.is_checkable``) and writes its choice down as
``run.planned``; from there on the run is one of the chosen strategy.
"""

from __future__ import annotations

from dataclasses import replace

from cort_desktop.domain import events as ev
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import RunSpec
from cort_desktop.engine.decisions import Decision, Finish, Record
from cort_desktop.engine.extraction import is_checkable
from cort_desktop.engine.strategies.base import Calls, Depth, Setting, fallback_answer
from cort_desktop.engine.strategies.best_of_n import BestOfN
from cort_desktop.engine.strategies.self_consistency import SelfConsistency


class Balanced:
    """Self-consistency for checkable questions, best-of-N for the rest."""

    name = "balanced"
    summary = (
        "A vote when the answer can be compared (a number, a choice), else the best of several by judges."
    )
    source = "Snell et al. 2024, arXiv:2408.03314: where to spend compute depends on the question."
    settings = (
        Setting(
            name="alternatives", default=None, low=1, high=40, words="samples at most: 16 for a vote, else 4"
        ),
        Setting(name="judges", default=3, low=1, high=9, words="judges, where there is no vote"),
    )

    def __init__(self) -> None:
        self._vote = SelfConsistency()
        self._judged = BestOfN()

    def calls(self, spec: RunSpec) -> tuple[Calls, ...]:
        """Of the cheaper and the dearer of the two choices."""
        judged = replace(spec, alternatives=spec.alternatives or 4)
        voted = replace(spec, alternatives=spec.alternatives or 16)
        low = min(sum(c.low for c in s) for s in (self._judged.calls(judged), self._vote.calls(voted)))
        high = max(sum(c.high for c in s) for s in (self._judged.calls(judged), self._vote.calls(voted)))
        return (Calls(role="proposer", low=low, high=high),)

    def depth(self, spec: RunSpec) -> Depth:
        """Of the judged choice, which most questions take."""
        return self._judged.depth(replace(spec, alternatives=spec.alternatives or 4))

    def decide(self, state: RunState) -> list[Decision]:
        """Choose once."""
        checkable = is_checkable(state.question)
        chosen, number = (self._vote, 16) if checkable else (self._judged, 4)
        judges = None if checkable else state.spec.judges
        spec = replace(state.spec, alternatives=state.spec.alternatives or number, judges=judges)
        why = (
            "The question has an answer that can be compared, so samples vote."
            if checkable
            else "The question has no single answer to compare, so judges choose."
        )
        return [Record(body=ev.RunPlanned(strategy=chosen.name, spec=spec, why=why))]

    def close(self, state: RunState) -> Finish:
        """Nothing was asked yet."""
        return Finish(
            rule="not_started", text="Nothing was asked.", answer=fallback_answer(state), degraded=True
        )
