"""The plot of a bench: how often each way was right against the tokens it took, with its interval.

What the ways are held against are curves, a vote and a judge's pick over the tokens they were given, so that
a way pays where its mark lies above them. Drawn by matplotlib (the extra ``bench``), which is imported when a
plot is wanted. Nothing global is touched: no pyplot, no settings left behind.
"""

from __future__ import annotations

import io
import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from cort_desktop.domain.bench_summary import Against, Figures, PartSummary, Summary
from cort_desktop.errors import SettingsError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PlotFormat = Literal["png", "svg"]
MISSING = 'Plots are drawn by matplotlib, which isn\'t installed: pip install "cort-desktop[bench]".'
BESIDE = 1.07
"""Marks are at least so many times the tokens of their neighbour apart: others would cover each other."""

_LIGHT = {"ink": "#1f2328", "quiet": "#57606a", "grid": "#e1e4e8", "paper": "#ffffff"}
_DARK = {"ink": "#e6e8eb", "quiet": "#9aa3ad", "grid": "#343a42", "paper": "#1b1e23"}
_COLOURS = ("#3b7dd8", "#d1772f", "#2f9e6e", "#a463c9", "#c94f5d", "#7a8b1f", "#2aa1b3", "#8a6d5c")
_SHAPES = "oD^sPXv*"
_CURVES = {
    "vote": ("-", "#6e7781", "a vote of single answers that fit into the tokens"),
    "best_of_n": ("--", "#b8860b", "a judge’s pick of answers that fit into the tokens"),
}
_NOTE = "Bars and bands: 95 % intervals over questions. Marks at the same tokens stand beside each other."
_PANEL_INCHES = (6.8, 3.1)
_REST_INCHES = 1.5
_DOTS_PER_INCH = 144
_HUNDRED = 100
_TITLE_CHARACTERS = 80
_TWO_COLUMNS_CHARACTERS = 40


def draw(found: Summary, *, file_format: PlotFormat, dark: bool = False) -> bytes:
    """A panel for each part of ``found``, as the bytes of a PNG or SVG file. Takes a second; any thread.

    Raises SettingsError where matplotlib isn't installed.
    """
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError as error:
        raise SettingsError(MISSING) from error
    tones = _DARK if dark else _LIGHT
    with mpl.rc_context(_style(tones)):
        panels = len(found.parts) or 1
        width, height = _PANEL_INCHES
        size = (width, height * panels + _REST_INCHES)
        sheet = Figure(figsize=size, layout="constrained", facecolor=tones["paper"])
        sheet.suptitle(_wrapped(f"{found.recorded.setup.model}: right answers for tokens"), fontsize=12)
        shown = sheet.subplots(panels, squeeze=False, sharex=True).flat
        for axes, part in zip(shown, found.parts, strict=False):
            axes.set_xscale("log")
            axes.set_xlim(*_span(found.parts))
            _panel(axes, part, tones)
        _legend(sheet, tones)
        held = io.BytesIO()
        kept = {"Date": None} if file_format == "svg" else {}
        sheet.savefig(held, format=file_format, dpi=_DOTS_PER_INCH, metadata=kept)
    return held.getvalue()


def _style(tones: dict[str, str]) -> Any:  # its keys are a type of some versions only
    return {
        "text.parse_math": False,
        "svg.fonttype": "none",
        "svg.hashsalt": "bench",  # the same figures make the same file
        "font.family": "sans-serif",
        "font.size": 10,
        "text.color": tones["ink"],
        "axes.labelcolor": tones["ink"],
        "axes.edgecolor": tones["quiet"],
        "xtick.color": tones["quiet"],
        "ytick.color": tones["quiet"],
    }


def _legend(sheet: Any, tones: dict[str, str]) -> None:
    """One for all panels, below them, where it covers nothing."""
    named: dict[str, Any] = {}
    for axes in sheet.axes:
        handles, labels = axes.get_legend_handles_labels()
        named |= dict(zip(labels, handles, strict=True))
    if not named:
        return
    ways = {label: named[label] for label in named if label not in _curve_names()}
    named = ways | {label: named[label] for label in _curve_names() if label in named}
    columns = 2 if max(map(len, ways)) <= _TWO_COLUMNS_CHARACTERS and len(ways) > 2 else 1  # noqa: PLR2004
    legend = sheet.legend(
        named.values(),
        named.keys(),
        loc="outside lower center",
        ncols=columns,
        fontsize=8,
        frameon=False,
        title=_NOTE,
        title_fontsize=8,
    )
    legend.get_title().set_color(tones["quiet"])


