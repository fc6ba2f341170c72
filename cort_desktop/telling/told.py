"""What each place of a run's tree says: icon, label, a short badge, figures, and all of it to be read aloud.

The same words as the flat ``outline.py``, with what a window can do besides: rounds and judges are added up,
and states are short. Pure: a moment of a run and a place in, values out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from cort_desktop.domain.ids import NodeName, model_of
from cort_desktop.domain.nodes import Node, Round
from cort_desktop.domain.run import RunState
from cort_desktop.telling import figures, outline
from cort_desktop.telling.doubts import doubt_count, doubts
from cort_desktop.telling.meanings import score_means
from cort_desktop.telling.outline import Row
from cort_desktop.telling.run_tree import Moment, Place, judges_of
from cort_desktop.telling.states import (
    Live,
    Mark,
    fault_badge,
    instead_words,
    is_unjudged,
    is_unstable,
    ranking_words,
    verdict_failed,
    winner_of,
)
from cort_desktop.telling.sums import summed
from cort_desktop.telling.timing import queued_words, timing_of
from cort_desktop.telling.wishes import added_words, pause_words

Tone = Literal["plain", "good", "bad", "warn", "running", "quiet"]
"""How a badge is coloured; ``plain``: it is a word beside the label, without a ground."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a place shows. ``note`` is quiet text behind the label; texts of figures are empty where unknown.

    ``words`` are all there is to say of its state; ``badge`` is short. ``queued``: how long it waited before
    its first request, in words; not a part of ``seconds``. ``score_means`` explains the score.
    """

    mark: Mark
    name: str = ""
    label: str
    words: str = ""
    note: str = ""
    badge: str = ""
    tone: Tone = "plain"
    score: str = ""
    tokens: str = ""
    cost: str = ""
    seconds: str = ""
    queued: str = ""
    score_means: str = ""
    is_answer: bool = False
    is_best: bool = False
    is_open: bool = False

    @property
    def spoken(self) -> str:
        """All of it in one sentence, for who cannot see it."""
        parts = [
            self.name,
            self.label,
            self.words,
            f"score {self.score}" if self.score else "",
            f"{self.tokens} tokens" if self.tokens else "",
            "unknown price" if self.cost == "unknown" else self.cost,
            self.seconds,
            self.queued,
        ]
        return ", ".join(part for part in parts if part)


def told(moment: Moment, place: Place) -> Told:
    """What a place shows at this moment."""
    state = moment.state
    match place.kind:
        case "run":
            return _run(moment)
        case "round":
            return _round(moment, state.rounds[place.number])
        case "judges":
            return _judges(moment, state.rounds[place.number])
        case "vote":
            row = outline.vote_rows(state, place.number)[0]
            return Told(mark="verdict", label="Vote", words=row.word, note=row.word)
        case "end":
            return _end(moment)
        case "node":
            if place.node is None:
                raise ValueError("a place of a node names it")
            return _node(moment, state.nodes[place.node])


def _run(moment: Moment) -> Told:
    state = moment.state
    row = outline.question_row(state)
    seconds = row.seconds or 0.0
    if moment.now is not None and moment.last_at is not None and state.finished is None and not state.is_held:
        seconds += max(0.0, (moment.now - moment.last_at).total_seconds())
    words = "" if state.finished is not None else "interrupted" if moment.is_left_behind else "at work"
    words = pause_words(state) or words
    tokens = row.tokens if state.finished is not None else row.tokens or None  # none is told before one ends
    return _figured(replace(row, tokens=tokens, seconds=seconds, has_figures=True), words=words)


def _round(moment: Moment, round_: Round) -> Told:
    state = moment.state
    row = _left(moment, outline.round_row(state, round_))
    names = (*round_.critiques, *round_.candidates, *judges_of(round_))
    nodes = [state.nodes[name] for name in names]
    result = round_.result
    note = ""
    if result is not None:
        note = winner_of(state, round_)
        if result.diversity is not None:
            note += f", diversity {result.diversity:.2f}"
    note = ", ".join(part for part in (note, added_words(round_)) if part)
    badge, tone = _round_badge(round_)
    return _figured(
        summed(row, nodes, moment.now), name=f"R{round_.number}", note=note, badge=badge, tone=tone
    )


def _round_badge(round_: Round) -> tuple[str, Tone]:
    if verdict_failed(round_):
        return "verdict failed", "bad"
    return ("unstable", "warn") if is_unstable(round_) else ("", "plain")


def _judges(moment: Moment, round_: Round) -> Told:
    """All judges of a round in one row; a single one as itself."""
    state = moment.state
    nodes = [state.nodes[name] for name in judges_of(round_)]
    if len(nodes) == 1:
        return _node(moment, nodes[0])
    waiting = sum(node.status == "running" for node in nodes)
    broken = sum(node.status in ("failed", "cancelled") for node in nodes)
    silent = sum(_is_silent(state, node) for node in nodes)
    if waiting and not moment.is_left_behind:
        mark: Mark = "running"
        note = f"{len(nodes) - waiting} of {len(nodes)} done"
    else:
        mark = "failed" if silent == len(nodes) else "verdict"
        agreement = round_.result.agreement if round_.result is not None else None
        note = "" if agreement is None else f"agreement {agreement:.2f}"
    odd = doubt_count(state.verdicts[node.name] for node in nodes if node.name in state.verdicts)
    counts = ((broken, "failed"), (silent - broken, "abstained"), (odd, "in doubt"))
    badge = ", ".join(f"{count} {word}" for count, word in counts if count > 0)
    row = Row(
        depth=2,
        mark=mark,
        name=_span([node.name for node in nodes]),
        label=figures.count(len(nodes), "judge"),
        word=", ".join(words for words in (note, badge) if words),
    )
    return _figured(summed(row, nodes, moment.now), note=note, badge=badge, tone="warn" if badge else "plain")


def _is_silent(state: RunState, node: Node) -> bool:
    """A judge that has ended and can't be counted."""
    if node.status == "running":
        return False
    verdict = state.verdict_of(node.name)
    if verdict is None:
        return node.status != "finished" or state.finished is not None  # not read yet is no abstention
    return not verdict.ranking


