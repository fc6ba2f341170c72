"""Candidates that were tried again after the judges of their round had been asked: how they still get a fair
contest.

A verdict that was given is never taken back for a newcomer, and a round is not judged all over for its
sake: that would cost a whole panel, and could change places among those it had ranked already. A newcomer has
only to show that it beats the answer that stands, so it meets that one head to head, blind, before a judge
in both orders, and takes its place only if both verdicts prefer it. That is two calls for each newcomer,
whatever the strategy; the verdicts count on in the newcomer's round and enter the final ratings with all
others. A round in which nobody was judged yet simply takes the newcomer in (``RunState``); so does a vote.
"""

from __future__ import annotations

from dataclasses import dataclass

from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import Method
from cort_desktop.engine import verifying
from cort_desktop.engine.decisions import Decision
from cort_desktop.engine.panel import HeadToHead, Panel, head_to_head


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """How the late candidates fared against the answer that stood.

    answer: who stands now. is_open: whether something is still to come, by ``decisions`` or by itself. words:
    sentences on what is settled, to go behind the reason of the run's end.
    """

    answer: NodeName
    is_open: bool = False
    decisions: tuple[Decision, ...] = ()
    words: str = ""


def challenge(state: RunState, standing: NodeName) -> Challenge:
    """Let every late candidate challenge the answer, one after the other, in the order in which they were
    tried again.

    ``standing`` must rest on verdicts without late candidates, or it would move while it is challenged. Those
    that are to be asked again must be started by the strategy; they are waited for.
    """
    words = ""
    for index, name in enumerate(state.late):
        node = state.nodes[name]
        if node.status == "running" or node.may_ask_again or verifying.is_due(state, (name, standing)):
            return Challenge(answer=standing, is_open=True, words=words)
        if not node.is_candidate or name in state.out:
            continue
        met = meet(state, max(1, node.round), standing, name, turn=index)
        if met.decisions is not None:
            return Challenge(answer=standing, is_open=True, decisions=met.decisions, words=words)
        words += f" {name}, tried again, {met.words}"
        standing = met.winner
    return Challenge(answer=standing, words=words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A text against the answer that stood: who stands now, and the end of a sentence on how that came;
    ``decisions`` as long as verdicts are wanted. method: None where no verdict and no check decided.
    """

    winner: NodeName
    decisions: tuple[Decision, ...] | None = None
    method: Method | None = None
    unstable: bool | None = None
    words: str = ""


def meet(state: RunState, number: int, standing: NodeName, name: NodeName, *, turn: int) -> Meeting:
    """How far ``name`` is against ``standing`` in round ``number``, both being candidates that were checked
    where there is a verifier. What is cut at its limit loses to what is whole, then the checks decide, then
    judges in both orders. turn: see ``head_to_head``.
    """
    whole, stands_whole = state.nodes[name].finish != "length", state.nodes[standing].finish != "length"
    if whole != stands_whole:
        return Meeting(winner=name if whole else standing, words=_CUT[whole].format(standing=standing))
    mine, its = verifying.rank(state, name), verifying.rank(state, standing)
    if mine != its:
        words = _CHECKED[mine > its].format(standing=standing)
        return Meeting(winner=name if mine > its else standing, method="verifier", words=words)
    panel = Panel(round=number, contestants=(standing, name), judges=1, incumbent=standing)
    duel = head_to_head(state, panel, (standing, name), turn=turn)
    return Meeting(
        winner=duel.winner or standing,
        decisions=duel.decisions,
        method=None if duel.winner is None else "head_to_head",
        unstable=duel.unstable,
        words=_outcome(standing, name, duel),
    )


_CUT = {
    True: "takes the place of {standing}, which is cut at its token limit.",
    False: "is cut at its token limit, so {standing} stays.",
}

_CHECKED = {
    True: "takes the place of {standing}, which it outranks by its check.",
    False: "is outranked by its check, so {standing} stays.",
}


def _outcome(standing: NodeName, name: NodeName, duel: HeadToHead) -> str:
    if duel.winner == name:
        return f"was preferred to {standing} in both orders."
    if duel.winner == standing:
        return f"did not beat {standing}."
    if not duel.is_judged:
        return f"could not be compared with {standing}, which stays."
    return f"was not clearly better than {standing}, which stays."
