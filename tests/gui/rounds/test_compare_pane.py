"""The pane "Compare" in a real window: which two, both looks, steps between changes, long texts."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QPlainTextEdit, QPushButton, QToolButton

from cort_desktop.domain import events as ev
from cort_desktop.gui.rounds.compare_facts import chain, choices, draft_and_final, first_pair
from cort_desktop.gui.rounds.compare_pane import ComparePane
from cort_desktop.gui.rounds.diff_view import marked_text
from cort_desktop.gui.selection import Selection
from cort_desktop.gui.ui import Ui
from cort_desktop.telling.word_diff import compare
from tests.fakes.contest import FINAL, FIRST, contest
from tests.fakes.looking import beat, fed, looking_at, on_screen, words
from tests.fakes.story import Story, n
from tests.fakes.window import Gui, until

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # the platform without a screen has no frames
STATE = contest().state()


def runs(field: QPlainTextEdit) -> list[tuple[str, bool, bool]]:
    """The text in runs of one format: words, struck through, underlined."""
    found = []
    block = field.document().begin()
    while block.isValid():
        it = block.begin()
        while not it.atEnd():
            piece = it.fragment()
            shape = piece.charFormat()
            found.append((piece.text(), shape.fontStrikeOut(), shape.fontUnderline()))
            it += 1
        block = block.next()
    return found


def marked(field: QPlainTextEdit) -> str:
    (selection,) = field.extraSelections()
    return selection.cursor.selectedText()


def two(old: str, new: str) -> Story:
    return Story().start("D", "draft").start("R1.A1").finish("D", old).finish("R1.A1", new)


def test_candidates_with_a_text_can_be_chosen_and_judges_cannot() -> None:
    assert choices(STATE) == ["D", "R1.A1", "R1.A2", "R2.A1", "R2.A2", "R2.A3"]
    running = Story().start("D", "draft").finish("D", "x").start("R1.A1").stream("R1.A1", "so far")
    assert choices(running.state()) == ["D"]


@pytest.mark.parametrize(
    ("selected", "marked", "pair"),
    [
        ("R1.A1", None, ("R1.A1", "R2.A3")),
        ("R2.A3", None, ("D", "R2.A3")),
        (None, None, ("D", "R2.A3")),
        ("R1.J1", None, ("D", "R2.A3")),
        ("R1.A1", "R1.A2", ("R1.A2", "R1.A1")),
        ("R1.A1", "R1.A1", ("R1.A1", "R2.A3")),
        ("R1.A1", "R2.A3", ("R1.A1", "R2.A3")),
        ("R2.A3", "D", ("D", "R2.A3")),
    ],
)
def test_the_first_two_follow_selection_and_mark(
    selected: str | None, marked: str | None, pair: tuple[str, str]
) -> None:
    assert first_pair(STATE, n(selected) if selected else None, n(marked) if marked else None) == pair


def test_with_fewer_than_two_texts_there_is_nothing_to_compare() -> None:
    state = Story().start("D", "draft").finish("D", "x").state()
    assert first_pair(state, n("D"), None) is None
    assert draft_and_final(state) is None
    assert chain(state) == ["D"]


def test_the_chain_tells_how_the_answer_changed() -> None:
    assert chain(STATE) == ["D", "R1.A2", "R2.A3"]
    chosen = contest().add(ev.UserEvent(verb="override", node=n("R1.A1"))).state()
    assert chain(chosen) == ["D", "R1.A2", "R2.A3", "R1.A1"]


def test_it_compares_the_selected_one_with_the_winner(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        pane = ComparePane(ui, looking_at(ui, contest(), "R1.A2"))
        with on_screen(pane):
            assert (pane.objectName(), pane.accessibleName()) == ("diffPane", "Compare")
            assert pane.pair == ("R1.A2", "R2.A3")
            assert pane.old.currentText() == "R1.A2 · another method"
            assert pane.new.currentText() == "R2.A3 · revision ★"
            buddies = [label.buddy() for label in pane.findChildren(QLabel) if label.buddy() is not None]
            assert buddies == [pane.old, pane.new]
            told = compare(FIRST, FINAL)
            assert pane.figures.text().startswith(
                f"words only in R2.A3: {told.words('added')}, only in R1.A2: {told.words('removed')} · "
            )
            assert "% the same" in pane.figures.text()

    gui.run(main)


def test_changes_are_told_by_more_than_colour(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        pane = ComparePane(ui, looking_at(ui, two("Add an index.", "Add a partial index."), "R1.A1"))
        with on_screen(pane):
            assert pane.pair == ("R1.A1", "D")
            QTest.mouseClick(
                next(b for b in pane.findChildren(QToolButton) if b.accessibleName() == "Swap the two"),
                Qt.MouseButton.LeftButton,
            )
            beat(ui)
            assert runs(pane.view.left) == [
                ("Add ", False, False),
                ("an", True, False),
                ("a partial", False, True),
                (" index.", False, False),
            ]
            pane.looks.choose(1)
            assert pane.view.left.toPlainText() == "Add an index."
            assert pane.view.right.toPlainText() == "Add a partial index."
            assert pane.view.right.isVisible()
            pane.looks.choose(0)
            assert not pane.view.right.isVisible()

    gui.run(main)


def test_steps_go_from_change_to_change_and_around(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        pane = ComparePane(ui, looking_at(ui, two("a b c d e f", "a X c d e Y"), "D"))
        pane.compare(n("D"), n("R1.A1"))
        with on_screen(pane):
            ui.actions["tree.next_change"].trigger()
            assert "change 1 of 2" in pane.figures.text()
            assert marked(pane.view.left) == "bX"
            ui.actions["tree.next_change"].trigger()
            assert marked(pane.view.left) == "fY"
            ui.actions["tree.next_change"].trigger()
            assert pane.view.change == 0
            ui.actions["tree.previous_change"].trigger()
            assert pane.view.change == 1
            pane.looks.choose(1)
            ui.actions["tree.next_change"].trigger()
            assert (marked(pane.view.left), marked(pane.view.right)) == ("b", "X")

    gui.run(main)


def test_siblings_are_named_and_none_is_called_new(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        pane = ComparePane(ui, looking_at(ui, contest(), "R1.A1"))
        with on_screen(pane, 700, 500):
            pane.compare(n("R1.A1"), n("R1.A2"))
            assert "words only in R1.A2: " in pane.figures.text()
            assert pane.view.left_head.text() == "struck: only in R1.A1 · underlined: only in R1.A2"
            assert pane.view.left.accessibleName() == "R1.A1 and R1.A2 in one text with their differences"
            pane.view.set_beside(True)
            assert pane.view.left_head.text() == "R1.A1 · struck: only here"
            assert pane.view.right_head.text() == "R1.A2 · underlined: only here"
            assert not {"Old", "New"} & set(words(pane))

    gui.run(main)


def test_a_step_without_a_change_does_nothing(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        pane = ComparePane(ui, looking_at(ui, two("same", "same"), "D"))
        with on_screen(pane):
            ui.actions["tree.next_change"].trigger()
            assert pane.figures.text() == "no difference between R1.A1 and D"

    gui.run(main)


def test_a_choice_here_stays_until_something_else_is_selected(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        selection = looking_at(ui, contest(), "R1.A2")
        pane = ComparePane(ui, selection)
        with on_screen(pane):
            pane.old.setCurrentIndex(1)
            pane.old.activated.emit(1)
            beat(ui)
            assert pane.pair == ("R1.A1", "R2.A3")
            pane.draw()
            assert pane.pair == ("R1.A1", "R2.A3")
            selection.mark(n("D"))
            beat(ui)
            assert pane.pair == ("D", "R1.A2")

    gui.run(main)


def test_each_winner_is_compared_with_the_one_before(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        pane = ComparePane(ui, looking_at(ui, contest(), "R2.A1"))
        with on_screen(pane):
            links = {b.text(): b for b in pane._steps.findChildren(QPushButton)}
            assert list(links) == ["Draft ↔ Final", "D", "→ R1.A2", "→ R2.A3"]
            assert links["→ R2.A3"].accessibleName() == "What changed from R1.A2 to R2.A3"
            QTest.mouseClick(links["→ R1.A2"], Qt.MouseButton.LeftButton)
            beat(ui)
            assert pane.pair == ("D", "R1.A2")
            QTest.mouseClick(links["Draft ↔ Final"], Qt.MouseButton.LeftButton)
            beat(ui)
            assert pane.pair == ("D", "R2.A3")

    gui.run(main)


def test_the_comparison_can_be_copied(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        pane = ComparePane(ui, looking_at(ui, two("Add an index.", "Add a partial index."), "D"))
        pane.compare(n("D"), n("R1.A1"))
        with on_screen(pane):
            copy = next(
                b for b in pane.findChildren(QToolButton) if b.accessibleName() == "Copy the comparison"
            )
            QTest.mouseClick(copy, Qt.MouseButton.LeftButton)
            assert QGuiApplication.clipboard().text() == "Add [-an-]{+a partial+} index."

    gui.run(main)


def test_braces_in_a_text_survive_the_copy() -> None:
    assert marked_text(compare("a {x}", "a {y}")) == "a {[-x-]{+y+}}"


def test_long_texts_are_compared_aside_and_only_the_last_wish_counts(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        random.seed(2)
        old = " ".join(random.choice(["scan", "index", "row", "plan"]) for _ in range(4000))
        selection = looking_at(ui, two("a", "b"), "D")
        pane = ComparePane(ui, selection)
        with on_screen(pane):
            selection.show(fed(ui, two(old, old + " and the end")))
            pane.compare(n("D"), n("R1.A1"))
            assert pane.figures.text() == "Comparing…"
            pane.compare(n("R1.A1"), n("D"))
            await until(lambda: pane.figures.text() != "Comparing…")
            assert pane.comparison is not None
            assert pane.comparison.words("removed") == 3
            await until(lambda: not ui.tasks.names)
            assert pane.comparison.words("removed") == 3

    gui.run(main)


def test_while_long_texts_are_compared_nothing_of_the_last_two_is_shown_or_copied(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        long = "word " * 4000
        story = two("first text", "second text").start("R1.A2").finish("R1.A2", long)
        pane = ComparePane(ui, looking_at(ui, story, "D"))
        with on_screen(pane):
            pane.compare(n("D"), n("R1.A1"))
            assert "second" in pane.view.left.toPlainText()
            QGuiApplication.clipboard().setText("untouched")
            pane.compare(n("D"), n("R1.A2"))
            assert "second" not in pane.view.left.toPlainText()
            pane._copy()
            pane._step(1)
            assert QGuiApplication.clipboard().text() == "untouched"
            assert pane.figures.text() == "Comparing…"
            await until(lambda: not ui.tasks.names)
            assert "word" in pane.view.left.toPlainText()

    gui.run(main)


@pytest.mark.reliability(56)
def test_a_line_of_a_megabyte_is_broken_and_a_huge_text_cut(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        selection = looking_at(ui, two("a", "b"), "D")
        pane = ComparePane(ui, selection)
        with on_screen(pane):
            selection.show(fed(ui, two("x" * 1_000_000, "y" * 10)))
            pane.compare(n("D"), n("R1.A1"))
            await until(lambda: not ui.tasks.names)
            assert max(map(len, pane.view.left.toPlainText().split("\n"))) <= 2000
            assert "only the beginning is shown" in pane.figures.text()

    gui.run(main)


@pytest.mark.reliability(55)
def test_what_acts_in_a_text_is_shown_by_name(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        pane = ComparePane(ui, looking_at(ui, two("\u202eabc\x1b[2J", "<img src='file:///x'>"), "D"))
        pane.compare(n("D"), n("R1.A1"))
        with on_screen(pane):
            shown = pane.view.left.toPlainText()
            assert "\u202e" not in shown
            assert "\x1b" not in shown
            assert "<img src='file:///x'>" in shown

    gui.run(main)


def test_both_sides_scroll_together(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        old = "\n".join(f"line {at}" for at in range(200))
        pane = ComparePane(ui, looking_at(ui, two(old, old.replace("line 100", "new 100")), "D"))
        pane.compare(n("D"), n("R1.A1"))
        with on_screen(pane):
            pane.looks.choose(1)
            bar = pane.view.left.verticalScrollBar()
            bar.setValue(bar.maximum())
            other = pane.view.right.verticalScrollBar()
            assert other.value() == other.maximum()
            other.setValue(0)
            assert bar.value() == 0

    gui.run(main)


def test_without_two_texts_it_says_so_and_goes_on_when_there_are(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        story = two("a", "b")
        feed = fed(ui, story, 4)
        selection = Selection()
        selection.show(feed)
        pane = ComparePane(ui, selection)
        with on_screen(pane):
            assert words(pane) == ["There are no two texts to compare yet."]
            feed.show_all(story.events[4:])
            beat(ui)
            assert pane.pair is not None
            assert not any("no two texts" in each for each in words(pane))
            assert isinstance(pane.old, QComboBox)
            assert QTextCursor(pane.view.left.document()).atStart()

    gui.run(main)


@pytest.mark.parametrize(
    "size",
    [(480, 150), *(pytest.param(size, marks=pytest.mark.endurance) for size in ((460, 600), (300, 200)))],
)
def test_in_a_low_pane_nothing_stands_upon_another(gui: Gui, size: tuple[int, int]) -> None:
    """At 200 % on a small screen the links and the figures stood upon the choices."""

    async def main(ui: Ui) -> None:
        pane = ComparePane(ui, looking_at(ui, contest(), "R2.A3"))
        with on_screen(pane, *size):
            beat(ui)
            QApplication.processEvents()
            parts = [pane.old, pane._steps, pane.looks, pane.figures, pane.view]
            places = [QRect(part.mapTo(pane, QPoint()), part.size()) for part in parts]
            for above, below in pairwise(places):
                assert above.bottom() < below.top(), (above, below)
            for part in (pane.old, pane.looks):
                assert part.height() >= part.sizeHint().height(), part
            assert pane.figures.height() >= pane.figures.heightForWidth(pane.figures.width())
            assert pane.view.height() >= 90

    gui.run(main)


@pytest.mark.parametrize(
    "width", [320, *(pytest.param(width, marks=pytest.mark.endurance) for width in (200, 640))]
)
def test_the_figures_are_whole_at_every_width(gui: Gui, width: int) -> None:
    """Where the window was 1024 wide the line was cut, and who had only a keyboard never read its end."""

    async def main(ui: Ui) -> None:
        pane = ComparePane(ui, looking_at(ui, contest(), "R2.A3"))
        with on_screen(pane, width, 400):
            beat(ui)
            QApplication.processEvents()
            figures = pane.figures
            room = figures.fontMetrics().boundingRect(
                figures.contentsRect(), Qt.TextFlag.TextWordWrap.value, figures.text()
            )
            assert figures.contentsRect().contains(room)
            assert len(figures.text()) > 40

    gui.run(main)
