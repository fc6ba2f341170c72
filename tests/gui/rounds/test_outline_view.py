"""The outline in a view: what is open, what is chosen, which columns there are, what is read aloud."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QColor, QContextMenuEvent, QImage
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication

from cort_desktop.gui.rounds.marks import Marks
from cort_desktop.gui.rounds.outline_view import OutlineView
from cort_desktop.gui.rounds.row_columns import PRICE, SCORE, TIME, TOKENS, WHAT
from cort_desktop.gui.rounds.row_paint import RowPaint
from tests.fakes.rounds import drawn_run, long_run
from tests.fakes.story import Story, n, two_rounds
from tests.fakes.window import gone, shown
from tests.gui.rounds.desk import Desk


def view_of(desk: Desk, width: int = 450, height: int = 500) -> OutlineView:
    view = OutlineView(desk.theme, desk.model, desk.selection)
    shown(view, width, height)
    return view


def chosen(view: OutlineView, desk: Desk) -> str | None:
    return desk.model.node(view.currentIndex())


def test_rounds_are_open_and_judges_are_closed(rounds: Desk) -> None:
    rounds.look_at(two_rounds())
    view = view_of(rounds)
    assert view.isExpanded(rounds.model.index_of(n("R1.A2")).parent())
    assert not view.isExpanded(rounds.model.index_of(n("R1.J1")).parent())
    assert chosen(view, rounds) == "R1.A2"  # the answer
    gone(view)


def test_rounds_open_as_they_come_and_what_a_person_closed_stays_closed(rounds: Desk) -> None:
    story = two_rounds()
    feed = rounds.look_at(story, 0)
    view = view_of(rounds)
    feed.set_working(True)
    for at in range(len(story.events)):
        rounds.go_on(feed, story, at, at + 1)
        index = rounds.model.index_of(n("R1.A2"))
        if index.isValid() and not rounds.model.index_of(n("R2.A1")).isValid():
            view.collapse(index.parent())
    feed.set_working(False)
    rounds.pulse.beat()
    assert not view.isExpanded(rounds.model.index_of(n("R1.A2")).parent())
    assert view.isExpanded(rounds.model.index_of(n("R2.A1")).parent())
    gone(view)


def test_the_one_selection_goes_both_ways_and_never_changes_the_answer(rounds: Desk) -> None:
    feed = rounds.look_at(two_rounds())
    view = view_of(rounds)
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Up)
    assert rounds.selection.node == "R1.A1"
    assert rounds.selection.is_by_hand
    rounds.selection.select(n("R1.J2"))
    assert chosen(view, rounds) == "R1.J2"
    assert view.isExpanded(rounds.model.index_of(n("R1.J2")).parent())
    assert feed.state.answer_node == "R1.A2"
    gone(view)


def test_a_row_about_several_keeps_what_is_read(rounds: Desk) -> None:
    story = drawn_run()
    feed = rounds.look_at(story, len(story.events) - 1)
    view = view_of(rounds)
    view.setCurrentIndex(rounds.model.index_of(n("R1.A1")))
    view.setCurrentIndex(rounds.model.index_of(n("R1.A1")).parent())
    assert rounds.selection.node == "R1.A1"
    rounds.go_on(feed, story, len(story.events) - 1)
    assert chosen(view, rounds) is None  # the round's own row is still where the person is
    gone(view)


def test_the_second_judge_takes_the_chosen_first_along(rounds: Desk) -> None:
    story = Story().start("D", "draft").finish("D", "a").start("R1.A1").start("R1.J1", role="judge")
    feed = rounds.look_at(story)
    view = view_of(rounds)
    view.setCurrentIndex(rounds.model.index_of(n("R1.J1")))
    before = len(story.events)
    story.start("R1.J2", role="judge")
    rounds.go_on(feed, story, before)
    assert rounds.selection.node == "R1.J1"
    assert chosen(view, rounds) == "R1.J1"
    gone(view)


def test_figures_go_when_there_is_no_room_for_them(rounds: Desk) -> None:
    rounds.look_at(two_rounds())
    view = view_of(rounds, width=900)
    assert not any(view.isColumnHidden(column) for column in range(5))
    seen = []
    for width in (460, 320, 200):
        view.resize(width, 400)
        QApplication.processEvents()
        seen.append([column for column in (SCORE, TOKENS, PRICE, TIME) if not view.isColumnHidden(column)])
        assert view.columnWidth(WHAT) > 80
    assert seen[0] == [SCORE, PRICE, TIME]
    assert seen[-1] == [SCORE]
    gone(view)


def test_no_figure_is_cut(rounds: Desk) -> None:
    """Money may have many digits, and may be unknown: its column is as wide as what stands there."""
    story = Story().start("D", "draft").finish("D", "a", cost=42)
    story.start("R1.A1").finish("R1.A1", "b", cost=None).start("R1.A2").finish("R1.A2", "c", cost=1_234_567)
    rounds.look_at(story.end("one", "One.", answer="D"))
    view = view_of(rounds, width=452)
    paint = RowPaint(rounds.theme, Marks(rounds.theme, rounds.owner))
    assert not view.isColumnHidden(PRICE)
    assert {"$0.000042", "unknown", "$1.23"} <= rounds.model.texts(PRICE, 99)
    for column in (SCORE, PRICE, TIME):
        widest = max(paint.figure_width(text) for text in rounds.model.texts(column, 99))
        assert view.columnWidth(column) >= widest + 8
    gone(view)


def test_a_free_run_has_no_column_of_prices(rounds: Desk) -> None:
    story = Story().start("D", "draft").finish("D", "a", cost=0)
    rounds.look_at(story.end("one", "One.", answer="D"))
    view = view_of(rounds, width=900)
    assert view.isColumnHidden(PRICE)
    gone(view)


def test_what_a_screen_reader_finds(rounds: Desk) -> None:
    rounds.look_at(two_rounds())
    view = view_of(rounds)
    tree = QAccessible.queryAccessibleInterface(view)
    assert tree.text(QAccessible.Text.Name) == "Rounds"
    assert view.objectName() == "roundTree"
    texts = [tree.child(at).text(QAccessible.Text.Name) for at in range(tree.childCount())]
    assert "R1.A2, Another method, answer, score 0.83, 701 tokens, $0.0021, 1.9 s" in texts
    assert any("failed: my-server answered 502 Bad Gateway" in text for text in texts)
    gone(view)


def test_the_menu_is_asked_for_by_mouse_and_by_keyboard(rounds: Desk) -> None:
    rounds.look_at(two_rounds())
    view = view_of(rounds)
    asked = QSignalSpy(view.menu_wanted)
    for reason in (QContextMenuEvent.Reason.Mouse, QContextMenuEvent.Reason.Keyboard):
        event = QContextMenuEvent(reason, QPoint(20, 60), view.mapToGlobal(QPoint(20, 60)))
        QApplication.sendEvent(view.viewport(), event)
    assert asked.count() == 2
    gone(view)


def colours_of(view: OutlineView) -> set[int]:
    image: QImage = view.viewport().grab().toImage()
    return {image.pixel(x, y) for x in range(0, image.width(), 2) for y in range(image.height())}


def test_states_are_seen_in_both_looks(rounds: Desk) -> None:
    rounds.look_at(two_rounds())
    view = view_of(rounds)
    for mode in ("light", "dark"):
        rounds.theme.use(mode=mode)
        QApplication.processEvents()
        seen = colours_of(view)
        for colour in ("good", "bad_soft", "warn_soft", "accent_soft"):
            assert QColor(rounds.theme.colour(colour)).rgb() in seen, (mode, colour)
    gone(view)


def test_a_long_run_opens_at_once_and_scrolls(rounds: Desk) -> None:
    rounds.look_at(long_run(250))
    view = view_of(rounds)
    bar = view.verticalScrollBar()
    assert bar.maximum() > 250 * 7 * 20
    rounds.selection.select(n("R200.A3"))
    assert view.visualRect(view.currentIndex()).intersects(view.viewport().rect())
    gone(view)


def test_playing_the_same_run_again_does_not_jump(rounds: Desk) -> None:
    story = long_run(60)
    rounds.look_at(story)
    view = view_of(rounds)
    rounds.selection.select(n("R30.A1"))
    QApplication.processEvents()
    before = view.verticalScrollBar().value()
    again = rounds.feed(story, len(story.events) - 1)
    rounds.selection.show(again, n("R30.A1"))
    rounds.model.show(again)
    QApplication.processEvents()
    assert view.verticalScrollBar().value() == before > 0
    gone(view)


def test_hostile_and_right_to_left_questions_are_drawn(rounds: Desk) -> None:
    for question in ("<b>x</b>" * 400, "مرحبا بالعالم؟ " * 20, "\u202e\x00\ud800" * 30, "長" * 500):
        story = Story(question=question).start("D", "draft").fail("D", question)
        rounds.look_at(story)
        view = view_of(rounds, 330)
        view.grab()
        gone(view)
        rounds.model.show(None)
