"""Figures of a bench from trials that are known: accuracy, selection, fixes, controls at the same tokens."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cort_desktop.domain import bench_controls as controls
from cort_desktop.domain.bench import Recorded, Setup, Trial, TrialKey, contender, seed_of, task_spec
from cort_desktop.domain.bench_advice import advices
from cort_desktop.domain.bench_summary import summary
from tests.fakes.bench import ORIGIN, recorded, setup, trial


def held(of: Setup, *trials: Trial, closed: bool = True) -> Recorded:
    return Recorded(setup=of, origin=ORIGIN, trials=trials, is_closed=closed)


def test_selection_is_between_a_random_and_an_all_knowing_pick() -> None:
    of = setup("best_of_n", items=2)
    found = summary(
        held(
            of,
            trial("best_of_n", 0, True, among=(False, True, False, False)),
            trial("best_of_n", 1, False, among=(True, False)),
        )
    )
    figures = found.parts[0].figures[0]
    assert (figures.right.value, figures.random, figures.oracle) == (0.5, 0.375, 1.0)
    assert figures.selection is not None
    assert figures.selection.value == pytest.approx((0.5 - 0.375) / (1.0 - 0.375))
    assert (figures.fixes, figures.breaks) == (1, 1)


def test_selection_says_nothing_where_no_pick_could_matter() -> None:
    found = summary(held(setup("single", items=1), trial("single", 0, True)))
    assert found.parts[0].figures[0].selection is None


def test_a_run_that_failed_is_wrong_and_counted() -> None:
    of = setup("single", items=2)
    failed = replace(trial("single", 1, False), status="failed", candidates=(), faults=("timeout",))
    figures = summary(held(of, trial("single", 0, True), failed)).parts[0].figures[0]
    assert (figures.right.value, figures.failed, figures.faults) == (0.5, 1, {"timeout": 1})
    assert (figures.random, figures.oracle) == (0.5, 0.5)


def test_only_items_that_everybody_did_count() -> None:
    of = setup("single", "cort", items=3)
    found = summary(
        held(
            of,
            trial("single", 0, True),
            trial("cort", 0, False),
            trial("single", 1, True),
            closed=False,
        )
    )
    assert (found.wanted, found.done, found.begun) == (3, 1, 1)
    assert [figures.right.value for figures in found.parts[0].figures] == [1.0, 0.0]


def test_money_that_nobody_knows_stays_unknown() -> None:
    of = setup("single", items=2)
    found = summary(held(of, trial("single", 0, True), trial("single", 1, True, cost_microusd=None)))
    assert found.parts[0].figures[0].cost_microusd is None


def pool(*rights: bool, tokens: int = 40) -> list[Trial]:
    return [
        replace(trial("single", 0, hit, part="sample", tokens=tokens), index=at)
        for at, hit in enumerate(rights, 1)
    ]


def test_the_vote_takes_what_fits_into_the_same_tokens() -> None:
    drawn = pool(False, True, True)
    assert controls.vote(drawn, 120) == controls.Control(right=True, tokens=120)
    assert controls.vote(drawn, 119) == controls.Control(right=False, tokens=80)  # a tie: said first
    assert controls.vote(drawn, 0) == controls.Control(right=False, tokens=40)  # one answer at least


def test_an_answer_that_was_cut_has_no_vote() -> None:
    drawn = pool(False, False, True)
    cut = [replace(each, answer=replace(each.answer, is_cut=not each.answer.right)) for each in drawn]
    assert controls.vote(cut, 120).right


def test_a_pool_is_full_at_the_dearest_contender_and_never_endless() -> None:
    assert not controls.is_full([], 1)
    assert controls.is_full(pool(True, True, True), 120)
    assert not controls.is_full(pool(True, True), 120)
    assert controls.is_full(pool(True, tokens=0), 120)
    assert controls.is_full(pool(*[True] * controls.LARGEST_POOL), 10**9)


def test_best_of_n_is_as_large_as_the_tokens_allow() -> None:
    mine = trial("cort", 0, True, tokens=1000, judged=4, judged_tokens=240)
    assert controls.best_of_size(mine, [mine], pool(True, False)) == 10  # 40 to write, 60 to judge
    assert controls.best_of_size(replace(mine, tokens=10), [mine], pool(True)) == 1


def test_a_control_that_is_a_contender_is_not_asked_twice() -> None:
    of = setup("cort", "best_of_n:alternatives=3:judges=1", controls=True)
    assert controls.best_of_key(of, "sums", 0, 3).part == "contender"
    assert controls.best_of_key(of, "sums", 0, 4).part == "best_of_n"


def test_a_contender_is_held_against_others_at_its_tokens() -> None:
    of = setup("single", "cort", items=1, controls=True)
    mine = trial("cort", 0, True, tokens=400, judged=4, judged_tokens=400)
    drawn = [replace(each, index=each.index) for each in pool(*[False] * 9)]
    size = controls.best_of_size(mine, [mine], [trial("single", 0, False, tokens=40), *drawn])
    key = controls.best_of_key(of, "sums", 0, size)
    best = replace(trial("x", 0, False, part="best_of_n", tokens=300), label=key.label)
    found = summary(held(of, trial("single", 0, False, tokens=40), mine, *drawn, best))
    against = {each.name: each for each in found.parts[0].figures[1].against}
    assert set(against) == {"single", "vote", "best_of_n"}
    assert (against["vote"].tokens, against["vote"].pairs.first) == (400, 1)
    assert against["best_of_n"].tokens == 300


def test_all_tasks_are_summed_up_where_there_are_several() -> None:
    of = setup("single", items=4, tasks=(task_spec("a"), task_spec("b")))
    found = summary(recorded(of, lambda _: 0.5))
    assert [(part.task, part.items) for part in found.parts] == [("a", 4), ("b", 4), (None, 8)]


def test_seeds_belong_to_the_trial_and_the_bench() -> None:
    key = TrialKey(task="sums", item=0, part="contender", label="single")
    assert seed_of(setup(), key) == seed_of(setup(), key)
    seeds = {
        seed_of(setup(), key),
        seed_of(setup(), replace(key, item=1)),
        seed_of(setup(), replace(key, index=2)),
        seed_of(setup(seed=2), key),
    }
    assert len(seeds) == 4


def checked(shares: dict[str, float], items: int = 60) -> Recorded:
    of = setup(
        "single",
        "preset:quick",
        "preset:deep",
        items=items,
        tasks=(replace(task_spec("sums"), kind="numbers"),),
    )
    return recorded(of, lambda each: shares[each.label])


@pytest.mark.parametrize(
    ("shares", "finding", "use"),
    [
        ({"single": 0.2, "preset:quick": 0.8, "preset:deep": 0.8}, "pays", "preset:quick"),
        ({"single": 0.2, "preset:quick": 0.55, "preset:deep": 1.0}, "pays", "preset:deep"),
        ({"single": 0.5, "preset:quick": 0.5, "preset:deep": 0.5}, "cannot_tell", None),
        ({"single": 1.0, "preset:quick": 1.0, "preset:deep": 1.0}, "all_right", "single"),
        ({"single": 0.0, "preset:quick": 0.0, "preset:deep": 0.0}, "all_wrong", None),
        ({"single": 0.9, "preset:quick": 0.2, "preset:deep": 0.2}, "does_not_pay", "single"),
    ],
)
def test_a_check_says_what_can_be_told(shares: dict[str, float], finding: str, use: str | None) -> None:
    everything, numbers = advices(checked(shares))
    assert (everything.finding, everything.use and everything.use.label) == (finding, use)
    assert (everything.kind, numbers.kind, numbers.items) == (None, "numbers", 60)


def test_chance_alone_is_rarely_taken_for_a_gain() -> None:
    """Where nothing helps, at most about 1 of 20 checks says that something does."""
    of = checked({"single": 0.5, "preset:quick": 0.5, "preset:deep": 0.5}).setup
    found = [advices(recorded(of, lambda _: 0.5, seed=at))[0].finding for at in range(120)]
    assert found.count("pays") <= 8


def test_a_check_without_items_says_nothing() -> None:
    assert advices(held(setup("single", contenders=(contender("single"),)))) == ()


def test_an_item_whose_controls_are_still_asked_does_not_count_yet() -> None:
    of = setup("single", "self_consistency:alternatives=4", items=3, controls=True)
    single, vote = of.contenders
    trials = []
    for item in range(3):
        trials += [trial(single, item, True), trial(vote, item, True, tokens=150)]
        if item < 2:
            trials.append(trial("single", item, True, part="sample"))
            trials.append(trial("single", item, True, part="sample", index=2))
    cut = summary(Recorded(setup=of, origin=ORIGIN, trials=tuple(trials)))
    assert (cut.done, cut.begun) == (2, 1)
    assert [each.name for each in cut.parts[0].figures[1].against][:2] == ["single", "vote"]


def test_a_sample_that_failed_does_not_end_what_a_vote_may_take() -> None:
    samples = [trial("single", 0, True, part="sample", index=at, tokens=100) for at in (1, 2)]
    broken = trial("single", 0, False, part="sample", index=3, tokens=0, status="failed")
    assert not controls.is_full([*samples, broken], 600)
    assert not controls.is_full([broken], 600)
    assert controls.is_full([broken] * controls.MOST_FAILED, 600)
