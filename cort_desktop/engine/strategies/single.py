"""``single``: one answer, one call. The control every other strategy is measured against."""

from __future__ import annotations

from cort_desktop.domain.ids import DRAFT
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import RunSpec
from cort_desktop.domain.strategy_settings import Setting
from cort_desktop.engine.decisions import Decision, Finish, Job, Start
from cort_desktop.engine.strategies.base import Calls, Depth, fallback_answer, pick_model


class Single:
    """One answer."""

    name = "single"
    summary = "One answer, as it comes."
    source = "The plain call; the control of every comparison."
    settings: tuple[Setting, ...] = ()

    def calls(self, spec: RunSpec, question: str) -> tuple[Calls, ...]:
        """One call."""
        del spec, question
        return (Calls(role="proposer", low=1, high=1),)

    def depth(self, spec: RunSpec, question: str) -> Depth:
        """One answer."""
        del spec, question
        return Depth(answers=1)

    def decide(self, state: RunState) -> list[Decision]:
        """Ask once; finish with what came."""
        node = state.nodes.get(DRAFT)
        if node is None or node.may_ask_again:
            return [Start(job=draft_job(state))]
        if node.status == "running":
            return []
        return [self.close(state)]

    def close(self, state: RunState) -> Finish:
        """The one answer, or none."""
        answer = fallback_answer(state)
        words = "One answer was asked for." if answer else "The one call brought no answer."
        return Finish(rule="single", text=words, answer=answer)


def draft_job(state: RunState) -> Job:
    """The draft: the question, answered without having seen anything else."""
    return Job(
        name=DRAFT,
        task="answer",
        role="proposer",
        kind="draft",
        model=pick_model(state.spec, "proposer", 0),
        sample=0,
    )
