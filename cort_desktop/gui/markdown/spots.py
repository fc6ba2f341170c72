"""Where letters of shown words stand in a QTextDocument: it counts in UTF-16, and a drawn formula is one
place.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field


def units(text: str) -> int:
    """The length of ``text`` as Qt counts it."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass(slots=True)
class Spots:
    """Runs of words and where each stands in the document."""

    _words: list[int] = field(default_factory=list)
    _places: list[int] = field(default_factory=list)
    _texts: list[str] = field(default_factory=list)
    _drawn: list[bool] = field(default_factory=list)
    has_signs: bool = False

    def add(self, at: int, place: int, text: str, *, is_drawn: bool = False) -> None:
        """``text`` begins at letter ``at`` and stands at ``place``; drawn: it is one place for all its
        letters.
        """
        self._words.append(at)
        self._places.append(place)
        self._texts.append(text)
        self._drawn.append(is_drawn)

    def cut(self, at: int) -> None:
        """Forget what begins at letter ``at`` or later."""
        keep = bisect_right(self._words, at - 1)
        for each in (self._words, self._places, self._texts, self._drawn):
            del each[keep:]

    def place(self, at: int, *, is_end: bool = False) -> int:
        """Where letter ``at`` stands."""
        run = bisect_right(self._words, at - 1 if is_end and at else at) - 1
        if run < 0:
            return 0
        if self._drawn[run]:
            return self._places[run] + int(is_end)
        within = at - self._words[run]
        return self._places[run] + units(self._texts[run][:within])
