"""The plot of a bench: how often each way was right against the tokens it took, with its interval.

Drawn by matplotlib (the extra ``bench``), which is imported when a plot is wanted. Nothing global is touched:
no pyplot, no settings left behind.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from cort_desktop.domain.bench_summary import Figures, PartSummary, Summary
from cort_desktop.domain.shares import Interval
from cort_desktop.errors import SettingsError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PlotFormat = Literal["png", "svg"]
MISSING = 'Plots are drawn by matplotlib, which isn\'t installed: pip install "cort-desktop[bench]".'

_LIGHT = {"ink": "#1f2328", "quiet": "#6a737d", "grid": "#e1e4e8", "paper": "#ffffff"}
_DARK = {"ink": "#e6e8eb", "quiet": "#9aa3ad", "grid": "#343a42", "paper": "#1b1e23"}
_COLOURS = ("#3b7dd8", "#d1772f", "#2f9e6e", "#a463c9", "#c94f5d", "#7a8b1f", "#2aa1b3", "#8a6d5c")
_MARKS = {"vote": "v", "best_of_n": "s"}
_WORDS = {"vote": "a vote at the same tokens", "best_of_n": "best of several at the same tokens"}
_PANEL_INCHES = (6.4, 4.2)
_DOTS_PER_INCH = 144
_HUNDRED = 100


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
    style: Any = {  # its keys are a type of some versions only
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
    with mpl.rc_context(style):
        panels = len(found.parts) or 1
        width, height = _PANEL_INCHES
        sheet = Figure(figsize=(width, height * panels), layout="constrained", facecolor=tones["paper"])
        for axes, part in zip(sheet.subplots(panels, squeeze=False).flat, found.parts, strict=False):
            _panel(axes, part, tones)
        held = io.BytesIO()
        kept = {"Date": None} if file_format == "svg" else {}
        sheet.savefig(held, format=file_format, dpi=_DOTS_PER_INCH, metadata=kept)
    return held.getvalue()


def _panel(axes: Axes, part: PartSummary, tones: dict[str, str]) -> None:
    axes.set_facecolor(tones["paper"])
    axes.set_title("all tasks" if part.task is None else part.task, loc="left", fontsize=11)
    axes.set_xlabel("tokens for a question, input and output")
    axes.set_ylabel("right, %")
    axes.set_xscale("log")
    axes.set_ylim(-3, 103)
    axes.grid(visible=True, color=tones["grid"], linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    for place, each in enumerate(part.figures):
        _contender(axes, each, _COLOURS[place % len(_COLOURS)])
    told = {each.name for figure in part.figures for each in figure.against} & set(_MARKS)
    for name in sorted(told):
        axes.plot([], [], _MARKS[name], mfc="none", mec=tones["quiet"], label=_WORDS[name])
    legend = axes.legend(loc="best", fontsize=8, frameon=True, facecolor=tones["paper"])
    legend.get_frame().set_edgecolor(tones["grid"])
    _plain_ticks(axes, part.figures)


def _contender(axes: Axes, each: Figures, colour: str) -> None:
    _mark(axes, each.tokens, each.right, colour, "o", label=each.contender.label)
    for control in each.against:
        if control.name in _MARKS:
            _mark(axes, control.tokens, control.right, colour, _MARKS[control.name], hollow=True)


def _mark(
    axes: Axes,
    tokens: float,
    right: Interval,
    colour: str,
    shape: str,
    *,
    hollow: bool = False,
    label: str | None = None,
) -> None:
    below, above = right.value - right.low, right.high - right.value
    axes.errorbar(
        [max(1.0, tokens)],
        [right.value * _HUNDRED],
        yerr=[[max(0.0, below) * _HUNDRED], [max(0.0, above) * _HUNDRED]],
        fmt=shape,
        color=colour,
        mfc="none" if hollow else colour,
        markersize=6 if hollow else 7,
        elinewidth=0.8 if hollow else 1.6,
        alpha=0.75 if hollow else 1.0,
        capsize=2,
        label=label,
    )


def _plain_ticks(axes: Axes, found: Sequence[Figures]) -> None:
    """Tokens as plain numbers, not as powers of ten."""
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    most = max((each.tokens for each in found), default=1.0)
    least = min((each.tokens for each in found), default=1.0)
    axes.set_xlim(max(1.0, least) / 1.6, max(2.0, most) * 1.6)
    axes.xaxis.set_major_locator(LogLocator(base=10, subs=(1.0, 2.0, 5.0)))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
