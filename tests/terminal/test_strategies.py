"""``strategies``: what there is to think by, in words and as JSON, and what can't be used."""

from __future__ import annotations

import json

import pytest

from cort_desktop.domain.strategy_settings import NUMBERS, takes
from cort_desktop.engine.strategies import built_in
from cort_desktop.errors import UsageError
from cort_desktop.services.outcomes import StrategyInfo
from cort_desktop.terminal.arguments import parse
from cort_desktop.terminal.options import StrategiesOptions
from cort_desktop.terminal.strategies import strategies
from tests.fakes.loops import run_virtual
from tests.fakes.terminal import CapturedStreams

BROKEN = 'The strategy echo of the package guests 1.0 can\'t be used: it calls itself "oche".'


class App:
    """An app whose chat service knows the strategies there are, and one that is broken."""

    @property
    def chat(self) -> App:
        return self

    def strategies(self) -> list[StrategyInfo]:
        return [
            StrategyInfo(name=s.name, summary=s.summary, settings=s.settings) for s in built_in().values()
        ]

    def unusable_strategies(self) -> list[str]:
        return [BROKEN]


def said(*words: str) -> tuple[str, str]:
    options = parse(["strategies", *words], None)
    assert isinstance(options, StrategiesOptions)
    seen = CapturedStreams()
    assert run_virtual(strategies(options, App(), seen)) == 0  # type: ignore[arg-type]
    return seen.out, seen.err


def test_every_strategy_is_listed_with_all_it_can_be_set_to() -> None:
    out, err = said()
    for strategy in built_in().values():
        assert f"{strategy.name}: {strategy.summary}" in out
        for each in strategy.settings:
            option = f"--{each.name} N" if each.name in NUMBERS else f"--set {each.name}=VALUE"
            assert f"  {option}: {each.words} ({takes(each)}; " in out
    assert BROKEN in err


def test_one_alone_and_as_json() -> None:
    out, err = said("ab_mcts")
    assert out.startswith("ab_mcts: ")
    assert "    beta: scores are shares of success" in out
    assert ("tournament" in out, err) == (False, "")
    (found,) = json.loads(said("ab_mcts", "--json")[0])
    assert found["settings"][-1]["takes"] == "one of gaussian, beta"
    assert found["settings"][2]["default"] == 4


@pytest.mark.parametrize(("name", "words"), [("ab_mct", 'did you mean "ab_mcts"?'), ("echo", "calls itself")])
def test_one_that_is_not_there_or_broken_says_so(name: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        said(name)
    assert words in str(caught.value)
