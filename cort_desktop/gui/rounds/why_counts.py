"""Votes and checks of a round as values: counted answers of samples, and what verifiers found. Pure."""

from __future__ import annotations

from cort_desktop.domain.nodes import Round
from cort_desktop.domain.run import RunState
from cort_desktop.gui.rounds.why_values import Checked, VoteBar, Votes
from cort_desktop.telling import why
from cort_desktop.telling.safe import one_line


def votes_of(state: RunState, number: int) -> Votes | None:
    """The last count of a round, the most votes first; None where nothing was counted."""
    vote = next((each for each in reversed(state.votes) if each.round == number), None)
    if vote is None:
        return None
    ordered = sorted(vote.tally.items(), key=lambda item: -item[1])
    return Votes(
        bars=tuple(
            VoteBar(
                value=one_line(value),
                votes=votes,
                nodes=tuple(name for name, said in vote.answers.items() if said == value),
            )
            for value, votes in ordered
        ),
        total=sum(vote.tally.values()),
        silent=tuple(name for name, said in vote.answers.items() if said is None),
        confidence=vote.confidence,
    )


def checks_of(state: RunState, round_: Round) -> tuple[Checked, ...]:
    """What verifiers found of a round’s candidates."""
    return tuple(
        Checked(
            node=check.node,
            verifier=one_line(check.verifier),
            passed=check.passed,
            detail=one_line(check.detail or ""),
        )
        for check in why.checks(state, round_)
    )
