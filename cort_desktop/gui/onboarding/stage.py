"""Where a recording is chosen and begun. Who shows it is told by ``began``; one is on the stage at a time."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from cort_desktop.gui.onboarding.chooser import DemoChooser
from cort_desktop.gui.onboarding.demos import Demo, read_demos
from cort_desktop.gui.onboarding.recording import Recording
from cort_desktop.gui.ui import Ui


class Stage(QObject):
    """``began`` has a Recording that is about to play. Connects ``help.demo``."""

    began = Signal(object)

    def __init__(self, ui: Ui, window: QWidget) -> None:
        super().__init__(window)
        self._ui = ui
        self._window = window
        self._recording: Recording | None = None
        ui.actions.on("help.demo", self.choose)

    def choose(self) -> None:
        """Offer the recordings there are."""
        self._ui.tasks.start(self._choose(), name="read recorded runs")

    def play(self, demo: Demo) -> None:
        """Play a recording from its beginning, in the place of the one before."""
        before, self._recording = self._recording, Recording(self._ui, demo, self)
        self.began.emit(self._recording)
        self._recording.player.play()
        if before is not None:
            before.close()

    async def _choose(self) -> None:
        demos = await self._ui.tasks.offload(read_demos, self._ui.resources / "demos")
        chooser = DemoChooser(self._ui, demos, self._window)
        chooser.chosen.connect(self.play)
        chooser.open()
