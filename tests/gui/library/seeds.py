"""Conversations as they would be found in a person's library: written into a real database before the window
opens it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Budget, Estimate, Reserved, Usage
from cort_desktop.domain.ids import ConversationId, NodeName, RunId, TurnId
from cort_desktop.domain.search import Reason, RunSpec
from cort_desktop.storage.conversations import Conversations
from cort_desktop.storage.database import Database
from cort_desktop.storage.run_log import RunLog


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """A conversation of one question. ``ago`` is when it was last used."""

    title: str
    ago: timedelta = timedelta(minutes=1)
    question: str = "Why?"
    answer: str = "Because."
    loser: str = ""
    pinned: bool = False
    archived: bool = False
    deleted: bool = False


class _SetClock:
    """Says what it is told."""

    def __init__(self, now: datetime) -> None:
        self.moment = now

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nothing here waits")


def fill(home: Path, seeds: Iterable[Seed], now: datetime | None = None) -> list[ConversationId]:
    """Write ``seeds`` into the database of ``home``, as of ``now``; their ids, in order."""
    now = now or datetime.now(UTC)
    clock = _SetClock(now)
    made = []
    folder = home / "data"
    folder.mkdir(parents=True, exist_ok=True)
    with Database.open(folder, clock=clock) as database:
        conversations, log = Conversations(database), RunLog(database)
        writes = []
        for number, seed in enumerate(seeds):
            conversation = ConversationId(f"c{number:05}")
            made.append(conversation)
            clock.moment = now - seed.ago
            run = RunId(f"r{number:05}")
            writes.append(
                conversations.start_turn(
                    conversation=conversation,
                    turn=TurnId(f"t{number:05}"),
                    run=run,
                    question=seed.question,
                    strategy="single",
                    title=seed.title,
                )
            )
            writes.append(log.append(_events(run, conversation, seed, clock.moment)))
            for is_so, change in (
                (seed.pinned, conversations.pin),
                (seed.archived, conversations.archive),
                (seed.deleted, conversations.delete),
            ):
                if is_so:
                    writes.append(change(conversation))
        for write in writes:
            write.result()
    return made


def _events(run: RunId, conversation: ConversationId, seed: Seed, at: datetime) -> list[ev.Event]:
    bodies: list[ev.Body] = [
        ev.RunStarted(
            conversation=conversation,
            turn=TurnId(f"t{conversation[1:]}"),
            question=seed.question,
            strategy="single",
            spec=RunSpec(),
            budget=Budget(calls=9),
            estimate=Estimate(calls_low=1, calls_high=1, tokens_low=1, tokens_high=2),
            app="0.1.0",
            prompts="1",
        )
    ]
    nodes = [("R1.A1", seed.answer), *([("R1.A2", seed.loser)] if seed.loser else [])]
    for name, text in nodes:
        node = NodeName(name)
        bodies.append(ev.NodeStarted(node=node, role="proposer", round=1, reserved=Reserved(tokens=9)))
        bodies.append(ev.NodeFinished(node=node, text=text, finish="stop", usage=Usage(input=3, output=5)))
    if seed.loser:
        scores = {NodeName("R1.A1"): 1.0, NodeName("R1.A2"): 0.0}
        bodies.append(
            ev.RoundFinished(round=1, winner=NodeName("R1.A1"), scores=scores, method="borda", agreement=1.0)
        )
    bodies.append(
        ev.RunFinished(
            status="complete",
            reason=Reason(rule="single", text="one answer was asked for"),
            answer_node=NodeName("R1.A1"),
            answer=seed.answer,
            usage=Usage(),
        )
    )
    return [ev.Event(run=run, seq=seq, at=at, body=body) for seq, body in enumerate(bodies, 1)]
