"""What a question with its options becomes, and how mistakes in it are named, before anything is sent."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cort_desktop.domain.budget import Price
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.models import ModelProfile
from cort_desktop.domain.settings import BudgetSettings, PresetSettings, Settings
from cort_desktop.engine.lineup import ModelHandle
from cort_desktop.engine.strategies import built_in
from cort_desktop.errors import SettingsError, UsageError
from cort_desktop.services.planning import Ask, Plan, make_plan
from tests.fakes.desk import SETTINGS, ask, asking, desk
from tests.fakes.models import MODEL, good_model

BUILTIN = ModelRef("builtin/smollm2-135m")
MINE = PresetSettings(name="mine", strategy="cort", rounds=4, alternatives=2)


def settings(**defaults: Any) -> Settings:
    return replace(SETTINGS, defaults=replace(SETTINGS.defaults, **defaults), presets={"mine": MINE})


def plan(wish: Ask, known: Settings = SETTINGS, *, price: Price | None = None) -> Plan:
    """The plan of ``wish`` when every model costs ``price``."""

    def models(ref: ModelRef) -> ModelHandle:
        return ModelHandle(profile=ModelProfile(ref=ref, price=price), chat=good_model())

    return make_plan(wish, known, built_in(), models, lambda: 7)


def numbers(found: Plan) -> tuple[str, int | None, int | None, int | None]:
    spec = found.spec
    return found.strategy.name, spec.rounds, spec.alternatives, spec.judges


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"strategy": "cortt"}, 'no strategy named "cortt" (did you mean "cort"?)'),
        ({"strategy": "contest"}, "Known are single, best_of_n"),
        ({"preset": "quik"}, 'no preset named "quik" (did you mean "quick"?)'),
        ({"settings": {"roudns": "2"}, "strategy": "cort"}, 'no setting "roudns" (did you mean "rounds"?)'),
        ({"settings": {"rounds": "two"}, "strategy": "cort"}, "rounds of cort takes 0 to"),
        ({"rounds": 2, "strategy": "single"}, "single doesn't read rounds; it reads no settings"),
        ({"rounds": 2, "strategy": "best_of_n"}, "doesn't read rounds; it reads alternatives, judges"),
        ({"judges": 2, "strategy": "self_consistency"}, "doesn't read judges"),
        ({"settings": {"judges": "3"}, "strategy": "self_consistency"}, 'no setting "judges"'),
        ({"alternatives": 0, "strategy": "cort"}, "alternatives of cort is 0; it takes 1 to 40"),
        ({"alternatives": 41, "strategy": "cort"}, "it takes 1 to 40"),
        ({"judges": 10, "strategy": "best_of_n"}, "judges of best_of_n is 10; it takes 1 to 9"),
        ({"max_tokens": 0}, "at least 1 token"),
        ({"temperature": 2.1}, "from 0 to 2"),
        ({"model": ModelRef("nowhere/x")}, 'no provider named "nowhere"'),
        ({"model": ModelRef("fak/x")}, 'did you mean "fake"?'),
        ({"model": ModelRef("fake")}, "names no model: write PROVIDER/MODEL"),
        ({"model": ModelRef("fake/")}, "names no model"),
        ({"judge_models": (MODEL, ModelRef("nowhere/x"))}, 'no provider named "nowhere"'),
        ({"alternative_models": (ModelRef("nowhere/x"),)}, 'no provider named "nowhere"'),
    ],
)
def test_a_mistake_on_the_command_line_is_named_with_what_was_meant(
    tmp_path: Path, options: dict[str, Any], words: str
) -> None:
    with desk(tmp_path) as at:
        with pytest.raises(UsageError) as caught:
            ask(at, Ask(question="Why?", **options))
        assert words in str(caught.value)
        assert at.model.requests == []
        assert at.store.conversations.list() == []


def test_the_default_is_quick_with_the_built_in_model_and_balanced_with_others() -> None:
    assert numbers(plan(Ask(question="Why?", model=BUILTIN))) == ("best_of_n", None, 3, 1)
    assert plan(Ask(question="Why?", model=BUILTIN)).preset == "quick"
    assert plan(Ask(question="Why?")).preset == "balanced"
    assert plan(Ask(question="Why?")).strategy.name == "balanced"


def test_a_presets_numbers_hold_for_its_own_strategy_only() -> None:
    assert numbers(plan(Ask(question="Why?", preset="quick"))) == ("best_of_n", None, 3, 1)
    other = plan(Ask(question="Why?", preset="quick", strategy="cort"))
    assert numbers(other) == ("cort", None, 3, 1)
    assert other.preset is None
    same = plan(Ask(question="Why?", preset="quick", strategy="best_of_n"))
    assert (numbers(same), same.preset) == (("best_of_n", None, 3, 1), "quick")
    mine = plan(Ask(question="Why?", preset="mine", strategy="best_of_n"), settings())
    assert numbers(mine) == ("best_of_n", None, 4, 3)


def test_what_is_said_beats_a_named_preset_beats_the_file_beats_its_preset() -> None:
    assert numbers(plan(Ask(question="?", preset="mine"), settings())) == ("cort", 4, 2, 1)
    assert numbers(plan(Ask(question="?", preset="mine", rounds=1), settings())) == ("cort", 1, 2, 1)
    file = settings(preset="mine", alternatives=5)
    assert numbers(plan(Ask(question="?"), file)) == ("cort", 4, 5, 1)
    assert numbers(plan(Ask(question="?", preset="mine"), file)) == ("cort", 4, 2, 1)
    assert numbers(plan(Ask(question="?", preset="classic"), file)) == ("cort", None, 3, 1)
    assert numbers(plan(Ask(question="?", alternatives=9), file)) == ("cort", 4, 9, 1)
    by_strategy = settings(preset="mine", strategy="best_of_n")
    assert numbers(plan(Ask(question="?"), by_strategy)) == ("best_of_n", None, 4, 3)
    assert numbers(plan(Ask(question="?", preset="mine"), by_strategy)) == ("cort", 4, 2, 1)


def test_set_is_the_same_as_the_option_and_the_option_wins() -> None:
    assert numbers(plan(asking(strategy="cort", settings={"rounds": "3"})))[1] == 3
    assert numbers(plan(asking(strategy="cort", settings={"rounds": "3"}, rounds=2)))[1] == 2


@pytest.mark.parametrize("strategy", ["single", "best_of_n", "self_consistency", "cort"])
def test_what_the_strategy_does_not_read_is_ignored_from_the_file(strategy: str) -> None:
    found = plan(asking(strategy=strategy), settings(rounds=2, alternatives=3, judges=2))
    reads = {setting.name for setting in built_in()[strategy].settings}
    said = {"rounds": 2, "alternatives": 3, "judges": 2}
    expected = tuple(said[name] if name in reads else None for name in said)
    assert numbers(found)[1:] == expected


def test_the_line_up() -> None:
    a, b, c = ModelRef("fake/a"), ModelRef("fake/b/with/slashes"), ModelRef("ollama/c")
    found = plan(asking(model=a, alternative_models=(b,), judge_models=(c,))).spec.lineup
    assert found == {"proposer": (a, b), "judge": (c,), "router": (a,)}
    file = settings(judge_model=(b,), alternative_models=(c,))
    assert plan(asking(), file).spec.lineup == {"proposer": (MODEL, c), "judge": (b,), "router": (MODEL,)}
    assert plan(asking()).spec.lineup["judge"] == (MODEL,)
    mixed = plan(asking(model=a, alternative_models=(b, c))).spec.lineup
    assert mixed["judge"] == (a, b, c), "where several models answer, they judge each other"


def test_models_by_role_as_said_then_as_the_named_preset_has_it_then_as_saved() -> None:
    said, of_preset, saved = ModelRef("fake/said"), ModelRef("fake/preset"), ModelRef("fake/saved")
    mine = PresetSettings(name="panel", strategy="council", lineup={"synthesizer": (of_preset,)})
    file = replace(settings(synthesizer_model=(saved,)), presets={"panel": mine})

    def chairman(wish: Ask) -> tuple[ModelRef, ...]:
        return plan(wish, file).spec.lineup["synthesizer"]

    assert chairman(Ask(question="?", preset="panel", role_models={"synthesizer": (said,)})) == (said,)
    assert chairman(Ask(question="?", preset="panel")) == (of_preset,)
    assert chairman(asking(strategy="mixture_of_agents")) == (saved,), "a preset of another strategy"
    default = replace(file, defaults=replace(file.defaults, preset="panel"))
    assert plan(Ask(question="?"), default).spec.lineup["synthesizer"] == (saved,)
    assert plan(asking(strategy="council")).spec.lineup["synthesizer"] == (MODEL,)


def test_a_role_that_the_strategy_asks_nobody_for_needs_no_model() -> None:
    """A chairman without a price is no reason to refuse a run that has none."""
    nobody = ModelRef("fake/unpriced")
    file = settings(synthesizer_model=(nobody,), critic_model=(nobody,))
    assert "synthesizer" not in plan(asking(strategy="best_of_n"), file).spec.lineup
    assert nobody in plan(asking(strategy="council"), file).profiles
    with pytest.raises(UsageError, match="nowhere"):
        plan(asking(strategy="council", role_models={"synthesizer": (ModelRef("nowhere/x"),)}))


def test_tokens_temperature_and_seed() -> None:
    file = settings(max_tokens=300, temperature=0.3)
    assert plan(asking(), file).spec.max_tokens == 300
    assert plan(asking(max_tokens=20), file).spec.max_tokens == 20
    assert plan(asking(), file).spec.temperature == {"proposer": 0.3}
    assert plan(asking(temperature=0.0), file).spec.temperature == {"proposer": 0.0}
    assert plan(asking()).spec.temperature == {}
    assert (plan(asking()).spec.seed, plan(asking(seed=0)).spec.seed) == (7, 0)


PRICE = Price(input=Decimal(1), output=Decimal(2))


def test_caps() -> None:
    assert plan(asking(), price=PRICE).budget.cost_microusd == 500_000
    assert plan(asking()).budget.cost_microusd is None
    assert plan(asking(budget={"usd": 0.0}), price=PRICE).budget.cost_microusd is None
    assert plan(asking(budget={"usd": 0.1}), price=PRICE).budget.cost_microusd == 100_000
    file = replace(SETTINGS, budget=BudgetSettings(calls=5, tokens=6, seconds=7.5, usd=Decimal("0.25")))
    found = plan(asking(), file, price=PRICE).budget
    assert (found.calls, found.tokens, found.seconds, found.cost_microusd) == (5, 6, 7.5, 250_000)
    lifted = plan(asking(budget={"calls": 0, "tokens": 0, "seconds": 0, "usd": 0}), file).budget
    assert (lifted.calls, lifted.tokens, lifted.seconds, lifted.cost_microusd) == (None, None, None, None)
    assert plan(asking(budget={"calls": 2.0}), file, price=PRICE).budget.calls == 2


@pytest.mark.parametrize("where", ["command line", "file"])
def test_a_cap_on_money_is_refused_where_a_price_is_unknown(where: str) -> None:
    wish = asking(budget={"usd": 0.2}) if where == "command line" else asking()
    file = replace(SETTINGS, budget=BudgetSettings(usd=Decimal("0.2")))
    with pytest.raises(SettingsError) as caught:
        plan(wish, file)
    assert not isinstance(caught.value, UsageError)
    assert f'[prices."{MODEL}"]' in str(caught.value)


def test_a_cap_on_money_is_refused_for_a_judge_without_a_price_too(tmp_path: Path) -> None:
    dear = ModelRef("fake/dear")

    def models(ref: ModelRef) -> ModelHandle:
        price = None if ref == dear else PRICE
        return ModelHandle(profile=ModelProfile(ref=ref, price=price), chat=good_model())

    with pytest.raises(SettingsError, match="fake/dear"):
        make_plan(asking(judge_models=(dear,), budget={"usd": 1.0}), SETTINGS, built_in(), models, lambda: 7)
