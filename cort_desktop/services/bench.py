"""Benches and checks: what they would take, working on them, and the results there are.

A bench compares ways to think on questions that score themselves (ENGINE 9); a check is a small one with a
fixed setup that says whether thinking harder pays on a model. The runs themselves go the way of every
question, through ``chat``, but nothing of them is stored or answered from what is kept.
"""

from __future__ import annotations

import asyncio
import platform
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

from cort_desktop import __version__
from cort_desktop.domain.bench import (
    Contender,
    Origin,
    Recorded,
    Setup,
    Task,
    TaskSource,
    TrialKey,
    contender,
    task_spec,
)
from cort_desktop.domain.bench_summary import Summary, summary
from cort_desktop.domain.clock import Clock
from cort_desktop.domain.ids import ModelRef, provider_of
from cort_desktop.domain.settings import Settings
from cort_desktop.domain.stamps import stamp
from cort_desktop.engine.prompts import PROMPTS_VERSION
from cort_desktop.errors import SettingsError, StorageError, UsageError
from cort_desktop.services.bench_estimate import BenchEstimate, sum_of
from cort_desktop.services.bench_registered import read_registered
from cort_desktop.services.bench_run import BenchRun, Tell
from cort_desktop.services.bench_trials import ask_of
from cort_desktop.services.chat import ChatService
from cort_desktop.services.check_folder import Checked, CheckFolder
from cort_desktop.storage.bench_file import JOURNAL_END, Journal, read_result, write_bytes

CHECK_ITEMS = 60
CHECK_SEED = 1
CHECK_PRESETS = ("quick", "balanced", "deep")
CHECK_TASKS = (
    ("numbers", "chain_sum:min_terms=2:max_terms=6:max_digits=4"),
    ("numbers", "leg_counting:min_animals=2:max_animals=6"),
    ("logic", "aiw"),
    ("logic", "knights_knaves"),
    ("words", "letter_counting:min_words=3:max_words=10"),
    ("words", "word_sorting:min_words=3:max_words=6"),
)
"""Kinds of question and what stands for them: from easy to hard, so that few models get all or none."""
CHECK_MAX_TOKENS = 1024
"""Of an answer to a question of a check: room for reasons, not for rambling."""
PARALLEL = 4
"""Items at a time where the model is a service; one where it is on this computer, whose times would lie."""


class Draw(Protocol):
    """Draws the plot of a summary as the bytes of a file; raises SettingsError where it can't."""

    def __call__(self, found: Summary, *, file_format: Literal["png", "svg"], dark: bool = False) -> bytes:
        """Takes a second; any thread."""
        ...


