"""A bench's figures: how often each contender was right and how surely, what it took, and what it is against
others that spend as many tokens.

Only items that every contender has done count, so that all figures are over the same ones; a run that failed
counts as wrong. Pure: trials in, figures out, the same each time. Words and tables are ``telling/``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from cort_desktop.domain import bench_controls as controls
from cort_desktop.domain.bench import Contender, Recorded, Setup, Trial
from cort_desktop.domain.bench_advice import done_by_all
from cort_desktop.domain.budget import add_cost
from cort_desktop.domain.shares import Interval, Pairs, Resamples, difference, mcnemar, share

_LEAST_GAP = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """A contender against a control at the same tokens: what the control came to, the difference in the
    contender's favour, and the exact p of McNemar over ``pairs``.
    """

    name: str
    right: Interval
    tokens: float
    gain: Interval
    pairs: Pairs
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One contender over the items of a part. tokens, seconds and calls are means of an item, money a sum.

    random and oracle: the share of items that a random and an all-knowing pick from its own candidates gets
    right; selection is (right - random) / (oracle - random), None where no pick could make a difference.
    fixes: items whose first text was wrong and whose answer is right; breaks: the other way round. failed:
    runs without an answer; faults: what went wrong in those, by how many of them. unmeasured: calls whose
    tokens nobody told.
    """

    contender: Contender
    right: Interval
    tokens: float
    output_tokens: float
    cost_microusd: int | None
    seconds: float
    calls: float
    candidates: float
    random: float
    oracle: float
    selection: Interval | None
    fixes: int
    breaks: int
    failed: int
    faults: dict[str, int]
    unmeasured: int
    verdicts: int
    abstained: int
    rules: dict[str, int]
    against: tuple[Against, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartSummary:
    """The contenders over ``items``: those of one task, or of all (``task`` None)."""

    task: str | None
    items: int
    figures: tuple[Figures, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """All parts; ``wanted`` items in all, of which ``begun`` are not done by every contender and
    all that these are held against.
    """

    recorded: Recorded
    wanted: int
    done: int
    begun: int
    parts: tuple[PartSummary, ...]


def summary(recorded: Recorded) -> Summary:
    """Takes a second for thousands of trials: not for the loop of a window."""
    setup = recorded.setup
    labels = [task.label for task in setup.tasks]
    counted = recorded if recorded.is_closed else _without_begun(recorded)
    parts = [_part(counted, label, [label]) for label in labels]
    if len(labels) > 1:
        parts.append(_part(counted, None, labels))
    touched = {(trial.task, trial.item) for trial in recorded.trials}
    done = sum(part.items for part in parts if part.task is not None)
    return Summary(
        recorded=recorded,
        wanted=setup.items * len(labels),
        done=done,
        begun=len(touched) - done,
        parts=tuple(part for part in parts if part.items),
    )


def _without_begun(recorded: Recorded) -> Recorded:
    """Without the items at work when it was cut short: controls are told only where every item has them."""
    items = _by_item(recorded)
    asked = {at for at, trials in items.items() if controls.are_asked(recorded.setup, trials)}
    return replace(
        recorded, trials=tuple(trial for trial in recorded.trials if (trial.task, trial.item) in asked)
    )


def _part(recorded: Recorded, task: str | None, labels: Sequence[str]) -> PartSummary:
    trials = done_by_all(recorded, set(labels))
    first = next(iter(trials.values()), [])
    strata = Counter(trial.task for trial in first)
    resamples = Resamples([strata[label] for label in sorted(strata)], recorded.setup.seed)
    items = _by_item(recorded)
    return PartSummary(
        task=task,
        items=len(first),
        figures=tuple(
            _figures(each, trials[each.label], items, recorded.setup, resamples)
            for each in recorded.setup.contenders
        )
        if first
        else (),
    )


def _by_item(recorded: Recorded) -> dict[tuple[str, int], list[Trial]]:
    found: dict[tuple[str, int], list[Trial]] = defaultdict(list)
    for trial in recorded.trials:
        found[trial.task, trial.item].append(trial)
    return found


def _figures(
    contender: Contender,
    trials: Sequence[Trial],
    items: dict[tuple[str, int], list[Trial]],
    setup: Setup,
    resamples: Resamples,
) -> Figures:
    right = [trial.answer.right for trial in trials]
    by_chance = [_share_right(trial) for trial in trials]
    by_oracle = [any(each.right for each in trial.candidates) for trial in trials]

    room = [oracle - chance for oracle, chance in zip(by_oracle, by_chance, strict=True)]
    used = [hit - chance for hit, chance in zip(right, by_chance, strict=True)]

    def selection(places: Sequence[int]) -> float | None:
        gap = sum(map(room.__getitem__, places))
        return sum(map(used.__getitem__, places)) / gap if gap > _LEAST_GAP else None

    cost: int | None = 0
    for trial in trials:
        cost = add_cost(cost, trial.cost_microusd)
    firsts = [(trial.candidates[0].right, trial.answer.right) for trial in trials if trial.candidates]
    return Figures(
        contender=contender,
        right=share(right, resamples),
        tokens=_mean([trial.tokens for trial in trials]),
        output_tokens=_mean([trial.output_tokens for trial in trials]),
        cost_microusd=cost,
        seconds=_mean([trial.seconds for trial in trials]),
        calls=_mean([trial.calls for trial in trials]),
        candidates=_mean([len(trial.candidates) for trial in trials]),
        random=_mean(by_chance),
        oracle=_mean(by_oracle),
        selection=resamples.interval(selection),
        fixes=firsts.count((False, True)),
        breaks=firsts.count((True, False)),
        failed=sum(trial.status == "failed" for trial in trials),
        faults=_faults(trials),
        unmeasured=sum(trial.unmeasured for trial in trials),
        verdicts=sum(trial.verdicts for trial in trials),
        abstained=sum(trial.abstained for trial in trials),
        rules=dict(Counter(trial.rule for trial in trials).most_common()),
        against=_against(contender, trials, items, setup, resamples),
    )


def _against(
    contender: Contender,
    trials: Sequence[Trial],
    items: dict[tuple[str, int], list[Trial]],
    setup: Setup,
    resamples: Resamples,
) -> tuple[Against, ...]:
    """Only controls that were asked on every one of the items."""
    if not controls.needs_pool(setup) or contender.is_plain_single:
        return ()
    pools = [controls.pool_of(items[trial.task, trial.item]) for trial in trials]
    if not all(controls.is_full(pool, trial.tokens) for pool, trial in zip(pools, trials, strict=True)):
        return ()
    paired = list(zip(trials, pools, strict=True))
    found = {
        "single": [controls.vote(pool, 0) for pool in pools],
        "vote": [controls.vote(pool, trial.tokens) for trial, pool in paired],
    }
    if controls.has_best_of(contender):
        best = [_best_of(trial, items[trial.task, trial.item], pool, setup) for trial, pool in paired]
        whole = [each for each in best if each is not None]
        found |= {"best_of_n": whole} if len(whole) == len(best) else {}
    right = [trial.answer.right for trial in trials]
    return tuple(_held(name, right, control, resamples) for name, control in found.items())


def _best_of(
    trial: Trial, about: Sequence[Trial], pool: Sequence[Trial], setup: Setup
) -> controls.Control | None:
    size = controls.best_of_size(trial, about, pool)
    if size == 1:
        return controls.vote(pool, 0)
    key = controls.best_of_key(setup, trial.task, trial.item, size)
    found = next((each for each in about if each.key == key), None)
    return None if found is None else controls.Control(right=found.answer.right, tokens=found.tokens)


def _held(
    name: str, right: Sequence[bool], control: Sequence[controls.Control], resamples: Resamples
) -> Against:
    theirs = [each.right for each in control]
    pairs = Pairs.of(right, theirs)
    return Against(
        name=name,
        right=share(theirs, resamples),
        tokens=_mean([each.tokens for each in control]),
        gain=difference(right, theirs, resamples),
        pairs=pairs,
        p=mcnemar(pairs),
    )


def _faults(trials: Sequence[Trial]) -> dict[str, int]:
    """Of runs that brought no answer: what failed in a run that has one cost it nothing. A run that a cap
    ended before anything failed names the cap.
    """
    failed = [trial for trial in trials if trial.status == "failed"]
    kinds = [kind for trial in failed for kind in trial.faults or (trial.rule,) if kind]
    return dict(Counter(kinds).most_common())


def _share_right(trial: Trial) -> float:
    return _mean([each.right for each in trial.candidates])


def _mean(numbers: Sequence[float]) -> float:
    return sum(numbers) / len(numbers) if numbers else 0.0
