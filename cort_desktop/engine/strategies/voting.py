"""A vote over the values that answers come down to: the count, who leads, and what a round comes to by it.

Pure. What an answer's value is, is ``extraction.py``; when a count is clear is ``stopping.py``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.nodes import Node
from cort_desktop.domain.run import RunState
from cort_desktop.engine import verifying
from cort_desktop.engine.extraction import answer_value
from cort_desktop.engine.panel import round_missing
from cort_desktop.engine.stopping import vote_confidence
from cort_desktop.engine.strategies.base import sample_order
from cort_desktop.engine.strategies.sampling import first_whole


def count(state: RunState, number: int, voters: Sequence[Node]) -> ev.Vote:
    """The vote of ``voters`` in a round. Values are taken out of the texts here, once, and recorded.

    An answer cut at the token limit has no vote unless all are: its last number is not its answer.
    """
    last = last_vote(state, number)
    known = {} if last is None else last.answers
    answers: dict[NodeName, str | None] = {
        node.name: known[node.name] if node.name in known else answer_value(node.text) for node in voters
    }
    whole = {node.name for node in voters if node.finish != "length"} or set(answers)
    tally = Counter(value for name, value in answers.items() if value is not None and name in whole)
    ordered = dict(tally.most_common())
    top = [*ordered.values(), 0, 0]
    confidence = vote_confidence(top[0], top[1]) if ordered else None
    return ev.Vote(round=number, answers=answers, tally=ordered, confidence=confidence)


def last_vote(state: RunState, number: int) -> ev.Vote | None:
    """The last count of a round; None before there is one."""
    return next((vote for vote in reversed(state.votes) if vote.round == number), None)


def lead(vote: ev.Vote) -> tuple[int, int]:
    """Votes of the first and of the second value."""
    counts = sorted(vote.tally.values(), reverse=True)
    return (counts[0] if counts else 0, counts[1] if len(counts) > 1 else 0)


def leading(vote: ev.Vote) -> str | None:
    """The value with most votes; among equals the one that was said first."""
    best = max(vote.tally.values(), default=0)
    for name in sorted(vote.answers, key=sample_order):
        value = vote.answers[name]
        if value is not None and best and vote.tally.get(value) == best:
            return value
    return None


def result(state: RunState, vote: ev.Vote) -> ev.RoundFinished:
    """The vote's round: the first whole answer of the leading value, among those that nobody outranks."""
    everybody = sorted(vote.answers, key=sample_order)
    names = verifying.foremost(state, everybody)
    first = leading(_among(vote, names))
    agreeing = [name for name in names if first is not None and vote.answers[name] == first]
    outranked = len(names) < len(everybody) and (first is None or first != leading(vote))
    counted = sum(vote.tally.values())
    scores = {
        name: vote.tally.get(value, 0) / counted
        for name, value in vote.answers.items()
        if value is not None and counted
    }
    return ev.RoundFinished(
        round=vote.round,
        winner=first_whole(state, agreeing or list(names)),
        scores=scores,
        method="verifier" if outranked else "vote" if first is not None else None,
        missing=round_missing(state, vote.round),
    )


def _among(vote: ev.Vote, names: Sequence[NodeName]) -> ev.Vote:
    """The count over some of the answers only: those that a verifier puts before the others."""
    answers = {name: vote.answers[name] for name in names}
    counted = (value for value in answers.values() if value is not None and value in vote.tally)
    return replace(vote, answers=answers, tally=dict(Counter(counted).most_common()))