class BenchService:
    """``folder``: where checks are kept. ``chat`` asks with the program's own defaults, so that a result
    doesn't rest on what a person likes to ask with; ``settings`` are the person's.
    """

    def __init__(
        self,
        chat: Callable[[], ChatService],
        source: TaskSource,
        settings: Callable[[], Settings],
        clock: Clock,
        *,
        new_id: Callable[[], str],
        folder: Path,
        draw: Draw,
    ) -> None:
        self._draw = draw
        self._chat = chat
        self._source = source
        self._settings = settings
        self._clock = clock
        self._new_id = new_id
        self._checks = CheckFolder(path=folder)

    async def tasks(self) -> tuple[str, ...]:
        """The tasks there are. Raises SettingsError where the library isn't installed."""
        return await asyncio.to_thread(self._source.names)

    async def estimate(self, setup: Setup) -> BenchEstimate:
        """What ``setup`` would take; nothing is asked. Raises what ``run`` would raise before its first call:
        UsageError for what there is not, SettingsError for what is missing.
        """
        loaded = await asyncio.to_thread(self._load, replace(setup, items=1))
        forecasts = {}
        for task, questions in loaded.items():
            for each in setup.contenders:
                key = TrialKey(task=task, item=0, part="contender", label=each.label)
                asked = replace(ask_of(setup, each, questions.question(0), key), store=True)
                forecast = await self._chat().estimate(asked)
                if forecast.is_refused:
                    raise SettingsError(forecast.warnings[0])
                forecasts[task, each] = forecast
        return sum_of(setup, forecasts, self._parallel(setup))

    async def left(self, setup: Setup, path: Path, *, registered: str | None = None) -> float:
        """How much of ``setup`` is still to be asked for a result in ``path``, 0 to 1. Raises UsageError when
        what stands there is of another bench, StorageError.
        """
        origin = await asyncio.to_thread(self._origin, self._clock.now(), registered)
        before = await asyncio.to_thread(read_result, path)
        if before is None:
            return 1.0
        _check_same(before, setup, origin, path)
        if before.is_closed:
            return 0.0
        return 1 - (await self.summary(before)).done / (setup.items * len(setup.tasks))

    async def run(self, setup: Setup, path: Path, tell: Tell, *, registered: str | None = None) -> Recorded:
        """Work on a bench until its result stands in ``path``; one that was begun there goes on, one that has
        ended is returned. Cancelling keeps what there is. registered: the SHA-256 of the setup's file.

        Raises UsageError, SettingsError, LimitError, StorageError, and ProviderError when the model can't be
        asked at all.
        """
        origin = await asyncio.to_thread(self._origin, self._clock.now(), registered)
        before = await asyncio.to_thread(read_result, path)
        if before is not None:
            _check_same(before, setup, origin, path)
            if before.is_closed:
                return before
        await self.estimate(setup)  # whatever can't be asked is said before anything is paid for
        loaded = await asyncio.to_thread(self._load, setup)
        journal = await asyncio.to_thread(Journal.open, path, setup, origin)
        try:
            work = BenchRun(
                self._chat(), self._clock, journal, setup, loaded, tell, parallel=self._parallel(setup)
            )
            return await work.work()
        finally:
            journal.close()

    async def read(self, path: Path) -> Recorded:
        """The result in ``path``, as far as it came; also by the name of its journal. Raises UsageError when
        there is none, StorageError.
        """
        found = await asyncio.to_thread(_read, path)
        if found is None:
            raise UsageError(f"There is no result of a bench in {path}.")
        return found

    async def summary(self, recorded: Recorded) -> Summary:
        """The figures of a result."""
        return await asyncio.to_thread(summary, recorded)

    async def draw(self, found: Summary, path: Path) -> None:
        """Write its plot into a file, PNG or SVG by its name. Raises SettingsError where it can't be drawn,
        StorageError.
        """
        file_format: Literal["png", "svg"] = "png" if path.suffix.casefold() == ".png" else "svg"
        drawn = await asyncio.to_thread(self._draw, found, file_format=file_format)
        await asyncio.to_thread(write_bytes, path, drawn)

    async def plots(self, found: Summary) -> tuple[bytes, bytes] | None:
        """Its plot as SVG, for light and for dark pages; None where none can be drawn."""
        try:
            light = await asyncio.to_thread(self._draw, found, file_format="svg")
            return light, await asyncio.to_thread(self._draw, found, file_format="svg", dark=True)
        except SettingsError:
            return None

    async def write(self, path: Path, text: str) -> None:
        """Put a report into a file. Raises StorageError."""
        await asyncio.to_thread(write_bytes, path, text.encode())

    async def registered(self, path: Path) -> tuple[Setup, str]:
        """The setup that was written down beforehand, and the SHA-256 of its file. Raises UsageError."""
        return await asyncio.to_thread(read_registered, path, self._settings().defaults.model)

    def check_setup(
        self,
        model: ModelRef | None = None,
        *,
        presets: tuple[str, ...] = CHECK_PRESETS,
        items: int = CHECK_ITEMS,
        seed: int = CHECK_SEED,
    ) -> Setup:
        """The setup of a check: ``items`` questions in all, asked once and by each of ``presets``."""
        each, over = divmod(items, len(CHECK_TASKS))
        if not each or over:
            raise UsageError(
                f"A check has questions of {len(CHECK_TASKS)} sorts, as many of each: "
                f"{items} isn't a multiple of {len(CHECK_TASKS)}."
            )
        return Setup(
            tasks=tuple(replace(task_spec(text), kind=kind) for kind, text in CHECK_TASKS),
            items=each,
            contenders=(Contender(name="single"), *(contender(f"preset:{name}") for name in presets)),
            model=model or self._settings().defaults.model,
            judge_models=self._settings().defaults.judge_model,
            seed=seed,
            max_tokens=CHECK_MAX_TOKENS,
            controls=False,
        )

    async def check(self, setup: Setup, tell: Tell) -> Checked:
        """Work on a check; one of the same setup that was cut short goes on. Raises as ``run``."""
        path = await asyncio.to_thread(lambda: self._checks.place(setup, self._versions()))
        return Checked(path=path, recorded=await self.run(setup, path, tell))

    async def checks(self) -> tuple[Checked, ...]:
        """The newest check of each model, those begun last first. What can't be read is left out."""
        return await asyncio.to_thread(self._checks.newest)

    def is_begun(self, setup: Setup) -> bool:
        """Whether a check of that setup was cut short and would go on. Blocks for a moment."""
        return self._checks.is_begun(setup, self._versions())

    def _load(self, setup: Setup) -> dict[str, Task]:
        labels = [task.label for task in setup.tasks]
        contenders = [each.label for each in setup.contenders]
        for names in (labels, contenders):
            twice = next((name for name in names if names.count(name) > 1), None)
            if twice is not None:
                raise UsageError(f"{twice} is named twice; name it once.")
        return {
            task.label: self._source.load(task, items=setup.items, seed=setup.seed) for task in setup.tasks
        }

    def _origin(self, now: datetime, registered: str | None) -> Origin:
        return Origin(
            bench=self._new_id(),
            started=stamp(now),
            system=f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
            versions=self._versions(),
            registered=registered,
        )

    def _versions(self) -> dict[str, str]:
        return {"cort-desktop": __version__, "prompts": PROMPTS_VERSION, **self._source.versions()}

    def _parallel(self, setup: Setup) -> int:
        return 1 if self._settings().provider(provider_of(setup.model)).is_local else PARALLEL


def _read(path: Path) -> Recorded | None:
    try:
        return read_result(path)
    except StorageError:
        if path.suffix != JOURNAL_END:
            raise
    return read_result(path.with_suffix(""))


def _check_same(before: Recorded, setup: Setup, origin: Origin, path: Path) -> None:
    """Raises UsageError when what is there can't be gone on with."""
    if before.setup != setup:
        raise UsageError(
            f"{path} has the result of another setup; give the same options to go on with it, or name "
            "another --out."
        )
    if not before.is_closed and before.origin.versions != origin.versions:
        other = ", ".join(f"{name} {version}" for name, version in before.origin.versions.items())
        raise UsageError(
            f"The bench in {path} was begun with {other}, and half of one version doesn't compare with half "
            "of another. Go on with that version, or name another --out."
        )
