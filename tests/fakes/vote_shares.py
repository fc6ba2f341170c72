"""Five hundred questions as shares of samples: how often a model says the right value, and each wrong one.

Kept in ``tests/data/vote_shares.json`` and made here, by the seed that stands in it: NO MEASURED DATA. Its
shape follows what is published of such a set (Aggarwal et al. 2023, arXiv:2305.11860; ENGINE 1: of 500
questions with 40 samples each a vote was right for 81.6 in 100, for 92.0 the right value was among the
samples, and the Beta stop took 7.2 samples): some questions are beyond the model, most are easy to it, the
rest spread between, and wrong samples share out unevenly, a favourite error taking the most. Right shares are
drawn from Beta distributions, wrong ones by breaking a stick.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from random import Random

PLACE = Path(__file__).parent.parent / "data" / "vote_shares.json"
SEED = 20_261_122
QUESTIONS = 500
BEYOND = 0.075
"""The share of questions whose right value is never said."""
EASY = 0.72
"""The share of those that are nearly always answered right."""
EASY_BETA = (40.0, 0.4)
BETWEEN_BETA = (1.0, 1.5)
BREAK = (4.0, 1.0)
"""Of how much of what is left the next wrong value takes."""
MOST_WRONG = 8
ABOUT = (
    "Simulated, not measured: the share of samples of one model with the right value, and with each wrong "
    "value, for 500 questions. Made by tests/fakes/vote_shares.py from the seed below; how and after what is "
    "said there."
)


@dataclass(frozen=True, slots=True)
class Shares:
    """One question: the share of the right value, and those of the wrong ones, largest first. Sum: 1."""

    right: float
    wrong: tuple[float, ...]


def kept() -> tuple[Shares, ...]:
    """The table as it is kept."""
    data = json.loads(PLACE.read_text(encoding="utf-8"))
    return tuple(Shares(each["right"], tuple(each["wrong"])) for each in data["questions"])


def made(seed: int = SEED) -> tuple[Shares, ...]:
    """The table, drawn anew."""
    draw = Random(seed)
    return tuple(_question(draw) for _ in range(QUESTIONS))


def text(questions: tuple[Shares, ...]) -> str:
    """The file's text."""
    rows = ",\n".join(
        "  " + json.dumps({"right": each.right, "wrong": list(each.wrong)}) for each in questions
    )
    about = f'"about": {json.dumps(ABOUT)},\n "seed": {SEED}'
    return f'{{{about},\n "questions": [\n{rows}\n ]}}\n'


def _question(draw: Random) -> Shares:
    kind = draw.random()
    right = 0.0
    if kind >= BEYOND:
        right = round(draw.betavariate(*(EASY_BETA if kind < BEYOND + EASY else BETWEEN_BETA)), 4)
    wrong: list[float] = []
    left = 1.0 - right
    while left > 0 and len(wrong) < MOST_WRONG - 1:
        piece = round(left * draw.betavariate(*BREAK), 4)
        if piece:
            wrong.append(piece)
        left = round(left - piece, 4)
    if left > 0:
        wrong.append(left)
    return Shares(right, tuple(sorted(wrong, reverse=True)))
