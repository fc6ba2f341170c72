"""Why a round came out as it did: headline, the table of scores, notes, the end of the run.

Built from the facts of ``telling/why.py``, in the shape the pane shows them (``why_values.py``); what each
judge said is ``judge_facts.py``, the chips are ``why_chips.py``, votes and checks ``why_counts.py``. Pure: a
pane is only built anew when something it says has changed. Nothing here is a heuristic: every number is a
judge's, a count, or a recorded figure.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from cort_desktop.domain.events import RoundFinished
from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.nodes import Round
from cort_desktop.domain.run import RunState
from cort_desktop.gui.rounds.end_words import numbers_words
from cort_desktop.gui.rounds.judge_facts import Lives, judges_said
from cort_desktop.gui.rounds.why_chips import round_chips
from cort_desktop.gui.rounds.why_counts import checks_of, votes_of
from cort_desktop.gui.rounds.why_values import Table, TableRow, Why
from cort_desktop.telling import why
from cort_desktop.telling.caps import end_words
from cort_desktop.telling.doubts import doubt_count
from cort_desktop.telling.meanings import scores_mean
from cort_desktop.telling.states import is_unjudged, is_unstable, round_name, verdict_failed, winner_of
from cort_desktop.telling.wishes import look_words, looks_at, own_rankings

_TOLD_SCORES = 12


def numbers(state: RunState) -> tuple[int, ...]:
    """The rounds there is something to say about: decided ones, and those with judges or votes."""
    voted = {vote.round for vote in state.votes}
    return tuple(
        number
        for number, round_ in sorted(state.rounds.items())
        if round_.result is not None or round_.judges or number in voted
    )


def best_number(state: RunState, node: NodeName | None) -> int | None:
    """The round that tells most about a node: its own, the first for the draft, else the last."""
    there = numbers(state)
    if not there:
        return None
    known = state.nodes.get(node) if node is not None else None
    if known is None:
        return there[-1]
    at_least = [number for number in there if number >= known.round]
    return at_least[0] if at_least else there[-1]


def why_of(state: RunState, number: int | None, live: Lives = lambda _: None) -> Why:
    """Everything about a round; ``number`` None: about a run in which nothing was compared.

    live: what the calls in flight have brought.
    """
    if number is None or number not in state.rounds:
        return Why(
            number=None,
            numbers=numbers(state),
            headline=_plain_headline(state),
            notes=(*why.instead_lines(state), why.nothing_compared(state)),
            ended=ended_words(state),
        )
    round_ = state.rounds[number]
    is_last = number == max(numbers(state), default=number)
    return Why(
        number=number,
        numbers=numbers(state),
        called=round_name(state),
        headline=_headline(state, round_, is_last=is_last),
        chips=round_chips(state, round_),
        table=_table(state, round_),
        judges=judges_said(state, round_, live),
        votes=votes_of(state, number),
        checks=checks_of(state, round_),
        notes=_notes(state, round_, is_last=is_last),
        ended=ended_words(state) if is_last else "",
    )


def ended_words(state: RunState) -> str:
    """Why the run ended, with its numbers in words; empty while it goes on."""
    if state.finished is None:
        return ""
    reason = state.finished.reason
    said = QCoreApplication.translate("WhyPane", "Why it ended: {reason}").format(reason=end_words(state))
    figures = numbers_words(reason)
    return f"{said} ({figures})" if figures else said


def _plain_headline(state: RunState) -> str:
    if state.started is None:
        return QCoreApplication.translate("WhyPane", "Nothing has happened yet")
    if state.answer_node is not None and state.finished is not None and state.override is None:
        return QCoreApplication.translate("WhyPane", "{node} is the answer").format(node=state.answer_node)
    return why.headline(state)


def _headline(state: RunState, round_: Round, *, is_last: bool) -> str:
    result, number = round_.result, round_.number
    if result is None:
        going = state.finished is None
        return (
            QCoreApplication.translate("WhyPane", "Round {number} is not decided yet")
            if going
            else QCoreApplication.translate("WhyPane", "Round {number} was not decided")
        ).format(number=number)
    if verdict_failed(round_):
        return QCoreApplication.translate("WhyPane", "The verdict of round {number} failed").format(
            number=number
        )
    if (unjudged := _unjudged(state, round_, result)) is not None:
        return unjudged
    is_the_end = is_last and state.finished is not None and result.winner == state.finished.answer_node
    if result.kept:
        words = (
            QCoreApplication.translate("WhyPane", "{node} stays")
            if is_the_end
            else QCoreApplication.translate("WhyPane", "{node} stays after round {number}")
        )
    else:
        words = (
            QCoreApplication.translate("WhyPane", "{node} won")
            if is_the_end
            else QCoreApplication.translate("WhyPane", "{node} won round {number}")
        )
    return words.format(node=result.winner, number=number)


def _unjudged(state: RunState, round_: Round, result: RoundFinished) -> str | None:
    """Of a round that nobody judged: a debate's exchange, a final text, a consensus; None for the others."""
    number, winner = round_.number, result.winner
    if winner is None and any(state.nodes[name].side for name in round_.candidates):
        words = QCoreApplication.translate("WhyPane", "{round} {number}: {said}")
        return words.format(round=round_name(state), number=number, said=winner_of(state, round_))
    if winner is None:
        return QCoreApplication.translate("WhyPane", "Nobody won round {number}").format(number=number)
    if state.nodes[winner].role == "synthesizer" and not round_.judges:
        words = QCoreApplication.translate("WhyPane", "{node} was written out of {count} answers")
        return words.format(node=winner, count=len(state.nodes[winner].saw))
    if result.method == "consensus":
        words = QCoreApplication.translate(
            "WhyPane", "{node} has most in common with the others of round {number}"
        )
        return words.format(node=winner, number=number)
    return None


