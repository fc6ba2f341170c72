"""``self_consistency``: samples in waves, a vote on the extracted answer, a stop as soon as the vote is
clear.

Wang et al. 2022 (arXiv:2203.11171); the adaptive stop by a Beta posterior is Aggarwal et al. 2023
(arXiv:2305.11860). Calls: at most N, about 7. Depth: one or two waves of 4.
"""

from __future__ import annotations

from cort_desktop.domain import events as ev
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import RunSpec
from cort_desktop.domain.strategy_settings import WholeSetting
from cort_desktop.engine import verifying
from cort_desktop.engine.decisions import Decision, Finish, Record
from cort_desktop.engine.stopping import vote_decided
from cort_desktop.engine.strategies import voting
from cort_desktop.engine.strategies.base import (
    Calls,
    Depth,
    fallback_answer,
    settled_candidates,
)
from cort_desktop.engine.strategies.sampling import (
    ROUND,
    sample_starts,
    samples,
    samples_running,
)

WAVE = 4


class SelfConsistency:
    """Waves of samples and a vote."""

    name = "self_consistency"
    summary = "Many short tries at a question with one right answer; the answer most of them agree on wins."
    source = "Wang et al. 2022, arXiv:2203.11171; Aggarwal et al. 2023, arXiv:2305.11860"
    settings = (
        WholeSetting(
            name="alternatives",
            default=16,
            low=1,
            high=64,
            words="samples at most, drawn in waves of 4",
            noun="samples",
        ),
    )

    def calls(self, spec: RunSpec, question: str) -> tuple[Calls, ...]:
        """From one wave to all samples."""
        del question
        most = spec.alternatives or WAVE
        return (Calls(role="proposer", low=min(WAVE, most), high=most),)

    def depth(self, spec: RunSpec, question: str) -> Depth:
        """Most often two waves are enough."""
        del question
        return Depth(answers=1 if (spec.alternatives or WAVE) <= WAVE else 2)

    def decide(self, state: RunState) -> list[Decision]:
        """Draw a wave, count, and stop when the count is clear or the samples are used up."""
        round_ = state.rounds.get(ROUND)
        if round_ is not None and round_.result is not None:
            return [self._finish(state)]
        drawn = sum(node.wish is None for node in samples(state))
        most = state.spec.alternatives or WAVE
        wave_end = min(most, -(-drawn // WAVE) * WAVE or WAVE)
        starts = sample_starts(state, wave_end, "answer_checkable")
        if starts:
            return list(starts)
        if samples_running(state):
            return []
        vote = _count(state)
        if verifying.is_due(state, vote.answers):
            return []
        if not vote.answers:
            return [self.close(state)]  # a wave of which nothing came won't be followed by another
        if not state.votes or state.votes[-1].answers != vote.answers:
            return [Record(body=vote)]
        had_ended = round_ is not None and round_.had_ended  # a sample tried again draws no further ones
        if drawn < most and not had_ended and vote_decided(*voting.lead(vote), most - drawn) is None:
            return list(sample_starts(state, min(most, drawn + WAVE), "answer_checkable"))
        return [Record(body=voting.result(state, vote))]

    def close(self, state: RunState) -> Finish:
        """The leader of the count there is; without one the best so far."""
        vote = _count(state)
        if not vote.tally:
            degraded = "No answer could be compared with the others; the first one stands."
            answer = fallback_answer(state)
            return Finish(
                rule="no_vote",
                text=degraded if answer else "No call brought an answer.",
                answer=answer,
                degraded=True,
            )
        result = voting.result(state, vote)
        return Finish(
            rule="vote",
            text=_words(vote),
            answer=result.winner,
            scores=result.scores,
            results=(vote, result),
        )

    def _finish(self, state: RunState) -> Finish:
        result = state.rounds[ROUND].result
        vote = state.votes[-1]
        if result is not None and result.method == "verifier":
            return Finish(
                rule="verifier",
                text="The check decides, not the vote.",
                numbers={"samples": len(vote.answers)},
                answer=result.winner,
                scores=result.scores,
            )
        if result is None or not vote.tally:
            return self.close(state)
        lead, rest = voting.lead(vote)
        left = (state.spec.alternatives or WAVE) - len(samples(state))
        return Finish(
            rule=vote_decided(lead, rest, left) or "samples",
            text=_words(vote),
            numbers={"for": lead, "next": rest, "confidence": vote.confidence, "samples": len(vote.answers)},
            answer=result.winner,
            scores=result.scores,
        )


def _count(state: RunState) -> ev.Vote:
    """The vote over all samples there are."""
    drawn = [node for node in settled_candidates(state, ROUND) if node.role == "proposer"]
    return voting.count(state, ROUND, drawn)


def _words(vote: ev.Vote) -> str:
    lead, _ = voting.lead(vote)
    return f"{lead} of {len(vote.answers)} samples agree on “{voting.leading(vote)}”."
