"""A bench at work: every contender on every item, then what it is held against, each trial kept at once.

Items are worked on one after another, or several at a time; what was kept before is never asked again. A run
that fails is a wrong answer. Only where the model can't be asked at all does the bench stop and say so: then
nothing is counted, and it can be gone on with.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cort_desktop.domain import bench_controls as controls
from cort_desktop.domain.bench import Contender, Recorded, Setup, Task, TaskSpec, Trial, TrialKey
from cort_desktop.domain.clock import Clock
from cort_desktop.domain.run import RunState
from cort_desktop.errors import CortError, ErrorKind, ProviderError
from cort_desktop.services.bench_trials import ask_of, trial_of
from cort_desktop.services.chat import ChatService
from cort_desktop.storage.bench_file import Journal

SET_UP: frozenset[str] = frozenset({"auth", "no_credit", "not_found", "model_file", "tls"})
"""Faults that say nothing of the model: a person must see to them."""
AWAY: frozenset[str] = frozenset({"unreachable", "offline"})
"""Faults of a service that is not there; now and then they are the model's, in a row nobody's."""
MOST_AWAY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a bench is: ``done`` of ``total`` steps, of which ``before`` were done when it began this time;
    what is being asked; what was taken this time. cost_microusd: None where a price is unknown.
    """

    done: int
    total: int
    before: int
    now: str
    seconds: float
    tokens: int
    cost_microusd: int | None

    @property
    def left_s(self) -> float | None:
        """Seconds until it ends at the pace so far; None while there is none."""
        new = self.done - self.before
        return None if not new else self.seconds / new * (self.total - self.done)


Tell = Callable[[Progress], None]


