"""Kept answers under test: requests with an origin, replies, and a store on a real file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cort_desktop.domain import calls
from cort_desktop.domain.budget import Usage
from cort_desktop.domain.calls import ChatRequest, Completion, Origin
from cort_desktop.domain.clock import Clock
from cort_desktop.domain.ids import ConversationId, ModelRef, NodeName, RunId
from cort_desktop.domain.kept_replies import Filing, KeptReply
from cort_desktop.domain.messages import user
from cort_desktop.domain.settings import CacheSettings
from cort_desktop.storage.reply_cache import DiskReplies
from tests.fakes.loops import LoopClock

MODEL = ModelRef("srv/m")
MADE = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ORIGIN = Origin(
    run=RunId("r1"),
    conversation=ConversationId("c1"),
    question="Why is the sky blue?",
    node=NodeName("R1.A1"),
    role="proposer",
    prompts="1",
    cache="use",
)
ASKED = ChatRequest(
    model=MODEL, messages=(user("Why?"),), max_tokens=100, temperature=0.7, seed=1, sample=1, origin=ORIGIN
)


def origin(**changes: Any) -> Origin:
    return replace(ORIGIN, **changes)


def reply(text: str = "Because of Rayleigh.", **changes: Any) -> KeptReply:
    filing = Filing(
        model=MODEL,
        stage="proposer",
        conversation=ConversationId("c1"),
        run=RunId("r1"),
        question="Why is the sky blue?",
    )
    plain = KeptReply(
        text=text,
        reasoning="hm",
        filing=filing,
        made=MADE,
        usage=Usage(input=5, cached_input=1, output=7, reasoning=2),
        cost_microusd=21,
        seconds=1.5,
    )
    return replace(plain, **changes)


class Counted:
    """A model that numbers its answers; it waits for ``go`` where there is one."""

    def __init__(self, go: asyncio.Event | None = None, **changes: Any) -> None:
        self.calls = 0
        self.cancelled = 0
        self.go = go
        self.changes = changes
        self.error: Exception | None = None

    async def complete(
        self, request: ChatRequest, notify: calls.Notify, admit: calls.Admit = calls.always
    ) -> Completion:
        self.calls += 1
        number = self.calls
        notify(calls.AttemptStart(attempt=1, model=request.model, why="first"))
        try:
            if self.go is not None:
                await self.go.wait()
            else:
                await asyncio.sleep(1)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.error is not None:
            raise self.error
        text = f"answer {number}"
        notify(calls.Delta(text=text))
        done = Completion(
            text=text, model=request.model, usage=Usage(input=10, output=20), seconds=1.0, reasoning="so"
        )
        return replace(done, **self.changes)


@asynccontextmanager
async def on_disk(
    folder: Path, settings: CacheSettings | None = None, clock: Clock | None = None
) -> AsyncIterator[DiskReplies]:
    """A store in ``folder``, closed at the end."""
    held = settings or CacheSettings()
    disk = DiskReplies(folder, settings=lambda: held, clock=clock or LoopClock())
    try:
        yield disk
    finally:
        await disk.aclose()
