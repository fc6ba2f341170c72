"""A bench's values survive JSON; what was changed in a file is found."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cort_desktop.domain.bench import contender, task_spec
from cort_desktop.domain.bench_wire import ShapeError, head_json, head_of, trial_json, trial_of
from cort_desktop.errors import UsageError
from tests.fakes.bench import ORIGIN, setup, trial


def through(data: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(data))
    return found


def test_all_of_it_comes_back() -> None:
    made = setup(
        "single",
        "preset:quick",
        "best_of_n:alternatives=3:judges=1",
        tasks=(task_spec("sums:a=1:b=0.5:c=true:d=words"),),
        budget_tokens=600,
    )
    assert head_of(through(head_json(made, ORIGIN))) == (made, ORIGIN)
    one = trial("single", 2, True, among=(True, False), faults=("timeout",), cost_microusd=None)
    assert trial_of(through(trial_json(one, ORIGIN))) == (one, ORIGIN.bench)


@pytest.mark.parametrize("change", [("tokens", 7), ("answer", {"right": False}), ("sum", "0" * 12)])
def test_a_changed_trial_is_found(change: tuple[str, Any]) -> None:
    data = through(trial_json(trial("single", 0, True), ORIGIN)) | dict([change])
    with pytest.raises(ShapeError, match="check sum"):
        trial_of(data)


def test_a_changed_head_is_found() -> None:
    data = through(head_json(setup(), ORIGIN))
    data["setup"]["seed"] = 99
    with pytest.raises(ShapeError, match="check sum"):
        head_of(data)


@pytest.mark.parametrize("data", [None, [], "x", {}, {"task": 1}])
def test_what_is_no_trial_is_refused(data: object) -> None:
    with pytest.raises(ShapeError):
        trial_of(data)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("single", "single"),
        (" best_of_n : alternatives = 3 ", "best_of_n:alternatives=3"),
        ("preset:quick", "preset:quick"),
    ],
)
def test_contenders_are_written_as_they_are_read(text: str, label: str) -> None:
    assert contender(text).label == label
    assert contender(label) == contender(text)


@pytest.mark.parametrize("text", ["", ":a=1", "x:a", "x:=1", "x:a=", "x:a=1:a=2"])
def test_words_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(UsageError):
        contender(text)


def test_a_tasks_settings_are_numbers_where_they_look_like_it() -> None:
    assert task_spec("t:a=3:b=0.5:c=true:d=x").config == (("a", 3), ("b", 0.5), ("c", True), ("d", "x"))
