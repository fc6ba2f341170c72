"""``self_consistency``: samples in waves, a vote on the extracted answer, a stop as soon as the vote is
clear.

Wang et al. 2022 (arXiv:2203.11171); the adaptive stop by a Beta posterior is Aggarwal et al. 2023
(arXiv:2305.11860). Calls: at most N, about 7. Depth: one or two waves of 4.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import RunSpec
from cort_desktop.engine import verifying
from cort_desktop.engine.decisions import Decision, Finish, Record
from cort_desktop.engine.extraction import answer_value
from cort_desktop.engine.panel import round_missing
from cort_desktop.engine.stopping import vote_confidence, vote_decided
from cort_desktop.engine.strategies.base import (
    Calls,
    Depth,
    Setting,
    fallback_answer,
    sample_order,
    settled_candidates,
)
from cort_desktop.engine.strategies.sampling import (
    ROUND,
    first_whole,
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
        Setting(
            name="alternatives", default=16, low=1, high=64, words="samples at most, drawn in waves of 4"
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
        if drawn < most and not had_ended and vote_decided(*_lead(vote), most - drawn) is None:
            return list(sample_starts(state, min(most, drawn + WAVE), "answer_checkable"))
        return [Record(body=_result(state, vote))]

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
        result = _result(state, vote)
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
        lead, rest = _lead(vote)
        left = (state.spec.alternatives or WAVE) - len(samples(state))
        return Finish(
            rule=vote_decided(lead, rest, left) or "samples",
            text=_words(vote),
            numbers={"for": lead, "next": rest, "confidence": vote.confidence, "samples": len(vote.answers)},
            answer=result.winner,
            scores=result.scores,
        )


def _count(state: RunState) -> ev.Vote:
    """The vote over all samples there are. Answers are taken out of the text here, once, and recorded.

    A sample cut at the token limit has no vote unless all are: its last number is not its answer.
    """
    known = state.votes[-1].answers if state.votes else {}
    drawn = [node for node in settled_candidates(state, ROUND) if node.role == "proposer"]
    answers: dict[NodeName, str | None] = {
        node.name: known[node.name] if node.name in known else answer_value(node.text) for node in drawn
    }
    whole = {node.name for node in drawn if node.finish != "length"} or set(answers)
    tally = Counter(value for name, value in answers.items() if value is not None and name in whole)
    ordered = dict(tally.most_common())
    top = [*ordered.values(), 0, 0]
    confidence = vote_confidence(top[0], top[1]) if ordered else None
    return ev.Vote(round=ROUND, answers=answers, tally=ordered, confidence=confidence)


def _lead(vote: ev.Vote) -> tuple[int, int]:
    """Votes of the first and of the second value."""
    counts = sorted(vote.tally.values(), reverse=True)
    return (counts[0] if counts else 0, counts[1] if len(counts) > 1 else 0)


def _leading(vote: ev.Vote) -> str | None:
    """The value with most votes; among equals the one that was said first."""
    best = max(vote.tally.values(), default=0)
    for name in sorted(vote.answers, key=sample_order):
        value = vote.answers[name]
        if value is not None and best and vote.tally.get(value) == best:
            return value
    return None


def _among(vote: ev.Vote, names: Sequence[NodeName]) -> ev.Vote:
    """The count over some of the samples only: those that a verifier puts before the others."""
    answers = {name: vote.answers[name] for name in names}
    counted = (value for value in answers.values() if value is not None and value in vote.tally)
    return replace(vote, answers=answers, tally=dict(Counter(counted).most_common()))


def _result(state: RunState, vote: ev.Vote) -> ev.RoundFinished:
    everybody = sorted(vote.answers, key=sample_order)
    names = verifying.foremost(state, everybody)
    leading = _leading(_among(vote, names))
    agreeing = [name for name in names if leading is not None and vote.answers[name] == leading]
    outranked = len(names) < len(everybody) and (leading is None or leading != _leading(vote))
    counted = sum(vote.tally.values())
    scores = {
        name: vote.tally.get(value, 0) / counted
        for name, value in vote.answers.items()
        if value is not None and counted
    }
    return ev.RoundFinished(
        round=ROUND,
        winner=first_whole(state, agreeing or list(names)),
        scores=scores,
        method="verifier" if outranked else "vote" if leading is not None else None,
        missing=round_missing(state, ROUND),
    )


def _words(vote: ev.Vote) -> str:
    lead, _ = _lead(vote)
    return f"{lead} of {len(vote.answers)} samples agree on “{_leading(vote)}”."
