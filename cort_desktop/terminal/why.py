"""Why an answer won, in words: ranks by judge, criteria, the order each saw, reasons, critique, dissent.

Pure: a run's state in, styled lines out. Judges wrote labels; they are read here as the names everybody sees.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import fmean

from rich.text import Text

from cort_desktop.domain.events import RoundFinished, Verdict
from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.nodes import Round
from cort_desktop.domain.run import RunState
from cort_desktop.terminal.glyphs import Glyphs
from cort_desktop.terminal.safe import one_line
from cort_desktop.terminal.states import (
    ORDER_MATTERED,
    fault_words,
    is_unjudged,
    ranking_words,
    tally_words,
    verdict_failed,
)
from cort_desktop.terminal.summary import why_no_answer
from cort_desktop.terminal.tree import cut, fold_text

_METHODS = {
    "borda": "mean rank over the judges (Borda)",
    "head_to_head": "decided head to head, in both orders",
    "bradley_terry": "rating over all comparisons (Bradley-Terry)",
    "vote": "the answer most samples agree on",
    "verifier": "checked by a verifier",
}
_INDENT = 2


def why_lines(state: RunState, *, width: int, glyphs: Glyphs) -> list[Text]:
    """The whole explanation in lines of at most ``width`` cells."""
    paragraphs = [_headline(state)]
    for number in sorted(state.rounds):
        paragraphs += _round(state, state.rounds[number], glyphs, width)
    if len(paragraphs) == 1:
        words = "Nothing was compared" if state.finished is not None else "Nothing is compared yet"
        paragraphs.append((0, Text(f"{words}: there are no verdicts and no votes in this run.")))
    if state.finished is not None:
        paragraphs.append((0, Text()))
        paragraphs.append((0, Text("Why it ended: " + one_line(state.finished.reason.text))))
        paragraphs += _final_scores(state)
    lines = [
        Text(" " * indent) + line
        for indent, paragraph in paragraphs
        for line in fold_text(paragraph, width - indent) or [Text()]
    ]
    return [cut(line, width, glyphs.ellipsis) for line in lines]


_Paragraph = tuple[int, Text]


def _headline(state: RunState) -> _Paragraph:
    name = state.answer_node
    if name is None:
        return 0, Text(why_no_answer(state), style="bold")
    if state.override is not None:
        return 0, Text(f"{name} is the answer because you chose it", style="bold")
    if is_unjudged(state):
        return 0, Text(f"{name} is the first answer; nothing is judged yet", style="bold")
    if state.finished is None:
        return 0, Text(f"So far {name} is the best; it changes only when a round ends", style="bold")
    return 0, Text(f"Why {name} is the answer", style="bold")


def _round(state: RunState, round_: Round, glyphs: Glyphs, width: int) -> list[_Paragraph]:
    verdicts = [state.verdicts[name] for name in round_.judges if name in state.verdicts]
    votes = [vote for vote in state.votes if vote.round == round_.number]
    if not verdicts and not votes and not verdict_failed(round_):
        return []
    title = Text(f"Round {round_.number}", style="bold")
    title.append(_result_words(round_), style="not bold")
    paragraphs: list[_Paragraph] = [(0, Text()), (0, title)]
    if votes:
        paragraphs.append((_INDENT, Text(f"Vote: {tally_words(votes[-1].tally)}")))
        confidence = votes[-1].confidence
        if confidence is not None:
            paragraphs.append(
                (_INDENT, Text(f"Probability that more samples keep the lead: {confidence:.3f}"))
            )
    paragraphs += [(_INDENT, line) for line in _table(round_, verdicts, glyphs, width - _INDENT)]
    for verdict in verdicts:
        paragraphs += _verdict(round_, verdict)
    for name in round_.judges:
        node = state.nodes[name]
        if node.status == "failed":
            paragraphs.append((_INDENT, Text(f"{name} gave no verdict: {fault_words(node)}", style="red")))
    return paragraphs


def _result_words(round_: Round) -> str:
    result = round_.result
    if result is None:
        return ": not decided"
    who = "nobody won" if result.winner is None else f"{result.winner} {'stays' if result.kept else 'won'}"
    if verdict_failed(round_):
        return f": the verdict failed, too few judges could be read; {who}"
    words = [f": {who}", _METHODS.get(result.method or "", "")]
    words.append(_agreement(result))
    if result.missing:
        words.append(f"missing {', '.join(result.missing)}")
    return "; ".join(word for word in words if word)


def _agreement(result: RoundFinished) -> str:
    words = []
    if result.agreement is not None:
        words.append(f"agreement of the judges {result.agreement:.2f}")
    if result.swap_consistency is not None:
        words.append(f"same in both orders {result.swap_consistency:.2f}")
    if result.unstable is not None:
        words.append(f"unstable: {ORDER_MATTERED}" if result.unstable else "order did not change the outcome")
    return "; ".join(words)


def _table(round_: Round, verdicts: Sequence[Verdict], glyphs: Glyphs, width: int) -> list[Text]:
    """Candidates by rows: mean score per criterion, rank by each judge, the judges' preference."""
    readable = [verdict for verdict in verdicts if verdict.ranking]
    if not readable:
        return []
    names = list(dict.fromkeys(name for verdict in readable for tied in verdict.ranking for name in tied))
    preference = round_.result.scores if round_.result is not None else {}
    winner = round_.result.winner if round_.result is not None else None
    names.sort(key=lambda name: (name != winner, -preference.get(name, 0.0)))
    criteria = list(dict.fromkeys(c for v in readable for scores in v.scores.values() for c in scores))
    head = ["", *(_criterion(c) for c in criteria), "ranks by judge", "preference"]
    rows = [head]
    for name in names:
        mark = f" {glyphs.marks['answer']}" if name == winner else ""
        rows.append(
            [
                name + mark,
                *(_mean_score(readable, name, c) for c in criteria),
                " ".join(_rank(v, name) for v in readable),
                f"{preference[name]:.2f}" if name in preference else "",
            ]
        )
    while sum(_sizes(rows)) + 2 * len(rows[0]) > width and len(rows[0]) > 3:  # noqa: PLR2004  name, ranks, preference
        rows = [[*row[:-3], *row[-2:]] for row in rows]
    return _aligned(rows)


