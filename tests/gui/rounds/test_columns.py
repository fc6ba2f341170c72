"""Candidates side by side: who stands there, in which round, and that growing text keeps its place."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTextBrowser

from cort_desktop.gui.rounds.columns_view import ColumnsView, rounds_of, row_of
from tests.fakes.rounds import drawn_run
from tests.fakes.story import Story, n
from tests.fakes.window import gone, shown
from tests.gui.rounds.desk import Desk


def view_of(desk: Desk) -> ColumnsView:
    view = ColumnsView(desk.theme, desk.pulse, desk.model, desk.selection)
    shown(view, 800, 400)
    return view


def test_the_incumbent_stands_first() -> None:
    state = drawn_run().state()
    assert row_of(state, 1) == ["D", "R1.A1", "R1.A2", "R1.A3"]
    assert row_of(state, 2) == ["R1.A2", "R2.A1", "R2.A2", "R2.A3"]
    assert row_of(state, 7) == []
    assert rounds_of(state) == [1, 2]
    assert rounds_of(Story().start("D", "draft").state()) == [0]


def test_where_each_came_from_others_nobody_stands_before_them() -> None:
    story = Story(strategy="recursive_self_aggregation")
    for name in ("R1.A1", "R1.A2", "R1.A3"):
        story.start(name, "sample").finish(name, name)
    for name, source in (("R2.A1", "R1.A3"), ("R2.A2", "R1.A1"), ("R2.A3", "R1.A2")):
        story.start(name, "synthesis", parents=(n(source),))
    assert row_of(story.state(), 2) == ["R2.A1", "R2.A2", "R2.A3"]


def test_the_round_of_what_is_looked_at_is_shown(rounds: Desk) -> None:
    rounds.look_at(drawn_run())
    view = view_of(rounds)
    assert view.number == 2  # the answer's
    rounds.selection.select(n("R1.A1"))
    assert view.number == 1
    assert list(view.cards) == ["D", "R1.A1", "R1.A2", "R1.A3"]
    assert view.cards[n("R1.A3")].fault.text().startswith("my-server answered 502")
    rounds.selection.select(n("D"))
    assert view.number == 1  # it stands there already
    gone(view)


def test_a_card_that_gets_the_keyboard_is_looked_at(rounds: Desk) -> None:
    rounds.look_at(drawn_run())
    view = view_of(rounds)
    view.activateWindow()
    QTest.mouseClick(view.cards[n("R2.A1")], Qt.MouseButton.LeftButton)
    view.cards[n("R2.A1")].area.setFocus()
    QApplication.processEvents()
    assert rounds.selection.node == "R2.A1"
    assert view.cards[n("R2.A1")].property("focused") == "true"
    assert view.cards[n("R2.A3")].property("focused") == "false"
    gone(view)


def test_text_grows_where_it_is_read(rounds: Desk) -> None:
    story = Story().start("D", "draft")
    feed = rounds.look_at(story)
    feed.set_working(True)
    view = view_of(rounds)
    feed.show_all(story.stream("D", "one two ").events[-1:])
    rounds.pulse.beat()
    card = view.cards[n("D")]
    assert card.text.text == "one two "
    feed.show_all(story.stream("D", "**three**").events[-1:])
    rounds.pulse.beat()
    assert view.cards[n("D")] is card
    assert card.text.text == "one two **three**"
    feed.show_all(story.finish("D", "one two **three**").events[-1:])
    rounds.pulse.beat()
    assert card.text.plain_text().strip() == "one two three"  # read as Markdown
    feed.set_working(False)
    gone(view)


def test_one_can_page_through_the_rounds(rounds: Desk) -> None:
    rounds.look_at(drawn_run())
    view = view_of(rounds)
    view._back.click()
    assert view.number == 1
    assert not view._back.isEnabled()
    assert rounds.selection.node == "R2.A3"  # paging looks at nothing
    view._on.click()
    assert view.number == 2
    assert not view._on.isEnabled()
    gone(view)


def test_markup_is_shown_and_never_loaded(rounds: Desk) -> None:
    evil = "<img src='file:///etc/hostname'> ![x](http://127.0.0.1:9/x) \x1b[2J"
    rounds.look_at(Story().start("D", "draft").finish("D", evil))
    view = view_of(rounds)
    rounds.pulse.beat()
    shown_text = "".join(each.toPlainText() for each in view.cards[n("D")].text.findChildren(QTextBrowser))
    assert "<img src='file:///etc/hostname'>" in shown_text
    assert "\x1b" not in shown_text
    gone(view)


def test_in_a_narrow_pane_a_card_is_no_wider_than_the_pane(rounds: Desk) -> None:
    rounds.look_at(drawn_run())
    view = view_of(rounds)
    assert all(card.width() > 240 for card in view.cards.values())
    view.resize(260, 400)
    QApplication.processEvents()
    viewport = view._area.viewport()
    assert all(card.width() <= viewport.width() for card in view.cards.values())
    gone(view)
