"""What a contender is held against: other ways that spend as many tokens as it measurably did, item by item.

The vote takes as many of the pool's single answers as fit into the contender's tokens; best-of-N is asked for
with the N that fits. A random pick and an oracle pick choose among the contender's own candidates. Pure: both
who asks and who sums up use it, so they mean the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cort_desktop.domain.bench import SINGLE, Contender, Part, Scored, Setup, Trial, TrialKey

BEST_OF = "best_of_n"
LARGEST_POOL = 64
LARGEST_BEST_OF = 32
MOST_FAILED = 4
"""Answers of a pool that may fail, for no tokens, before no more are asked for."""
VERDICT_TOKENS = 120
"""About what a verdict says of each candidate, where none was measured on the item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """How a control came out on an item: whether its answer was right, for how many tokens."""

    right: bool
    tokens: int


def needs_pool(setup: Setup) -> bool:
    """Whether single answers are drawn to hold contenders against."""
    return setup.controls and any(not each.is_plain_single for each in setup.contenders)


def has_best_of(contender: Contender) -> bool:
    """Whether a contender is held against best-of-N: not that itself, nor a single answer."""
    return contender.name not in (SINGLE, BEST_OF)


def sample_key(task: str, item: int, index: int) -> TrialKey:
    """The key of the pool's ``index``-th answer, from 1."""
    return TrialKey(task=task, item=item, part="sample", label=SINGLE, index=index)


def pool_of(item: Iterable[Trial]) -> tuple[Trial, ...]:
    """The single answers there are of an item: a contender that is one comes first, then the pool's own."""
    trials = list(item)
    plain = [each for each in trials if each.part == "contender" and each.label == SINGLE]
    samples = sorted((each for each in trials if each.part == "sample"), key=lambda each: each.index)
    return (*plain, *samples)


def is_full(pool: Sequence[Trial], tokens: int) -> bool:
    """Whether the pool is worth ``tokens``; also when it is as large as may be, answers cost nothing, or none
    comes. One that failed for nothing ends no pool: what is held against others would be the smaller by it.
    """
    spent = sum(each.tokens for each in pool)
    is_free = any(each.status != "failed" and not each.tokens for each in pool)
    if is_free or len(pool) >= LARGEST_POOL or (len(pool) >= MOST_FAILED and not spent):
        return True
    return bool(pool) and spent >= tokens


def vote(pool: Sequence[Trial], tokens: int) -> Control:
    """The most frequent value among the first answers that cost ``tokens`` together, at least one of them;
    among equals the one said first; without any value the first answer.
    """
    taken: list[Trial] = []
    spent = 0
    for each in pool:
        if taken and spent + each.tokens > tokens:
            break
        taken.append(each)
        spent += each.tokens
    return Control(right=_leading([each.answer for each in taken]), tokens=spent)


def best_of_size(contender: Trial, item: Iterable[Trial], pool: Sequence[Trial]) -> int:
    """The N whose answers and verdict cost about what ``contender`` did on this item, 1 at least."""
    if not pool:
        return 1
    each_tokens = sum(sample.tokens for sample in pool) / len(pool)
    judged = [trial for trial in item if trial.judged and trial.part == "contender"]
    candidates = sum(trial.judged for trial in judged)
    verdict = sum(trial.judged_tokens for trial in judged) / candidates if candidates else None
    per_candidate = each_tokens + (each_tokens + VERDICT_TOKENS if verdict is None else verdict)
    return max(1, min(LARGEST_BEST_OF, int(contender.tokens / per_candidate))) if per_candidate else 1


def best_of(setup: Setup, size: int) -> Contender:
    """The control of that size, with the judges that a contender of the same name has, else one."""
    judges = "1"
    for each in setup.contenders:
        if each.name == BEST_OF and not each.is_preset:
            judges = dict(each.settings).get("judges", judges)
    return Contender(name=BEST_OF, settings=(("alternatives", str(size)), ("judges", judges)))


def best_of_key(setup: Setup, task: str, item: int, size: int) -> TrialKey:
    """The key of its trial; that of the contender itself where one is just that."""
    wanted = best_of(setup, size)
    same = any(each.label == wanted.label for each in setup.contenders)
    part: Part = "contender" if same else "best_of_n"
    return TrialKey(task=task, item=item, part=part, label=wanted.label)


def are_asked(setup: Setup, item: Sequence[Trial]) -> bool:
    """Whether an item's contenders and all that they are held against were asked."""
    contenders = {each.label: each for each in item if each.part == "contender"}
    if not all(each.label in contenders for each in setup.contenders):
        return False
    if not needs_pool(setup):
        return True
    pool = pool_of(item)
    if not is_full(pool, max(each.tokens for each in contenders.values())):
        return False
    there = {each.key for each in item}
    for each in filter(has_best_of, setup.contenders):
        trial = contenders[each.label]
        size = best_of_size(trial, item, pool)
        if size > 1 and best_of_key(setup, trial.task, trial.item, size) not in there:
            return False
    return True


def _leading(answers: Sequence[Scored]) -> bool:
    whole = [each for each in answers if not each.is_cut] or list(answers)
    tally = Counter(each.value for each in whole if each.value is not None)
    if not tally:
        return bool(answers) and answers[0].right
    most = max(tally.values())
    leading = next(each for each in whole if each.value is not None and tally[each.value] == most)
    return leading.right
