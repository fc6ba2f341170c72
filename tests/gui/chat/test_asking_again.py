from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox

from cort_desktop.gui.chat.strip import PricedButton
from cort_desktop.gui.ui import Ui
from cort_desktop.services.foresight import Forecast
from cort_desktop.services.planning import Ask
from tests.fakes.window import Gui, until
from tests.gui.chat.chatting import ask, chat_pane, confirm_price, last, quick_model, rest


def _question(pane: object) -> QMessageBox | None:
    found = pane.window().findChild(QMessageBox, "priceQuestion")  # type: ignore[attr-defined]
    assert found is None or isinstance(found, QMessageBox)
    return found


def test_another_answer_tells_its_price_first(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        async with chat_pane(ui) as pane:
            await ask(pane, "Why?")
            ui.actions["chat.regenerate"].trigger()
            ui.actions["chat.regenerate"].trigger()
            await until(lambda: _question(pane))
            box = _question(pane)
            assert box is not None
            assert len(pane.window().findChildren(QMessageBox)) == 1
            assert "calls · " in box.informativeText()
            assert "$" in box.informativeText()
            QTest.keyClick(box, Qt.Key.Key_Escape)
            await until(lambda: _question(pane) is None)
            assert pane.controller.questions.working is None
            assert not pane.controller.questions.is_starting
            last(pane).answer.offered.emit("again")
            assert "Answering again takes ≈ " in await confirm_price(pane)
            await until(lambda: pane.controller.questions.working is not None)
            await rest(pane)
            view = pane.controller.conversation.last
            assert view is not None
            assert len(view.runs) == 2

    gui.run(main, quick_model())


def test_what_is_free_is_not_asked_about_but_told(gui: Gui, monkeypatch: pytest.MonkeyPatch) -> None:
    async def main(ui: Ui) -> None:
        real = ui.app.chat.estimate

        async def free(question: Ask) -> Forecast:
            return replace(await real(question), cost_microusd=0)

        monkeypatch.setattr(ui.app.chat, "estimate", free)
        async with chat_pane(ui) as pane:
            turn = await ask(pane, "Why?")
            button = turn.findChild(PricedButton)
            assert button is not None
            button.pointed_at.emit()
            await until(lambda: "$0" in button.accessibleDescription())
            assert "$0" in button.toolTip()
            button.click()
            await until(lambda: pane.controller.questions.working is not None)
            assert _question(pane) is None
            await rest(pane)

    gui.run(main, quick_model())