def _curve_names() -> list[str]:
    return [words for _, _, words in _CURVES.values()]


def _panel(axes: Axes, part: PartSummary, tones: dict[str, str]) -> None:
    axes.set_facecolor(tones["paper"])
    name = "all tasks" if part.task is None else part.task
    axes.set_title(_wrapped(f"{name}, {part.items} questions"), loc="left", fontsize=9.5)
    axes.tick_params(labelbottom=True)
    axes.set_xlabel("mean tokens for a question, input and output")
    axes.set_ylabel("right, %")
    axes.grid(visible=True, color=tones["grid"], linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    for name in _CURVES:
        _curve(axes, name, part.figures)
    for place, tokens in beside([each.tokens for each in part.figures]):
        _mark(axes, part.figures[place], tokens, place)
    _limits(axes, part.figures)


def _curve(axes: Axes, name: str, figures: Sequence[Figures]) -> None:
    """A control over the tokens it was given: from one answer to as many as the dearest way took."""
    found = [each for figure in figures for each in figure.against if each.name == name]
    if not found:
        return
    alone = [each for figure in figures for each in figure.against if each.name == "single"][:1]
    points = sorted([*alone, *found], key=lambda each: each.tokens)
    tokens = [max(1.0, each.tokens) for each in points]
    line, colour, words = _CURVES[name]
    axes.plot(
        tokens,
        [each.right.value * _HUNDRED for each in points],
        line,
        color=colour,
        linewidth=1.3,
        marker=".",
        markersize=5,
        label=words,
    )
    axes.fill_between(
        tokens,
        [each.right.low * _HUNDRED for each in points],
        [each.right.high * _HUNDRED for each in points],
        color=colour,
        alpha=0.14,
        linewidth=0,
    )


def _mark(axes: Axes, each: Figures, tokens: float, place: int) -> None:
    below, above = each.right.value - each.right.low, each.right.high - each.right.value
    axes.errorbar(
        [tokens],
        [each.right.value * _HUNDRED],
        yerr=[[max(0.0, below) * _HUNDRED], [max(0.0, above) * _HUNDRED]],
        fmt=_SHAPES[place % len(_SHAPES)],
        color=_COLOURS[place % len(_COLOURS)],
        markersize=7,
        elinewidth=1.6,
        capsize=3,
        zorder=3,
        label=each.contender.label,
    )


def beside(tokens: Sequence[float]) -> list[tuple[int, float]]:
    """Where marks are drawn: at their tokens, at least 1; those that would cover each other spread about
    their middle. Each with its place in ``tokens``.
    """
    ordered = sorted(range(len(tokens)), key=lambda place: tokens[place])
    groups: list[list[int]] = []
    for place in ordered:
        last = max(1.0, tokens[groups[-1][-1]]) if groups else 0.0
        if groups and max(1.0, tokens[place]) < last * BESIDE:
            groups[-1].append(place)
        else:
            groups.append([place])
    found = []
    for group in groups:
        middle = math.exp(sum(math.log(max(1.0, tokens[place])) for place in group) / len(group))
        for at, place in enumerate(group):
            spread = BESIDE ** (at - (len(group) - 1) / 2)
            found.append((place, max(1.0, tokens[place]) if len(group) == 1 else middle * spread))
    return sorted(found)


def _limits(axes: Axes, figures: Sequence[Figures]) -> None:
    """All of every interval, with room; tokens as plain numbers, not as powers of ten."""
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    held: list[Figures | Against] = [*figures]
    held += [each for figure in figures for each in figure.against]
    top = max((each.right.high for each in held), default=1.0) * _HUNDRED
    axes.set_ylim(-2, min(103.0, 10 * math.ceil((top + 2) / 10)))
    axes.xaxis.set_major_locator(LogLocator(base=10, subs=(1.0, 2.0, 5.0)))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.xaxis.set_minor_formatter(NullFormatter())


def _span(parts: Sequence[PartSummary]) -> tuple[float, float]:
    """From the fewest tokens to the most, the same for all panels, with room at both ends."""
    figures = [figure for part in parts for figure in part.figures]
    told = [figure.tokens for figure in figures]
    told += [each.tokens for figure in figures for each in figure.against]
    tokens = [max(1.0, each) for each in told]
    return min(tokens) / 1.4, max(2.0, *tokens) * 1.4


def _wrapped(text: str) -> str:
    return textwrap.fill(text, _TITLE_CHARACTERS)
