"""Whether thinking harder pays on a model: what a check's figures allow to be said, and what they don't.

A way of thinking pays where the interval of its gain over asking once lies above nothing, with the level
shared among all ways compared (Bonferroni). It doesn't where none can gain more than ``WORTH_IT``. Everything
else is "can't tell", which is an answer too. Pure; the words are ``telling/bench_words.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from cort_desktop.domain.bench import SINGLE, Contender, Recorded, Trial
from cort_desktop.domain.shares import (
    LEVEL,
    Interval,
    Pairs,
    mcnemar,
    paired_difference,
    wilson,
)

WORTH_IT = 0.05
"""A gain of less than 5 in 100 questions is not worth several times the tokens."""

Finding = Literal["pays", "does_not_pay", "cannot_tell", "all_wrong", "all_right"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """One way of thinking against asking once, over the same items. tokens and seconds are means of an item;
    failed: runs of it without an answer, which count as wrong.
    """

    contender: Contender
    right: int
    gain: Interval
    p: float
    tokens: float
    seconds: float
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What can be said of one kind of question, or of all of them (``kind`` None). ``use`` is the way to
    think that is recommended; None where it can't be told.
    """

    kind: str | None
    items: int
    once: Interval
    once_tokens: float
    once_failed: int
    gains: tuple[Gain, ...]
    finding: Finding
    use: Contender | None


def advices(recorded: Recorded) -> tuple[Advice, ...]:
    """Of all questions first, then by kind. Empty while no item is done by every contender."""
    setup = recorded.setup
    kinds = list(dict.fromkeys(task.kind for task in setup.tasks if task.kind is not None))
    tasks = {None: {task.label for task in setup.tasks}}
    by_kind = {kind: {task.label for task in setup.tasks if task.kind == kind} for kind in kinds}
    found = (_advice(recorded, kind, labels) for kind, labels in (tasks | by_kind).items())
    return tuple(each for each in found if each is not None)


def done_by_all(recorded: Recorded, tasks: set[str]) -> dict[str, list[Trial]]:
    """The contenders' trials by label, over the items that every contender has done, in one order."""
    wanted = [each.label for each in recorded.setup.contenders]
    by_item: dict[tuple[str, int], dict[str, Trial]] = {}
    for trial in recorded.trials:
        if trial.part == "contender" and trial.task in tasks:
            by_item.setdefault((trial.task, trial.item), {})[trial.label] = trial
    whole = [by_item[at] for at in sorted(by_item) if all(label in by_item[at] for label in wanted)]
    return {label: [item[label] for item in whole] for label in wanted}


def _advice(recorded: Recorded, kind: str | None, tasks: set[str]) -> Advice | None:
    trials = done_by_all(recorded, tasks)
    once = trials.get(SINGLE, [])
    if not once:
        return None
    others = [each for each in recorded.setup.contenders if each.label != SINGLE]
    level = 1 - (1 - LEVEL) / max(1, len(others))
    gains = tuple(_gain(each, trials[each.label], once, level) for each in others)
    finding, use = _finding(gains, trials, sum(trial.answer.right for trial in once), len(once), level)
    return Advice(
        kind=kind,
        items=len(once),
        once=wilson(sum(trial.answer.right for trial in once), len(once)),
        once_tokens=_mean([trial.tokens for trial in once]),
        once_failed=sum(trial.status == "failed" for trial in once),
        gains=gains,
        finding=finding,
        use=use,
    )


def _gain(contender: Contender, trials: Sequence[Trial], once: Sequence[Trial], level: float) -> Gain:
    pairs = Pairs.of([trial.answer.right for trial in trials], [trial.answer.right for trial in once])
    return Gain(
        contender=contender,
        right=pairs.both + pairs.first,
        gain=paired_difference(pairs, level),
        p=mcnemar(pairs),
        tokens=_mean([trial.tokens for trial in trials]),
        seconds=_mean([trial.seconds for trial in trials]),
        failed=sum(trial.status == "failed" for trial in trials),
    )


def _finding(
    gains: Sequence[Gain], trials: dict[str, list[Trial]], right: int, items: int, level: float
) -> tuple[Finding, Contender | None]:
    single = Contender(name=SINGLE)
    paying = sorted((each for each in gains if each.gain.low > 0), key=lambda each: each.tokens)
    if paying:
        return "pays", _cheapest_that_holds(paying, trials, level)
    if not right and not any(each.right for each in gains):
        return "all_wrong", None
    if right == items:
        return "all_right", single
    if gains and all(each.gain.high < WORTH_IT for each in gains):
        return "does_not_pay", single
    return "cannot_tell", None


def _cheapest_that_holds(paying: Sequence[Gain], trials: dict[str, list[Trial]], level: float) -> Contender:
    """The cheapest that pays, unless a dearer one is surely better than it."""
    use = paying[0].contender
    for each in paying[1:]:
        pairs = Pairs.of(
            [trial.answer.right for trial in trials[each.contender.label]],
            [trial.answer.right for trial in trials[use.label]],
        )
        if paired_difference(pairs, level).low > 0:
            use = each.contender
    return use


def _mean(numbers: Sequence[float]) -> float:
    return sum(numbers) / len(numbers) if numbers else 0.0
