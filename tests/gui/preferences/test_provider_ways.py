"""What is written when a person changes how a provider is asked, read back by the settings' own reader."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from cort_desktop.domain.asking_ways import Efforts, Routing
from cort_desktop.domain.models import Effort
from cort_desktop.domain.settings import ProviderSettings, Settings
from cort_desktop.gui.preferences.provider_ways import effort_changes, routing_changes
from cort_desktop.storage.settings_file import SettingsFile

PLAIN = "[providers.openrouter]\n"


def written(file: Path, text: str) -> SettingsFile:
    file.write_text(text, encoding="utf-8")
    return SettingsFile(file)


def openrouter(settings: Settings) -> ProviderSettings:
    return settings.provider("openrouter")


def efforts(file: SettingsFile, *steps: tuple[str, Effort | None]) -> Efforts | None:
    settings = file.load().settings
    for model, effort in steps:
        settings = file.write(effort_changes(openrouter(settings), model, effort)).settings
    return openrouter(settings).efforts


@pytest.mark.parametrize(
    ("text", "steps", "outcome"),
    [
        (PLAIN, [("", "low")], Efforts(all="low")),
        (PLAIN, [("", "low"), ("", None)], None),
        (PLAIN, [("a/b", "high")], Efforts(each=(("a/b", "high"),))),
        (PLAIN, [("", "low"), ("a/b", "high")], Efforts(all="low", each=(("a/b", "high"),))),
        (PLAIN, [("", "low"), ("a/b", "high"), ("a/b", None)], Efforts(all="low")),
        (PLAIN, [("a/b", "high"), ("", "low"), ("", None)], Efforts(each=(("a/b", "high"),))),
        (PLAIN, [("a/b", "high"), ("a/b", None)], None),
    ],
)
def test_efforts_are_a_word_until_one_model_has_its_own(
    tmp_path: Path, text: str, steps: list[tuple[str, Effort | None]], outcome: Efforts | None
) -> None:
    file = written(tmp_path / "config.toml", text)
    assert efforts(file, *steps) == outcome
    assert not file.load().problems


def test_a_comment_beside_an_effort_stays(tmp_path: Path) -> None:
    text = '[providers.openrouter.reasoning]\n"*" = "low" # cheap\n"a/b" = "high" # hard\n'
    file = written(tmp_path / "config.toml", text)
    efforts(file, ("c/d", "max"))
    left = (tmp_path / "config.toml").read_text(encoding="utf-8")
    assert "# cheap" in left
    assert "# hard" in left


def test_routing_is_written_field_by_field_and_goes_when_nothing_is_left(tmp_path: Path) -> None:
    file = written(tmp_path / "config.toml", PLAIN)
    settings = file.load().settings
    for fields in (
        {"sort": "price"},
        {"ignore": ("One", "Two")},
        {"most_prompt_usd": Decimal("0.5")},
        {"zdr": True},
        {"allow_fallbacks": False},
    ):
        settings = file.write(routing_changes(openrouter(settings), **fields)).settings
    assert openrouter(settings).routing == Routing(
        sort="price",
        ignore=("One", "Two"),
        most_prompt_usd=Decimal("0.5"),
        zdr=True,
        allow_fallbacks=False,
    )
    for name in ("sort", "zdr", "allow_fallbacks", "most_prompt_usd"):
        settings = file.write(routing_changes(openrouter(settings), **{name: None})).settings
    settings = file.write(routing_changes(openrouter(settings), ignore=())).settings
    assert openrouter(settings).routing is None
    assert "routing" not in (tmp_path / "config.toml").read_text(encoding="utf-8")
    assert not file.load().problems
