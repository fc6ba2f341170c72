"""Why a round came out as it did: headline, chips, the table of scores, votes, checks, the end of the run.

Built from the facts of ``telling/why.py``, in the shape the pane shows them (``why_values.py``); what each
judge said is ``judge_facts.py``. Pure: a pane is only built anew when something it says has changed. Nothing
here is a heuristic: every number is a judge's, a count, or a recorded figure.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.nodes import Round
from cort_desktop.domain.run import RunState
from cort_desktop.gui.rounds.end_words import numbers_words
from cort_desktop.gui.rounds.judge_facts import judges_said
from cort_desktop.gui.rounds.why_values import Checked, Chip, Table, TableRow, VoteBar, Votes, Why
from cort_desktop.telling import why
from cort_desktop.telling.safe import one_line
from cort_desktop.telling.states import is_unjudged, is_unstable, verdict_failed


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


def why_of(state: RunState, number: int | None) -> Why:
    """Everything about a round; ``number`` None: about a run in which nothing was compared."""
    if number is None or number not in state.rounds:
        return Why(
            number=None,
            numbers=numbers(state),
            headline=_plain_headline(state),
            notes=(why.nothing_compared(state),),
            ended=ended_words(state),
        )
    round_ = state.rounds[number]
    is_last = number == max(numbers(state), default=number)
    return Why(
        number=number,
        numbers=numbers(state),
        headline=_headline(state, round_, is_last=is_last),
        chips=_chips(state, round_),
        table=_table(state, round_),
        judges=judges_said(state, round_),
        votes=_votes(state, number),
        checks=_checks(state, round_),
        notes=_notes(state, round_, is_last=is_last),
        ended=ended_words(state) if is_last else "",
    )


def ended_words(state: RunState) -> str:
    """Why the run ended, with its numbers in words; empty while it goes on."""
    if state.finished is None:
        return ""
    reason = state.finished.reason
    said = QCoreApplication.translate("WhyPane", "Why it ended: {reason}").format(
        reason=one_line(reason.text)
    )
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
    if result.winner is None:
        return QCoreApplication.translate("WhyPane", "Nobody won round {number}").format(number=number)
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


def _chips(state: RunState, round_: Round) -> tuple[Chip, ...]:
    result = round_.result
    chips = []
    if state.override is not None:
        chips.append(
            Chip(
                QCoreApplication.translate("WhyPane", "your choice: {node}").format(node=state.override),
                "badge-good",
            )
        )
    votes = _first_places(state, round_)
    if votes:
        chips.append(votes)
    if verdict_failed(round_):
        chips.append(Chip(QCoreApplication.translate("WhyPane", "too few judges could be read"), "badge-bad"))
    if result is not None:
        if result.unstable is not None:
            chips.append(_order_chip(unstable=result.unstable, consistency=result.swap_consistency))
        if result.agreement is not None:
            more = QCoreApplication.translate(
                "WhyPane", "How alike the judges’ rankings are, from 0 (opposite) to 1 (the same)"
            )
            chips.append(
                Chip(
                    QCoreApplication.translate("WhyPane", "agreement {share}").format(
                        share=f"{result.agreement:.2f}"
                    ),
                    more=more,
                )
            )
        if result.method is not None and result.method != "borda":
            chips.append(Chip(why.METHOD_WORDS[result.method]))
        if result.missing:
            missing = ", ".join(result.missing)
            chips.append(
                Chip(
                    QCoreApplication.translate("WhyPane", "missing: {nodes}").format(nodes=missing),
                    "badge-warn",
                )
            )
    return tuple(chips)


def _order_chip(*, unstable: bool, consistency: float | None) -> Chip:
    more = QCoreApplication.translate("WhyPane", "The same candidates were shown in another order as well")
    if consistency is not None:
        more += "; " + QCoreApplication.translate("WhyPane", "{share} of the pairs came out the same").format(
            share=f"{consistency:.0%}"
        )
    if unstable:
        return Chip(
            QCoreApplication.translate("WhyPane", "unstable: order changed the outcome"), "badge-warn", more
        )
    return Chip(QCoreApplication.translate("WhyPane", "same in both orders"), more=more)


def _first_places(state: RunState, round_: Round) -> Chip | None:
    """``2 of 3 judges`` put the winner first, alone or with others."""
    winner = round_.result.winner if round_.result is not None else None
    readable = [verdict for verdict in why.readable(state, round_) if winner in verdict.order]
    if winner is None or not readable:
        return None
    firsts = sum(winner in verdict.ranking[0] for verdict in readable)
    words = (
        QCoreApplication.translate("WhyPane", "{first} of {all} judges")
        if len(readable) > 1
        else QCoreApplication.translate("WhyPane", "{first} of 1 judge")
    )
    return Chip(
        words.format(first=firsts, all=len(readable)),
        more=QCoreApplication.translate("WhyPane", "So many put it first"),
    )


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


def _votes(state: RunState, number: int) -> Votes | None:
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


def _checks(state: RunState, round_: Round) -> tuple[Checked, ...]:
    there = set(round_.candidates)
    return tuple(
        Checked(
            node=check.node,
            verifier=one_line(check.verifier),
            passed=check.passed,
            detail=one_line(check.detail or ""),
        )
        for check in state.checks
        if check.node in there
    )


def _notes(state: RunState, round_: Round, *, is_last: bool) -> tuple[str, ...]:
    notes = []
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
    if is_last and not is_unjudged(state):
        notes += why.rating_words(state)
    return tuple(notes)
