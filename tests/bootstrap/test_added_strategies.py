"""Strategies of other packages: a real package on the path, with good and broken entries, told each with its
error wherever somebody meets it.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cort_desktop import bootstrap
from cort_desktop.bootstrap import Surroundings
from cort_desktop.bootstrap.added_strategies import all_strategies
from cort_desktop.engine.strategies import built_in
from cort_desktop.errors import UsageError
from cort_desktop.logs import Redactor
from cort_desktop.paths import Paths
from cort_desktop.services.planning import Ask

CODE = """
import os
from cort_desktop.domain.strategy_settings import SwitchSetting, WholeSetting
from cort_desktop.engine.strategies.single import Single

with open(os.environ["ADDED_STRATEGIES_LOADED"], "a") as mark:
    mark.write("x")

class Echo(Single):
    name = "echo"
    summary = "One answer, added."
    source = "A test."
    settings = (SwitchSetting(name="loud", default=False, words="in capitals"),)

class Taken(Single):
    pass

class Shapeless:
    name = summary = source = "shapeless"
    settings = ()
    def decide(self, state): return []

class Greedy(Single):
    name = "greedy"
    settings = (WholeSetting(name="model", default=1, low=0, high=2, words="a taken word"),)

class Misnamed(Single):
    name = "another"

class Explodes(Single):
    def __init__(self):
        raise RuntimeError("no licence\\n found")

class Ends(Single):
    def __init__(self):
        raise SystemExit(3)

instance = Echo()
instance.name = "as_instance"
"""
ENTRIES = """[cort_desktop.strategies]
echo = added_for_a_test:Echo
as_instance = added_for_a_test:instance
single = added_for_a_test:Taken
shapeless = added_for_a_test:Shapeless
greedy = added_for_a_test:Greedy
misnamed = added_for_a_test:Misnamed
explodes = added_for_a_test:Explodes
ends = added_for_a_test:Ends
missing = added_for_a_test_which_is_not_there:Nothing
absent = added_for_a_test:Nothing
"""
BROKEN = {
    "single": "has the name of one that is built in",
    "shapeless": "is no strategy: it lacks calls, depth, close",
    "greedy": 'declares a setting that can\'t be called "model"',
    "misnamed": 'calls itself "another"',
    "explodes": "could not be loaded (RuntimeError: no licence found)",
    "ends": "could not be loaded (RuntimeError: it wanted to end the program (3))",
    "missing": "could not be loaded (ModuleNotFoundError: No module named 'added_for_a_test_which",
    "absent": "could not be loaded (AttributeError:",
}


@pytest.fixture(autouse=True)
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package as pip leaves it behind; gives the file that its code leaves a mark in."""
    site = tmp_path / "site"
    info = site / "added_for_a_test-1.2.dist-info"
    info.mkdir(parents=True)
    (site / "added_for_a_test.py").write_text(CODE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: added-for-a-test\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text(ENTRIES)
    mark = tmp_path / "loaded"
    monkeypatch.setenv("ADDED_STRATEGIES_LOADED", str(mark))
    monkeypatch.syspath_prepend(site)
    yield mark
    sys.modules.pop("added_for_a_test", None)


def around(home: Path) -> Surroundings:
    environment = {"CORT_DESKTOP_HOME": str(home)}
    return Surroundings(
        paths=Paths.from_environment(environment), environment=environment, redactor=Redactor()
    )


def test_a_good_one_can_be_used_and_a_broken_one_says_why() -> None:
    shelf = all_strategies()
    assert [*shelf][: len(built_in())] == list(built_in())
    assert {*shelf} - {*built_in()} == {"echo", "as_instance"}
    assert len(shelf) == len(built_in()) + 2
    assert {each.name: each.package for each in shelf.added()} == dict.fromkeys(
        ("echo", "as_instance"), "added-for-a-test 1.2"
    )
    assert {each.name for each in shelf.unusable()} == set(BROKEN)
    for each in shelf.unusable():
        assert each.why.startswith(BROKEN[each.name]), each
        assert "added-for-a-test 1.2" in str(each)
        if each.name != "single":
            with pytest.raises(UsageError, match=f"The strategy {each.name} of the package added-for-a-test"):
                shelf[each.name]
    assert "nobody_has_it" not in shelf
    assert {"echo", "explodes"} <= {*shelf.declarations()}


def test_nothing_is_loaded_before_it_is_looked_at(package: Path) -> None:
    shelf = all_strategies()
    assert "cort" in shelf
    assert shelf["single"].name == "single"
    assert not package.exists()
    assert shelf["echo"].summary == "One answer, added."
    assert package.exists()


def test_two_packages_may_not_share_a_name(tmp_path: Path) -> None:
    info = tmp_path / "site" / "second_for_a_test-3.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: second-for-a-test\nVersion: 3\n")
    (info / "entry_points.txt").write_text("[cort_desktop.strategies]\necho = added_for_a_test:Echo\n")
    with pytest.raises(UsageError, match=r"has the same name as one of .*keep one of these packages"):
        all_strategies()["echo"]


def test_the_program_offers_it_and_tells_of_the_others(tmp_path: Path, package: Path) -> None:
    """In the pickers, in the settings file with its own setting, in ``doctor`` and in the settings window."""
    (tmp_path / "config.toml").write_text(
        '[defaults]\nloud = true\n[presets.mine]\nstrategy = "echo"\nloud = true\n'
        '[presets.bad]\nstrategy = "explodes"\n'
    )

    async def main() -> None:
        async with bootstrap.open_app(around(tmp_path), with_defaults=False) as app:
            assert app.notices == ()
            assert app.settings.now.presets["mine"].settings == {"loud": True}
            assert {info.name for info in app.chat.strategies()} >= {"echo", "as_instance", "cort"}
            assert "explodes" not in {info.name for info in app.chat.strategies()}
            assert len(app.chat.unusable_strategies()) == len(BROKEN)
            forecast = await app.chat.estimate(Ask(question="Why?", preset="mine"))
            assert (forecast.strategy, forecast.spec.settings) == ("echo", {"loud": True})
            for ask in (Ask(question="Why?", strategy="explodes"), Ask(question="Why?", preset="bad")):
                with pytest.raises(UsageError, match="no licence found"):
                    await app.chat.estimate(ask)
            report = await app.doctor.report()
            assert report["strategies"]["echo"] == {"package": "added-for-a-test 1.2"}
            assert "no licence found" in report["strategies"]["explodes"]["problem"]

    asyncio.run(main())
    assert package.exists()


def test_a_start_that_needs_none_of_them_loads_none(tmp_path: Path, package: Path) -> None:
    async def main() -> None:
        async with bootstrap.open_app(around(tmp_path), with_defaults=False) as app:
            forecast = await app.chat.estimate(Ask(question="Why?", strategy="single"))
            assert forecast.strategy == "single"

    asyncio.run(main())
    assert not package.exists()
