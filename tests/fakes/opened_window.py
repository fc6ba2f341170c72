"""The real window, opened as the program opens it, all but the nested loop that waits for its first paint."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from PySide6.QtCore import QObject

from cort_desktop.gui.opening import Opening
from cort_desktop.gui.single_instance import Wanted
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.window_state import WindowState
from tests.fakes.whole_window import at_rest, close_dialogs
from tests.fakes.window import until


@asynccontextmanager
async def opened(
    ui: Ui,
    data: Path,
    width: int | None = 1440,
    height: int = 900,
    *,
    wanted: str | None = None,
    files: tuple[Path, ...] = (),
) -> AsyncIterator[Opening]:
    """The opening of a window that is complete and at rest; ``width`` None: as it was restored."""
    switch_s = sys.getswitchinterval()
    owner = QObject()
    opening = Opening(ui, WindowState(data), owner, Wanted(conversation=wanted, files=files))
    window = opening.window
    if width is not None:
        window.resize(width, height)
    window.show()
    await opening.finish()
    await at_rest(ui)
    try:
        yield opening
    finally:
        for run in ui.app.chat.working():
            ui.app.chat.stop(run)
        await until(lambda: not ui.feeds.working(), "the end of all runs")
        close_dialogs()
        await ui.tasks.aclose()
        opening.page.wait()
        window.let_close()
        window.deleteLater()
        owner.deleteLater()
        await asyncio.sleep(0)
        gc.unfreeze()
        sys.setswitchinterval(switch_s)
