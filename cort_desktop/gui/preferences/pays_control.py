"""Checks whether thinking harder pays on a model: what one would take, the one at work, those there are.

Has no widgets. A check goes on when the settings window is closed, and says so when it has ended.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from cort_desktop.domain.bench import Setup
from cort_desktop.domain.bench_advice import advices
from cort_desktop.domain.ids import ModelRef
from cort_desktop.errors import CortError
from cort_desktop.gui.ui import Ui
from cort_desktop.telling import bench_words

if TYPE_CHECKING:
    from cort_desktop.services.bench_estimate import BenchEstimate
    from cort_desktop.services.bench_run import Progress
    from cort_desktop.services.check_folder import Checked


class PaysControl(QObject):
    """``changed`` follows everything that is to be shown anew; ``checked`` a check that has ended or was
    found.

    wanted: the setup whose ``estimate`` is told and that ``start`` would begin. problem: why the last wish
    came to nothing.
    """

    changed = Signal()
    checked = Signal()

    def __init__(self, ui: Ui, parent: QObject) -> None:
        super().__init__(parent)
        self._ui = ui
        self._work: asyncio.Task[object] | None = None
        self._looking: asyncio.Task[object] | None = None
        self.wanted: Setup | None = None
        self.estimate: BenchEstimate | None = None
        self.goes_on = False
        self.progress: Progress | None = None
        self.problem = ""
        self.was_stopped = False
        self.checks: tuple[Checked, ...] = ()

    @property
    def is_working(self) -> bool:
        """Whether a check is at work."""
        return self._work is not None

    @property
    def is_looking(self) -> bool:
        """Whether it is being found out what a check would take."""
        return self._looking is not None

    def refresh(self) -> None:
        """Read the checks there are."""
        self._ui.tasks.start(self._refresh(), name="read checks", failed=self._failed)

    def look(self, model: str, presets: tuple[str, ...]) -> None:
        """Find out what a check of ``model`` would take."""
        if self.is_working or self.is_looking:
            return
        self.problem, self.was_stopped = "", False
        self._looking = self._ui.tasks.start(
            self._look(ModelRef(model), presets), name="estimate a check", failed=self._failed
        )
        self.changed.emit()

    def forget(self) -> None:
        """The person doesn't want it after all, or wants another one."""
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
        self.wanted = self.estimate = None
        self.problem, self.was_stopped = "", False
        self.changed.emit()

    def start(self) -> None:
        """Begin the check that was looked at, or go on with it."""
        if self.wanted is None or self.is_working:
            return
        self._work = self._ui.tasks.start(
            self._check(self.wanted), name="check whether thinking pays", failed=self._failed
        )
        self.changed.emit()

    def stop(self) -> None:
        """Stop; what was answered is kept."""
        if self._work is not None:
            self._work.cancel()

    async def _look(self, model: ModelRef, presets: tuple[str, ...]) -> None:
        bench = self._ui.app.bench
        try:
            setup = bench.check_setup(model, presets=presets)
            self.estimate = await bench.estimate(setup)
            self.goes_on = await self._ui.tasks.offload(bench.is_begun, setup)
            self.wanted = setup
        finally:
            if self._looking is asyncio.current_task():  # else it was forgotten, and maybe another one asked
                self._looking = None
            self.changed.emit()

    async def _check(self, setup: Setup) -> None:
        self.progress = None
        try:
            checked = await self._ui.app.bench.check(setup, self._show)
            self.wanted = self.estimate = None
            await self._refresh()
            words = bench_words.finding_words(advices(checked.recorded)[0])
            self._ui.notices.say(f"{setup.model}: {words}", "good")
        except asyncio.CancelledError:
            self.was_stopped = True
            raise
        finally:
            self._work = None
            self.progress = None
            self.changed.emit()

    def _show(self, progress: Progress) -> None:
        self.progress = progress
        self.changed.emit()

    async def _refresh(self) -> None:
        self.checks = await self._ui.app.bench.checks()
        self.checked.emit()

    def _failed(self, error: CortError) -> None:
        self.problem = str(error)
        self.wanted = self.estimate = None
        self.changed.emit()
