"""Thoughts written into an answer: a ``<think>`` block at its very beginning, told apart as it streams.

A block anywhere else is part of the answer: people do ask about HTML.
"""

from __future__ import annotations

from typing import Literal

from cort_desktop.domain.calls import Channel

OPEN = "<think>"
CLOSE = "</think>"

Piece = tuple[Channel, str]


class ThinkSplitter:
    """Feed it the pieces of an answer; it holds back only what may still turn out to be a tag."""

    def __init__(self) -> None:
        self._held = ""
        self._state: Literal["start", "thinking", "after", "answer"] = "start"

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
            opening = self._held.lstrip()
            if len(opening) < len(OPEN) and OPEN.startswith(opening):
                return []
            if not opening.startswith(OPEN):
                return self._answer(self._held)
            self._state = "thinking"
            self._held = opening.removeprefix(OPEN)
        pieces: list[Piece] = []
        if self._state == "thinking":
            thought, closed, rest = self._held.partition(CLOSE)
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
        for size in range(1, len(CLOSE)):
            if self._held.endswith(CLOSE[:size]):
                cut = len(self._held) - size
        thought, self._held = self._held[:cut], self._held[cut:]
        return [("reasoning", thought)] if thought else []