def _span(names: Sequence[NodeName]) -> str:
    """``R1.J1–3``: the names of a row of judges as one."""
    stem, _, first = names[0].rpartition("J")
    last = names[-1].rpartition("J")[2]
    return f"{stem}J{first}–{last}"


def _node(moment: Moment, node: Node) -> Told:
    state = moment.state
    live = moment.live(node.name) if node.status == "running" else None
    if node.name.startswith("X"):
        row = outline.call_row(state, node, moment.now)
    elif node.role == "judge":
        row = outline.judge_row(state, node, moment.now, live)
    else:
        lives: Live = {} if live is None else {node.name: live}
        row = outline.candidate_row(state, node, 2, moment.now, lives)
    row = _left(moment, row)
    if moment.is_left_behind and node.status == "running":
        row = replace(row, seconds=None)
    is_verdict = row.mark in ("verdict", "call")
    badge, tone = _doubt_badge(state, node) if is_verdict else _badge(state, node, row)
    notes = [_verdict_note(state, node, row) if is_verdict else "", _model_note(state, node)]
    instead = instead_words(node)
    if instead:
        notes[1] = "" if instead in notes[0] else instead
    return _figured(
        row,
        is_guess=node.status == "running",
        note=", ".join(note for note in notes if note),
        badge=badge,
        tone=tone,
        is_answer=node.name == state.answer_node and state.finished is not None,
        is_best=node.name == state.answer_node,
        queued=queued_words(timing_of(node, moment.now)),
        score_means=score_means(state, node),
    )


def _verdict_note(state: RunState, node: Node, row: Row) -> str:
    """A ranking alone where a badge tells what is odd about it."""
    verdict = state.verdict_of(node.name)
    return row.word if verdict is None or not doubts(verdict) else ranking_words(verdict)


def _doubt_badge(state: RunState, node: Node) -> tuple[str, Tone]:
    """What is oddest about a verdict, in two words."""
    verdict = state.verdict_of(node.name)
    found = doubts(verdict) if verdict is not None else ()
    return (found[0].short, "warn") if found else ("", "plain")


_TONES: dict[Mark, Tone] = {
    "answer": "good",
    "won": "good",
    "failed": "bad",
    "cancelled": "quiet",
    "stale": "warn",
    "running": "running",
}


def _badge(state: RunState, node: Node, row: Row) -> tuple[str, Tone]:
    """The state in two or three words; a candidate that simply answered needs none."""
    tone = _TONES.get(row.mark, "plain")
    if node.status == "failed":
        return fault_badge(node), tone
    if row.mark in ("failed", "stale"):
        return row.word.partition(":")[0], tone
    if row.mark == "won" and state.finished is None:
        return ("first answer" if is_unjudged(state) else "best so far"), tone
    # Who answered in whose place is told beside it; a badge is short.
    instead = instead_words(node)
    word = row.word
    if instead:
        word = word.replace(f", {instead}", "").replace(instead, "answered")
    return ("" if word == "answered" else word), tone


def _model_note(state: RunState, node: Node) -> str:
    """The model, where a run uses several for what this node does."""
    if node.model is None or state.started is None:
        return ""
    models = {model for lineup in state.spec.lineup.values() for model in lineup}
    return model_of(node.model) if len(models) > 1 else ""


_BY_PERSON = ("stopped", "enough")


def _end(moment: Moment) -> Told:
    state = moment.state
    if state.finished is None and moment.elsewhere:
        words = f"another program works on it: {moment.elsewhere}"
        return Told(mark="running", label="Not finished", words=words, note=words)
    row = outline.not_finished_row() if state.finished is None else outline.end_row(state)
    word = "interrupted" if state.finished is None else row.word
    label = row.label[:1].upper() + row.label[1:]
    if row.label == "failed" and state.finished is not None and state.finished.reason.rule in _BY_PERSON:
        label = "Stopped"  # a choice, and no fault
    tone: Tone = "bad" if label == "Failed" else "plain"
    return Told(mark="end", label=label, words=word, note=word, tone=tone)


def _left(moment: Moment, row: Row) -> Row:
    return outline.left_behind(row) if moment.is_left_behind else row


def _figured(row: Row, *, is_guess: bool = False, **more: object) -> Told:
    """A row with its figures as texts. is_guess: its tokens were worked out from its text."""
    values: dict[str, object] = {
        "mark": row.mark,
        "name": row.name,
        "label": row.label[:1].upper() + row.label[1:] if row.mark != "question" else row.label,
        "words": row.word,
        "score": "" if row.score is None else f"{row.score:.2f}",
        "is_open": row.is_open,
    }
    if row.has_figures:
        values |= {
            "tokens": _tokens(row, is_guess=is_guess),
            "cost": _cost(row),
            "seconds": "" if row.seconds is None else figures.seconds(row.seconds),
        }
    return Told(**(values | more))  # type: ignore[arg-type]


def _cost(row: Row) -> str:
    if row.is_open:
        return ""
    return figures.price_cell(row.cost_microusd, row.least_microusd)


def _tokens(row: Row, *, is_guess: bool) -> str:
    if row.tokens is None:
        return ""
    return f"{'~' if is_guess else ''}{figures.tokens(row.tokens)}{'+' if row.is_least else ''}"
