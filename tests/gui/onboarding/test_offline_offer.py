"""The built-in model's file is not there: told before the first question, fetched on request, stoppable."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cort_desktop.domain.ids import ModelRef
from cort_desktop.errors import ProviderError
from cort_desktop.gui.notices import Notice
from cort_desktop.gui.onboarding.offline_offer import BAR, OfflineOffer
from cort_desktop.gui.ui import Ui
from cort_desktop.services.preferences import OfflineModel
from tests.fakes.window import Gui, until

CONFIG = "[defaults]\n"
MB = 1_000_000


class Files:
    """The model's file as the services tell of it, and an installer that a test lets go on."""

    def __init__(self, ui: Ui, condition: Any) -> None:
        self.condition = condition
        self.asked: list[str] = []
        self.progress: Callable[[int, int], None] | None = None
        self.outcome: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        ui.app.preferences.offline_models = self.models  # type: ignore[method-assign]
        ui.app.preferences.install_model = self.install  # type: ignore[method-assign]

    async def models(self) -> list[OfflineModel]:
        return [
            OfflineModel(
                name="smollm2-135m",
                title="SmolLM2 135M Instruct",
                words="",
                licence="",
                bytes=98 * MB,
                condition=self.condition,
                path=Path("somewhere"),
            )
        ]

    async def install(self, name: str, progress: Callable[[int, int], None]) -> ModelRef:
        self.asked.append(name)
        self.progress = progress
        await self.outcome
        return ModelRef(f"builtin/{name}")


def _choose(bar: Notice, words: str) -> None:
    [offer] = [each for each in bar.offers if each.text.startswith(words)]
    offer.call()


async def _offered(ui: Ui, files: Files) -> Notice:
    OfflineOffer(ui, ui.notices).look()
    await until(lambda: BAR in ui.notices.bars)
    assert files.asked == []
    return ui.notices.bars[BAR]


def test_it_is_fetched_with_progress(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        files = Files(ui, "missing")
        bar = await _offered(ui, files)
        assert "SmolLM2 135M Instruct" in bar.text
        assert "not installed" in bar.text
        said: list[Notice] = []
        ui.notices.said.connect(said.append)
        _choose(bar, "Install (")
        await until(lambda: files.progress is not None)
        assert files.progress is not None
        assert "0 %" in ui.notices.bars[BAR].text
        told = set()
        for done in range(98):
            files.progress(done * MB, 98 * MB)
            told.add(ui.notices.bars[BAR].text)
        assert len(told) == 10
        assert any("50 %" in words for words in told)
        files.outcome.set_result(None)
        await until(lambda: BAR not in ui.notices.bars)
        assert [each.kind for each in said] == ["good"]

    gui.run(main, config=CONFIG)


def test_a_failure_stands_in_the_bar_and_can_be_tried_again(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        files = Files(ui, "damaged")
        bar = await _offered(ui, files)
        assert "damaged" in bar.text
        _choose(bar, "Install (")
        await until(lambda: bool(files.asked))
        files.outcome.set_exception(ProviderError("The package index can't be reached.", kind="offline"))
        await until(lambda: ui.notices.bars[BAR].kind == "bad")
        assert ui.notices.bars[BAR].text == "The package index can't be reached."
        files.outcome = asyncio.get_running_loop().create_future()
        await until(lambda: not ui.tasks.names)
        _choose(ui.notices.bars[BAR], "Try again")
        await until(lambda: len(files.asked) == 2)
        files.outcome.set_result(None)
        await until(lambda: BAR not in ui.notices.bars)

    gui.run(main, config=CONFIG)


def test_it_can_be_stopped(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        files = Files(ui, "missing")
        _choose(await _offered(ui, files), "Install (")
        await until(lambda: bool(files.asked))
        _choose(ui.notices.bars[BAR], "Stop")
        await until(lambda: not ui.tasks.names)
        assert ui.notices.bars[BAR].kind == "warn"
        assert [each.text[:9] for each in ui.notices.bars[BAR].offers] == ["Install ("]

    gui.run(main, config=CONFIG)


@pytest.mark.parametrize(
    ("condition", "config"),
    [
        ("sound", CONFIG),
        ("unchecked", CONFIG),
        (
            "missing",
            '[defaults]\nmodel = "mine/m"\n[providers.mine]\nkind = "openai"\nbase_url = "http://127.0.0.1:9/v1"\n',
        ),
    ],
)
def test_nothing_is_said_where_nothing_is_missing(gui: Gui, condition: str, config: str) -> None:
    async def main(ui: Ui) -> None:
        Files(ui, condition)
        OfflineOffer(ui, ui.notices).look()
        assert ui.tasks.names
        await until(lambda: not ui.tasks.names)
        assert ui.notices.bars == {}

    gui.run(main, config=config)
