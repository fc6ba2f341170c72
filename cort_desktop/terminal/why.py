"""Why an answer won, laid out for a terminal: a table of ranks and scores, what each judge said, the end.

Pure: a run's state in, styled lines out. The facts and words are ``telling/why.py``.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from cort_desktop.domain.auditing import Audit
from cort_desktop.domain.events import Verdict
from cort_desktop.domain.nodes import Round
from cort_desktop.domain.run import RunState
from cort_desktop.telling import judging
from cort_desktop.telling import why as facts
from cort_desktop.telling.caps import end_words
from cort_desktop.telling.doubts import doubts, flaws_named
from cort_desktop.telling.states import fault_words, ranking_words, round_name, tally_words, verdict_failed
from cort_desktop.telling.wishes import look_words, looks_at, own_rankings
from cort_desktop.terminal.glyphs import Glyphs
from cort_desktop.terminal.tree import cut, fold_text

_INDENT = 2


def why_lines(state: RunState, *, width: int, glyphs: Glyphs, audit: Audit | None = None) -> list[Text]:
    """The whole explanation in lines of at most ``width`` cells; at its end how far the judges can be
    believed, where that is known.
    """
    paragraphs: list[_Paragraph] = [(0, Text(facts.headline(state), style="bold"))]
    instead = [(0, Text(words)) for words in facts.instead_lines(state)]
    for number in sorted(state.rounds):
        paragraphs += _round(state, state.rounds[number], glyphs, width)
    if len(paragraphs) == 1:
        paragraphs.append((0, Text(facts.nothing_compared(state))))
    paragraphs[1:1] = instead
    if state.finished is not None:
        paragraphs.append((0, Text()))
        paragraphs.append((0, Text("Why it ended: " + end_words(state))))
        paragraphs += [(0, Text(words)) for words in facts.rating_words(state)]
    if audit is not None:
        paragraphs += _judging(audit)
    return _laid_out(paragraphs, width, glyphs)


def audit_paragraphs(audit: Audit, *, width: int, glyphs: Glyphs) -> list[Text]:
    """Only how far the judges can be believed; nothing where nobody judged."""
    return _laid_out(_judging(audit), width, glyphs)


def _judging(audit: Audit) -> list[_Paragraph]:
    lines = judging.audit_lines(audit)
    if not lines:
        return []
    title = Text(judging.TITLE, style="bold")
    title.append(f": {judging.audit_title(audit)}", style="not bold")
    size = max(len(line.label) for line in lines)
    rows = [(_INDENT, Text.assemble((line.label.ljust(size + 2), "dim"), line.words)) for line in lines]
    return [(0, Text()), (0, title), *rows]


def _laid_out(paragraphs: list[_Paragraph], width: int, glyphs: Glyphs) -> list[Text]:
    lines = [
        Text(" " * indent) + line
        for indent, paragraph in paragraphs
        for line in fold_text(paragraph, width - indent) or [Text()]
    ]
    return [cut(line, width, glyphs.ellipsis) for line in lines]


_Paragraph = tuple[int, Text]


def _round(state: RunState, round_: Round, glyphs: Glyphs, width: int) -> list[_Paragraph]:
    verdicts = facts.verdicts(state, round_)
    votes = [vote for vote in state.votes if vote.round == round_.number]
    checks = facts.checks(state, round_)
    if not verdicts and not votes and not checks and not verdict_failed(round_):
        return []
    title = Text(f"{round_name(state)} {round_.number}", style="bold")
    title.append(": " + "; ".join(facts.result_words(round_)), style="not bold")
    paragraphs: list[_Paragraph] = [(0, Text()), (0, title)]
    paragraphs += [(_INDENT, Text(facts.check_line(check))) for check in checks]
    if votes:
        paragraphs.append((_INDENT, Text(f"Vote: {tally_words(votes[-1].tally)}")))
        confidence = votes[-1].confidence
        if confidence is not None:
            paragraphs.append(
                (_INDENT, Text(f"Probability that more samples keep the lead: {confidence:.3f}"))
            )
    ranked = [verdict for verdict in verdicts if verdict.ranking]
    paragraphs += [(_INDENT, line) for line in _table(round_, ranked, glyphs, width - _INDENT)]
    for verdict in verdicts:
        paragraphs += _verdict(round_, verdict)
    paragraphs += [(_INDENT, Text(words)) for words in own_rankings(state, round_.number)]
    for wish in looks_at(state, round_.number):
        paragraphs.append((_INDENT, Text(look_words(state, wish), style="bold")))
        mine = [v for v in facts.further_verdicts(state, round_) if state.nodes[v.node].wish == wish.number]
        for verdict in mine:
            paragraphs += _verdict(round_, verdict)
    for name in round_.judges:
        node = state.nodes[name]
        if node.status == "failed":
            paragraphs.append((_INDENT, Text(f"{name} gave no verdict: {fault_words(node)}", style="red")))
    return paragraphs


def _table(round_: Round, ranked: Sequence[Verdict], glyphs: Glyphs, width: int) -> list[Text]:
    """Candidates by rows: mean score per criterion, rank by each judge, the judges' preference."""
    if not ranked:
        return []
    preference = round_.result.scores if round_.result is not None else {}
    winner = round_.result.winner if round_.result is not None else None
    criteria = facts.criteria(ranked)
    rows = [["", *(facts.criterion_words(c) for c in criteria), "ranks by judge", "preference"]]
    for name in facts.contestants(round_, ranked):
        mark = f" {glyphs.marks['answer']}" if name == winner else ""
        rows.append(
            [
                name + mark,
                *(facts.score_words(facts.mean_score(ranked, name, c)) for c in criteria),
                " ".join(facts.rank_words(verdict, name) for verdict in ranked),
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


def _verdict(round_: Round, verdict: Verdict) -> list[_Paragraph]:
    who = verdict.node + (f" ({verdict.model})" if verdict.model else "")
    order = ", ".join(verdict.order)
    if not verdict.ranking:
        text = Text(f"{who} {facts.ABSTAINED}. Shown: {order}")
        text.stylize("red")
        return [(_INDENT, text)]
    said: list[_Paragraph] = [(_INDENT, Text(f"{who}: {ranking_words(verdict)}"))]
    said.append((_INDENT * 2, Text(f"shown in the order {order}", style="dim")))
    dissent = facts.dissent_words(round_, verdict)
    if dissent:
        said.append((_INDENT * 2, Text(dissent, style="yellow")))
    said += [(_INDENT * 2, Text(doubt.words, style="yellow")) for doubt in doubts(verdict)]
    if verdict.parsed_by == "repair":
        said.append((_INDENT * 2, Text(facts.REPAIRED, style="dim")))
    for words, quote in (("", verdict.reason), ("the best one still lacks: ", verdict.critique)):
        if quote and quote.strip():
            said.append((_INDENT * 2, Text(f"{words}“{facts.named(quote, verdict)}”")))
    for name, flaw in flaws_named(verdict).items():
        said.append((_INDENT * 2, Text(f"flaw of {name}: “{facts.named(flaw, verdict)}”")))
    return said
