"""Room in the one context that all slots of the built-in model share.

llama.cpp breaks every running answer off when the shared context overflows. So a call is let in only while
its prompt and its longest answer surely fit beside those already inside; the others wait here, first come
first served, where no time limit of an answer runs yet. A call that could fill the context is alone in it.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from cort_desktop.domain.messages import Message

_DENSE = re.compile(r"[^a-z ]")
_TEMPLATE_TOKENS = 32
_MESSAGE_TOKENS = 8
_LOOKED_AT = 64 * 1024


def most_tokens(messages: Sequence[Message]) -> int:
    """No fewer tokens than ``messages`` have, though mostly two or three times as many.

    Small letters and blanks come in longer pieces, even in words that are none; each other byte is a token at
    worst. What is too much only costs some waiting.
    """
    total = _TEMPLATE_TOKENS
    for message in messages:
        if len(message.text) > _LOOKED_AT:
            total += len(message.text)  # more than any context here, and looking closer takes time
            continue
        dense = "".join(_DENSE.findall(message.text))
        blanks = message.text.count(" ")
        letters = len(message.text) - len(dense) - blanks
        total += _MESSAGE_TOKENS + (3 * letters + blanks + 3) // 4 + len(dense.encode(errors="replace"))
    return total


class Room:
    """``places`` calls at once, and ``tokens`` between them."""

    def __init__(self, *, places: int, tokens: int) -> None:
        self._free_places = places
        self._free_tokens = tokens
        self._all_tokens = tokens
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    @asynccontextmanager
    async def held(self, tokens: int) -> AsyncIterator[None]:
        """Wait for a place and ``tokens`` of room, and give them back at the end."""
        wanted = min(tokens, self._all_tokens)
        await self._take(wanted)
        try:
            yield
        finally:
            self._give_back(wanted)

    async def _take(self, wanted: int) -> None:
        if not self._waiting and self._fits(wanted):
            self._enter(wanted)
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (wanted, turn)
        self._waiting.append(entry)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._give_back(wanted)  # let in and cancelled in the same moment
            else:
                if entry in self._waiting:  # else room came free before we heard of it, and we were passed by
                    self._waiting.remove(entry)
                self._let_in()
            raise

    def _give_back(self, wanted: int) -> None:
        self._free_places += 1
        self._free_tokens += wanted
        self._let_in()

    def _let_in(self) -> None:
        while self._waiting and self._fits(self._waiting[0][0]):
            wanted, turn = self._waiting.popleft()
            if turn.cancelled():
                continue
            self._enter(wanted)
            turn.set_result(None)

    def _fits(self, wanted: int) -> bool:
        return self._free_places > 0 and wanted <= self._free_tokens

    def _enter(self, wanted: int) -> None:
        self._free_places -= 1
        self._free_tokens -= wanted
