"""Where a search finds its words in a conversation, counted turn by turn, made or not. Pure.

An answer that is not made yet is counted in the words it will show, as far as those are known, else in its
text as it was written; once it is made, what can be seen counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from cort_desktop.domain.ids import TurnId
from cort_desktop.domain.library import TurnView
from cort_desktop.gui.chat.question import preview
from cort_desktop.gui.markdown import words as block_words
from cort_desktop.gui.markdown.assembly import read_all
from cort_desktop.gui.markdown.finding import matches

MOST_READ = 256 * 1024
"""Characters; a longer answer is searched as it was written."""
Part = Literal["question", "answer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundAt:
    """The ``nth`` hit, from 0, in a part of a turn."""

    turn: TurnId
    part: Part
    nth: int


class Hits:
    """The hits of one search, in reading order. ``shown``: of answers as written, the words they show."""

    def __init__(self, turns: Sequence[TurnView], words: str, shown: Mapping[str, str]) -> None:
        self.words = words
        self._counts: dict[tuple[TurnId, Part], int] = {}
        for turn in turns:
            row = turn.active
            answer = (row.answer or "") if row is not None else ""
            self._counts[turn.turn.id, "question"] = count(preview(turn.turn.question), words)
            self._counts[turn.turn.id, "answer"] = count(shown.get(answer, answer), words)

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(self._counts.values())

    def recount(self, turn: TurnId, part: Part, number: int) -> bool:
        """What a part really shows; whether that is news."""
        if self._counts.get((turn, part)) == number or (turn, part) not in self._counts:
            return False
        self._counts[turn, part] = number
        return True

    def at(self, place: int) -> FoundAt | None:
        """The hit with that number, from 0."""
        for (turn, part), number in self._counts.items():
            if place < number:
                return FoundAt(turn=turn, part=part, nth=place)
            place -= number
        return None

    def number(self, found: FoundAt) -> int:
        """Which one a hit is, from 0; 0 for one that is no longer there."""
        before = 0
        for (turn, part), number in self._counts.items():
            if (turn, part) == (found.turn, found.part):
                return before + found.nth if found.nth < number else 0
            before += number
        return 0

    def first_of(self, turn: TurnId, part: Part) -> int:
        """The number of the first hit in a part of a turn; else of the first in the turn, or after it."""
        if self._counts.get((turn, part)):
            return self.number(FoundAt(turn=turn, part=part, nth=0))
        return self.first_in([turn])

    def first_in(self, turns: Sequence[TurnId]) -> int:
        """The number of the first hit in these turns or after them; 0 when there is none."""
        before = 0
        reached = False
        for (turn, _part), number in self._counts.items():
            reached = reached or turn in turns
            if reached and number:
                return before
            before += number
        return 0


def count(text: str, words: str) -> int:
    """How often ``words`` stand in ``text``, in any letter case; blanks match any blanks."""
    return len(matches(words, [text]))


def words_shown(answers: Iterable[str]) -> dict[str, str]:
    """Of each answer as it was written, the words it shows. Takes its time: some milliseconds for each."""
    return {
        each: "\n".join(map(block_words.shown, read_all(each))) for each in answers if len(each) <= MOST_READ
    }
