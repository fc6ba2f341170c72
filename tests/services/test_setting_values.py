"""Which value a strategy's setting gets: said, saved or its own; and how a wrong one is refused."""

from __future__ import annotations

import ast
import inspect
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.models import ModelProfile
from cort_desktop.domain.search import RunSpec
from cort_desktop.domain.settings import PresetSettings, Settings
from cort_desktop.domain.strategy_settings import NUMBERS
from cort_desktop.engine.lineup import ModelHandle
from cort_desktop.engine.strategies import built_in
from cort_desktop.engine.strategies.ab_mcts import BATCH, BELIEF
from cort_desktop.engine.strategies.base import setting
from cort_desktop.errors import SettingsError, UsageError
from cort_desktop.services import presets
from cort_desktop.services.planning import Ask, Plan, make_plan
from tests.fakes.desk import SETTINGS, ask, asking, desk
from tests.fakes.models import good_model

MINE = PresetSettings(
    name="mine", strategy="ab_mcts", alternatives=6, settings={"batch": 2, "belief": "beta"}
)


def planned(known: Settings = SETTINGS, **options: Any) -> Plan:
    def models(ref: ModelRef) -> ModelHandle:
        return ModelHandle(profile=ModelProfile(ref=ref), chat=good_model())

    return make_plan(Ask(question="Why?", **options), known, built_in(), models, lambda: 7)


def with_saved(**defaults: Any) -> Settings:
    return replace(SETTINGS, defaults=replace(SETTINGS.defaults, settings=defaults), presets={"mine": MINE})


def test_every_value_is_written_down_with_the_run() -> None:
    assert planned(strategy="ab_mcts").spec.settings == {"batch": 4, "belief": "gaussian"}
    assert planned(strategy="best_of_n").spec.settings == {}
    found = planned(strategy="ab_mcts", settings={"batch": "3", "belief": "Beta", "judges": "2"})
    assert (found.spec.settings, found.spec.judges) == ({"batch": 3, "belief": "beta"}, 2)


def test_what_is_said_beats_the_preset_and_that_the_settings_file() -> None:
    known = with_saved(batch=9, belief="gaussian")
    assert planned(known, preset="mine").spec.settings == {"batch": 2, "belief": "beta"}
    assert planned(known, preset="mine", settings={"batch": "5"}).spec.settings["batch"] == 5
    assert planned(known, strategy="ab_mcts").spec.settings == {"batch": 9, "belief": "gaussian"}


def test_a_saved_setting_is_ignored_by_a_strategy_that_does_not_read_it() -> None:
    assert planned(with_saved(batch=9), strategy="cort").spec.settings == {}


def test_a_saved_value_that_this_strategy_does_not_take_is_a_mistake_of_the_file() -> None:
    with pytest.raises(
        SettingsError, match=r"batch of ab_mcts is 99 \(saved in config.toml\); it takes 1 to 16"
    ):
        planned(with_saved(batch=99), strategy="ab_mcts")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"bacth": "2"}, 'no setting "bacth" (did you mean "batch"?); it reads alternatives, judges, batch'),
        ({"belief": "normal"}, "belief of ab_mcts takes one of gaussian, beta"),
        ({"batch": "many"}, "batch of ab_mcts takes 1 to 16"),
        ({"batch": "0"}, "batch of ab_mcts takes 1 to 16"),
    ],
)
def test_a_wrong_one_on_the_command_line_is_named(settings: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError) as caught:
        planned(strategy="ab_mcts", settings=settings)
    assert words in str(caught.value)


def test_the_run_says_what_it_was_set_to(tmp_path: Path) -> None:
    with desk(tmp_path) as at:
        done = ask(at, replace(asking(), strategy="ab_mcts", alternatives=2, settings={"belief": "beta"}))
        started = at.events(done.run)[0].body
        assert started.spec.settings == {"batch": 4, "belief": "beta"}  # type: ignore[union-attr]


def test_a_strategy_reads_its_default_where_a_run_says_nothing_it_takes() -> None:
    assert setting(RunSpec(), BATCH) == 4
    assert setting(RunSpec(settings={"batch": 7, "belief": "beta"}), BELIEF) == "beta"
    assert setting(RunSpec(settings={"batch": "many"}), BATCH) == 4


def test_a_preset_is_written_with_its_settings_and_without_those_it_had() -> None:
    other = replace(MINE, settings={"belief": "beta"})
    changes = presets.written(with_saved(), other)
    assert changes["presets", "mine", "belief"] == "beta"
    assert changes["presets", "mine", "batch"] is None
    kept = presets.presets(replace(SETTINGS, presets={"mine": MINE}))["mine"]
    assert (dict(kept.numbers), dict(kept.settings)) == ({"alternatives": 6}, {"batch": 2, "belief": "beta"})


@pytest.mark.parametrize("name", sorted(built_in()))
def test_every_setting_of_a_strategy_is_read_by_it(name: str) -> None:
    """Each is asked for by ``setting(spec, …)`` in the strategy's own module."""
    strategy = built_in()[name]
    module = inspect.getmodule(type(strategy))
    assert module is not None
    read = {
        node.args[1].id
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "setting"
        if isinstance(node.args[1], ast.Name)
    }
    asked = {vars(module)[each].name for each in read}
    assert {each.name for each in strategy.settings} - set(NUMBERS) == asked
