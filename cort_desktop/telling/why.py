"""Why an answer won, in words: the headline, how a round was decided, ranks, mean scores, dissent, ratings.

Pure facts of a run's state. Judges wrote labels; ``named`` reads them as the names everybody sees. How the
words are laid out is the front end's.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from math import fsum

from cort_desktop.domain.events import Check, RoundFinished, Verdict
from cort_desktop.domain.ids import DRAFT, NodeName
from cort_desktop.domain.nodes import Round
from cort_desktop.domain.run import RunState
from cort_desktop.telling.meanings import is_scored_alone
from cort_desktop.telling.safe import one_line
from cort_desktop.telling.states import (
    CHECK_WORDS,
    IN_COMMON,
    ORDER_MATTERED,
    instead_words,
    is_unjudged,
    verdict_failed,
)
from cort_desktop.telling.summary import why_no_answer

METHOD_WORDS = {
    "borda": "mean rank over the judges (Borda)",
    "head_to_head": "decided head to head, in both orders",
    "bradley_terry": "rating over all comparisons (Bradley-Terry)",
    "vote": "the answer most samples agree on",
    "verifier": "checked by a verifier",
    "consensus": "nobody judged it",
    "rubric": "mean of the judges’ scores, each answer judged alone",
}
REPAIRED = "read after one repair"
ABSTAINED = "abstained: its reply could not be read; it counts for nothing"


def headline(state: RunState) -> str:
    """Which answer there is, and whether that is settled, in one sentence without a full stop."""
    name = state.answer_node
    if name is None:
        return "There is no answer yet" if state.finished is None else why_no_answer(state)
    if state.override is not None:
        return f"{name} is the answer because you chose it"
    if is_unjudged(state):
        return f"{name} is the first answer; nothing is judged yet"
    if state.finished is None:
        return f"So far {name} is the best; it changes only when a round ends"
    return f"Why {name} is the answer"


def instead_lines(state: RunState, among: Container[NodeName] | None = None) -> list[str]:
    """Which calls another model answered than the one that was asked, a line for each pair of the two.

    among: only of these calls.
    """
    befell: dict[str, list[NodeName]] = {}
    for node in state.nodes.values():
        if (among is None or node.name in among) and (words := instead_words(node)):
            befell.setdefault(words, []).append(node.name)
    return [f"{', '.join(names)}: {words}" for words, names in befell.items()]


def nothing_compared(state: RunState) -> str:
    """What is said in the place of an explanation where nothing was judged."""
    words = "Nothing was compared" if state.finished is not None else "Nothing is compared yet"
    return f"{words}: there are no verdicts and no votes in this run."


def result_words(round_: Round) -> list[str]:
    """How a round came out: who won, by what method, how far the judges agreed, what is missing."""
    result = round_.result
    if result is None:
        return ["not decided"]
    who = "nobody won" if result.winner is None else f"{result.winner} {'stays' if result.kept else 'won'}"
    who = f"{result.winner} {IN_COMMON}" if result.method == "consensus" else who
    if verdict_failed(round_):
        return ["the verdict failed, too few judges could be read", who]
    missing = f"missing {', '.join(result.missing)}" if result.missing else ""
    varied = "" if result.diversity is None else f"diversity of the answers {result.diversity:.2f}"
    words = [who, METHOD_WORDS.get(result.method or "", ""), *agreement_words(result), varied, missing]
    return [word for word in words if word]


def agreement_words(result: RoundFinished) -> list[str]:
    """How far the judges agreed, and whether the order they were shown mattered."""
    words = []
    if result.agreement is not None:
        words.append(f"agreement of the judges {result.agreement:.2f}")
    if result.swap_consistency is not None:
        words.append(f"same in both orders {result.swap_consistency:.2f}")
    if result.unstable is not None:
        words.append(f"unstable: {ORDER_MATTERED}" if result.unstable else "order did not change the outcome")
    return words


def readable(state: RunState, round_: Round) -> list[Verdict]:
    """The verdicts of a round that rank anything."""
    return [verdict for verdict in verdicts(state, round_) if verdict.ranking]


def checks(state: RunState, round_: Round) -> list[Check]:
    """What a verifier found of a round's candidates; the draft's stands with the first round."""
    there = {*round_.candidates, *([DRAFT] if round_.number == 1 else [])}
    return [check for check in state.checks if check.node in there]


def check_line(check: Check) -> str:
    """``R1.A2 passed its check (unit tests t.py): 3 tests passed.``"""
    detail = f": {one_line(check.detail)}" if check.detail else ""
    return f"{check.node} {CHECK_WORDS[check.passed]} ({one_line(check.verifier)}){detail}"


def verdicts(state: RunState, round_: Round) -> list[Verdict]:
    """The verdicts of a round in the order of their judges, abstentions included."""
    return [state.verdicts[name] for name in round_.judges if name in state.verdicts]


def further_verdicts(state: RunState, round_: Round) -> list[Verdict]:
    """The verdicts of further looks at a round, which decide nothing."""
    return [state.rejudged[name] for name in round_.again if name in state.rejudged]


def contestants(round_: Round, ranked: Sequence[Verdict]) -> list[NodeName]:
    """Everyone that is ranked in ``ranked``: the round's winner first, then by the judges' preference."""
    names = list(dict.fromkeys(name for verdict in ranked for tied in verdict.ranking for name in tied))
    preference = round_.result.scores if round_.result is not None else {}
    winner = round_.result.winner if round_.result is not None else None
    return sorted(names, key=lambda name: (name != winner, -preference.get(name, 0.0)))


def criteria(ranked: Sequence[Verdict]) -> list[str]:
    """The criteria that were scored, in the judges' order."""
    return list(dict.fromkeys(c for verdict in ranked for scores in verdict.scores.values() for c in scores))


