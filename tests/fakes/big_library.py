"""A large library, made fast, and how long it takes to read: for benchmarks. Nothing fails by it.

``python -m tests.fakes.big_library [CONVERSATIONS TURNS RUNS]`` prints the figures.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import apsw

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import ConversationId, RunId, TurnId, blob_of
from cort_desktop.domain.stamps import stamp
from cort_desktop.storage.run_log import Batch
from cort_desktop.storage.turn_start import TurnStart
from tests.fakes.library import (
    BEGIN,
    DRAFT,
    Shelf,
    event,
    node_finished,
    node_started,
    run_finished,
    shelf,
    started,
)

WORDS = [f"word{number}" for number in range(3000)]
ANSWER_WORDS = 40
TOGETHER = 100
"""Conversations saved at once: a commit for each would take most of the time."""


def fill(books: Shelf, *, conversations: int, turns: int, runs: int = 1, answer: str | None = None) -> None:
    """Conversations ``c00000`` … of so many turns (``c00000-t0`` …), each with so many ended runs; each has
    that ``answer``, or one of random words.
    """
    for first in range(0, conversations, TOGETHER):
        numbers = range(first, min(first + TOGETHER, conversations))
        books.database.write(partial(_add_all, numbers, turns, runs, answer)).result()


def _add_all(numbers: range, turns: int, runs: int, answer: str | None, connection: apsw.Connection) -> None:
    for number in numbers:
        _add(number, turns, runs, answer, connection)


def _add(number: int, turns: int, runs: int, answer: str | None, connection: apsw.Connection) -> None:
    chance = random.Random(number)
    conversation = ConversationId(f"c{number:05d}")
    for place in range(turns):
        question = " ".join(chance.choices(WORDS, k=10))
        for nth in range(runs):
            start = TurnStart(
                conversation=conversation,
                turn=TurnId(f"{conversation}-t{place}"),
                run=RunId(f"{conversation}-t{place}-r{nth}"),
                question=question,
                strategy="single",
                title=question[:50],
                system=None,
                parent=TurnId(f"{conversation}-t{place - 1}") if place else None,
                at=stamp(BEGIN + timedelta(minutes=number, seconds=place)),
            )
            start(connection)
            words = " ".join(chance.choices(WORDS, k=ANSWER_WORDS))
            _think(connection, start, words if answer is None else answer)


def _think(connection: apsw.Connection, start: TurnStart, answer: str) -> None:
    context = f"context of {start.turn}"
    first = replace(
        started(start.question),
        conversation=start.conversation,
        turn=start.turn,
        context=blob_of(context),
    )
    bodies: list[ev.Body] = [first, node_started(), node_finished(DRAFT, answer), run_finished(answer)]
    events = tuple(event(seq, body, start.run) for seq, body in enumerate(bodies, 1))
    Batch(start.run, events, {blob_of(context): context})(connection)


def best_ms(work: Callable[[], Any], times: int = 5) -> float:
    """The shortest of a few measurements, in milliseconds."""
    found: list[float] = []
    for _ in range(times):
        begin = perf_counter()
        work()
        found.append((perf_counter() - begin) * 1000)
    return min(found)


def figures(books: Shelf) -> dict[str, float]:
    """Milliseconds of what a window asks of a library."""
    library = books.conversations
    newest = library.list(limit=1)[0].id
    last = library.leaf(newest)
    return {
        "first page of 100": best_ms(lambda: library.list(limit=100)),
        "whole list": best_ms(library.list),
        "interrupted runs": best_ms(library.interrupted),
        "one conversation": best_ms(lambda: library.view(newest)),
        "what a question is told": best_ms(lambda: library.said(last) if last else None),
        "search, one common word": best_ms(lambda: books.index.search("word12")),
        "search, two words": best_ms(lambda: books.index.search("word1500 word77")),
    }


if __name__ == "__main__":
    sizes = [int(word) for word in sys.argv[1:]] or [2000, 20, 1]
    with tempfile.TemporaryDirectory() as place, shelf(Path(place) / "data") as opened:
        before = perf_counter()
        conversations, turns, runs = (*sizes, *(2000, 20, 1)[len(sizes) :])
        fill(opened, conversations=conversations, turns=turns, runs=runs)
        print(f"{sizes}: filled in {perf_counter() - before:.1f} s")  # noqa: T201
        for what, ms in figures(opened).items():
            print(f"{ms:8.2f} ms  {what}")  # noqa: T201