class BenchRun:
    """One bench being worked on. ``tasks`` by their label; ``parallel`` items at a time."""

    def __init__(
        self,
        chat: ChatService,
        clock: Clock,
        journal: Journal,
        setup: Setup,
        tasks: dict[str, Task],
        tell: Tell,
        *,
        parallel: int,
    ) -> None:
        self._chat = chat
        self._clock = clock
        self._journal = journal
        self._setup = setup
        self._tasks = tasks
        self._tell = tell
        self._parallel = parallel
        self._kept = {trial.key: trial for trial in journal.recorded.trials}
        self._by_item: dict[tuple[str, int], list[Trial]] = defaultdict(list)
        for trial in journal.recorded.trials:
            self._by_item[trial.task, trial.item].append(trial)
        self._away: list[Trial] = []
        self._writing = asyncio.Lock()
        self._began = clock.monotonic()
        self._steps_each = len(setup.contenders) + 2 * controls.needs_pool(setup)
        self._done = 0
        self._before = 0
        self._tokens = 0
        self._cost: int | None = 0

    async def work(self) -> Recorded:
        """Ask all that is still to be asked, and close the result. Raises ProviderError when the model can't
        be asked, LimitError, SettingsError and StorageError; cancelling keeps what there is.
        """
        todo = self._todo()
        self._done = self._before = self._steps_kept()

        async def worker() -> None:
            for spec, item in todo:
                await self._item(spec.label, item)

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self._parallel):
                    group.create_task(worker())
        except BaseExceptionGroup as group_error:
            for error in group_error.exceptions:
                if isinstance(error, CortError):
                    raise error from group_error
            raise
        await self._keep_away()
        return await asyncio.to_thread(self._journal.finish)

    def _todo(self) -> Iterator[tuple[TaskSpec, int]]:
        """Task by task within each item, so that what is there of a bench that was cut short is balanced."""
        return ((spec, item) for item in range(self._setup.items) for spec in self._setup.tasks)

    def _steps_kept(self) -> int:
        return sum(trial.part == "contender" for trial in self._kept.values()) + 2 * sum(
            self._has_controls(task, item) for task, item in self._by_item
        )

    def _has_controls(self, task: str, item: int) -> bool:
        """Whether an item's controls were there when the bench began; its best-of-N are asked last."""
        kept = self._by_item[task, item]
        return controls.needs_pool(self._setup) and any(trial.part != "contender" for trial in kept)

    async def _item(self, task: str, item: int) -> None:
        had_controls = self._has_controls(task, item)
        trials = [
            await self._trial(TrialKey(task=task, item=item, part="contender", label=each.label), each)
            for each in self._setup.contenders
        ]
        if controls.needs_pool(self._setup):
            await self._fill_pool(task, item, max(trial.tokens for trial in trials))
            self._step(f"{task} {item + 1}", 0 if had_controls else 1)
            for contender, trial in zip(self._setup.contenders, trials, strict=True):
                if controls.has_best_of(contender):
                    await self._best_of(trial)
            self._step(f"{task} {item + 1}", 0 if had_controls else 1)

    async def _fill_pool(self, task: str, item: int, tokens: int) -> None:
        single = Contender(name="single")
        index = 0
        while not controls.is_full(controls.pool_of(self._by_item[task, item]), tokens):
            index += 1
            await self._trial(controls.sample_key(task, item, index), single)

    async def _best_of(self, trial: Trial) -> None:
        about = self._by_item[trial.task, trial.item]
        size = controls.best_of_size(trial, about, controls.pool_of(about))
        if size > 1:
            key = controls.best_of_key(self._setup, trial.task, trial.item, size)
            await self._trial(key, controls.best_of(self._setup, size))

    async def _trial(self, key: TrialKey, contender: Contender) -> Trial:
        found = self._kept.get(key)
        if found is not None:
            return found
        self._step(f"{key.task} {key.item + 1}: {key.label}", 0)
        task = self._tasks[key.task]
        question = task.question(key.item)
        outcome = await self._chat.ask(ask_of(self._setup, contender, question, key), lambda _event: None)
        try:
            trial = await asyncio.to_thread(trial_of, key, question, outcome.state, task)
            await self._take(trial, outcome.state)
        finally:
            self._chat.forget(outcome)
        self._step(f"{key.task} {key.item + 1}: {key.label}", int(key.part == "contender"))
        return trial

    async def _take(self, trial: Trial, state: RunState) -> None:
        """Keep a trial, unless it shows that the model can't be asked."""
        faults = frozenset(trial.faults) if trial.status == "failed" else frozenset()
        if faults and faults <= SET_UP:
            raise _cannot_ask(state, "")
        if faults and faults <= AWAY:
            self._away.append(trial)
            if len(self._away) >= MOST_AWAY:
                raise _cannot_ask(state, f"{MOST_AWAY} runs in a row came to nothing. ")
        else:
            await self._keep_away()
            await self._write(trial)
        self._kept[trial.key] = trial
        self._by_item[trial.task, trial.item].append(trial)
        self._tokens += trial.tokens
        known = self._cost is not None and trial.cost_microusd is not None
        self._cost = (self._cost or 0) + (trial.cost_microusd or 0) if known else None

    async def _keep_away(self) -> None:
        """The service is there after all, so what it failed in before counts as wrong."""
        away, self._away = self._away, []
        for trial in away:
            await self._write(trial)

    async def _write(self, trial: Trial) -> None:
        async with self._writing:
            await asyncio.to_thread(self._journal.append, trial)

    def _step(self, now: str, steps: int) -> None:
        self._done += steps
        total = self._steps_each * self._setup.items * len(self._setup.tasks)
        self._tell(
            Progress(
                done=min(self._done, total),
                total=total,
                before=self._before,
                now=now,
                seconds=self._clock.monotonic() - self._began,
                tokens=self._tokens,
                cost_microusd=self._cost,
            )
        )


def _cannot_ask(state: RunState, lead: str) -> ProviderError:
    errors = [node.error for node in state.nodes.values() if node.error is not None]
    kind: ErrorKind = errors[0].kind  # type: ignore[assignment]  # a Fault repeats the kind of an error
    return ProviderError(
        f"{lead}{errors[0].message} What was answered is kept; the same command goes on from there.",
        kind=kind,
    )
