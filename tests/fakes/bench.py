"""A bench without its library: sums that score themselves, and models that get a share of them right."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cort_desktop.domain import calls
from cort_desktop.domain.bench import (
    Contender,
    Origin,
    Part,
    Recorded,
    Scored,
    Setup,
    TaskSpec,
    Trial,
    contender,
    task_spec,
)
from cort_desktop.domain.budget import Usage
from cort_desktop.domain.settings import closest, shown
from cort_desktop.errors import UsageError
from tests.fakes.models import MODEL, Reply, ScriptedModel, is_judge, longest_wins

ORIGIN = Origin(
    bench="b1",
    started="2026-11-22T20:00:00.000Z",
    system="Linux",
    versions={"cort-desktop": "1", "sums": "1"},
)
_SUM = re.compile(r"What is (\d+) \+ (\d+)\?")


@dataclass(frozen=True, slots=True)
class Sums:
    """One task: item i asks for i plus a number of the seed."""

    seed: int

    def question(self, item: int) -> str:
        return f"What is {item} + {self.seed}?"

    def score(self, item: int, answer: str) -> float:
        return float(answer == str(item + self.seed))


class SumSource:
    """A TaskSource that knows any of ``names``."""

    def __init__(self, *names: str) -> None:
        self._names = names or ("sums", "chain_sum", "leg_counting", "aiw", "knights_knaves")
        self._names += ("letter_counting", "word_sorting")

    def versions(self) -> dict[str, str]:
        return {"sums": "1"}

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._names))

    def load(self, spec: TaskSpec, *, items: int, seed: int) -> Sums:
        if spec.name not in self._names:
            raise UsageError(f"There is no task named {shown(spec.name)}{closest(spec.name, self._names)}.")
        return Sums(seed)


def summing(
    is_right: Callable[[int], bool] = lambda _: True,
    *,
    fails: Callable[[int], Any] = lambda _: None,
    seconds: float = 1.0,
) -> ScriptedModel:
    """A model that adds; its nth call is right or wrong by ``is_right``, or fails with the kind of error that
    ``fails`` names. It counts 30 tokens in and 10 out, judging 100 and 20.
    """

    def script(request: calls.ChatRequest, nth: int) -> Reply:
        kind = fails(nth)
        if kind is not None:
            return Reply(error=kind, seconds=seconds)
        if is_judge(request):
            return Reply(text=longest_wins(request), usage=Usage(input=100, output=20), seconds=seconds)
        found = _SUM.search(request.messages[-1].text) or _SUM.search(_all(request))
        if found is None:
            return Reply(text="1", seconds=seconds)
        value = int(found[1]) + int(found[2]) + (0 if is_right(nth) else 1)
        return Reply(text=f"Added.\nAnswer: {value}", usage=Usage(input=30, output=10), seconds=seconds)

    return ScriptedModel(script)


def _all(request: calls.ChatRequest) -> str:
    return "\n".join(message.text for message in request.messages)


def setup(*strategies: str, **changes: Any) -> Setup:
    """Three sums, ``single`` against a vote of four, unless said."""
    fields: dict[str, Any] = {
        "tasks": (task_spec("sums"),),
        "items": 3,
        "contenders": tuple(
            contender(text) for text in strategies or ("single", "self_consistency:alternatives=4")
        ),
        "model": MODEL,
        "controls": False,
    }
    return Setup(**(fields | changes))


def trial(
    who: Contender | str,
    item: int,
    right: bool,
    *,
    among: tuple[bool, ...] | None = None,
    part: Part = "contender",
    task: str = "sums",
    **changes: Any,
) -> Trial:
    """A trial that came out so, among candidates of which these were right."""
    label = who if isinstance(who, str) else who.label

    def scored(hit: bool) -> Scored:
        return Scored(right=hit, value="yes" if hit else "no")

    fields: dict[str, Any] = {"tokens": 100, "output_tokens": 40, "cost_microusd": 10, "seconds": 2.0}
    fields |= {"calls": 1, "rule": "single"}
    return Trial(
        task=task,
        item=item,
        part=part,
        label=label,
        question="?",
        answer=scored(right),
        candidates=tuple(scored(hit) for hit in (among or (right,))),
        **(fields | changes),
    )


def recorded(of: Setup, share: Callable[[Contender], float], seed: int = 1) -> Recorded:
    """A whole result in which each contender gets its share right, at random."""
    chance = random.Random(seed)
    trials = [
        trial(each, item, chance.random() < share(each), task=task.label)
        for task in of.tasks
        for item in range(of.items)
        for each in of.contenders
    ]
    return Recorded(setup=of, origin=ORIGIN, trials=tuple(trials), is_closed=True)
