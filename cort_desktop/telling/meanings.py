"""What the numbers of a contest are, in a sentence each: told wherever such a number is seen.

None of them is a measure of quality: they say what judges preferred, or how many samples agreed.
"""

from __future__ import annotations

from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.nodes import Node, Round
from cort_desktop.domain.run import RunState

NOT_QUALITY = "It is the judges’ preference, not a measure of quality."
_BORDA = (
    "the mean over the judges of the share of the others it was ranked above, ties as half, "
    f"from 0 (last for all) to 1 (first for all). {NOT_QUALITY}"
)
_BY_METHOD = {
    "vote": "the share of the samples with the same answer, 0 to 1. It tells agreement, not quality.",
    "rubric": f"the mean of the scores its judges gave it, each answer seen alone, over 10. {NOT_QUALITY}",
    "bradley_terry": f"the chance to beat an average candidate by the judges’ pairs, 0 to 1. {NOT_QUALITY}",
}
RATING = (
    "The rating is the strength over all verdicts of the run (Bradley-Terry); "
    f"an average candidate has 1. {NOT_QUALITY}"
)


def score_round(state: RunState, node: NodeName) -> Round | None:
    """The first round that judged a candidate: its score is from there."""
    for number in sorted(state.rounds):
        result = state.rounds[number].result
        if result is not None and node in result.scores:
            return state.rounds[number]
    return None


def score_means(state: RunState, node: Node) -> str:
    """What the score shown beside a candidate is; empty where it has none."""
    round_ = score_round(state, node.name)
    return "" if round_ is None else f"Score in round {round_.number}: {scores_mean(round_)}"


def scores_mean(round_: Round) -> str:
    """What the scores of a round are: the end of a sentence."""
    method = round_.result.method if round_.result is not None else None
    return _BY_METHOD.get(method or "", _BORDA)


def is_scored_alone(state: RunState) -> bool:
    """Whether judges were shown each answer by itself, and none was ever compared with another."""
    verdicts = state.verdicts.values()
    compared = any(sum(map(len, verdict.ranking)) > 1 for verdict in verdicts)
    return not compared and any(verdict.purpose == "score" for verdict in verdicts)


def winner_means(state: RunState) -> str:
    """What “won 2 of 3” or “agrees with 6 of 12” beside the answer counts, with its rating, if any."""
    name = state.answer_node
    if name is None or (not state.verdicts and not state.votes):
        return ""
    if state.votes and state.votes[-1].answers.get(name) is not None:
        return (
            "So many of the samples whose answer could be read gave the same answer. "
            "It tells agreement, not quality."
        )
    if any(verdict.purpose == "select" for verdict in state.verdicts.values()):
        return (
            "One call read all answers and said which of them most of the others agree with. "
            "It tells agreement, not quality."
        )
    if is_scored_alone(state):
        return f"Judges saw each answer alone; this is the mean of the scores they gave it. {NOT_QUALITY}"
    said = "So many of the judges that could be read put it first, alone, in the last round that judged it. "
    rating = state.finished.scores.get(name) if state.finished is not None else None
    has_rating = rating is not None and state.override is None and bool(state.verdicts)
    return said + (f"{RATING} This one has {rating:.2f}." if has_rating else NOT_QUALITY)
