"""The engine's shell: turns decisions into events and calls, and results into events, until the run ends.

What to do next is a strategy's (pure), what a call may cost is the ledger's, what a prompt says is
``asking``'s. Here is only the doing: one fold, one task per call, one inbox for the person's words, one
callback ``emit``. There is no queue, no bus and no generator across a module.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Budget
from cort_desktop.domain.calls import TokenCounter
from cort_desktop.domain.clock import Clock
from cort_desktop.domain.ids import Blob, ModelRef, NodeName, RunId, provider_of
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import CancelledBy, RunSpec
from cort_desktop.domain.verifying import Verifier
from cort_desktop.engine import call, endings, ledger, steering, verifying
from cort_desktop.engine.alarm import Alarm
from cort_desktop.engine.asking import prepare
from cort_desktop.engine.checking import Checks
from cort_desktop.engine.context import ContextView
from cort_desktop.engine.decisions import Cancel, Check, Decision, Finish, Job, Later, Record, Start
from cort_desktop.engine.lineup import ModelHandle, Models
from cort_desktop.engine.planned import with_estimate
from cort_desktop.engine.strategies.base import Strategy
from cort_desktop.engine.wishing import Wished
from cort_desktop.errors import ProviderError, RunError

Emit = Callable[[Sequence[ev.Event], Mapping[Blob, str]], None]
"""Takes a batch of events that belong together, with the texts behind their blobs. Must not block."""


_SOON_S = 0.0005
"""Stored times are whole milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """Starts and resumes runs. Everything it needs is passed in."""

    strategies: Mapping[str, Strategy]
    models: Models
    clock: Clock
    tokens: TokenCounter

    def start(
        self,
        run: RunId,
        started: ev.RunStarted,
        view: ContextView,
        emit: Emit,
        texts: Mapping[Blob, str],
        verifier: Verifier | None = None,
    ) -> Run:
        """Begin a run; nothing is asked before ``Run.answer``. ``texts`` stand behind its blobs; ``verifier``
        is what its spec declares.
        """
        going = Run(self, RunState(run), view, emit, verifier)
        going.hold_models(started.spec)
        going.record([started], texts)
        return going

    def resume(  # noqa: PLR0913  a run at rest, each part of it by name
        self,
        state: RunState,
        view: ContextView,
        emit: Emit,
        *,
        partials: Mapping[NodeName, str],
        reopen: bool,
        again: NodeName | None = None,
        wished: Wished | None = None,
        caps: Budget | None = None,
        verifier: Verifier | None = None,
    ) -> Run:
        """Go on with a run folded from its log: what was in flight is booked as lost and may be asked again.

        ``reopen`` goes on with a run that had ended by a person's Stop or a cap; after a cap the same
        allowance is granted once more, or ``caps`` hold from here on. ``again`` is a call that a person wants
        to have tried again and ``wished`` what else they want, for which a run that ended by its own rule is
        reopened too. Raises RunError when the run has ended and isn't to be reopened, UsageError when what is
        wanted can't be done, and what ``models`` raises when one of its models is no longer set up; then
        nothing is written.
        """
        if state.strategy not in self.strategies:
            raise RunError(
                f"Run {state.run} thinks by the strategy {state.strategy}, which this version doesn't have."
            )
        going = Run(self, state, view, emit, verifier)
        going.hold_models(state.spec)
        going.hold(*(model for wish in state.wishes for model in wish.models))
        steering.go_on(
            state, going.record, partials=partials, reopen=reopen, again=again, wished=wished, caps=caps
        )
        going.hold(*(model for wish in state.wishes for model in wish.models))
        return going

    def note(self, state: RunState, word: ev.UserEvent) -> tuple[ev.Event, ...]:
        """A word that asks nothing of a run at rest: the next events of its log, which ``state`` takes in."""
        return following(state, [word], self.clock)


