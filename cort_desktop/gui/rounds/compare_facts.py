"""Which two texts are compared: what there is to choose from, the chain of winners, what is told. Pure."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.nodes import Node
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import ANSWER_ROLES
from cort_desktop.domain.worth import worth_of
from cort_desktop.telling.outline import kind_words
from cort_desktop.telling.word_diff import Comparison
from cort_desktop.telling.worth import worth_link


def choices(state: RunState) -> list[NodeName]:
    """The nodes with a text that no longer grows, in the order they were started."""
    return [node.name for node in state.nodes.values() if _has_text(node)]


def first_pair(
    state: RunState, selected: NodeName | None, marked: NodeName | None
) -> tuple[NodeName, NodeName] | None:
    """Old and new: the marked one and the selected, else the selected and the winner, else first and final.

    None while there are fewer than two texts.
    """
    there = choices(state)
    if len(there) < 2:  # noqa: PLR2004 - a pair
        return None
    answer = state.answer_node if state.answer_node in there else there[-1]
    if selected in there and marked in there and selected != marked:
        return (selected, marked) if marked == answer else (marked, selected)
    if selected in there and selected != answer:
        return selected, answer
    return draft_and_final(state)


def draft_and_final(state: RunState) -> tuple[NodeName, NodeName] | None:
    """The first text there was, and the answer; the one before it where they are the same."""
    there = choices(state)
    if len(there) < 2:  # noqa: PLR2004 - a pair
        return None
    answer = state.answer_node if state.answer_node in there else there[-1]
    first = there[0] if there[0] != answer else there[1]
    return first, answer


def chain(state: RunState) -> list[NodeName]:
    """How the answer changed over the rounds: the draft, the winners, the answer."""
    there = set(choices(state))
    winners = [
        round_.result.winner
        for _, round_ in sorted(state.rounds.items())
        if round_.result is not None and round_.result.winner is not None
    ]
    draft = [NodeName("D")] if "D" in there else []
    answer = [state.answer_node] if state.answer_node is not None else []
    steps: list[NodeName] = []
    for name in (*draft, *winners, *answer):
        if name in there and (not steps or steps[-1] != name):
            steps.append(name)
    return steps


def label(state: RunState, name: NodeName) -> str:
    """``R1.A2 · another method ★``."""
    node = state.nodes[name]
    kind = kind_words(node)
    star = " ★" if name == state.answer_node else ""
    broken = (
        "" if node.status == "finished" else " · " + QCoreApplication.translate("ComparePane", "interrupted")
    )
    return f"{name} · {kind}{broken}{star}"


def figures(
    comparison: Comparison, old: NodeName, new: NodeName, *, at: int = -1, is_cut: bool = False
) -> str:
    """``words only in R1.A3: 14, only in R1.A2: 15 · 78 % the same · change 2 of 7``.

    at: the change that is looked at, from 0; -1 for none. is_cut: not all of the texts is shown.
    """
    share, count = comparison.share, len(comparison.changes)
    if share is None or not count:
        said = [
            QCoreApplication.translate("ComparePane", "no difference between {old} and {new}").format(
                old=old, new=new
            )
        ]
    else:
        words = QCoreApplication.translate(
            "ComparePane", "words only in {new}: {added}, only in {old}: {removed}"
        )
        said = [
            words.format(
                new=new, added=comparison.words("added"), old=old, removed=comparison.words("removed")
            ),
            QCoreApplication.translate("ComparePane", "{share} % the same").format(
                share=min(99, round(share * 100))
            ),
        ]
    if at >= 0:
        said.append(
            QCoreApplication.translate("ComparePane", "change {number} of {count}").format(
                number=at + 1, count=count
            )
        )
    elif count:
        said.append(
            QCoreApplication.translate("ComparePane", "1 change")
            if count == 1
            else QCoreApplication.translate("ComparePane", "{count} changes").format(count=count)
        )
    if is_cut:
        said.append(QCoreApplication.translate("ComparePane", "only the beginning is shown"))
    return " · ".join(said)


def worth_words(state: RunState, pair: tuple[NodeName, NodeName]) -> str:
    """“Was it worth it?”, or what it came to, of the first answer and the final one; else nothing."""
    worth = worth_of(state)
    is_pair = worth is not None and {worth.first, worth.final} == set(pair)
    return worth_link(state) if is_pair else ""


def _has_text(node: Node) -> bool:
    return node.role in ANSWER_ROLES and node.status != "running" and bool(node.text.strip())
