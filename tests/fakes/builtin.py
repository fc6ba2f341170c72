"""What tests of the built-in model share: the real file, the real child, small requests."""

from __future__ import annotations

import asyncio
import hashlib
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from cort_desktop.adapters.clock import SystemClock
from cort_desktop.domain.calls import CallNotice, ChatRequest, ReplySchema
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.messages import user
from cort_desktop.providers.builtin import BuiltinModel
from cort_desktop.providers.model_file import KnownModel, ModelFiles, known_models

NAME = "smollm2-135m"
REF = ModelRef(f"builtin/{NAME}")
KNOWN = known_models(Path(__file__).parent.parent.parent / "resources" / "models.toml")
CHILD = (sys.executable, "-P", "-m", "cort_desktop.providers.builtin_child")


class ManualClock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self._now = 0.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)

    def monotonic(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self._now + seconds, woken))
        await woken

    async def advance(self, seconds: float) -> None:
        self._now += seconds
        for due, woken in self._sleepers:
            if due <= self._now and not woken.done():
                woken.set_result(None)
        await asyncio.sleep(0)


def real_files(cache: Path) -> ModelFiles:
    """The file that came with the environment; ``cache`` remembers that it was checked."""
    return ModelFiles(KNOWN, folder=cache / "models", cache=cache)


@asynccontextmanager
async def opened(cache: Path, **changes: Any) -> AsyncIterator[BuiltinModel]:
    """The real built-in model, closed afterwards."""
    files = changes.pop("files", None) or real_files(cache)
    model = BuiltinModel(
        changes.pop("name", NAME), files, **{"clock": SystemClock(), "command": CHILD, **changes}
    )
    try:
        yield model
    finally:
        await model.aclose()


def asking(
    text: str = "Why is the sky blue?", *, most: int = 12, schema: ReplySchema | None = None, sample: int = 0
) -> ChatRequest:
    """A small request, repeatable."""
    return ChatRequest(
        model=REF,
        messages=(user(text),),
        max_tokens=most,
        temperature=0.0 if schema else 0.7,
        seed=1 + sample,
        sample=sample,
        reply_schema=schema,
    )


def small_model(content: bytes, **changes: Any) -> KnownModel:
    """A model of the table whose file is ``content``."""
    facts: dict[str, Any] = {
        "name": "small",
        "title": "Small",
        "words": "",
        "package": "small-model",
        "version": "1.0",
        "wheel_sha256": "0" * 64,
        "wheel_bytes": 1000,
        "member": "small_model/small.gguf",
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "context_tokens": 512,
        "licence": "MIT",
    }
    return KnownModel(**{**facts, **changes})


def python_child(program: str) -> Sequence[str]:
    """A child that runs ``program`` instead of ours."""
    return (sys.executable, "-P", "-c", program)


def nothing(notice: CallNotice) -> None:
    pass


def processes_of(parent: int) -> set[int]:
    return {child.pid for child in psutil.Process(parent).children()}


def pid_of(model: BuiltinModel) -> int | None:
    return model.pid


def computed(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
