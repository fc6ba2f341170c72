"""How far a run's judges can be believed: agreement, what order and length did to them, their own answers.

Pure, over the fold; nothing here changes a winner. All are indicators, not quality, and below 30 verdicts
they are called so. Biases and their names: Zheng et al. 2023 (arXiv:2306.05685), Wang et al. 2023
(arXiv:2305.17926), Panickssery et al. 2024 (arXiv:2404.13076).
"""

from __future__ import annotations

from itertools import combinations
from statistics import fmean

from cort_desktop.domain.auditing import Audit, PlacePreference, SelfPreference
from cort_desktop.domain.events import Verdict
from cort_desktop.domain.run import RunState
from cort_desktop.engine import order_effects
from cort_desktop.engine.ballots import Ballot, ballot_of, kendall_tau_b
from cort_desktop.engine.judges import authors_of


def audit(state: RunState) -> Audit:
    """The audit of a run as far as it has come."""
    verdicts = list(state.verdicts.values())
    votes = [(v, b) for v in verdicts if (b := ballot_of(v, set(v.order))) is not None]
    rounds = [r.result.agreement for r in state.rounds.values() if r.result is not None]
    agreements = [agreement for agreement in rounds if agreement is not None]
    chosen = _choices(state)
    return Audit(
        verdicts=len(votes),
        abstained=len(verdicts) - len(votes),
        agreement=fmean(agreements) if agreements else None,
        swap_consistency=order_effects.swap_consistency(verdicts),
        pairs=order_effects.pairs_in_both_orders(verdicts),
        place=_place(votes),
        length=_length(state, votes),
        self_preference=_self_preference(state, votes),
        own_author=_judged_by_own_author(state, votes),
        own_judged=sum(_has_own(state, verdict, ballot) for verdict, ballot in votes),
        with_person=fmean(chosen) if chosen else None,
        choices=len(chosen),
    )


def _place(votes: list[tuple[Verdict, Ballot]]) -> PlacePreference | None:
    """A shared first place counts for each by its share."""
    shares, expected = [], []
    for verdict, ballot in votes:
        shown = [name for name in verdict.order if name in ballot.places]
        top = ballot.top(set(shown))
        shares.append((shown[0] in top) / len(top))
        expected.append(1 / len(shown))
    return PlacePreference(share=fmean(shares), expected=fmean(expected)) if shares else None


def _length(state: RunState, votes: list[tuple[Verdict, Ballot]]) -> float | None:
    """Places count from 0 for the best, so the lengths are turned round."""
    found = []
    for _, ballot in votes:
        lengths = {name: -float(len(state.nodes[name].text)) for name in ballot.places}
        tau = kendall_tau_b(ballot.places, lengths)
        if tau is not None:
            found.append(tau)
    return fmean(found) if found else None


def _self_preference(state: RunState, votes: list[tuple[Verdict, Ballot]]) -> SelfPreference | None:
    """Over answers that both their own model and another one judged."""
    own, others = [], []
    for (verdict, ballot), (other, other_ballot) in combinations(votes, 2):
        if verdict.model == other.model:
            continue
        for name in ballot.places.keys() & other_ballot.places.keys():
            author = state.nodes[name].served_model or state.nodes[name].model
            if author == verdict.model:
                own.append(ballot.points(name))
                others.append(other_ballot.points(name))
            elif author == other.model:
                own.append(other_ballot.points(name))
                others.append(ballot.points(name))
    return SelfPreference(own=fmean(own), others=fmean(others)) if own else None


def _judged_by_own_author(state: RunState, votes: list[tuple[Verdict, Ballot]]) -> bool:
    authors = {state.nodes[name].model for _, ballot in votes for name in ballot.places}
    judges = {state.nodes[verdict.node].model for verdict, _ in votes}
    return bool(judges) and len(authors) == 1 and judges == authors


def _has_own(state: RunState, verdict: Verdict, ballot: Ballot) -> bool:
    judge = state.nodes[verdict.node].model
    return any(judge in authors_of(state.nodes[name]) for name in ballot.places)


def _choices(state: RunState) -> list[float]:
    """For each choice of the person among judged answers: whether the judges put it first too.

    A ranking the person gave counts by whom it puts first; only the last choice of an answer counts.
    """
    picked = [word.node for word in state.user if word.verb == "override" and word.node][-1:]
    found = [float(name == state.finished.answer_node) for name in picked if state.finished is not None]
    for word in state.user:
        if word.verb != "ranked" or not word.ranking:
            continue
        names = {name for place in word.ranking for name in place}
        number = max((state.nodes[name].round for name in names if name in state.nodes), default=0)
        result = state.rounds[number].result if number in state.rounds else None
        if result is not None and result.winner is not None:
            found.append(float(result.winner in word.ranking[0]))
    return found
