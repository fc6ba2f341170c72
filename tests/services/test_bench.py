"""A bench through the same services as every question: kept trial by trial, gone on with, unflattering."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cort_desktop.domain.bench import Recorded, Setup, task_spec
from cort_desktop.domain.bench_advice import advices
from cort_desktop.domain.bench_summary import Summary, summary
from cort_desktop.domain.calls import ChatRequest
from cort_desktop.errors import ProviderError, SettingsError, UsageError
from cort_desktop.services.bench import CHECK_TASKS, BenchService
from cort_desktop.services.bench_run import Progress
from cort_desktop.services.bench_trials import spellings
from tests.fakes.bench import SumSource, setup, summing
from tests.fakes.desk import SETTINGS, Desk, desk
from tests.fakes.loops import LoopClock, run_virtual
from tests.fakes.models import Reply, ScriptedModel


def no_plot(found: Summary, *, file_format: str, dark: bool = False) -> bytes:
    raise SettingsError("Plots are not drawn here.")


@contextmanager
def service(
    folder: Path, model: ScriptedModel | None = None, **more: Any
) -> Iterator[tuple[BenchService, Desk]]:
    with desk(folder / "data", model or summing(), patient=False, **more) as at:
        ids = iter(range(10_000))
        yield (
            BenchService(
                lambda: at.chat,
                SumSource(),
                lambda: SETTINGS,
                LoopClock(),
                new_id=lambda: f"bench{next(ids)}",
                folder=folder / "checks",
                draw=no_plot,
            ),
            at,
        )


def run(folder: Path, of: Setup, model: ScriptedModel | None = None, **more: Any) -> Recorded:
    with service(folder, model, **more) as (bench, _):
        return run_virtual(bench.run(of, folder / "r.json", lambda _: None))


def test_every_contender_answers_every_item_and_nothing_is_stored(tmp_path: Path) -> None:
    with service(tmp_path) as (bench, at):
        found = run_virtual(bench.run(setup(), tmp_path / "r.json", lambda _: None))
        assert not at.chat._resting._unstored
        assert not at.chat._places._unstored
    assert found.is_closed
    assert [(each.item, each.label) for each in found.trials] == [
        (item, label) for item in range(3) for label in ("single", "self_consistency:alternatives=4")
    ]
    assert all(each.answer.right and each.answer.value == str(each.item + 1) for each in found.trials)
    assert {each.tokens for each in found.trials} == {40, 160}


@pytest.mark.parametrize(
    "text", ["Answer: Yes", "So.\n**Answer:** yes.", "Answer: YES!", "It is \\boxed{Yes}", "Yes"]
)
def test_a_right_answer_is_right_however_it_is_spelt(text: str) -> None:
    from cort_desktop.services.bench_trials import spellings

    assert "Yes" in spellings(text)


def test_every_way_is_asked_in_the_same_words(tmp_path: Path) -> None:
    model = summing()
    run(tmp_path, setup("single", "cort:rounds=1:alternatives=1", items=1), model)
    wanted = 'What is 0 + 1?\n\nEnd with a line that begins with "Answer:"'
    asked = ["\n".join(message.text for message in request.messages) for request in model.requests]
    assert all(wanted in text for text in asked)


def test_controls_spend_what_the_contender_measurably_did(tmp_path: Path) -> None:
    of = setup("single", "cort:rounds=1:alternatives=2:judges=1", items=2, controls=True)
    found = run(tmp_path, of, summing(lambda nth: nth % 3 > 0))
    figures = summary(found).parts[0].figures[1]
    controls = {each.name: each for each in figures.against}
    assert set(controls) == {"single", "vote", "best_of_n"}
    assert figures.tokens - 40 < controls["vote"].tokens <= figures.tokens
    assert controls["single"].tokens == 40


def test_a_model_that_fails_half_of_the_time_is_wrong_half_of_the_time(tmp_path: Path) -> None:
    model = summing(fails=lambda nth: "unavailable" if nth % 2 else None)
    found = run(tmp_path, setup("single", items=8), model)
    figures = summary(found).parts[0].figures[0]
    assert (figures.right.value, figures.failed, figures.faults) == (0.5, 4, {"unavailable": 4})


@pytest.mark.parametrize(("share", "said"), [(0.0, "too hard"), (1.0, "too easy")])
def test_a_model_with_none_or_all_right_has_a_real_interval_and_a_word(
    tmp_path: Path, share: float, said: str
) -> None:
    from cort_desktop.telling.bench_words import head

    found = summary(run(tmp_path, setup(items=4), summing(lambda _: bool(share))))
    right = found.parts[0].figures[0].right
    assert right.value == share
    assert right.high - right.low > 0.3
    assert any(said in sentence for sentence in head(found))


def test_a_key_that_is_refused_stops_it_and_counts_for_nothing(tmp_path: Path) -> None:
    model = summing(fails=lambda nth: "auth" if nth > 2 else None)
    with pytest.raises(ProviderError, match="goes on from there"):
        run(tmp_path, setup("single", items=5), model)
    found = run(tmp_path, setup("single", items=5))
    assert [each.answer.right for each in found.trials] == [True] * 5


def test_a_service_that_is_gone_stops_it_and_one_that_comes_back_was_wrong(tmp_path: Path) -> None:
    with pytest.raises(ProviderError, match="5 runs in a row"):
        run(tmp_path, setup("single", items=9), summing(fails=lambda nth: "unreachable" if nth > 1 else None))
    gone = run(
        tmp_path, setup("single", items=9), summing(fails=lambda nth: "unreachable" if nth < 3 else None)
    )
    assert [each.answer.right for each in sorted(gone.trials, key=lambda each: each.item)] == [
        True,
        False,
        False,
        *[True] * 6,
    ]


def test_one_that_was_cut_short_goes_on_and_asks_nothing_twice(tmp_path: Path) -> None:
    of = setup(items=6, controls=True)

    async def stopped(bench: BenchService) -> None:
        def tell(progress: Progress) -> None:
            if progress.done == 7:
                task.cancel()

        task = asyncio.ensure_future(bench.run(of, tmp_path / "r.json", tell))
        with pytest.raises(asyncio.CancelledError):
            await task

    first, second = summing(), summing()
    with service(tmp_path, first) as (bench, _):
        run_virtual(stopped(bench))
        kept = run_virtual(bench.read(tmp_path / "r.json"))
        assert run_virtual(bench.read(tmp_path / "r.json.part")) == kept
        left = run_virtual(bench.left(of, tmp_path / "r.json"))
        assert 0 < left < 1
        assert run_virtual(bench.left(of, tmp_path / "other.json")) == 1
        part, all_of_it = run_virtual(bench.estimate(of)).rest(left), run_virtual(bench.estimate(of))
        assert part.items == round(all_of_it.items * left)
        assert part.tokens_high < all_of_it.tokens_high
    assert kept.trials
    assert not kept.is_closed
    shown: list[Progress] = []
    with service(tmp_path, second, ids="b") as (bench, _):
        whole = run_virtual(bench.run(of, tmp_path / "r.json", shown.append))
    assert whole.trials[: len(kept.trials)] == kept.trials
    untouched = run(tmp_path / "other", of)
    assert {each.key for each in whole.trials} == {each.key for each in untouched.trials}
    assert len(second.requests) == sum(each.calls for each in whole.trials[len(kept.trials) :])
    assert shown[0].before > 0
    assert shown[-1].done == shown[-1].total
    again = run(tmp_path, of, summing(fails=lambda _: "auth"))
    assert again == whole  # it has ended: nobody is asked
    with service(tmp_path) as (bench, _):
        assert run_virtual(bench.left(of, tmp_path / "r.json")) == 0
        with pytest.raises(UsageError, match="another setup"):
            run_virtual(bench.left(setup("single"), tmp_path / "r.json"))


def test_several_items_at_a_time_come_to_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    of = setup(items=8)
    with service(tmp_path) as (bench, _):
        monkeypatch.setattr(bench, "_parallel", lambda _: 4)
        found = run_virtual(bench.run(of, tmp_path / "r.json", lambda _: None))
    alone = run(tmp_path / "other", of)
    assert {each.key: each.answer for each in found.trials} == {
        each.key: each.answer for each in alone.trials
    }


def test_a_result_of_another_setup_is_not_gone_on_with(tmp_path: Path) -> None:
    run(tmp_path, setup("single"))
    with pytest.raises(UsageError, match="another setup"):
        run(tmp_path, setup("single", seed=2))


@pytest.mark.parametrize(
    ("of", "why"),
    [
        (setup("single", tasks=(task_spec("sum"),)), 'no task named "sum" .did you mean "sums"'),
        (setup("singel"), 'no strategy named "singel"'),
        (setup("preset:quik"), 'no preset named "quik"'),
        (setup("best_of_n:judges=99"), "1 to 9"),
        (setup("single", "single"), "named twice"),
    ],
)
def test_what_there_is_not_is_said_before_anything_is_asked(tmp_path: Path, of: Setup, why: str) -> None:
    model = summing()
    with pytest.raises(UsageError, match=why):
        run(tmp_path, of, model)
    assert not model.requests
    assert not list(tmp_path.glob("r.json*"))


def test_what_it_takes_is_told_before(tmp_path: Path) -> None:
    with service(tmp_path) as (bench, at):
        expected = run_virtual(bench.estimate(setup("single", "best_of_n:alternatives=3:judges=1")))
        assert not at.model.requests
    assert (expected.items, expected.calls_low) == (3, 15)
    assert expected.calls_high >= 15
    assert expected.cost_microusd is not None
    assert expected.cost_microusd > 0


def check(tmp_path: Path, is_right: Callable[[int], bool]) -> tuple[BenchService, Any]:
    with service(tmp_path, summing(is_right)) as (bench, _):
        of = bench.check_setup(presets=("quick",), items=12)
        checked = run_virtual(bench.check(of, lambda _: None))
        assert run_virtual(bench.checks()) == (checked,)
        return bench, checked


def test_a_check_is_kept_for_later_and_recommends_by_kind(tmp_path: Path) -> None:
    bench, checked = check(tmp_path, lambda _: True)
    found = advices(checked.recorded)
    assert [each.kind for each in found] == [None, "numbers", "logic", "words"]
    assert {each.finding for each in found} == {"all_right"}
    assert checked.path.parent == tmp_path / "checks"
    assert len(CHECK_TASKS) * checked.recorded.setup.items == 12
    assert not bench.is_begun(checked.recorded.setup)


def test_a_new_check_of_the_same_model_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    _, old = check(tmp_path, lambda _: True)
    _, new = check(tmp_path, lambda _: False)
    assert old.path != new.path
    assert {each.finding for each in advices(new.recorded)} == {"all_wrong"}


def test_a_check_that_was_cut_short_goes_on(tmp_path: Path) -> None:
    with service(tmp_path, summing(fails=lambda nth: "auth" if nth > 9 else None)) as (bench, _):
        of = bench.check_setup(presets=("quick",), items=6)
        with pytest.raises(ProviderError):
            run_virtual(bench.check(of, lambda _: None))
        assert bench.is_begun(of)
        (kept,) = run_virtual(bench.checks())
        assert not kept.recorded.is_closed
    with service(tmp_path, ids="b") as (bench, _):
        whole = run_virtual(bench.check(of, lambda _: None))
    assert whole.path == kept.path
    assert whole.recorded.trials[: len(kept.recorded.trials)] == kept.recorded.trials


def test_a_check_of_a_wrong_number_is_refused(tmp_path: Path) -> None:
    with service(tmp_path) as (bench, _), pytest.raises(UsageError, match="multiple of 6"):
        bench.check_setup(items=50)


def test_damaged_checks_are_passed_over(tmp_path: Path) -> None:
    _, checked = check(tmp_path, lambda _: True)
    checked.path.write_text("{", encoding="utf-8")
    with service(tmp_path) as (bench, _):
        assert run_virtual(bench.checks()) == ()


def test_the_registered_setup_is_read_whole(tmp_path: Path) -> None:
    file = Path(__file__).parents[1] / "data" / "bench_tasks.json"
    with service(tmp_path) as (bench, _):
        of, digest = run_virtual(bench.registered(file))
        small = replace(of, items=1, tasks=(task_spec("sums"),), model=SETTINGS.defaults.model)
        run_virtual(bench.estimate(small))  # every strategy takes what is set of it
    assert (of.items, len(of.tasks), len(of.contenders), of.controls) == (100, 2, 5, True)
    assert len(digest) == 64


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "isn't JSON"),
        ("[]", "no setup"),
        ('{"tasks": ["a"], "items": 3}', "lacks strategies"),
        ('{"tasks": ["a"], "items": 0, "strategies": ["single"]}', "1 to"),
        ('{"tasks": ["a"], "items": 3, "strategies": []}', "no tasks or no strategies"),
        ('{"taks": [], "items": 3, "strategies": []}', 'did you mean "tasks"'),
        ('{"tasks": "a", "items": 3, "strategies": ["single"]}', "list of texts"),
    ],
)
def test_a_registered_setup_that_is_wrong_is_named(tmp_path: Path, text: str, why: str) -> None:
    file = tmp_path / "setup.json"
    file.write_text(text, encoding="utf-8")
    with service(tmp_path) as (bench, _), pytest.raises(UsageError, match=why):
        run_virtual(bench.registered(file))


def test_tokens_that_nobody_told_are_said_of_calls_that_broke_too(tmp_path: Path) -> None:
    """Else a contender's tokens look fewer than they were, and what it is held against gets fewer."""
    of = setup("best_of_n:alternatives=3:judges=1", items=1, controls=False)
    adds = summing().script

    def script(request: ChatRequest, nth: int) -> Reply:
        return Reply(text="Half an", error="interrupted") if nth == 1 else adds(request, nth)

    figures = summary(run(tmp_path, of, ScriptedModel(script))).parts[0].figures[0]
    assert (figures.failed, figures.faults) == (0, {})
    assert figures.unmeasured == 1


def test_a_cap_that_lets_nothing_through_is_not_the_models_fault(tmp_path: Path) -> None:
    from cort_desktop.telling.bench_words import head, notes

    found = summary(run(tmp_path, setup("single", items=2, budget_tokens=1)))
    said = " ".join(head(found))
    assert "No run brought an answer (sums, 2 questions)" in said
    assert "too hard" not in said
    assert "2 runs brought no answer (tokens 2×)" in " ".join(notes(found.parts[0].figures[0]))


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("Yes, it does.\nOr rather\nNo", {"yes", "Yes"}),
        ("The answer is 4.\n5", {"4"}),
        ("Sorted.\nAnswer: 1, 2, 3", {"1, 2, 3"}),
        ("Answer: **No.**", {"No.", "No", "no"}),
        ("Answer:\n1 2\n3 4", {"1 2\n3 4", "1 2"}),
        ("Just\nNo", {"No", "no"}),
        ("So:\n(7.765, 7.882)", {"(7.765, 7.882)", "7.882"}),
    ],
)
def test_a_text_that_says_two_things_is_held_to_the_one_that_votes(text: str, forms: set[str]) -> None:
    assert spellings(text) == forms
