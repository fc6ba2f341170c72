"""A model behind the cache as the program has it, memory before a real file. Shared by its figures."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from cort_desktop.adapters.clock import SystemClock
from cort_desktop.domain.calls import Admit, ChatModel, ChatRequest, Completion, Delta, Notify, always
from cort_desktop.domain.messages import system, user
from cort_desktop.domain.settings import CacheSettings
from cort_desktop.resilience.cache import Cached, ReplyCache
from cort_desktop.resilience.reply_stores import LayeredReplies, MemoryReplies, ReplyStore
from cort_desktop.storage.reply_cache import FOLDER, DiskReplies
from tests.fakes.kept import MODEL, origin

SERVICE = {"name": "srv", "kind": "openai", "base_url": "http://127.0.0.1:9/v1"}
QUESTION = "Why is the sky blue, and why is it red in the evening? " * 8


class Whole:
    """Answers `characters` at once, each call's text its own."""

    def __init__(self, characters: int) -> None:
        self.characters = characters

    async def complete(
        self,
        request: ChatRequest,
        notify: Notify,
        admit: Admit = always,  # noqa: ARG002  there is no further attempt
    ) -> Completion:
        text = f"{request.sample:08}".ljust(self.characters, "x")
        notify(Delta(text=text))
        return Completion(text=text, model=request.model)


def asked(number: int) -> ChatRequest:
    """A request like any other, the `number`-th of its run."""
    return ChatRequest(
        model=MODEL,
        messages=(system("Answer with care. " * 20), user(QUESTION)),
        max_tokens=2048,
        temperature=0.7,
        seed=number,
        sample=number,
        origin=origin(node=f"R1.A{number}"),
    )


@asynccontextmanager
async def cached(model: ChatModel, *, is_layered: bool) -> AsyncIterator[tuple[Cached, DiskReplies]]:
    """The cached model and its file; without layers every hit is read from the disk."""
    with tempfile.TemporaryDirectory() as folder:
        settings, clock = CacheSettings(megabytes=1000), SystemClock()
        disk = DiskReplies(Path(folder) / FOLDER, settings=lambda: settings, clock=clock)
        store: ReplyStore = LayeredReplies(MemoryReplies(clock), disk) if is_layered else disk
        cache = ReplyCache(store, settings=lambda: settings, clock=clock)
        try:
            yield Cached(model, cache, service=SERVICE, price=None), disk
        finally:
            await disk.aclose()
