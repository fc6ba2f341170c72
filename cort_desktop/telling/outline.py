"""The outline of a run as rows: Question › Draft › Round n › candidates › verdicts, each with its state.

A pure view of ``RunState``: no colours, no widths, no clock but the time that is passed in. How rows become
lines or items is the front end's. A score is the judges' preference in a round; nothing else is shown as
quality.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from cort_desktop.domain.nodes import Node, Round
from cort_desktop.domain.run import RunState
from cort_desktop.telling.caps import end_words
from cort_desktop.telling.meanings import score_round
from cort_desktop.telling.safe import one_line
from cort_desktop.telling.states import (
    Live,
    Mark,
    Streaming,
    call_state,
    candidate_state,
    critic_state,
    has_unknown_usage,
    judge_state,
    round_name,
    round_words,
    tally_words,
)
from cort_desktop.telling.timing import timing_of
from cort_desktop.telling.wishes import added_words, look_words, looks_at, pause_words

CHARACTERS_PER_TOKEN = 3.5
"""A guess for most languages; only ever shown with a ~ before it."""
_QUESTION_CHARACTERS = 500
KIND_WORDS = {
    "draft": "draft",
    "fresh": "fresh attempt",
    "revision": "revision",
    "other_method": "another method",
    "synthesis": "synthesis",
    "sample": "sample",
    "human": "yours",
}
_ROLE_WORDS = {"critic": "critique"}
_CALL_WORDS = {
    "router": "decides how many rounds",
    "judge": "puts a verdict in order",
    "summarizer": "summary",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the outline. A figure is None where it is not known; ``is_open``: it is growing still;
    ``is_least``: a part of its tokens is not known. least_microusd: the part of its cost that is known.
    """

    depth: int
    mark: Mark
    name: str = ""
    label: str
    word: str = ""
    score: float | None = None
    tokens: int | None = None
    cost_microusd: int | None = None
    least_microusd: int = 0
    seconds: float | None = None
    has_figures: bool = True
    is_open: bool = False
    is_least: bool = False


def outline(
    state: RunState,
    *,
    now: datetime | None = None,
    live: Live | None = None,
    is_worked_on: bool = True,
    way_on: str = "",
) -> list[Row]:
    """Every row of the run, top down. ``now`` gives running calls their seconds.

    is_worked_on: False for the log of a run that nobody is known to work on. way_on: what a person can do
    then, in the front end's own words.
    """
    if state.finished is None and not is_worked_on:
        return [*(left_behind(row) for row in outline(state)), not_finished_row(way_on)]
    rows = [question_row(state)]
    for number in sorted(state.rounds):
        round_ = state.rounds[number]
        candidates = [state.nodes[name] for name in round_.candidates]
        depth = 1 if number == 0 else 2
        if number > 0:
            rows.append(round_row(state, round_))
        critiques = [state.nodes[name] for name in round_.critiques]
        rows += [candidate_row(state, node, depth, now, live or {}) for node in (*critiques, *candidates)]
        judges = [state.nodes[name] for name in round_.judges if not name.startswith("X")]
        judges += [state.nodes[name] for name in round_.again]
        rows += [judge_row(state, node, now, (live or {}).get(node.name)) for node in judges]
        rows += [
            Row(depth=2, mark="verdict", label=look_words(state, wish), has_figures=False)
            for wish in looks_at(state, number)
        ]
        if number > 0:
            rows += vote_rows(state, number)
    rows += [call_row(state, node, now) for node in state.nodes.values() if node.name.startswith("X")]
    if state.finished is not None:
        rows.append(end_row(state))
    elif paused := pause_words(state):
        rows.append(Row(depth=1, mark="waiting", label=paused, has_figures=False))
    return rows


def left_behind(row: Row) -> Row:
    """A row of a run that nobody works on: what looks as if it worked, was in flight when it ended."""
    if row.is_open:
        return replace(row, mark="cancelled", word="was in flight")
    return replace(row, word="not decided") if row.mark == "round" and not row.word else row


def not_finished_row(way_on: str = "") -> Row:
    """The last row of a run that nobody is known to work on."""
    word = "interrupted, unless another program works on it"
    return Row(
        depth=1,
        mark="end",
        label="not finished",
        word=f"{word}; {way_on}" if way_on else word,
        has_figures=False,
    )


def question_row(state: RunState) -> Row:
    """The head of the outline: the question, and what the whole run took once that is known."""
    usage, cost, seconds = state.spent.usage, state.spent.cost_microusd, state.active_seconds
    if state.finished is not None:
        usage, cost, seconds = state.finished.usage, state.finished.cost_microusd, state.finished.seconds
    return Row(
        depth=0,
        mark="question",
        label=_beginning(state.question),
        tokens=usage.total if usage.total or not has_unknown_usage(state) else None,
        is_least=has_unknown_usage(state),
        cost_microusd=cost,
        least_microusd=state.spent.known_microusd,
        seconds=seconds,
        has_figures=state.finished is not None,
    )


