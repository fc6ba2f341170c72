"""What is built of the program, and when."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from cort_desktop import bootstrap
from cort_desktop.bootstrap import STRATEGIES, Building, Surroundings
from cort_desktop.engine.strategies import built_in
from cort_desktop.errors import SettingsError
from cort_desktop.logs import Redactor
from cort_desktop.paths import Paths


def around(home: Path) -> Surroundings:
    environment = {"CORT_DESKTOP_HOME": str(home)}
    return Surroundings(
        paths=Paths.from_environment(environment), environment=environment, redactor=Redactor()
    )


def test_a_settings_file_may_name_the_strategies_there_are() -> None:
    assert tuple(built_in()) == STRATEGIES


def test_each_service_is_made_once(tmp_path: Path) -> None:
    async def main() -> None:
        async with bootstrap.open_app(around(tmp_path), with_defaults=False) as app:
            assert app.chat is app.chat
            assert app.preferences is app.preferences
            assert app.attachments is app.attachments
            assert app.doctor is app.doctor
            assert app.preferences.settings is app.settings.now

    asyncio.run(main())


def test_the_first_page_can_be_read_before_there_is_a_loop(tmp_path: Path) -> None:
    built = Building(around(tmp_path), with_defaults=True)
    assert built.app.library.first_page(10) == []
    asyncio.run(built.aclose())


def test_a_change_reaches_every_service(tmp_path: Path) -> None:
    async def main() -> None:
        async with bootstrap.open_app(around(tmp_path), with_defaults=False) as app:
            heard: list[int] = []
            app.settings.on_change(lambda settings: heard.append(settings.appearance.text_size))
            await app.preferences.change({("appearance", "text_size"): 120})
            assert heard == [120]
            assert app.settings.now.appearance.text_size == 120
            assert app.preferences.settings.appearance.text_size == 120

    asyncio.run(main())


@pytest.mark.parametrize("with_defaults", [True, False])
def test_a_wrong_settings_file_is_a_notice_or_the_end(tmp_path: Path, with_defaults: bool) -> None:
    (tmp_path / "config.toml").write_text('[defaults]\nstrategy = "nonsense"\n', encoding="utf-8")
    if not with_defaults:
        with pytest.raises(SettingsError, match="nonsense"):
            Building(around(tmp_path), with_defaults=False)
        return
    built = Building(around(tmp_path), with_defaults=True)
    assert any("nonsense" in words for words in built.app.notices)
    asyncio.run(built.aclose())