def _table(state: RunState, round_: Round) -> Table | None:
    readable = why.readable(state, round_)
    if not readable:
        return None
    criteria = why.criteria(readable)
    judged = sorted(readable, key=lambda verdict: not why.dissent(round_, verdict))
    names = why.contestants(round_, readable)
    preference = round_.result.scores if round_.result is not None else {}
    winner = round_.result.winner if round_.result is not None else None
    return Table(
        criteria=tuple(criteria),
        judges=tuple(verdict.node for verdict in judged),
        dissenters=frozenset(verdict.node for verdict in judged if why.dissent(round_, verdict)),
        scored_by=sum(bool(verdict.scores) for verdict in readable),
        rows=tuple(
            TableRow(
                node=name,
                note=QCoreApplication.translate("WhyPane", "incumbent")
                if name == _incumbent(state, round_)
                else "",
                is_winner=name == winner,
                scores=tuple(why.mean_score(readable, name, criterion) for criterion in criteria),
                rank=_rank(names, preference, place),
                ranks=tuple(why.rank_words(verdict, name) for verdict in judged),
                preference=preference.get(name),
            )
            for place, name in enumerate(names)
        ),
    )


def _incumbent(state: RunState, round_: Round) -> NodeName | None:
    """Who had won before this round; the fold keeps it once a round is decided."""
    return state.incumbent if round_.result is None else round_.incumbent_before


def _rank(names: Sequence[NodeName], preference: dict[NodeName, float], place: int) -> str:
    """The place by the judges' preference, from 1; those with the same share it. Unknown before the end."""
    mine = preference.get(names[place])
    if mine is None:
        return "–"
    first = next(at for at, name in enumerate(names) if preference.get(name) == mine)
    is_tied = sum(preference.get(name) == mine for name in names) > 1
    return f"{first + 1}=" if is_tied else str(first + 1)


def _notes(state: RunState, round_: Round, *, is_last: bool) -> tuple[str, ...]:
    notes = []
    readable = why.readable(state, round_)
    if readable and doubt_count(readable) == len(readable):
        notes.append(
            QCoreApplication.translate(
                "WhyPane", "Every verdict of this round is in doubt, so what it came to is not firm."
            )
        )
    if round_.is_provisional and state.finished is not None:
        notes.append(
            QCoreApplication.translate(
                "WhyPane", "This round was decided early, with what there was when the run ended."
            )
        )
    if is_unstable(round_):
        notes.append(
            QCoreApplication.translate(
                "WhyPane",
                "Shown in another order the same judges chose differently, so this win is not firm.",
            )
        )
    notes += why.instead_lines(state, {*round_.candidates, *round_.judges, *round_.again})
    notes += [look_words(state, wish) for wish in looks_at(state, round_.number)]
    notes += own_rankings(state, round_.number)
    notes.append(_scores(round_))
    if is_last and not is_unjudged(state):
        notes += why.rating_words(state)
    return tuple(note for note in notes if note)


def _scores(round_: Round) -> str:
    """The scores of a round, and what such a score is."""
    scores = round_.result.scores if round_.result is not None else {}
    if not scores:
        return ""
    ordered = sorted(scores.items(), key=lambda item: -item[1])[:_TOLD_SCORES]
    told = ", ".join(f"{name} {score:.2f}" for name, score in ordered)
    hidden = len(scores) - len(ordered)
    told += f" (+{hidden})" if hidden else ""
    return QCoreApplication.translate(
        "WhyPane", "Scores of the round: {scores}. A score is {meaning}"
    ).format(scores=told, meaning=scores_mean(round_))