def _beginning(question: str) -> str:
    """A question may be a whole file; a row of an outline is one line."""
    line = one_line(question[:_QUESTION_CHARACTERS])
    return f"{line} …" if len(question) > _QUESTION_CHARACTERS else line


def round_row(state: RunState, round_: Round) -> Row:
    """A round: who won it, and how sure that is."""
    return Row(
        depth=1,
        mark="round",
        label=f"{round_name(state)} {round_.number}",
        word=", ".join(part for part in (round_words(state, round_), added_words(round_)) if part),
        has_figures=False,
    )


def candidate_row(state: RunState, node: Node, depth: int, now: datetime | None, live: Live) -> Row:
    """A candidate, or a call that was to become one, or what was said of one before it was mended."""
    label = node.move.replace("_", " ") if node.move and node.kind is None else kind_words(node)
    state_of = critic_state if node.role == "critic" else candidate_state
    mark, word = state_of(state, node, live.get(node.name))
    tokens = _tokens(node, live.get(node.name))
    return Row(
        depth=depth,
        mark=mark,
        name=node.name,
        label=label,
        word=word,
        score=_score(state, node),
        tokens=tokens,
        cost_microusd=node.booked.cost_microusd,
        least_microusd=node.booked.known_microusd,
        seconds=timing_of(node, now).took_s,
        is_open=node.status == "running",
    )


def kind_words(node: Node) -> str:
    """What a text is, in a word or two: ``draft``, ``first side``, ``chairman``."""
    if node.side is not None:
        return f"{node.side} side"
    if node.role == "synthesizer":
        return _WRITER_WORDS.get(node.move or "", KIND_WORDS["synthesis"])
    return KIND_WORDS.get(node.kind or "", _ROLE_WORDS.get(node.role, node.role))


_WRITER_WORDS = {"chair": "chairman", "aggregate": "aggregator"}


def judge_row(state: RunState, node: Node, now: datetime | None, live: Streaming | None) -> Row:
    """A judge's call with its ranking."""
    verdict = state.verdict_of(node.name)
    mark, word = judge_state(state, node, verdict, live)
    duel = verdict is not None and verdict.purpose == "head_to_head"
    tokens = _tokens(node, live)
    return Row(
        depth=2,
        mark=mark,
        name=node.name,
        label=_judge_label(state, node, is_duel=duel),
        word=word,
        tokens=tokens,
        cost_microusd=node.booked.cost_microusd,
        least_microusd=node.booked.known_microusd,
        seconds=timing_of(node, now).took_s,
        is_open=node.status == "running",
    )


def _judge_label(state: RunState, node: Node, *, is_duel: bool) -> str:
    if node.wish is None:
        return "head to head" if is_duel else "judge"
    is_worth = any(wish.number == node.wish and wish.kind == "worth" for wish in state.wishes)
    return "was it worth it" if is_worth else "judges again"


def call_row(state: RunState, node: Node, now: datetime | None) -> Row:
    """A call outside the rounds."""
    mark, word = call_state(state, node)
    tokens = _tokens(node, None)
    parent = f" of {node.parents[0]}" if node.role == "judge" and node.parents else ""
    return Row(
        depth=1,
        mark=mark,
        name=node.name,
        label=_CALL_WORDS.get(node.role, node.role) + parent,
        word=word,
        tokens=tokens,
        cost_microusd=node.booked.cost_microusd,
        least_microusd=node.booked.known_microusd,
        seconds=timing_of(node, now).took_s,
        is_open=node.status == "running",
    )


def vote_rows(state: RunState, number: int) -> list[Row]:
    """The last vote of a round, if there was one."""
    last = [vote for vote in state.votes if vote.round == number][-1:]
    return [
        Row(depth=2, mark="verdict", label="vote", word=tally_words(vote.tally), has_figures=False)
        for vote in last
    ]


def end_row(state: RunState) -> Row:
    """How a finished run ended, and why."""
    finished = state.finished
    word = end_words(state)
    status = "" if finished is None else finished.status
    return Row(depth=1, mark="end", label=status, word=word, has_figures=False)


def _tokens(node: Node, live: Streaming | None) -> int | None:
    """Tokens as the services told them; while a call runs a guess from its text."""
    if node.status == "running":
        return round((live.characters if live is not None else 0) / CHARACTERS_PER_TOKEN) or None
    told = node.booked.usage.total
    return None if told == 0 and node.usage is None else told


def _score(state: RunState, node: Node) -> float | None:
    """The judges' preference in the first round that judged this candidate."""
    round_ = score_round(state, node.name)
    return None if round_ is None or round_.result is None else round_.result.scores[node.name]
