"""The rest of a run played without asking anyone: the strategy decides as it will, the requests are made as
they will be, and made-up replies come back.

Cheap, they are short, clear and unanimous; dear, they are as long as they may be, verdicts are unreadable at
first and then tied, and samples agree on nothing. Caps are not looked at. Nothing here is ever stored.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Usage, add_cost
from cort_desktop.domain.calls import TokenCounter
from cort_desktop.domain.ids import ModelRef, NodeName
from cort_desktop.domain.models import ModelProfile
from cort_desktop.domain.nodes import Node
from cort_desktop.domain.run import RunState
from cort_desktop.engine import call, endings, judging, scoring, verifying
from cort_desktop.engine.asking import prepare, schema_tokens
from cort_desktop.engine.context import ContextView
from cort_desktop.engine.decisions import Cancel, Decision, Finish, Job, Record, Start
from cort_desktop.engine.estimate import Pace
from cort_desktop.engine.prompt_texts import KEEP
from cort_desktop.engine.prompts import MOST_ROUNDS
from cort_desktop.engine.strategies.base import Strategy
from cort_desktop.errors import ProviderError

HALF_RIGHT = 5
SHORT_ANSWER_SHARE = 0.25
"""A reply is rarely as long as it may be: a cheap one is this much of that."""
MOST_WAVES = 5000
"""A run that has not ended after so many is known by what it came to until there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What a run is played on; ``profiles`` are those of all models of its line-up."""

    strategies: Mapping[str, Strategy]
    view: ContextView
    profiles: Mapping[ModelRef, ModelProfile]
    tokens: TokenCounter
    pace: Pace


@dataclass(slots=True, kw_only=True)
class Bill:
    """What a part of a run takes; money and seconds are None once a part of them is unknown."""

    calls: int = 0
    tokens: int = 0
    cost_microusd: int | None = 0
    seconds: float | None = 0.0


def played(state: RunState, stage: Stage, *, dear: bool) -> Bill:
    """Play ``state`` to its end, changing it; what that takes. Calls in flight come back and cost nothing."""
    play = _Play(state, stage, dear=dear)
    for _ in range(MOST_WAVES):
        if not play.wave():
            break
    return play.bill


def fold(state: RunState, bodies: Sequence[ev.Body]) -> None:
    """Have ``state`` take these in as its next events, at no time in particular."""
    if state.started_at is None:
        raise ValueError(f"run {state.run} has not begun")
    for body in bodies:
        state.apply(ev.Event(run=state.run, seq=state.seq + 1, at=state.started_at, body=body))


class _Play:
    """One run on the stage, and what it has taken so far."""

    def __init__(self, state: RunState, stage: Stage, *, dear: bool) -> None:
        self.bill = Bill()
        self._state = state
        self._stage = stage
        self._dear = dear

    def wave(self) -> bool:
        """Act on what is decided, then let all that is in flight come back; False at the end."""
        state = self._state
        fold(state, [ev.Check(node=look.node, verifier="", passed=None) for look in verifying.due(state)])
        decisions = endings.decide(state, self._stage.strategies[state.strategy])
        if any(isinstance(decision, Finish) for decision in decisions):
            return False
        asked = [job for decision in decisions for job in self._act(decision)]
        self._wait_for(asked)
        in_flight = list(state.running.values()) if asked or not decisions else []
        for node in in_flight:
            self._come_back(node)
        return bool(decisions or in_flight)

    def _act(self, decision: Decision) -> list[Job]:
        """The call that began, if one did."""
        match decision:
            case Start(job=job):
                return [job] if self._ask(job) else []
            case Record(body=body):
                fold(self._state, [body])
            case Cancel(node=node, by=by):
                fold(self._state, [ev.NodeCancelled(node=node, by=by)])
        return []

    def _ask(self, job: Job) -> bool:
        """Begin a call; False when its model could not take it."""
        profile = self._stage.profiles[job.model]
        try:
            asking = prepare(job, self._state, self._stage.view, profile, self._stage.tokens)
        except ProviderError as error:
            fold(self._state, call.refused(job, self._state, error))
            return False
        longest = asking.request.max_tokens
        output = longest if self._dear else int(longest * SHORT_ANSWER_SHARE)
        shape = 0 if self._dear else schema_tokens(asking.request.reply_schema, self._stage.tokens)
        read = asking.reserved.tokens - longest - shape
        usage = Usage(input=read, output=output)
        cost = None if profile.price is None else profile.price.cost_microusd(usage)
        self.bill.calls += 1
        self.bill.tokens += usage.total
        self.bill.cost_microusd = add_cost(self.bill.cost_microusd, cost)
        fold(self._state, [call.node_started(job, asking.request.temperature, None, asking.reserved)])
        return True

    def _wait_for(self, jobs: Sequence[Job]) -> None:
        """Calls that are asked together take as long as the slowest model needs for its share of them."""
        longest = 0.0
        for (model, verdict), count in Counter((job.model, job.role == "judge") for job in jobs).items():
            pace = self._stage.pace(model, verdict)
            if pace is None:
                self.bill.seconds = None
                return
            longest = max(longest, pace * math.ceil(count / max(1, self._stage.profiles[model].concurrency)))
        if self.bill.seconds is not None:
            self.bill.seconds += longest

    def _come_back(self, node: Node) -> None:
        bodies: list[ev.Body] = [
            ev.NodeFinished(node=node.name, text=self._text(node), finish="stop", usage=Usage())
        ]
        judge = self._state.nodes[node.parents[0]] if node.name.startswith("X") and node.parents else node
        if node.role == "judge" and (judge is not node or not self._dear):
            bodies.append(self._verdict(judge))
        fold(self._state, bodies)

    def _text(self, node: Node) -> str:
        """What a call says: a judge only names its candidates, so that its reply has to be repaired."""
        if node.role == "judge":
            return " ".join(judging.labels_of(self._state, node.saw))
        if node.role == "router":
            return f"{MOST_ROUNDS} tournament" if self._dear else "1 single"
        if node.role == "critic" and not self._dear:
            return KEEP
        words = self._state.spec.max_tokens * (1.0 if self._dear else SHORT_ANSWER_SHARE)
        return f"{self._word(node) * int(words)}\nAnswer: {self._value(node)}"

    def _word(self, node: Node) -> str:
        """Of what a text is made: cheap ones say the same, no two dear ones do."""
        if not self._dear:
            return "word "
        letters = (chr(ord("a") + node.ordinal // 26**place % 26) for place in range(4))
        return f"{''.join(letters)} "

    def _value(self, node: Node) -> str:
        """What a sample votes for."""
        if self._dear:
            return str(node.ordinal)
        tally = self._state.votes[-1].tally if self._state.votes else {}
        return max(tally, key=tally.__getitem__, default="1")

    def _rubric(self) -> dict[str, int]:
        """Cheap, nothing could be better, which may end a search; dear, much could."""
        score = HALF_RIGHT if self._dear else scoring.HIGHEST
        return {criterion.id: score for criterion in self._state.spec.criteria}

    def _verdict(self, judge: Node) -> ev.Verdict:
        """All judges agree, with those before them too; or, dear, on no more than that who stood is last."""
        ratings = judging.bradley_terry(self._state.verdicts.values())
        nodes = self._state.nodes
        order = sorted(judge.saw, key=lambda name: (-ratings.get(name, 0.0), nodes[name].ordinal))
        ranking: tuple[tuple[NodeName, ...], ...] = tuple((name,) for name in order)
        if self._dear:
            last = tuple(name for name in order if name in judge.parents and len(order) > judging.PAIR)
            ranking = tuple(part for part in (tuple(n for n in order if n not in last), last) if part)
        return ev.Verdict(
            node=judge.name,
            round=judge.round,
            purpose="panel" if judge.wish is None else "rejudge",
            order=judge.saw,
            labels=judging.labels_of(self._state, judge.saw),
            ranking=ranking,
            scores={name: self._rubric() for name in order},
            parsed_by="json",
        )
