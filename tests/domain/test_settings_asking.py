"""How a service is to be asked: effort, OpenRouter's routing, attribution, out of a configuration."""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cort_desktop.domain.asking_ways import Efforts, Routing
from cort_desktop.domain.settings import ProviderSettings
from cort_desktop.domain.settings_reading import Reading, read

ROUTING = {
    "order": ["anthropic", "azure"],
    "only": "azure",
    "ignore": [],
    "quantizations": ["fp8"],
    "allow_fallbacks": False,
    "require_parameters": True,
    "zdr": True,
    "data_collection": "deny",
    "sort": "throughput",
    "max_price": {"prompt": Decimal("1.5"), "completion": 3},
}


def openrouter(**written: Any) -> Reading:
    return read({"providers": {"openrouter": written}})


def provider(reading: Reading, name: str = "openrouter") -> ProviderSettings:
    assert (reading.problems, reading.warnings) == ((), ())
    return reading.settings.providers[name]


def test_routing_is_read_and_sent_as_openrouter_names_it() -> None:
    routing = provider(openrouter(routing=ROUTING)).routing
    assert routing is not None
    assert routing.most_prompt_usd == Decimal("1.5")
    assert routing.wire() == {
        "order": ["anthropic", "azure"],
        "only": ["azure"],
        "quantizations": ["fp8"],
        "allow_fallbacks": False,
        "require_parameters": True,
        "zdr": True,
        "data_collection": "deny",
        "sort": "throughput",
        "max_price": {"prompt": 1.5, "completion": 3.0},
    }
    assert provider(openrouter(routing={"order": []})).routing is None
    assert provider(openrouter()).routing is None
    assert hash(routing) == hash(Routing(**{name: getattr(routing, name) for name in Routing.__slots__}))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"routing": "a"}, "providers.openrouter.routing must be a table"),
        ({"routing": {"sort": "prize"}}, 'routing.sort is "prize", which is unknown (did you mean "price"?)'),
        ({"routing": {"data_collection": True}}, "routing.data_collection must be a text"),
        ({"routing": {"zdr": "yes"}}, 'routing.zdr must be true or false, not "yes"'),
        ({"routing": {"order": [1]}}, "routing.order must be a text or a list of texts"),
        ({"routing": {"max_price": {"prompt": -1}}}, "routing.max_price.prompt must be a number from 0"),
        ({"reasoning": "hihg"}, 'reasoning is "hihg", which is unknown (did you mean "high"?)'),
        ({"reasoning": {"a/b": 3}}, 'reasoning."a/b" must be a text'),
    ],
)
def test_a_wrong_value_is_named_and_left_to_the_service(written: dict[str, Any], said: str) -> None:
    reading = openrouter(**written)
    (problem,) = reading.problems
    assert said in str(problem)
    found = reading.settings.providers["openrouter"]
    assert (found.routing, found.efforts) == (None, None)


def test_what_has_no_effect_is_said() -> None:
    (warning,) = openrouter(routing={"oder": ["a"]}).warnings
    assert 'routing.oder is not known and has no effect (did you mean "order"?)' in str(warning)
    elsewhere = read({"providers": {"openai": {"routing": ROUTING}}})
    (warning,) = elsewhere.warnings
    assert 'providers.openai.routing is read where kind = "openrouter" alone' in str(warning)
    assert elsewhere.settings.providers["openai"].routing is None


def test_an_effort_for_all_models_or_for_each() -> None:
    assert provider(openrouter(reasoning="low")).efforts == Efforts(all="low")
    each = provider(openrouter(reasoning={"a/b": "high", "*": "none"})).efforts
    assert each is not None
    assert (each.of("a/b"), each.of("c/d")) == ("high", "none")
    only = provider(openrouter(reasoning={"a/b": "high"})).efforts
    assert only is not None
    assert only.of("c/d") is None
    assert provider(openrouter()).efforts is None


def test_a_person_may_keep_the_programs_name_back() -> None:
    assert read({}).settings.privacy.attribution is True
    reading = read({"privacy": {"attribution": False}})
    assert (reading.problems, reading.warnings) == ((), ())
    assert reading.settings.privacy.attribution is False
    wrong = read({"privacy": {"attribution": "no"}})
    assert [str(each) for each in wrong.problems] == ['privacy.attribution must be true or false, not "no"']
    (warning,) = read({"privacy": {"atribution": False}}).warnings
    assert 'did you mean "attribution"?' in str(warning)


def test_the_configuration_that_the_readme_shows_is_read_without_a_word() -> None:
    text = Path(__file__).parents[2].joinpath("README.md").read_text(encoding="utf-8")
    shown = [block for block in re.findall(r"```toml\n(.*?)```", text, re.DOTALL) if "[providers." in block]
    (reading,) = [read(tomllib.loads(block, parse_float=Decimal)) for block in shown]
    assert (reading.problems, reading.warnings) == ((), ())
    routing = reading.settings.providers["openrouter"].routing
    assert routing is not None
    assert routing.order == ("anthropic", "azure")
    assert reading.settings.privacy.attribution is False
