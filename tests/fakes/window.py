"""A window's surroundings for tests: the real services over a real database, every model a scripted one.

``Gui.run`` opens them on a real qasync loop, hands a ``Ui`` to the test, closes all and looks for what was
left behind.
"""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget
from qasync import QEventLoop
from shiboken6 import isValid

from cort_desktop import bootstrap
from cort_desktop.bootstrap import Surroundings
from cort_desktop.domain.ids import ModelRef
from cort_desktop.engine.lineup import ModelHandle
from cort_desktop.errors import CortError
from cort_desktop.gui.actions import Actions
from cort_desktop.gui.notices import Notices
from cort_desktop.gui.pulse import Pulse
from cort_desktop.gui.run_feeds import RunFeeds
from cort_desktop.gui.tasks import Tasks
from cort_desktop.gui.theme import Theme
from cort_desktop.gui.ui import Ui
from cort_desktop.logs import Redactor
from cort_desktop.paths import Paths
from tests.fakes.models import ScriptedModel, good_model, handle

RESOURCES = Path(__file__).parents[2] / "resources"
CONFIG = """[defaults]
model = "fake/model"
strategy = "cort"
rounds = 2
alternatives = 2
judges = 1
[providers.fake]
kind = "openai"
base_url = "http://127.0.0.1:9/v1"
models = ["model"]
"""
PATIENCE_S = 20.0


class WallClock:
    """The Clock of a real loop."""

    def now(self) -> Any:
        from datetime import UTC, datetime

        return datetime.now(UTC)

    def monotonic(self) -> float:
        return asyncio.get_event_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


async def until(holds: Callable[[], object], what: str = "") -> None:
    """Let the window work until something holds; fails after a long while."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110 - it waits for what widgets show, which no event tells
            await asyncio.sleep(0.01)
    assert holds(), what


class Gui:
    """Runs a test's coroutine in a window's surroundings."""

    def __init__(self, app: QApplication, home: Path, patch: pytest.MonkeyPatch) -> None:
        self.app = app
        self.home = home
        self.theme = Theme(app, RESOURCES)
        self.theme.has_motion = False
        self.errors: list[CortError] = []
        self._patch = patch

    def run(
        self,
        main: Callable[[Ui], Coroutine[Any, Any, None]],
        model: ScriptedModel | None = None,
        config: str = CONFIG,
    ) -> None:
        """Open the services in ``home``, await ``main(ui)``, close them, and look for left-overs."""
        before = set(QApplication.allWidgets())
        timers = _active_timers()
        loop = QEventLoop(self.app)
        asyncio.set_event_loop(loop)
        surprises: list[dict[str, Any]] = []
        loop.set_exception_handler(lambda _loop, context: surprises.append(context))
        try:
            loop.run_until_complete(self._main(main, model or good_model(), config))
        finally:
            loop.close()
            asyncio.set_event_loop(None)
        flush_deletions()
        assert not surprises, f"lost errors: {surprises}"
        assert not self.errors, f"errors nobody took: {self.errors}"
        left = [each for each in QApplication.allWidgets() if each not in before and isValid(each)]
        assert not left, f"left-over widgets: {[_words(each) for each in left]}"
        ticking = _active_timers() - timers
        assert not ticking, f"left-over timers: {ticking}"

    async def _main(
        self, main: Callable[[Ui], Coroutine[Any, Any, None]], model: ScriptedModel, config: str
    ) -> None:
        async with self.opened(model, config) as ui:
            await main(ui)
        await asyncio.sleep(0)
        left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        assert not left, f"left-over tasks: {left}"

    @asynccontextmanager
    async def opened(self, model: ScriptedModel, config: str = CONFIG) -> AsyncIterator[Ui]:
        """A Ui over the services in ``home``."""
        plain = handle(model)

        def fake(_models: object, ref: ModelRef) -> ModelHandle:
            return ModelHandle(profile=replace(plain.profile, ref=ref), chat=model)

        self._patch.setattr("cort_desktop.bootstrap.models.Models.handle", fake)
        self._patch.setattr("cort_desktop.bootstrap.models.Models.itself", fake)
        self._patch.setattr("cort_desktop.bootstrap.models.Models.alone", lambda _models, _ref: model)
        self.home.mkdir(parents=True, exist_ok=True)
        file = self.home / "config.toml"
        if not file.exists():
            file.write_text(config, encoding="utf-8")
        environment = {**os.environ, "CORT_DESKTOP_HOME": str(self.home)}
        around = Surroundings(
            paths=Paths.from_environment(environment), environment=environment, redactor=Redactor()
        )
        owner = QObject()
        async with bootstrap.open_app(around, with_defaults=True) as app:
            clock = WallClock()
            pulse = Pulse(owner)
            tasks = Tasks(self.errors.append, asyncio.get_running_loop())
            yield Ui(
                app=app,
                theme=self.theme,
                pulse=pulse,
                tasks=tasks,
                actions=Actions(self.theme, owner),
                notices=Notices(owner),
                feeds=RunFeeds(app, pulse, clock, owner),
                clock=clock,
                resources=RESOURCES,
            )
            await tasks.aclose()
        owner.deleteLater()


def shown(widget: QWidget, width: int = 900, height: int = 700) -> QWidget:
    """Show a widget off screen in that size; the test closes it with ``gone``."""
    widget.resize(width, height)
    widget.show()
    QApplication.processEvents()
    return widget


def gone(*widgets: QWidget) -> None:
    """Close widgets and have them really deleted."""
    for widget in widgets:
        widget.close()
        widget.deleteLater()
    flush_deletions()


def flush_deletions() -> None:
    """Have everything deleted that waits for it."""
    for _ in range(3):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents()
    gc.collect()


def _active_timers() -> set[QTimer]:
    return {each for each in gc.get_objects() if type(each) is QTimer and isValid(each) and each.isActive()}


def _words(widget: QWidget) -> str:
    return f"{type(widget).__name__}({widget.objectName() or widget.accessibleName()})"


Main = Callable[[Ui], Awaitable[None]]
