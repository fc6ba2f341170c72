"""The forms of wishes, as far as they are more than fields."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QListWidget, QWidget

from cort_desktop.domain.ids import NodeName
from cort_desktop.gui.rounds.wish_forms import RankForm
from cort_desktop.gui.ui import Ui
from tests.fakes.contest import crowd
from tests.fakes.window import Gui, gone, shown

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # the platform without a screen has no frames


def test_everyone_of_a_large_round_can_be_ranked(gui: Gui) -> None:
    async def main(_ui: Ui) -> None:
        kept: list[tuple[tuple[NodeName, ...], ...]] = []
        parent = QWidget()
        shown(parent)
        form = RankForm(crowd(1, 40).state(), 1, kept.append, parent)
        form.open()
        listed = form.findChild(QListWidget)
        assert listed is not None
        letters = [listed.item(at).text().partition(" ")[0] for at in range(listed.count())]
        assert [letters[at] for at in (0, 25, 26, 40)] == ["A", "Z", "AA", "AO"]
        form.accept()
        assert {name for (name,) in kept[0]} == {"D", *(f"R1.A{number}" for number in range(1, 41))}
        gone(parent)

    gui.run(main)
