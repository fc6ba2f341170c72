"""A bench's result as a page: Markdown, and HTML that needs nothing from anywhere, in light and dark.

Pure: figures and finished plots in, text out. The sentences are ``bench_words.py``.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import takewhile

from cort_desktop.domain.bench_advice import Advice, advices
from cort_desktop.domain.bench_summary import Figures, PartSummary, Summary
from cort_desktop.telling import bench_words as words

Row = tuple[str, ...]
_WHAT_IT_MEANS = (
    "Tokens are input and output. Intervals are meant to hold 95 of 100 times: resampled over questions, "
    "those of shares and gains by the formulas of Wilson and Newcombe where there are fewer than 20 or "
    "all came out alike. “Points more” is the share of right answers less that of what a way is held "
    "against, in hundredths; “only it” counts the questions that it alone got right. p is McNemar’s, exact, "
    "not corrected for how many comparisons there are: of "
    "twenty between equals one may come out below 0.05. What something is held against takes whole "
    "answers, as many as fit into the tokens that were measured on that question, so it spends somewhat "
    "less; where no second one fits, it is one answer. An answer that can’t be read counts as wrong. "
    "“Selection” is how much of what an all-knowing pick from the same candidates would add to a random "
    "one was reached. “Fixed” and “broken” count questions whose first text was wrong and whose answer is "
    "right, and the other way round."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plots:
    """The plot as SVG, for light and for dark pages."""

    light: bytes
    dark: bytes


def markdown(found: Summary) -> str:
    """The whole result as one Markdown text."""
    lines = ["# Thinking, side by side", ""]
    lines += [f"- {_md(sentence)}" for sentence in words.head(found)]
    checked = _checked(found)
    if checked:
        lines += ["", "## Does thinking harder pay?", ""]
        lines += [
            f"- **{words.kind_of(each.kind)}**: "
            f"{_md(f'{words.finding_words(each)} {words.failed_words(each)}'.rstrip())}"
            for each in checked
        ]
        lines += ["", words.BOUNDS_OF_GAINS]
    for part in found.parts:
        lines += ["", f"## {_md(words.title_of(part))}"]
        for heads, rows, left in _tables(part):
            lines += ["", *_md_table(heads, rows, left)]
        lines.append("")
        lines += [f"- **{_md(each.contender.label)}**: {_md(_notes(each))}" for each in part.figures]
    return "\n".join([*lines, "", _WHAT_IT_MEANS, ""])


def html(results: Sequence[tuple[Summary, Plots | None]]) -> str:
    """A page that can be sent around: no script, no address, nothing that is loaded."""
    body = "\n".join(_section(found, plots) for found, plots in results)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<title>Thinking, side by side</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>Thinking, side by side</h1>\n{body}\n"
        f"<p class=quiet>{escape(_WHAT_IT_MEANS)}</p>\n</main>\n</body>\n</html>\n"
    )


def _section(found: Summary, plots: Plots | None) -> str:
    parts = [f"<section>\n<h2>{escape(found.recorded.setup.model)}</h2>", _list(words.head(found))]
    checked = _checked(found)
    if checked:
        parts.append("<h3>Does thinking harder pay?</h3>")
        parts += [
            f"<p><strong>{escape(words.kind_of(each.kind))}.</strong> "
            f"{escape(words.finding_words(each))} {escape(words.failed_words(each))}</p>"
            for each in checked
        ]
        parts.append(f"<p class=quiet>{escape(words.BOUNDS_OF_GAINS)}</p>")
    if plots is not None:
        parts.append(_picture(plots))
    for part in found.parts:
        parts.append(f"<h3>{escape(words.title_of(part))}</h3>")
        parts += [_html_table(heads, rows, left) for heads, rows, left in _tables(part)]
        items = (
            f"<li><strong>{_label(each.contender.label)}</strong>: {escape(_notes(each))}</li>"
            for each in part.figures
        )
        parts.append("<ul>\n" + "\n".join(items) + "\n</ul>")
    return "\n".join([*parts, "</section>"])


def _checked(found: Summary) -> tuple[Advice, ...]:
    """What a check says; nothing for other benches."""
    kinds = any(task.kind is not None for task in found.recorded.setup.tasks)
    return advices(found.recorded) if kinds else ()


def _tables(part: PartSummary) -> Iterator[tuple[Row, list[Row], int]]:
    """Its tables: headings, rows, and how many columns are words."""
    yield words.HEADINGS, [words.row(each) for each in part.figures], 1
    rows = words.against_rows(part)
    if rows:
        yield words.AGAINST, rows, words.LEFT


def _notes(found: Figures) -> str:
    return " ".join(words.notes(found))


def _md_table(heads: Row, rows: Iterable[Row], left: int) -> list[str]:
    line = "|" + "|".join([*["---"] * left, *["--:"] * (len(heads) - left)]) + "|"
    return [_md_row(heads), line, *(_md_row(row) for row in rows)]


def _md_row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(_md(cell) for cell in cells) + " |"


def _md(text: str) -> str:
    """Names that came from a file must not become markup."""
    plain = " ".join(text.replace("\r", "\n").split("\n"))
    for sign in "\\`*_<[|":
        plain = plain.replace(sign, f"\\{sign}")
    return plain


def _html_table(heads: Row, rows: Sequence[Row], left: int) -> str:
    head = "".join(f"<th scope=col{_side(at, left)}>{escape(name)}</th>" for at, name in enumerate(heads))
    body = "\n".join(
        f"<tr>{_name(rows, number)}{''.join(_cell(at, row[at], left) for at in range(1, len(row)))}</tr>"
        for number, row in enumerate(rows)
    )
    return (
        '<div class="wide"><table>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table></div>"
    )


def _name(rows: Sequence[Row], number: int) -> str:
    """The first cell of a row, which stands for those below it that have none."""
    if not rows[number][0]:
        return ""
    below = list(takewhile(lambda row: not row[0], rows[number + 1 :]))
    span = f" rowspan={len(below) + 1}" if below else ""
    return f"<th scope=row{span}>{_label(rows[number][0])}</th>"


def _cell(at: int, cell: str, left: int) -> str:
    return f"<td{_side(at, left)}>{escape(cell)}</td>"


def _side(at: int, left: int) -> str:
    return " class=words" if 0 < at < left else ""


def _label(name: str) -> str:
    """A name that lines may be broken in, behind its colons."""
    return escape(name).replace(":", ":<wbr>")


def _list(sentences: Iterable[str]) -> str:
    return "<ul>\n" + "\n".join(f"<li>{escape(sentence)}</li>" for sentence in sentences) + "\n</ul>"


def _picture(plots: Plots) -> str:
    light, dark = (
        f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}" for svg in (plots.light, plots.dark)
    )
    return (
        f'<picture><source media="(prefers-color-scheme: dark)" srcset="{dark}">'
        f'<img src="{light}" alt="How often each way was right, against the tokens it took; the tables below '
        'have the figures."></picture>'
    )


_STYLE = """
:root { color-scheme: light dark; --ink: #1f2328; --quiet: #57606a; --line: #d8dee4; --paper: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e8eb; --quiet: #9aa3ad; --line: #343a42; --paper: #1b1e23; }
}
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.25rem; margin-top: 2.5rem; } h3 { font-size: 1.05rem; }
section + section { border-top: 1px solid var(--line); }
h2, h3, li, p { overflow-wrap: anywhere; max-width: 60rem; }
.wide { overflow-x: auto; margin: .75rem 0 1.25rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .75rem; text-align: right; border-bottom: 1px solid var(--line); }
th:first-child { text-align: left; font-weight: 600; } thead th { color: var(--quiet); font-weight: 500; }
td, th { white-space: nowrap; vertical-align: top; } th { white-space: normal; }
thead th { vertical-align: bottom; } tbody th { min-width: 11rem; }
.words { text-align: left; } .quiet { color: var(--quiet); } li { margin: .2rem 0; }
img { width: 100%; max-width: 52rem; height: auto; }
"""
