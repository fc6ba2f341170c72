"""The pane "Why it won" in a real window: real widgets, read aloud, links to nodes, rounds, dialogs."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QAbstractItemModel, Qt, QUrl
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QProgressBar, QPushButton, QToolButton

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import NodeName
from cort_desktop.gui.rounds.heat_model import HEAT, SHORT, TableModel
from cort_desktop.gui.rounds.heat_table import HeatTable
from cort_desktop.gui.rounds.judge_card import JudgeCard
from cort_desktop.gui.rounds.node_text import NodeText
from cort_desktop.gui.rounds.text_dialog import LONGEST_LINE, MOST_CHARACTERS, TextDialog, displayable
from cort_desktop.gui.rounds.why_facts import why_of
from cort_desktop.gui.rounds.why_pane import WhyPane
from cort_desktop.gui.rounds.why_values import Table, TableRow
from cort_desktop.gui.selection import Selection
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import Segments
from tests.fakes.contest import contest
from tests.fakes.item_models import under_tester
from tests.fakes.looking import beat, fed, looking_at, on_screen, words
from tests.fakes.story import Story, n
from tests.fakes.window import Gui

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # the platform without a screen has no frames


def table_of(pane: WhyPane) -> HeatTable:
    found = pane.findChild(HeatTable)
    assert found is not None
    return found


def spoken(model: QAbstractItemModel, row: int, column: int) -> str:
    return model.index(row, column).data(Qt.ItemDataRole.AccessibleTextRole)


def test_it_shows_headline_chips_and_a_table_that_can_be_read_aloud(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        pane = WhyPane(ui, looking_at(ui, contest(), "R2.A3"))
        with on_screen(pane):
            assert (pane.objectName(), pane.accessibleName()) == ("whyPane", "Why it won")
            assert words(pane)[:3] == ["R2.A3 won", "2 of 3 judges", "unstable: order changed the outcome"]
            cells = table_of(pane).cells
            under_tester(cells, TableModel, pane)
            assert [cells.headerData(at, Qt.Orientation.Horizontal) for at in range(6)] == [
                "", "Correct", "Complete", "On task", "Clear", "Rank",
            ]  # fmt: skip
            assert cells.index(0, 1).data() == "9"
            assert cells.index(1, 0).data() == "R1.A2 (incumbent)"
            assert spoken(cells, 0, 1) == "R2.A3, correctness: 9 of 10, the mean of 2 judges"
            assert spoken(cells, 0, 0) == "R2.A3, winner of the round, judges’ preference 0.89"
            assert spoken(cells, 3, 5) == "R2.A1, rank 4"

    gui.run(main)


def test_where_there_is_little_room_the_names_say_less_and_the_heads_all(gui: Gui) -> None:
    """“Co… Co… On… Cl…” stood there in a window of 1024 pixels."""

    async def main(ui: Ui) -> None:
        pane = WhyPane(ui, looking_at(ui, contest(), "R2.A3"))
        with on_screen(pane):
            table = table_of(pane)
            header = table.horizontalHeader()
            metrics = QFontMetrics(ui.theme.font("tiny"))
            wide = table.sizeHintForColumn(0)
            for width, cuts_names in ((900, False), (328, True)):
                pane.resize(width, 500)
                QApplication.processEvents()
                sizes = [header.sectionSize(at) for at in range(6)]
                for at in range(1, 6):
                    head = table.cells.headerData(at, Qt.Orientation.Horizontal)
                    assert sizes[at] >= metrics.horizontalAdvance(head), (width, head)
                assert sum(sizes) <= table.viewport().width(), width
                assert (sizes[0] < wide) == cuts_names
            assert header.sectionSize(2) > header.sectionSize(4)  # each as wide as its word
            assert table.cells.index(1, 0).data(SHORT) == "R1.A2"
            assert table.cells.index(0, 0).data(SHORT) == "R2.A3 ★"

    gui.run(main)


def test_a_higher_score_is_warmer(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        model = TableModel()
        model.show(why_of(contest().state(), 2).table, by_judge=False)
        heats = [model.index(row, 1).data(HEAT) for row in range(4)]
        assert heats == sorted(heats, reverse=True)
        assert heats[0] > heats[-1]
        assert model.index(0, 0).data(HEAT) is None

    gui.run(main)


def test_ranks_by_judge_are_one_click_away(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        pane = WhyPane(ui, looking_at(ui, contest(), "R2.A3"))
        with on_screen(pane):
            choice = pane.findChild(Segments)
            assert choice is not None
            QTest.mouseClick(choice.segment(1), Qt.MouseButton.LeftButton)
            cells = table_of(pane).cells
            assert [cells.headerData(at, Qt.Orientation.Horizontal) for at in (1, 2, 3)] == [
                "J2!",
                "J1",
                "J3",
            ]
            assert [cells.index(0, at).data() for at in (1, 2, 3, 4)] == ["2", "1", "1", "1"]
            assert spoken(cells, 0, 1) == "R2.A3, rank 2 by R2.J2"

    gui.run(main)


def test_dissent_is_visible_first(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        pane = WhyPane(ui, looking_at(ui, contest(), "R2.A3"))
        with on_screen(pane, height=900):
            cards = sorted(pane.findChildren(JudgeCard), key=lambda card: card.y())
            assert [card.said.node for card in cards] == ["R2.J2", "R2.J1", "R2.J3"]
            texts = [text.toPlainText() for text in cards[0].findChildren(NodeText)]
            assert texts[0] == "Dissent: R2.J2 preferred R2.A1"
            assert texts[1] == "“Short and right: R2.A1.”"
            assert "saw order R1.A2 · R2.A1" in texts[2]
            assert all(
                text.height() >= text.document().size().height() - 1
                for text in cards[0].findChildren(NodeText)
            )

    gui.run(main)


def test_a_name_in_a_reason_selects_its_node_and_the_round_stays(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        selection = looking_at(ui, contest(), "R2.A3")
        pane = WhyPane(ui, selection)
        with on_screen(pane):
            reason = next(t for t in pane.findChildren(NodeText) if t.accessibleName() == "Reason of R2.J1")
            assert reason.focusPolicy() == Qt.FocusPolicy.StrongFocus
            reason.setFocus()
            QTest.keyClick(reason, Qt.Key.Key_Tab)
            QTest.keyClick(reason, Qt.Key.Key_Return)
            assert selection.node == "R1.A2"
            beat(ui)
            assert words(pane)[0] == "R2.A3 won"
            selection.select(n("R1.A1"))
            beat(ui)
            assert words(pane)[0] == "R1.A2 won round 1"

    gui.run(main)


def test_a_row_of_the_table_selects_its_node(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        selection = looking_at(ui, contest(), "R2.A3")
        pane = WhyPane(ui, selection)
        with on_screen(pane):
            table = table_of(pane)
            place = table.visualRect(table.cells.index(3, 0)).center()
            QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
            assert selection.node == "R2.A1"

    gui.run(main)


@pytest.mark.reliability(54)
def test_other_addresses_lead_nowhere(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        text = NodeText(ui.theme, "Reason")
        chosen: list[str] = []
        text.node_chosen.connect(chosen.append)
        with on_screen(text):
            for address in ("https://example.org", "file:///etc/passwd", "javascript:alert(1)"):
                text.anchorClicked.emit(QUrl(address))
            text.anchorClicked.emit(QUrl("cort-node:R1.A2"))
        assert chosen == ["R1.A2"]

    gui.run(main)


@pytest.mark.reliability(52, 53)
def test_what_looks_like_html_is_shown_as_it_is(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        story = Story().start("D", "draft").start("R1.A1").wait(1).finish("D", "a").finish("R1.A1", "b")
        story.start("R1.J1", role="judge").finish("R1.J1", "x")
        evil = '<img src="file:///etc/passwd"><b>bold</b> <a href="https://x.example">R1.A1</a>'
        story.verdict("R1.J1", [["D"], ["R1.A1"]], reason=evil, critique=evil, flaws={n("D"): evil}, raw=evil)
        pane = WhyPane(ui, looking_at(ui, story, "D"))
        with on_screen(pane):
            said = [text.toPlainText() for text in pane.findChildren(NodeText)]
            assert f"“{evil}”" in said
            assert f"Fatal flaw of D: {evil}" in said

    gui.run(main)


def test_the_arrows_go_to_the_other_round(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        pane = WhyPane(ui, looking_at(ui, contest(), "R2.A3"))
        with on_screen(pane):
            back = next(b for b in pane.findChildren(QToolButton) if b.accessibleName() == "Previous round")
            on = next(b for b in pane.findChildren(QToolButton) if b.accessibleName() == "Next round")
            assert (back.isEnabled(), on.isEnabled()) == (True, False)
            QTest.mouseClick(back, Qt.MouseButton.LeftButton)
            beat(ui)
            assert words(pane)[0] == "R1.A2 won round 1"
            assert "round 1 of 2" in words(pane)

    gui.run(main)


def test_the_raw_reply_is_one_click_away_and_plain(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        pane = WhyPane(ui, looking_at(ui, contest(), "R1.A2"))
        with on_screen(pane, height=900):
            raw = next(
                b for b in pane.findChildren(QPushButton) if b.accessibleName() == "Raw reply of R1.J3"
            )
            QTest.mouseClick(raw, Qt.MouseButton.LeftButton)
            dialog = pane.findChild(TextDialog)
            assert dialog is not None
            assert dialog.isVisible()
            assert dialog.field.toPlainText() == "I like them all."
            QTest.keyClick(dialog, Qt.Key.Key_Escape)
            beat(ui)
            assert pane.findChild(TextDialog) is None

    gui.run(main)


def test_nothing_is_built_anew_while_nothing_it_says_changes(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        story = contest()
        selection = looking_at(ui, story, "R2.A3")
        pane = WhyPane(ui, selection)
        with on_screen(pane):
            before = table_of(pane)
            feed = selection.feed
            assert feed is not None
            later = Story()
            later._seq = len(story.events)
            feed.show(later.add(ev.UserEvent(verb="worth", n=1)).events[-1])
            beat(ui)
            assert table_of(pane) is before

    gui.run(main)


def test_it_follows_a_run_live_and_sleeps_while_hidden(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        story = contest()
        feed = fed(ui, story, 30)
        selection = Selection()
        selection.show(feed)
        pane = WhyPane(ui, selection)
        with on_screen(pane):
            assert pane.shown is not None
            assert pane.shown.headline != "R2.A3 won"
            pane.hide()
            feed.show_all(story.events[30:])
            beat(ui)
            assert pane.shown.headline != "R2.A3 won"
            pane.show()
            selection.select(n("R2.A3"))
            beat(ui)
            assert words(pane)[0] == "R2.A3 won"

    gui.run(main)


def test_votes_are_bars_with_words(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        story = Story(strategy="self_consistency")
        for index in range(1, 4):
            story.start(f"R1.A{index}", "sample").finish(f"R1.A{index}", "It is 42")
        answers: dict[NodeName, str | None] = {n("R1.A1"): "42", n("R1.A2"): "42", n("R1.A3"): "41"}
        story.add(ev.Vote(round=1, answers=answers, tally={"42": 2, "41": 1}, confidence=0.9))
        story.add(ev.Check(node=n("R1.A1"), verifier="python", passed=True, detail="3 of 3 tests"))
        pane = WhyPane(ui, looking_at(ui, story, "R1.A1"))
        with on_screen(pane):
            bars = pane.findChildren(QProgressBar)
            assert [(bar.accessibleName(), bar.value(), bar.maximum()) for bar in bars] == [
                ("42", 2, 3),
                ("41", 1, 3),
            ]
            assert "2 of 3" in words(pane)
            assert "Probability that more samples keep the lead: 90.0%." in words(pane)
            checks = [text.toPlainText() for text in pane.findChildren(NodeText)]
            assert "R1.A1 ✓ passed (python): 3 of 3 tests" in checks

    gui.run(main)


def test_without_a_run_it_says_what_will_stand_here(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        selection = Selection()
        pane = WhyPane(ui, selection)
        with on_screen(pane):
            assert words(pane) == ["Ask something, and here will stand why its answer won."]
            selection.show(fed(ui, contest()))
            beat(ui)
            assert words(pane)[0] == "R2.A3 won"
            selection.show(None)
            beat(ui)
            assert len(words(pane)) == 1

    gui.run(main)


def test_another_look_changes_the_colours_of_what_stands_there(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        pane = WhyPane(ui, looking_at(ui, contest(), "R2.A3"))
        with on_screen(pane):

            def colour() -> str:
                text = pane.findChildren(NodeText)[0]
                return text.document().begin().begin().fragment().charFormat().foreground().color().name()

            light = colour()
            gui.theme.use(mode="dark" if gui.theme.look == "light" else "light")
            beat(ui)
            assert colour() != light
            gui.theme.use(mode="system")

    gui.run(main)


@pytest.mark.reliability(55, 56)
def test_a_text_for_a_field_neither_acts_nor_stalls() -> None:
    shown = displayable("x" * (LONGEST_LINE * 3) + "\x1b[2J\u202eabc\n")
    assert max(map(len, shown.split("\n"))) <= LONGEST_LINE
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert len(displayable("y\n" * MOST_CHARACTERS)) <= MOST_CHARACTERS


def test_every_label_of_a_chip_tells_more_to_who_cannot_see(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        pane = WhyPane(ui, looking_at(ui, contest(), "R2.A3"))
        with on_screen(pane):
            chip = next(label for label in pane.findChildren(QLabel) if label.text() == "agreement 0.75")
            assert "how alike" in chip.accessibleName().lower()
            assert chip.toolTip()

    gui.run(main)


def test_what_looks_like_html_in_a_criterion_is_shown_and_not_rendered() -> None:
    table = Table(
        criteria=("<img src='file:///x'>",),
        judges=(n("R1.J1"),),
        dissenters=frozenset(),
        scored_by=1,
        rows=(
            TableRow(
                node=n("R1.A1"),
                note="",
                is_winner=True,
                scores=(8.0,),
                rank="1",
                ranks=("1",),
                preference=None,
            ),
        ),
    )
    model = TableModel()
    model.show(table, by_judge=False)
    tips = (
        model.data(model.index(0, 1), Qt.ItemDataRole.ToolTipRole),
        model.headerData(1, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole),
    )
    for tip in tips:
        assert "&lt;img" in tip
    assert "<img" in model.data(model.index(0, 1), Qt.ItemDataRole.AccessibleTextRole)
