"""What a strategy is called, and how a run thinks in a line: the words of its declarations."""

from __future__ import annotations

import pytest

from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.search import RunSpec
from cort_desktop.domain.strategy_settings import ChoiceSetting, SwitchSetting, Way, WholeSetting
from cort_desktop.engine.strategies import built_in
from cort_desktop.telling.strategies import Declared, plan_words, settings_words, strategy_title
from tests.fakes.rounds import drawn_run
from tests.fakes.story import Story

BUILT_IN = Declared(
    settings={each.name: each.settings for each in built_in().values()},
    presets={"deep": "Deep", "classic": "Classic CoRT", "balanced": "Balanced"},
)
STEEP = (Way(value="steep_one", words="x"),)
OWN = Declared(
    settings={
        "own": (
            WholeSetting(name="rounds", default=None, low=1, high=9, words="rounds"),
            WholeSetting(name="judges", default=2, low=1, high=9, words="judges"),
            WholeSetting(name="batch", default=4, low=1, high=9, words="at once", noun="answers at once"),
            ChoiceSetting(
                name="belief", default="flat", ways=(Way(value="steep_one", words="x"),), words="x"
            ),
            SwitchSetting(name="shuffle", default=True, words="x"),
        )
    }
)


def words(strategy: str, declared: Declared, spec: dict[str, object]) -> str:
    lineup = {"proposer": (ModelRef("a/b"),)}
    story = Story(strategy=strategy, spec=RunSpec(lineup=lineup, **spec))  # type: ignore[arg-type]
    return plan_words(story.state(), declared)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("best_of_n", "Best of n"),
        ("ab_mcts", "AB-MCTS"),
        ("cort", "CoRT"),
        ("single", "No contest"),
        ("x", "X"),
    ],
)
def test_a_strategy_has_a_name_for_people(name: str, title: str) -> None:
    assert strategy_title(name) == title


def test_every_strategy_has_a_name_of_its_own() -> None:
    titles = [strategy_title(each.name) for each in built_in().values()]
    assert len(set(titles)) == len(titles)
    assert not any("_" in title or title != title.strip() for title in titles)


def test_a_preset_its_strategy_and_its_numbers_in_a_line() -> None:
    assert (
        plan_words(drawn_run().state(), BUILT_IN) == "Deep · Tournament · 3 rounds, 3 challengers, 3 judges"
    )


@pytest.mark.parametrize(
    ("strategy", "spec", "said"),
    [
        ("best_of_n", {"alternatives": 3, "judges": 1}, "Best of n · 3 answers, 1 judge"),
        ("cort", {"alternatives": 2, "judges": 1}, "CoRT · 2 challengers, 1 judge"),
        ("single", {}, "No contest"),
        ("council", {"alternatives": 4}, "Council · 4 members"),
        ("self_refine", {"rounds": 1, "judges": 1}, "Self refine · 1 mending, 1 judge"),
    ],
)
def test_what_was_set_is_told_in_the_words_it_is_declared_with(
    strategy: str, spec: dict[str, object], said: str
) -> None:
    assert words(strategy, BUILT_IN, spec) == said


def test_what_is_as_usual_is_told_of_the_numbers_alone() -> None:
    assert words("own", OWN, {}) == "Own · 2 judges"
    settings = {"batch": 1, "belief": "steep_one", "shuffle": False}
    said = words("own", OWN, {"rounds": 5, "judges": 3, "settings": settings})
    assert said == "Own · 5 rounds, 3 judges, 1 answer at once, belief steep one, no shuffle"


def test_a_strategy_that_is_no_longer_there_has_its_numbers_told() -> None:
    assert words("gone_by", Declared(), {"rounds": 2, "judges": 1}) == "Gone by · 2 rounds, 1 judge"


def test_a_preset_that_is_called_like_its_strategy_is_told_once() -> None:
    story = Story(strategy="balanced", preset="balanced")
    assert plan_words(story.state(), BUILT_IN).startswith("Balanced")
    assert plan_words(story.state(), BUILT_IN).count("Balanced") == 1
    assert settings_words(story.state(), BUILT_IN) in plan_words(story.state(), BUILT_IN)
