"""Settings › Does it pay?: told before, agreed to, stoppable, and kept."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QCheckBox, QProgressBar, QPushButton

from cort_desktop.gui.preferences.pays_page import PaysPage
from cort_desktop.gui.preferences.pays_results import PaysCard
from cort_desktop.gui.preferences.settings_window import SettingsWindow
from cort_desktop.gui.ui import Ui
from cort_desktop.services import bench as bench_service
from tests.fakes.bench import SumSource, summing
from tests.fakes.window import Gui, gone, until


@pytest.fixture(autouse=True)
def _few_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cort_desktop.adapters.reasoning_tasks.ReasoningTasks", SumSource)
    monkeypatch.setattr(
        bench_service.BenchService.check_setup,
        "__kwdefaults__",
        {"presets": ("quick",), "items": 6, "seed": 1},
    )


def opened(ui: Ui) -> tuple[SettingsWindow, PaysPage]:
    window = SettingsWindow(ui)
    window.show_page("pays")
    window.resize(900, 700)
    window.show()  # without handling events at once, which would step into the task that reads the checks
    page = window.page
    assert isinstance(page, PaysPage)
    for name in ("balanced", "deep"):
        tick = page.findChild(QCheckBox, f"settingsPaysPreset-{name}")
        assert tick is not None
        tick.click()
    return window, page


async def closed(ui: Ui, window: SettingsWindow) -> None:
    """Close it when nothing is at work: closing handles events, which must not step into other tasks."""
    await until(lambda: not ui.tasks.names)
    gone(window)


def pressed(page: PaysPage, name: str) -> QPushButton:
    found = page.findChild(QPushButton, f"settingsPays{name}")
    assert found is not None
    assert found.isVisible()
    found.click()
    return found


def test_a_check_is_told_agreed_to_and_its_finding_stays(gui: Gui) -> None:
    model = summing(seconds=0.0)

    async def main(ui: Ui) -> None:
        window, page = opened(ui)
        pressed(page, "Look")
        await until(lambda: page._control.wanted is not None)
        await until(lambda: "6 questions" in page._state.words.text(), page._state.words.text())
        assert not model.requests
        pressed(page, "Start")
        await until(lambda: page.findChildren(PaysCard))
        (card,) = page.findChildren(PaysCard)
        assert card.accessibleName() == "fake/model"
        assert "There is nothing to gain" in page.words
        await closed(ui, window)

    gui.run(main, model=model)

    async def later(ui: Ui) -> None:
        window, page = opened(ui)
        await until(lambda: page.findChildren(PaysCard))
        await closed(ui, window)

    gui.run(later, model=model)


def test_it_can_be_declined_and_stopped_and_gone_on_with(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        window, page = opened(ui)
        pressed(page, "Look")
        await until(lambda: page._control.wanted is not None)
        await until(page._leave.isVisible)
        pressed(page, "Leave")
        await until(page._look.isVisible)
        pressed(page, "Look")
        await until(page._start.isVisible)
        pressed(page, "Start")
        await until(lambda: page._control.progress is not None and page._control.progress.done > 2)
        await until(page._stop.isVisible)
        bar = page.findChild(QProgressBar, "settingsPaysProgress")
        assert bar is not None
        await until(lambda: bar.value() > 0)
        pressed(page, "Stop")
        await until(lambda: not page._control.is_working)
        page._control.forget()
        assert page._control.wanted is None
        await until(page._look.isVisible)
        pressed(page, "Look")
        await until(page._start.isVisible)
        assert page._start.text() == "Go on with the check"
        await closed(ui, window)

    gui.run(main, model=summing(seconds=0.05))


def test_what_is_wrong_is_said_on_the_page(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        window, page = opened(ui)
        page._model.setEditText("nowhere/model")
        pressed(page, "Look")
        await until(lambda: page._control.problem)
        await until(lambda: "nowhere" in page._state.words.text())
        assert not page._start.isVisible()
        await closed(ui, window)

    gui.run(main)
