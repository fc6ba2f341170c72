"""Where the turns of a conversation stand, one below the other, and how high those are that nobody has seen.

A long conversation has turns by the hundred and a window shows a handful: only those near are made; the
others are places with a guessed height. Pure geometry; ``transcript.py`` makes the widgets and scrolls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cort_desktop.domain.ids import TurnId
from cort_desktop.domain.library import TurnView

_LINE_PX = 22
_LETTER_PX = 7
_AROUND_PX = 120
"""What a turn has besides its text: bubble, verbs, strip, gaps."""
_HIGHEST_GUESS_PX = 4_000


@dataclass(slots=True)
class Place:
    """A turn's place: ``top`` and ``height`` in pixels. ``is_measured``: it was made at this width once."""

    turn: TurnView
    height: int = 0
    top: int = 0
    is_measured: bool = False


class Column:
    """All places, in order."""

    def __init__(self) -> None:
        self.places: list[Place] = []
        self.height = 0
        self._width = 0

    def show(self, turns: Sequence[TurnView]) -> list[TurnId]:
        """Have places for these turns; what is known of those that stay is kept. Returns who is gone."""
        before = {place.turn.turn.id: place for place in self.places}
        self.places = []
        for turn in turns:
            place = before.pop(turn.turn.id, None)
            if place is None:
                place = Place(turn, height=_guess(turn, self._width or 600))
            place.turn = turn
            self.places.append(place)
        self._stack()
        return list(before)

    def set_width(self, width: int) -> None:
        """Another width: what was measured is only a guess now."""
        if width == self._width:
            return
        self._width = width
        for place in self.places:
            place.is_measured = False
        self._stack()

    def measured(self, index: int, height: int) -> bool:
        """The real height of a turn; whether it is another one than was thought."""
        place = self.places[index]
        place.is_measured = True
        if place.height == height:
            return False
        place.height = height
        self._stack(index)
        return True

    def within(self, top: int, bottom: int) -> range:
        """The places that have a part between these pixels."""
        touched = [
            index
            for index, place in enumerate(self.places)
            if place.top + place.height > top and place.top < bottom
        ]
        return range(touched[0], touched[-1] + 1) if touched else range(0)

    def index(self, turn: TurnId) -> int | None:
        """Where a turn is."""
        return next((at for at, place in enumerate(self.places) if place.turn.turn.id == turn), None)

    def _stack(self, start: int = 0) -> None:
        top = self.places[start].top if 0 < start < len(self.places) else 0
        for place in self.places[start:]:
            place.top = top
            top += place.height
        self.height = top if self.places else 0


def _guess(turn: TurnView, width: int) -> int:
    """About how high a turn will be; good enough for a scroll bar."""
    row = turn.active
    texts = [turn.turn.question[:4_000], (row.answer or "")[:40_000] if row is not None else ""]
    letters = max(10, width // _LETTER_PX)
    lines = sum(len(text) // letters + text.count("\n") + 1 for text in texts)
    return _AROUND_PX + min(_HIGHEST_GUESS_PX, lines * _LINE_PX)