class Run:
    """One run at work. ``state`` is its live fold; readers must not change it. ``view`` is what it sees of
    the conversation.
    """

    def __init__(
        self,
        engine: Engine,
        state: RunState,
        view: ContextView,
        emit: Emit,
        verifier: Verifier | None = None,
    ) -> None:
        self.state = state
        self._engine = engine
        self._models: dict[ModelRef, ModelHandle] = {}
        self.view = view
        self._emit = emit
        self._tasks: dict[NodeName, asyncio.Task[None]] = {}
        self._given_up: dict[NodeName, CancelledBy] = {}
        self._ended: list[asyncio.Task[None]] = []
        self._changed = asyncio.Event()
        self._said = asyncio.Event()
        self._alarm = Alarm(engine.clock, self._changed.set)
        self._checks = Checks(verifier, self._checked, self._end_check)

    def hold_models(self, spec: RunSpec) -> None:
        """Take hold of the line-up: a provider changed or removed meanwhile is so for the next run.

        Raises what ``Engine.models`` raises.
        """
        refs = {ref for refs in spec.lineup.values() for ref in refs}
        self._models = {ref: self._engine.models(ref) for ref in refs}

    def hold(self, *refs: ModelRef) -> None:
        """Take hold of models that a person named besides the line-up, and let them get ready."""
        for ref in refs:
            if ref not in self._models:
                self._models[ref] = self._engine.models(ref)
                self._models[ref].launch()

    def forgive(self) -> None:
        """A person asks again what failed: nothing that was held against the models stands any more."""
        for handle in self._models.values():
            handle.forgive()

    def steer(self, *words: ev.Body) -> None:
        """Take a person's word in (with what follows from it at once): it is an event at once, and the next
        decision sees it.
        """
        if self.state.finished is None and words:
            self.record(words)
            self._changed.set()
            self._said.set()

    async def answer(self) -> ev.RunFinished:
        """Work until the run has ended. Cancelling gives up all calls and leaves the run unfinished."""
        for handle in self._models.values():
            handle.launch()
        self._check_seconds()
        clock = asyncio.create_task(self._watch_seconds())
        try:
            while self.state.finished is None:
                self._changed.clear()
                self._step()
                if self.state.finished is None:
                    self._demand_work()
                    await self._changed.wait()
            return self.state.finished
        finally:
            await self._end_tasks(clock)

    def record(self, bodies: Sequence[ev.Body], texts: Mapping[Blob, str] | None = None) -> None:
        """Make events of ``bodies``, fold them and hand them on as one batch."""
        self._emit(following(self.state, bodies, self._engine.clock), texts or {})

    def _step(self) -> None:
        """Decide and act until there is nothing more to do without waiting."""
        while self._ended:
            task = self._ended.pop()
            if not task.cancelled():
                task.result()  # a bug in our own code ends the run loudly
        while self.state.finished is None:
            decided = verifying.checked(self.state, endings.decide(self.state, self._strategy()))
            changed = [self._act(decision) for decision in decided]
            if not any(changed):
                return

    def _demand_work(self) -> None:
        """A strategy that waits for nothing would wait for ever, unless a person holds the run."""
        if self.state.is_held:
            return
        if not self._tasks and not self._checks.is_busy and not self._changed.is_set():
            raise AssertionError(f"{self.state.strategy} decides nothing although nothing is in flight")

    def _strategy(self) -> Strategy:
        return self._engine.strategies[self.state.strategy]

    def _act(self, decision: Decision) -> bool:
        """Carry one decision out; True when it changed the state so that deciding anew may bring more."""
        match decision:
            case Start(job=job):
                return self._start(job)
            case Cancel(node=node, by=by):
                self._cancel(node, by)
                return False
            case Check(node=node):
                self._checks.begin(node, self.state.nodes[node].text)
                return False
            case Record():
                self.record([self._told(decision).body])
                return True
            case Later(body=late_body, at=at):
                return self._record_at(late_body, at)
            case Finish():
                if self.state.finished is None:
                    self.record([endings.finished(self.state, decision)])
                return True
            case _:
                assert_never(decision)

    def _told(self, decision: Record) -> Record:
        return with_estimate(
            decision,
            self.state,
            self.view,
            self._engine.tokens,
            self._engine.strategies,
            lambda ref: self._models[ref].profile,
        )

    def _checked(self, bodies: Sequence[ev.Body]) -> None:
        """A finding that comes when the run has ended is none of its facts any more."""
        if self.state.finished is None:
            self.record(bodies)

    def _end_check(self, task: asyncio.Task[None]) -> None:
        self._ended.append(task)
        self._changed.set()

    def _record_at(self, body: ev.RoundQuorum, at: datetime) -> bool:
        if self._engine.clock.now() < at:
            self._alarm.set(at)
            return False
        self.record([body])
        return True

    def _start(self, job: Job) -> bool:
        """Start a call if its provider has a free place and the budget holds it; True when the state
        changed.
        """
        before = self.state.nodes.get(job.name)
        if before is not None and not before.may_ask_again:
            raise AssertionError(f"{job.name} was decided twice")
        if job.name in self._tasks:
            return False  # tried again while its former call is still leaving
        if self.state.stopped or self.state.limits or not self._has_place(job):
            return False
        handle = self._models[job.model]
        try:
            asking = prepare(job, self.state, self.view, handle.profile, self._engine.tokens)
        except ProviderError as error:
            self.record(call.refused(job, self.state, error))
            return True
        refusal = ledger.refusal(self.state, asking.reserved)
        if refusal is not None:
            return self._refuse(refusal)
        begun = call.node_started(job, asking.request.temperature, asking.blob, asking.reserved)
        self.record([begun], {asking.blob: asking.record})
        one = call.Call(
            asking, handle, self.state, self.record, self._is_given_up, was_lost=before is not None
        )
        task = asyncio.create_task(one.perform(), name=f"{self.state.run} {job.name}")
        self._tasks[job.name] = task
        task.add_done_callback(lambda ended: self._end_call(one, ended))
        return False

    def _end_call(self, one: call.Call, task: asyncio.Task[None]) -> None:
        """A call's task has ended. One that was cancelled before its first step has told nothing itself."""
        name = one.node.name
        del self._tasks[name]
        by = self._given_up.pop(name, None)
        if by is not None and name in self.state.running:
            self.record([one.cancelled(by)])
        self._ended.append(task)
        self._changed.set()

    def _is_given_up(self, name: NodeName) -> bool:
        return name in self._given_up

    def _refuse(self, refusal: ledger.Refusal) -> bool:
        """A call that doesn't fit waits for the running ones, which may settle for less; then the cap is
        met.
        """
        if self.state.running:
            return False
        self.record([ev.LimitReached(which=refusal.which, value=refusal.value, cap=refusal.cap)])
        return True

    def _has_place(self, job: Job) -> bool:
        provider = provider_of(job.model)
        running = sum(
            1 for n in self.state.running.values() if n.model is not None and provider_of(n.model) == provider
        )
        return running < self._models[job.model].places

    def _cancel(self, node: NodeName, by: CancelledBy) -> None:
        task = self._tasks.get(node)
        if task is not None and node not in self._given_up:
            self._given_up[node] = by
            task.cancel()

    async def _watch_seconds(self) -> None:
        """The cap on seconds cuts running calls; the time between an interruption and a resume doesn't
        count, nor does a pause.
        """
        cap = self.state.budget.seconds
        if cap is None:
            return
        while (left := cap - self.state.active_seconds_at(self._engine.clock.now())) > _SOON_S:
            if self.state.is_held:
                self._said.clear()
                await self._said.wait()
            else:
                await self._engine.clock.sleep(left)
        self._meet_seconds(cap)

    def _check_seconds(self) -> None:
        """A cap that was used up before, or is nothing, lets nothing start."""
        cap = self.state.budget.seconds
        if cap is not None and self.state.active_seconds >= cap:
            self._meet_seconds(cap)

    def _meet_seconds(self, cap: float) -> None:
        if self.state.finished is None and "seconds" not in self.state.limits:
            self.record([ev.LimitReached(which="seconds", value=cap, cap=cap)])
            self._changed.set()

    async def _end_tasks(self, clock: asyncio.Task[None]) -> None:
        left = [clock, *self._tasks.values()]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await self._alarm.aclose()
        await self._checks.aclose()


def following(state: RunState, bodies: Sequence[ev.Body], clock: Clock) -> tuple[ev.Event, ...]:
    """The next events of a run, all of one moment (to the millisecond, as it is stored), folded."""
    at = clock.now()
    at = at.replace(microsecond=at.microsecond // 1000 * 1000)
    batch = []
    for body in bodies:
        seq = None if isinstance(body, ev.NodeDelta) else state.seq + 1
        event = ev.Event(run=state.run, seq=seq, at=at, body=body)
        state.apply(event)
        batch.append(event)
    return tuple(batch)
