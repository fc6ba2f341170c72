"""Icons and colours of the states. The icon and the word carry the meaning; colour only helps."""

from __future__ import annotations

from dataclasses import dataclass

from cort_desktop.telling.states import Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Glyphs:
    """One set of icons: drawn, or plain letters where the encoding has no others."""

    marks: dict[Mark, str]
    ellipsis: str
    dot: str
    full: str
    empty: str
    prompt: str
    wheel: str


DRAWN = Glyphs(
    marks={
        "question": "◆",
        "answer": "★",
        "won": "●",
        "candidate": "○",
        "running": "◐",
        "waiting": "◌",
        "failed": "✕",
        "cancelled": "–",
        "stale": "↺",
        "round": "▾",
        "verdict": "◇",
        "call": "·",
        "end": "■",
    },
    ellipsis="…",
    dot="·",
    full="█",
    empty="░",
    prompt="›",
    wheel="◐◓◑◒",
)
PLAIN = Glyphs(
    marks={
        "question": "?",
        "answer": "*",
        "won": "+",
        "candidate": "o",
        "running": "~",
        "waiting": ".",
        "failed": "x",
        "cancelled": "-",
        "stale": "%",
        "round": "v",
        "verdict": "=",
        "call": "-",
        "end": "#",
    },
    ellipsis="...",
    dot="|",
    full="#",
    empty=".",
    prompt=">",
    wheel="-\\|/",
)
STYLES: dict[Mark, str] = {
    "question": "bold",
    "answer": "bold green",
    "won": "green",
    "candidate": "",
    "running": "cyan",
    "waiting": "dim",
    "failed": "red",
    "cancelled": "yellow",
    "stale": "yellow",
    "round": "bold",
    "verdict": "dim",
    "call": "dim",
    "end": "dim",
}


def glyphs(*, has_icons: bool) -> Glyphs:
    """The set for a stream."""
    return DRAWN if has_icons else PLAIN
