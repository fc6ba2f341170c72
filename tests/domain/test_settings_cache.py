"""[cache]: defaults, every wrong value named, close matches."""

from __future__ import annotations

from typing import Any

import pytest

from cort_desktop.domain.settings import STAGES, CacheSettings
from cort_desktop.domain.settings_reading import Reading, read


def cache(**written: Any) -> Reading:
    return read({"cache": written})


def test_without_a_table_everything_is_kept_for_a_month() -> None:
    assert read({}).settings.cache == CacheSettings(enabled=True, megabytes=256, days=30, stages=STAGES)


def test_what_is_written_holds() -> None:
    found = cache(enabled=False, megabytes=5, days=2, stages=["judge", "proposer"])
    assert found.problems == ()
    assert found.settings.cache == CacheSettings(
        enabled=False, megabytes=5, days=2, stages=("proposer", "judge")
    )
    assert cache(stages=[]).settings.cache.stages == ()
    assert cache(stages="judge").settings.cache.stages == ("judge",)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"enabled": "yes"}, 'cache.enabled must be true or false, not "yes"'),
        ({"enabled": 1}, "cache.enabled must be true or false, not 1"),
        ({"megabytes": 0}, "cache.megabytes must be a whole number from 1 to 100000, not 0"),
        ({"megabytes": 10**9}, "cache.megabytes must be a whole number"),
        ({"days": 2.5}, "cache.days must be a whole number from 1 to 3650"),
        ({"days": True}, "cache.days must be a whole number"),
        ({"stages": ["judg"]}, 'cache.stages names "judg", which is unknown (did you mean "judge"?)'),
        ({"stages": ["person"]}, "cache.stages names"),
        ({"stages": 3}, "cache.stages must be a text or a list of texts"),
    ],
)
def test_what_is_wrong_is_named_and_its_default_holds(written: dict[str, Any], words: str) -> None:
    found = cache(**written)
    (problem,) = found.problems
    assert words in str(problem)
    assert found.settings.cache == CacheSettings()


def test_an_unknown_key_is_a_warning_with_the_close_match() -> None:
    found = cache(dais=3)
    (warning,) = found.warnings
    assert str(warning) == 'cache.dais is not known and has no effect (did you mean "days"?)'


def test_a_table_that_is_none_is_named() -> None:
    assert "must be a table" in str(read({"cache": True}).problems[0])
