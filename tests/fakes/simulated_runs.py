"""Whole runs of a strategy in a simulated world, without asyncio: thousands of them take seconds.

The same decisions, events and fold as the engine's shell; what falls away are requests, prompts and parsers.
So a test plays a run on both and compares (``tests/engine/simulated/test_driver.py``). Time is simulated: a
reply comes back when its seconds are over, in the order of time.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Budget, Estimate, Reserved, Usage
from cort_desktop.domain.ids import ConversationId, NodeName, TurnId
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import Fault, RunSpec
from cort_desktop.engine import endings, judging, ledger
from cort_desktop.engine.call import node_started
from cort_desktop.engine.decisions import Cancel, Decision, Finish, Job, Later, Record, Start
from cort_desktop.engine.strategies import built_in
from tests.fakes.loops import EPOCH
from tests.fakes.runs import QUESTION, RUN, SIZES
from tests.fakes.simulation import Seen, Text, World, proposers

STRATEGIES = built_in()
ANSWER_TOKENS = 100
VERDICT_TOKENS = 400
SEEDS = 16
"""Of the engine's own draws (orders, labels): few, for their labels take long to shuffle and are kept."""
FAULT = Fault(kind="unavailable", message="The service failed.")


def begun(
    strategy: str, world: World, budget: Budget | None = None, *, question: str = QUESTION, **sizes: Any
) -> ev.RunStarted:
    """The first event of a run in ``world``."""
    spec = RunSpec(
        **(SIZES[strategy] | sizes),
        lineup={"proposer": proposers(), "judge": world.judge_models},
        seed=world.seed % SEEDS,
        max_tokens=ANSWER_TOKENS,
    )
    each = ANSWER_TOKENS + VERDICT_TOKENS
    return ev.RunStarted(
        conversation=ConversationId("c"),
        turn=TurnId("t"),
        question=question,
        strategy=strategy,
        spec=spec,
        budget=budget or Budget(),
        estimate=Estimate(calls_low=1, calls_high=1, tokens_low=each // 2, tokens_high=each // 2),
        app="test",
        prompts="test",
    )


@dataclass(slots=True, kw_only=True)
class Played:
    """A run that was played to its end: its state, its log, and what was written in it."""

    state: RunState
    events: list[ev.Event] = field(default_factory=list)
    texts: dict[NodeName, Text] = field(default_factory=dict)

    @property
    def end(self) -> ev.RunFinished:
        assert self.state.finished is not None
        return self.state.finished

    @property
    def rule(self) -> str:
        """Why it ended."""
        return self.end.reason.rule

    @property
    def is_right(self) -> bool:
        """Whether its answer is right."""
        return self.end.answer_node is not None and self.texts[self.end.answer_node].is_right

    def count(self, role: str) -> int:
        """How many calls of a role were asked."""
        return sum(1 for node in self.state.nodes.values() if node.role == role)

    def bodies(self, kind: type) -> list[Any]:
        """The events of one type."""
        return [event.body for event in self.events if isinstance(event.body, kind)]


def play(
    strategy: str, world: World, budget: Budget | None = None, *, question: str = QUESTION, **sizes: Any
) -> Played:
    """One run to its end."""
    return _Driver(world, begun(strategy, world, budget, question=question, **sizes)).played()


class _Driver:
    def __init__(self, world: World, started: ev.RunStarted) -> None:
        self._world = world
        self._now_s = 0.0
        self._order = 0
        self._due: list[tuple[float, int, NodeName]] = []
        self._alarm: datetime | None = None
        self._jobs: dict[NodeName, Job] = {}
        self.run = Played(state=RunState(RUN))
        self._fold([started])

    def played(self) -> Played:
        state = self.run.state
        while state.finished is None:
            acted = [self._act(each) for each in self._decided()]
            if not any(acted):
                self._pass_time()
        return self.run

    def _decided(self) -> list[Decision]:
        return endings.decide(self.run.state, STRATEGIES[self.run.state.strategy])

    def _act(self, decision: Decision) -> bool:
        """As the engine's shell does: True when deciding anew may bring more."""
        state = self.run.state
        match decision:
            case Start(job=job):
                return self._start(job)
            case Cancel(node=node, by=by):
                self._fold([ev.NodeCancelled(node=node, by=by, usage=Usage())])
                return True
            case Record(body=body):
                self._fold([body])
                return True
            case Later(body=late_body, at=at):
                if self._time() < at:
                    self._alarm = at
                    return False
                self._fold([late_body])
                return True
            case Finish():
                if state.finished is None:
                    self._fold([endings.finished(state, decision)])
                return True
            case _:
                raise AssertionError(f"a simulated run can't carry out {decision}")

    def _start(self, job: Job) -> bool:
        state = self.run.state
        if state.stopped or state.limits:
            return False
        reserved = Reserved(calls=1, tokens=VERDICT_TOKENS if job.role == "judge" else ANSWER_TOKENS)
        refusal = ledger.refusal(state, reserved)
        if refusal is not None:
            if state.running:
                return False
            self._fold([ev.LimitReached(which=refusal.which, value=refusal.value, cap=refusal.cap)])
            return True
        self._jobs[job.name] = job
        began = ev.AttemptStarted(node=job.name, attempt=1, model=job.model, why="first")
        self._fold([node_started(job, 0.0, None, reserved), began])
        self._order += 1
        heapq.heappush(self._due, (self._now_s + self._seconds(job), self._order, job.name))
        return False

    def _pass_time(self) -> None:
        """Go to the next reply or alarm, whichever is first; replies of one moment come together."""
        while self._due and self._due[0][2] not in self.run.state.running:
            heapq.heappop(self._due)
        alarm_s = None if self._alarm is None else (self._alarm - EPOCH).total_seconds()
        if not self._due and alarm_s is None:
            raise AssertionError(f"{self.run.state.strategy} decides nothing although nothing is in flight")
        if alarm_s is not None and (not self._due or alarm_s < self._due[0][0]):
            self._now_s, self._alarm = max(self._now_s, alarm_s), None
            return
        self._now_s = self._due[0][0]
        while self._due and self._due[0][0] <= self._now_s:
            name = heapq.heappop(self._due)[2]
            if name in self.run.state.running:
                self._come_back(self._jobs[name])

    def _come_back(self, job: Job) -> None:
        if self._fails(job):
            self._fold(
                [
                    ev.AttemptFailed(
                        node=job.name, attempt=1, model=job.model, error=FAULT, usage=Usage(), next="give_up"
                    )
                ]
            )
            self._fold([ev.NodeFailed(node=job.name, error=FAULT, attempts=1, usage=Usage())])
        elif job.role == "judge":
            self._fold(self._verdict(job))
        elif job.role == "critic":
            said = self._world.criticised(job.name, self.run.texts[job.saw[0]])
            self._fold([self._finished(job, said)])
        else:
            saw = [self.run.texts[name] for name in job.saw if name in self.run.texts]
            text = self.run.texts[job.name] = self._world.written(job.name, saw)
            self._fold([self._finished(job, text.text, is_cut=text.is_cut)])

    def _fails(self, job: Job) -> bool:
        if job.role == "critic":
            return self._world.critic_fails(job.name)
        return self._world.fails(job.name, job.model if job.role == "judge" else None)

    def _verdict(self, job: Job) -> Sequence[ev.Body]:
        state = self.run.state
        judge = state.nodes[job.repairs] if job.repairs else state.nodes[job.name]
        if not self._world.is_readable(job.name, job.model, repairs=job.repairs is not None):
            return [self._finished(job, " ".join(judging.labels_of(state, judge.saw)))]
        shown = [(name, self.run.texts[name]) for name in judge.saw]
        look = self._world.selected if job.purpose == "select" else self._world.seen
        seen = look(judge.name, job.model, shown)
        verdict = ev.Verdict(
            node=judge.name,
            round=judge.round,
            purpose=job.purpose or "panel",
            model=job.model,
            order=judge.saw,
            labels={},
            excluded=job.excluded,
            ranking=seen.ranking,
            scores=rubric(self.run.state.spec, seen),
            parsed_by="repair" if job.repairs else "schema",
        )
        return [self._finished(job, "{}"), verdict]

    def _finished(self, job: Job, text: str, *, is_cut: bool = False) -> ev.NodeFinished:
        output = VERDICT_TOKENS if job.role == "judge" else ANSWER_TOKENS
        return ev.NodeFinished(
            node=job.name,
            text=text,
            finish="length" if is_cut else "stop",
            model=job.model,
            usage=Usage(output=output),
            seconds=self._seconds(job),
        )

    def _seconds(self, job: Job) -> float:
        world = self._world
        if job.role == "critic":
            return world.critic_seconds(job.name)
        if job.role == "judge":
            return world.judge_seconds(job.name, job.model)
        return world.writer_seconds(job.name)

    def _fold(self, bodies: Sequence[ev.Body]) -> None:
        state = self.run.state
        for body in bodies:
            event = ev.Event(run=RUN, seq=state.seq + 1, at=self._time(), body=body)
            state.apply(event)
            self.run.events.append(event)

    def _time(self) -> datetime:
        return EPOCH + timedelta(seconds=self._now_s)


def rubric(spec: RunSpec, seen: Seen) -> dict[NodeName, dict[str, int]]:
    """The one score of each as that of every criterion."""
    return {name: {each.id: score for each in spec.criteria} for name, score in seen.scores.items()}
