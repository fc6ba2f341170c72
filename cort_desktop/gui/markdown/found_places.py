"""What a search in one view found: the places, which one is looked at, and their colours on the parts."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QWidget

from cort_desktop.gui.markdown.finding import Match, matches
from cort_desktop.gui.markdown.flow import Flow


class FoundPlaces:
    """Keeps the matches of a query in step with a text that may still grow."""

    def __init__(self, host: QWidget, flow: Flow) -> None:
        self._host = host
        self._flow = flow
        self._query = ""
        self._matches: list[Match] = []
        self._current: int | None = None

    @property
    def count(self) -> int:
        """How many places there are."""
        return len(self._matches)

    def search(self, query: str) -> int:
        """Look for ``query``; nothing to look for clears the colours. Returns how many places there are."""
        self._query, self._current = query, None
        self.again()
        return self.count

    def again(self) -> None:
        """The text has changed."""
        had = self._matches
        self._matches = (
            matches(self._query, (slot.words() for slot in self._flow.slots)) if self._query else []
        )
        if self._current is not None and self._current >= self.count:
            self._current = None
        if had or self._matches:
            self.colour()

    def colour(self) -> None:
        """Put the colours on the parts that are built."""
        by_slot: dict[int, list[tuple[int, int]]] = {}
        for match in self._matches:
            by_slot.setdefault(match.slot, []).append((match.start, match.end))
        current = self._matches[self._current] if self._current is not None else None
        for index, slot in enumerate(self._flow.slots):
            if slot.part is not None:
                here = (current.start, current.end) if current and current.slot == index else None
                slot.part.highlight(by_slot.get(index, []), here)

    def go_to(self, number: int | None) -> QRect | None:
        """Look at one of them (None: at none). Returns where it is in the view."""
        self._current = number
        if number is None:
            self.colour()
            return None
        match = self._matches[number]
        part = self._flow.build(match.slot)
        self._flow.place(match.slot)
        part.reveal(match.start)
        self._flow.place(match.slot)
        self.colour()
        spot = part.spot(match.start)
        return spot.translated(part.mapTo(self._host, QPoint(0, 0)))