def criterion_words(criterion: str) -> str:
    """A criterion as a short head of a column."""
    return "follows" if criterion == "instruction_following" else criterion


def mean_score(ranked: Sequence[Verdict], name: NodeName, criterion: str) -> float | None:
    """The mean of what the judges gave a candidate for a criterion, 1 to 10; None where nobody scored it."""
    scores = [v.scores[name][criterion] for v in ranked if criterion in v.scores.get(name, {})]
    return fsum(scores) / len(scores) if scores else None


def score_words(score: float | None) -> str:
    """``8``, ``7.3``, or nothing."""
    return "" if score is None else f"{score:.1f}".removesuffix(".0")


def rank_words(verdict: Verdict, name: NodeName) -> str:
    """The place in the ranking, counted from 1; tied ones share it (``2=``), ``–`` when it isn't ranked."""
    place = 1
    for tied in verdict.ranking:
        if name in tied:
            return f"{place}=" if len(tied) > 1 else str(place)
        place += len(tied)
    return "–"


def dissent(round_: Round, verdict: Verdict) -> tuple[NodeName, ...]:
    """Whom a judge put first instead of the round's winner; empty when it agrees, or never saw the winner."""
    winner = round_.result.winner if round_.result is not None else None
    if winner is None or not verdict.ranking or winner not in verdict.order or winner in verdict.ranking[0]:
        return ()
    return verdict.ranking[0]


def dissent_words(round_: Round, verdict: Verdict) -> str:
    """``dissent: preferred R1.A1``, or nothing."""
    preferred = dissent(round_, verdict)
    return f"dissent: preferred {' = '.join(preferred)}" if preferred else ""


def named(text: str, verdict: Verdict) -> str:
    """A judge's words with the labels it was shown replaced by the candidates' names, on one line."""
    if not verdict.labels:
        return one_line(text)
    labels = "|".join(re.escape(label) for label in verdict.labels)
    return one_line(re.sub(rf"\b({labels})\b", lambda found: verdict.labels[found[1]], text))


def rating_words(state: RunState) -> list[str]:
    """The rating over all verdicts of a finished run, and why it may differ from the last round."""
    scores = state.finished.scores if state.finished is not None else {}
    if len(scores) <= 1:
        return []
    ordered = sorted(scores.items(), key=lambda item: -item[1])
    rating = ", ".join(f"{name} {score:.2f}" for name, score in ordered)
    said = [f"{_rating_title(state)}: {rating}"]
    last = last_winner(state)
    if last is not None and last != state.answer_node and state.override is None:
        said.append(f"{last} won the last round, but over all verdicts {state.answer_node} is rated higher.")
    return said


def _rating_title(state: RunState) -> str:
    if all(verdict.purpose == "select" for verdict in state.verdicts.values()):
        return "Share of the votes"
    if is_scored_alone(state):
        return "Mean of the judges’ scores, over 10"
    return "Overall rating (strength over all verdicts of the run; 1 is average)"


def last_winner(state: RunState) -> NodeName | None:
    """Who won the last round that was decided."""
    for number in sorted(state.rounds, reverse=True):
        result = state.rounds[number].result
        if result is not None and result.winner is not None:
            return result.winner
    return None
