"""The colours by name, for each look. Pure values; every pair of text and ground holds WCAG AA (4.5:1).

``tests/gui/theme/test_tokens.py`` computes the contrast of each pair in ``TEXT_ON``.
"""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

Colour = Literal[
    "window",  # behind the transcript
    "panel",  # behind the library
    "card",  # fields, cards, menus
    "bubble",  # a question
    "code",  # behind code
    "hover",  # under the pointer
    "line",  # between things
    "line_strong",  # around fields and buttons
    "text",
    "muted",  # words that matter less
    "faint",  # labels, node names, hints
    "accent",  # the one accent: links, focus, what is chosen
    "accent_soft",  # the chosen row
    "on_accent",
    "good",  # winners
    "good_soft",
    "on_good",
    "bad",  # failures, Stop
    "bad_soft",
    "warn",  # judges, doubts
    "warn_soft",
    "running",  # work in progress
    "running_soft",
    "bar",  # a call in the timeline
    "bar_wait",
    "bar_won",
    "bar_won_wait",
    "bar_judge",
    "bar_judge_wait",
    "bar_failed",
    "bar_failed_wait",
    "heat_low",  # the ends of the heat map of scores
    "heat_high",
    "on_heat",
    "added",  # grounds of a word diff
    "removed",
    "found",  # a place that a search found
    "found_now",
    "syntax_keyword",
    "syntax_string",
    "syntax_number",
    "syntax_comment",
    "syntax_name",
]
Mode = Literal["system", "light", "dark", "contrast"]
Palette: TypeAlias = dict[Colour, str]

LIGHT: Palette = {
    "window": "#ffffff",
    "panel": "#f0efeb",
    "card": "#ffffff",
    "bubble": "#f5f4f1",
    "code": "#f5f4f1",
    "hover": "#e7e6e1",
    "line": "#e3e2dd",
    "line_strong": "#d2d1cb",
    "text": "#1f2023",
    "muted": "#595a5e",
    "faint": "#666762",
    "accent": "#3350e0",
    "accent_soft": "#e6eafd",
    "on_accent": "#ffffff",
    "good": "#15703f",
    "good_soft": "#e2f3e9",
    "on_good": "#ffffff",
    "bad": "#b3261e",
    "bad_soft": "#fce8e6",
    "warn": "#7d5a0b",
    "warn_soft": "#f7eed6",
    "running": "#3350e0",
    "running_soft": "#e6eafd",
    "bar": "#98a4cc",
    "bar_wait": "#dde1ef",
    "bar_won": "#4a9f72",
    "bar_won_wait": "#c4e0d0",
    "bar_judge": "#b3924b",
    "bar_judge_wait": "#e9dfc6",
    "bar_failed": "#d1605a",
    "bar_failed_wait": "#efcac7",
    "heat_low": "#e9f3ee",
    "heat_high": "#83b99d",
    "on_heat": "#1f2023",
    "added": "#cfeeda",
    "removed": "#fbd9d5",
    "found": "#fbeaa6",
    "found_now": "#f6c453",
    "syntax_keyword": "#7a3fd1",
    "syntax_string": "#1b6e3c",
    "syntax_number": "#1f50a8",
    "syntax_comment": "#65665f",
    "syntax_name": "#1f2023",
}

DARK: Palette = {
    "window": "#1f2023",
    "panel": "#17181a",
    "card": "#1b1c1f",
    "bubble": "#17181a",
    "code": "#17181a",
    "hover": "#2a2c30",
    "line": "#303237",
    "line_strong": "#42454c",
    "text": "#e6e7ea",
    "muted": "#abaeb5",
    "faint": "#969aa2",
    "accent": "#9aa8ff",
    "accent_soft": "#262f57",
    "on_accent": "#14161c",
    "good": "#6fd59b",
    "good_soft": "#17352a",
    "on_good": "#10241b",
    "bad": "#ff9088",
    "bad_soft": "#43211f",
    "warn": "#dcb962",
    "warn_soft": "#3a311b",
    "running": "#9aa8ff",
    "running_soft": "#262f57",
    "bar": "#99a3c9",
    "bar_wait": "#474c5e",
    "bar_won": "#4a9f72",
    "bar_won_wait": "#27483a",
    "bar_judge": "#b8974e",
    "bar_judge_wait": "#54482f",
    "bar_failed": "#d1605a",
    "bar_failed_wait": "#5e322f",
    "heat_low": "#2c3a35",
    "heat_high": "#3f7159",
    "on_heat": "#eef2ef",
    "added": "#1f4a33",
    "removed": "#592b28",
    "found": "#57491a",
    "found_now": "#78600f",
    "syntax_keyword": "#c9a4ff",
    "syntax_string": "#8fd6a5",
    "syntax_number": "#9cc3ff",
    "syntax_comment": "#9a9da5",
    "syntax_name": "#e6e7ea",
}

CONTRAST: Palette = DARK | {
    "window": "#000000",
    "panel": "#000000",
    "card": "#000000",
    "bubble": "#101010",
    "code": "#101010",
    "hover": "#2c2c2c",
    "line": "#8a8a8a",
    "line_strong": "#ffffff",
    "text": "#ffffff",
    "muted": "#f0f0f0",
    "faint": "#d8d8d8",
    "accent": "#ffe45c",
    "accent_soft": "#3d3600",
    "on_accent": "#000000",
    "good": "#7dffb2",
    "good_soft": "#00331a",
    "bad": "#ffb3ad",
    "bad_soft": "#4d0800",
    "warn": "#ffd98a",
    "warn_soft": "#3d2c00",
    "running": "#a8d4ff",
    "running_soft": "#002b52",
    "syntax_comment": "#d8d8d8",
    "syntax_name": "#ffffff",
}

PALETTES: dict[Literal["light", "dark", "contrast"], Palette] = {
    "light": LIGHT,
    "dark": DARK,
    "contrast": CONTRAST,
}

_GROUNDS: tuple[Colour, ...] = ("window", "panel", "card", "bubble", "code", "hover", "accent_soft")
TEXT_ON: tuple[tuple[Colour, Colour], ...] = (
    *((words, ground) for ground in _GROUNDS for words in ("text", "muted", "faint")),
    *(
        (words, ground)
        for ground in ("window", "card", "bubble")
        for words in ("accent", "good", "bad", "warn")
    ),
    ("accent", "accent_soft"),
    ("on_accent", "accent"),
    ("on_good", "good"),
    ("good", "good_soft"),
    ("bad", "bad_soft"),
    ("warn", "warn_soft"),
    ("running", "running_soft"),
    ("on_heat", "heat_low"),
    ("on_heat", "heat_high"),
    ("text", "added"),
    ("text", "removed"),
    ("text", "found"),
    ("text", "found_now"),
    *((each, "code") for each in get_args(Colour) if each.startswith("syntax_")),
)
"""Which words may stand on which ground."""
