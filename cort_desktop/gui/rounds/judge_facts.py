"""What each judge of a round said, in names instead of labels, with what it is worth: dissent first. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication

from cort_desktop.domain.events import Verdict
from cort_desktop.domain.ids import NodeName, model_of
from cort_desktop.domain.nodes import Node, Round
from cort_desktop.domain.run import RunState
from cort_desktop.gui.rounds.why_values import Chip, JudgeSaid, Piece, Saying
from cort_desktop.telling import why
from cort_desktop.telling.doubts import doubts, flaws_named
from cort_desktop.telling.safe import one_line
from cort_desktop.telling.states import Streaming, fault_words, judge_state

_MOST_CHARACTERS = 4_000
"""Of one thing that a judge says; its raw reply has all of it."""
_NODE = re.compile(r"R\d+\.[AHJC]\d+")


Lives = Callable[[NodeName], Streaming | None]
"""What a call in flight has brought so far."""


def judges_said(state: RunState, round_: Round, live: Lives) -> tuple[JudgeSaid, ...]:
    """Dissent first, then who agrees, then who gave no verdict."""
    said = [
        _said(state, round_, state.nodes[name], live)
        for name in (*round_.judges, *round_.again)
        if name in state.nodes
    ]

    def place(judge: JudgeSaid) -> int:
        return 0 if judge.dissent else 1 if judge.ranking else 2

    return tuple(sorted(said, key=place))


def saying(text: str, state: RunState, verdict: Verdict | None = None) -> Saying:
    """A judge's words on one line, its labels read as names, every name of a node a place to go to."""
    labels = dict(verdict.labels) if verdict is not None else {}
    alternatives = [rf"\b{re.escape(label)}\b" for label in sorted(labels, key=len, reverse=True)]
    pattern = re.compile("|".join([*alternatives, rf"\b{_NODE.pattern}\b"]))
    is_long = len(text) > _MOST_CHARACTERS
    line, pieces, at = one_line(text[:_MOST_CHARACTERS]) + (" …" if is_long else ""), [], 0
    for found in pattern.finditer(line):
        node = labels.get(found[0], NodeName(found[0]))
        if node not in state.nodes:
            continue
        if found.start() > at:
            pieces.append(Piece(line[at : found.start()]))
        pieces.append(Piece(node, node))
        at = found.end()
    if at < len(line):
        pieces.append(Piece(line[at:]))
    return tuple(pieces)


def plain(said: Saying) -> str:
    """The words alone."""
    return "".join(piece.text for piece in said)


def ranking_saying(verdict: Verdict) -> Saying:
    """``R1.A2 > R1.A1 = D``, every name a place to go to."""
    pieces: list[Piece] = []
    for place, tied in enumerate(verdict.ranking):
        for index, name in enumerate(tied):
            if place or index:
                pieces.append(Piece("\u00a0= " if index else "\u00a0> "))
            pieces.append(Piece(name, name))
    return tuple(pieces)


def _said(state: RunState, round_: Round, node: Node, live: Lives) -> JudgeSaid:
    verdict = state.verdict_of(node.name)
    model = (verdict.model if verdict is not None else None) or node.model
    short = model_of(model) if model is not None else ""
    if verdict is None:
        return JudgeSaid(
            node=node.name,
            model=short,
            chips=(_silence(state, node, live(node.name)),),
            raw=node.text or None,
        )
    preferred = why.dissent(round_, verdict)
    return JudgeSaid(
        node=node.name,
        model=short,
        chips=_verdict_chips(verdict),
        dissent=_preferred(preferred),
        ranking=ranking_saying(verdict),
        quote=saying(verdict.reason or "", state, verdict),
        order=verdict.order,
        lacks=saying(verdict.critique or "", state, verdict),
        doubts=tuple(doubt.words[:1].upper() + doubt.words[1:] + "." for doubt in doubts(verdict)),
        flaws=tuple((name, saying(flaw, state, verdict)) for name, flaw in flaws_named(verdict).items()),
        raw=verdict.raw or node.text or None,
    )


def _preferred(names: Sequence[NodeName]) -> Saying:
    pieces: list[Piece] = []
    for name in names:
        if pieces:
            pieces.append(Piece(" = "))
        pieces.append(Piece(name, name))
    return tuple(pieces)


def _silence(state: RunState, node: Node, live: Streaming | None) -> Chip:
    """Why there is no verdict of a judge."""
    if node.status == "failed":
        return Chip(
            QCoreApplication.translate("WhyPane", "gave no verdict: {error}").format(error=fault_words(node)),
            "badge-bad",
        )
    _, words = judge_state(state, node, None, live)
    return Chip(words, "chip" if node.status == "running" else "badge-warn")


def _verdict_chips(verdict: Verdict) -> tuple[Chip, ...]:
    chips = []
    if verdict.purpose != "panel":
        chips.append(Chip(verdict.purpose.replace("_", " ")))
    if not verdict.ranking:
        chips.append(
            Chip(
                QCoreApplication.translate("WhyPane", "abstained: its reply could not be read"),
                "badge-bad",
                why.ABSTAINED,
            )
        )
    if verdict.parsed_by == "repair":
        chips.append(Chip(QCoreApplication.translate("WhyPane", "read after one repair"), "badge-warn"))
    if verdict.excluded:
        chips.append(
            Chip(
                QCoreApplication.translate("WhyPane", "without {nodes}").format(
                    nodes=", ".join(verdict.excluded)
                ),
                "badge-warn",
            )
        )
    return tuple(chips)