def _sizes(rows: list[list[str]]) -> list[int]:
    return [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]


def _aligned(rows: list[list[str]]) -> list[Text]:
    sizes = _sizes(rows)
    lines = []
    for index, row in enumerate(rows):
        cells = [
            row[0].ljust(sizes[0]),
            *(cell.rjust(size) for cell, size in zip(row[1:], sizes[1:], strict=True)),
        ]
        lines.append(Text("  ".join(cells), style="dim" if index == 0 else ""))
    return lines


def _criterion(name: str) -> str:
    return "follows" if name == "instruction_following" else name


def _mean_score(verdicts: Sequence[Verdict], name: NodeName, criterion: str) -> str:
    scores = [v.scores[name][criterion] for v in verdicts if criterion in v.scores.get(name, {})]
    return f"{fmean(scores):.1f}".removesuffix(".0") if scores else ""


def _rank(verdict: Verdict, name: NodeName) -> str:
    """The place in the ranking, counted from 1; tied ones share it."""
    place = 1
    for tied in verdict.ranking:
        if name in tied:
            return f"{place}=" if len(tied) > 1 else str(place)
        place += len(tied)
    return "–"


def _verdict(round_: Round, verdict: Verdict) -> list[_Paragraph]:
    who = verdict.node + (f" ({verdict.model})" if verdict.model else "")
    order = ", ".join(verdict.order)
    if not verdict.ranking:
        text = Text(f"{who} abstained: its reply could not be read; it counts for nothing. Shown: {order}")
        text.stylize("red")
        return [(_INDENT, text)]
    said: list[_Paragraph] = [(_INDENT, Text(f"{who}: {ranking_words(verdict)}"))]
    said.append((_INDENT * 2, Text(f"shown in the order {order}", style="dim")))
    winner = round_.result.winner if round_.result is not None else None
    if winner is not None and winner in verdict.order and winner not in verdict.ranking[0]:
        said.append(
            (_INDENT * 2, Text(f"dissent: preferred {' = '.join(verdict.ranking[0])}", style="yellow"))
        )
    if verdict.weight < 1:
        said.append((_INDENT * 2, Text("counts half: its scores contradict its ranking", style="yellow")))
    if verdict.parsed_by == "repair":
        said.append((_INDENT * 2, Text("read after one repair", style="dim")))
    for words, quote in (("", verdict.reason), ("the best one still lacks: ", verdict.critique)):
        if quote and quote.strip():
            said.append((_INDENT * 2, Text(f"{words}“{named(quote, verdict)}”")))
    for name, flaw in verdict.flaws.items():
        said.append((_INDENT * 2, Text(f"flaw of {name}: “{named(flaw, verdict)}”")))
    return said


def named(text: str, verdict: Verdict) -> str:
    """A judge's words with the labels it was shown replaced by the candidates' names, on one line."""
    if not verdict.labels:
        return one_line(text)
    labels = "|".join(re.escape(label) for label in verdict.labels)
    return one_line(re.sub(rf"\b({labels})\b", lambda found: verdict.labels[found[1]], text))


def _final_scores(state: RunState) -> list[_Paragraph]:
    scores = state.finished.scores if state.finished is not None else {}
    if len(scores) <= 1:
        return []
    ordered = sorted(scores.items(), key=lambda item: -item[1])
    rating = ", ".join(f"{name} {score:.2f}" for name, score in ordered)
    said: list[_Paragraph] = [
        (0, Text(f"Overall rating (strength over all verdicts of the run; 1 is average): {rating}"))
    ]
    last = _last_winner(state)
    if last is not None and last != state.answer_node and state.override is None:
        words = f"{last} won the last round, but over all verdicts {state.answer_node} is rated higher."
        said.append((0, Text(words)))
    return said


def _last_winner(state: RunState) -> NodeName | None:
    """Who won the last round that was decided."""
    for number in sorted(state.rounds, reverse=True):
        result = state.rounds[number].result
        if result is not None and result.winner is not None:
            return result.winner
    return None
