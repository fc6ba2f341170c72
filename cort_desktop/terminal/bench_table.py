"""The tables of a bench on standard output: aligned, with what else there is to say below each."""

from __future__ import annotations

from collections.abc import Sequence

from cort_desktop.domain.bench_summary import Summary
from cort_desktop.telling import bench_words as words
from cort_desktop.terminal.streams import Streams


def print_summary(found: Summary, streams: Streams) -> None:
    """All parts of a result."""
    for sentence in words.head(found):
        streams.write_line(sentence)
    for part in found.parts:
        streams.write_line("")
        streams.write_line(words.title_of(part))
        for line in table([words.HEADINGS, *(words.row(each) for each in part.figures)]):
            streams.write_line(line)
        streams.write_line("")
        _print_against(words.against_rows(part), streams)
        for each in part.figures:
            streams.write_line(f"  {each.contender.label}: {' '.join(words.notes(each))}")


def _print_against(rows: Sequence[Sequence[str]], streams: Streams) -> None:
    """Each contender's name above what it is held against: beside it, lines would be too long."""
    if not rows:
        return
    heads, *lines = table([words.AGAINST[1:], *(row[1:] for row in rows)])
    streams.write_line(f"  {heads}")
    for row, line in zip(rows, lines, strict=True):
        if row[0]:
            streams.write_line(row[0])
        streams.write_line(f"  {line}")
    streams.write_line("")


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines: the first column flush left, the others right."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(width) if at == 0 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
