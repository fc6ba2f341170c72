"""The section "Judging" at the foot of "Why it won": there where somebody judged."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel

from cort_desktop.gui.rounds.judging_section import JudgingSection
from cort_desktop.gui.rounds.why_pane import WhyPane
from cort_desktop.gui.ui import Ui
from tests.fakes.contest import contest
from tests.fakes.looking import looking_at, on_screen, words
from tests.fakes.story import Story
from tests.fakes.window import Gui

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # the platform without a screen has no frames


def test_it_tells_how_far_the_judges_can_be_believed(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        pane = WhyPane(ui, looking_at(ui, contest(), "R2.A3"))
        with on_screen(pane):
            section = pane.findChild(JudgingSection)
            assert section is not None
            said = words(section)
            assert said[:2] == ["Judging", "5 verdicts read, 1 abstained (indicator: fewer than 30 verdicts)"]
            assert said[2] == "agreement"
            assert "shown first" in said
            told = section.findChildren(QLabel)
            assert any(label.accessibleName().startswith("agreement: ") for label in told)
            assert any("1 the same" in label.toolTip() for label in told)

    gui.run(main)


def test_where_nobody_judged_there_is_none(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        story = (
            Story(strategy="single")
            .start("D")
            .finish("D", "Blue.")
            .end("one", "One was asked for.", answer="D")
        )
        pane = WhyPane(ui, looking_at(ui, story, "D"))
        with on_screen(pane):
            assert pane.findChild(JudgingSection) is None

    gui.run(main)
