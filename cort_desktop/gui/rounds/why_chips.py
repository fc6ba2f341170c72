"""The chips beside the headline of a round: who put the winner first, what is shaky, what is missing.

Pure values over ``RunState``.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from cort_desktop.domain.events import RoundFinished
from cort_desktop.domain.nodes import Round
from cort_desktop.domain.run import RunState
from cort_desktop.gui.rounds.why_values import Chip
from cort_desktop.telling import why
from cort_desktop.telling.doubts import doubt_count
from cort_desktop.telling.states import verdict_failed
from cort_desktop.telling.summary import first_places, selected_words


def round_chips(state: RunState, round_: Round) -> tuple[Chip, ...]:
    """What is said beside the headline of a round."""
    chips = []
    if state.override is not None:
        words = QCoreApplication.translate("WhyPane", "your choice: {node}")
        chips.append(Chip(words.format(node=state.override), "badge-good"))
    chips += [chip for chip in (_first_places(state, round_), _in_doubt(state, round_)) if chip is not None]
    if verdict_failed(round_):
        chips.append(Chip(QCoreApplication.translate("WhyPane", "too few judges could be read"), "badge-bad"))
    if round_.result is not None:
        chips += _result_chips(round_.result)
    return tuple(chips)


def _result_chips(result: RoundFinished) -> list[Chip]:
    """Whether order mattered, how far the judges agreed, how it was decided, who is missing."""
    chips = []
    if result.unstable is not None:
        chips.append(_order_chip(unstable=result.unstable, consistency=result.swap_consistency))
    if result.agreement is not None:
        words = QCoreApplication.translate("WhyPane", "agreement {share}")
        more = QCoreApplication.translate(
            "WhyPane", "How alike the judges’ rankings are, from 0 (opposite) to 1 (the same)"
        )
        chips.append(Chip(words.format(share=f"{result.agreement:.2f}"), more=more))
    if result.diversity is not None:
        words = QCoreApplication.translate("WhyPane", "diversity {share}")
        more = QCoreApplication.translate(
            "WhyPane",
            "How different the wording of the round’s answers is, from 0 (the same) to 1 (nothing in common)",
        )
        chips.append(Chip(words.format(share=f"{result.diversity:.2f}"), more=more))
    if result.method is not None and result.method != "borda":
        chips.append(Chip(why.METHOD_WORDS[result.method]))
    if result.missing:
        words = QCoreApplication.translate("WhyPane", "missing: {nodes}")
        chips.append(Chip(words.format(nodes=", ".join(result.missing)), "badge-warn"))
    return chips


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
    """``2 of 3 judges`` put the winner first, alone: the same count as beside the answer."""
    winner = round_.result.winner if round_.result is not None else None
    readable = [verdict for verdict in why.readable(state, round_) if winner in verdict.order]
    if winner is None or not readable:
        return None
    if readable[0].purpose == "select":
        return Chip(selected_words(readable[0], winner)) if winner in readable[0].ranking[0] else None
    firsts, tied = first_places(readable, winner)
    words = (
        QCoreApplication.translate("WhyPane", "{first} of {all} judges")
        if len(readable) > 1
        else QCoreApplication.translate("WhyPane", "{first} of 1 judge")
    )
    more = QCoreApplication.translate("WhyPane", "So many put it first, alone")
    if tied:
        also = QCoreApplication.translate("WhyPane", "{count} more saw it level with another at the top")
        more += "; " + also.format(count=tied)
    return Chip(words.format(first=firsts, all=len(readable)), more=more)


def _in_doubt(state: RunState, round_: Round) -> Chip | None:
    """How many verdicts are odd in themselves; which and why stands at each of them."""
    readable = why.readable(state, round_)
    odd = doubt_count(readable)
    if not odd:
        return None
    return Chip(
        QCoreApplication.translate("WhyPane", "{count} of {all} verdicts in doubt").format(
            count=odd, all=len(readable)
        ),
        "badge-warn",
        QCoreApplication.translate("WhyPane", "What is odd about them stands at each of them below"),
    )
