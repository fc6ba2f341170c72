"""Thoughts written into an answer: a ``<think>`` block at its very beginning, told apart as it streams.

Google writes ``<thought>``. A block anywhere else is part of the answer: people do ask about HTML.
"""

from __future__ import annotations

from typing import Literal

from cort_desktop.domain.calls import Channel

OPENINGS = ("<think>", "<thought>")

Piece = tuple[Channel, str]


class ThinkSplitter:
    """Feed it the pieces of an answer; it holds back only what may still turn out to be a tag."""

    def __init__(self) -> None:
        self._held = ""
        self._state: Literal["start", "thinking", "after", "answer"] = "start"
        self._closing = ""

    def feed(self, text: str) -> list[Piece]:
        """``text`` by channel, in order."""
        if self._state == "answer":
            return [("answer", text)]
        self._held += text
        return self._advance()

    def close(self) -> list[Piece]:
        """The end: what was held back belongs to where it stood."""
        rest, self._held = self._held, ""
        channel: Channel = "reasoning" if self._state == "thinking" else "answer"
        return [(channel, rest)] if rest else []

    def _advance(self) -> list[Piece]:
        if self._state == "start":
            start = self._held.lstrip()
            if any(len(start) < len(tag) and tag.startswith(start) for tag in OPENINGS):
                return []
            opening = next((tag for tag in OPENINGS if start.startswith(tag)), None)
            if opening is None:
                return self._answer(self._held)
            self._state = "thinking"
            self._closing = opening.replace("<", "</")
            self._held = start.removeprefix(opening)
        pieces: list[Piece] = []
        if self._state == "thinking":
            thought, closed, rest = self._held.partition(self._closing)
            if not closed:
                return self._thought_so_far()
            pieces = [("reasoning", thought)] if thought else []
            self._state, self._held = "after", rest
        # The blank lines between the thoughts and the answer belong to neither.
        answer = self._held.lstrip("\r\n")
        self._held = ""
        return pieces + self._answer(answer) if answer else pieces

    def _answer(self, text: str) -> list[Piece]:
        self._state = "answer"
        self._held = ""
        return [("answer", text)]

    def _thought_so_far(self) -> list[Piece]:
        cut = len(self._held)
        for size in range(1, len(self._closing)):
            if self._held.endswith(self._closing[:size]):
                cut = len(self._held) - size
        thought, self._held = self._held[:cut], self._held[cut:]
        return [("reasoning", thought)] if thought else []
