"""The map: its cards and their lines, zoom and drag, walking by arrow keys, growing while a run works."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import NodeName
from cort_desktop.gui.rounds.map_cards import HEIGHT, PITCH, WIDTH, Cards, cards_of
from cort_desktop.gui.rounds.map_paint import NAMES_FROM, nearness
from cort_desktop.gui.rounds.map_sight import card_at, in_sight
from cort_desktop.gui.rounds.map_view import MapView
from cort_desktop.telling.run_tree import Moment, Place
from cort_desktop.telling.told import Told, told
from tests.fakes.rounds import drawn_run, long_run
from tests.fakes.story import Story, n, two_rounds
from tests.fakes.window import gone, shown
from tests.gui.rounds.desk import Desk


def cards(story: Story) -> Cards:
    state = story.state()
    moment = Moment(state=state)

    def tell(name: NodeName) -> Told:
        return told(moment, Place("node", state.nodes[name].round, name))

    return cards_of(state, tell, lambda name: state.nodes[name].text)


def view_of(desk: Desk, width: int = 1000, height: int = 600) -> MapView:
    view = MapView(desk.theme, desk.model, desk.selection)
    shown(view, width, height)
    return view


def test_columns_are_rounds_and_the_answer_stands_at_the_end() -> None:
    found = cards(drawn_run())
    assert found.heads == [
        ("Draft", "D"),
        ("Round 1 · agreement 0.67", "R1"),
        ("Round 2 · agreement 1.00", "R2"),
        ("", ""),
    ]
    assert [[card.key for card in column] for column in found.columns] == [
        ["D"],
        ["R1.A1", "R1.A2", "R1.A3"],
        ["R2.A1", "R2.A2", "R2.A3"],
        [None],
    ]
    assert {card.key for card in found.by_key.values() if card.is_on_path} == {"D", "R1.A2", "R2.A3", None}
    answer = found.by_key[None]
    assert (answer.parent, answer.told.label, answer.told.note) == ("R2.A3", "Answer", "rating 1.40")
    assert answer.excerpt == "Round 3 would not fit the budget."
    assert found.by_key[n("R1.A3")].excerpt == "my-server answered 502 Bad Gateway; try again later (2 tries)"


def test_a_kept_winner_leads_straight_to_the_answer() -> None:
    found = cards(two_rounds())
    assert found.by_key[None].parent == "R1.A2"
    assert found.by_key[None].x == 3 * PITCH
    between = [card for card in found.columns[2] if abs(card.y - found.by_key[None].y) < HEIGHT]
    assert not between  # nothing stands on the line


def test_a_choice_is_named_and_has_no_rating() -> None:
    found = cards(drawn_run().add(ev.UserEvent(verb="override", node=n("R1.A1"))))
    assert (found.by_key[None].told.label, found.by_key[None].told.note) == ("Your choice", "")
    assert found.by_key[n("R1.A1")].is_on_path
    assert not found.by_key[n("R2.A3")].is_on_path


def test_samples_without_a_draft_stand_below_each_other() -> None:
    story = Story(strategy="best_of_n")
    for name in ("R1.A1", "R1.A2", "R1.A3"):
        story.start(name, "sample").finish(name, "x")
    found = cards(story)
    assert [card.y for card in found.columns[0]] == [0, 116, 232]
    assert None not in found.by_key  # not finished: no answer yet


def test_what_can_be_read_depends_on_the_scale() -> None:
    assert [nearness(scale) for scale in (0.1, 0.4, 1.0)] == ["dots", "names", "words"]


def test_only_what_is_in_sight_is_drawn() -> None:
    found = cards(long_run(250))
    seen = list(in_sight(found, QRectF(100 * PITCH, -300, 3 * PITCH, 600)))
    assert 10 < len(seen) < 30
    assert {card.column for card in seen} <= set(range(99, 104))
    card = found.by_key[n("R100.A3")]
    assert card_at(found, QPointF(card.x + WIDTH / 2, card.y)) is card
    assert card_at(found, QPointF(card.x + WIDTH + 5, card.y)) is None


def test_a_click_chooses_and_a_drag_does_not(rounds: Desk) -> None:
    feed = rounds.look_at(drawn_run())
    view = view_of(rounds)
    card = view.cards.by_key[n("R1.A1")]
    at = view.mapFromScene(QPointF(card.x + 50, card.y))
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert rounds.selection.node == "R1.A1"
    assert feed.state.answer_node == "R2.A3"
    other = view.mapFromScene(QPointF(view.cards.by_key[n("R2.A1")].x + 50, view.cards.by_key[n("R2.A1")].y))
    QTest.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=other)
    QTest.mouseMove(view.viewport(), other + QPoint(60, 40))
    QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=other + QPoint(60, 40))
    assert rounds.selection.node == "R1.A1"
    gone(view)


def test_the_answers_card_stands_for_its_node(rounds: Desk) -> None:
    rounds.look_at(drawn_run())
    view = view_of(rounds)
    rounds.selection.select(n("D"))
    card = view.cards.by_key[None]
    QTest.mouseClick(
        view.viewport(), Qt.MouseButton.LeftButton, pos=view.mapFromScene(QPointF(card.x + 50, card.y))
    )
    assert rounds.selection.node == "R2.A3"
    gone(view)


def test_arrow_keys_walk_the_tree(rounds: Desk) -> None:
    rounds.look_at(drawn_run())
    view = view_of(rounds)
    view.setFocus()
    walked = []
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Down):
        QTest.keyClick(view, key)
        walked.append(rounds.selection.node)
    assert walked == ["R1.A2", "R1.A1", "D", "R1.A1", "R1.A2"]  # back to the child that was visited
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert rounds.selection.node == "R2.A3"  # the winner, where nothing was visited
    gone(view)


def test_what_is_chosen_is_in_sight_and_described(rounds: Desk) -> None:
    rounds.look_at(long_run(60))
    view = view_of(rounds, 500, 400)
    rounds.selection.select(n("R3.A2"))
    card = view.cards.by_key[n("R3.A2")]
    seen = view.mapToScene(view.viewport().rect()).boundingRect()
    assert seen.contains(QRectF(card.x, card.y - HEIGHT / 2, WIDTH, HEIGHT))
    assert view.accessibleDescription().startswith("R3.A2, Another method")
    assert view.accessibleName() == "Map of the rounds"
    gone(view)


def test_a_long_run_opens_where_it_can_be_read_and_fits_when_asked(rounds: Desk) -> None:
    rounds.look_at(long_run(250))
    view = view_of(rounds)
    assert view.scale_now > 0.2
    view.fit()
    seen = view.mapToScene(view.viewport().rect()).boundingRect()
    assert seen.contains(QRectF(*view.cards.bounds))
    gone(view)


def wheel(view: MapView, at: QPoint, turn: int) -> None:
    event = QWheelEvent(
        QPointF(at),
        QPointF(view.viewport().mapToGlobal(at)),
        QPoint(),
        QPoint(0, turn),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view.viewport(), event)


def test_the_wheel_zooms_about_the_pointer_within_bounds(rounds: Desk) -> None:
    rounds.look_at(drawn_run())
    view = view_of(rounds)
    at = QPoint(400, 300)
    before, scale = view.mapToScene(at), view.scale_now
    wheel(view, at, 240)
    assert view.scale_now > scale
    moved = view.mapToScene(at) - before
    assert abs(moved.x()) < 3 / view.scale_now
    assert abs(moved.y()) < 3 / view.scale_now
    for _ in range(60):
        wheel(view, at, 1200)
    assert view.scale_now == pytest.approx(2.5)
    for _ in range(60):
        wheel(view, at, -1200)
    assert view.scale_now == pytest.approx(0.004)
    view.grab()
    gone(view)


def test_it_grows_without_moving_what_a_person_placed(rounds: Desk) -> None:
    story = drawn_run()
    cut = next(at for at, event in enumerate(story.events) if getattr(event.body, "node", "") == "R2.A1")
    feed = rounds.look_at(story, cut)
    feed.set_working(True)
    view = view_of(rounds)
    assert len(view.cards.columns) == 2
    wheel(view, QPoint(300, 200), 120)
    place, draft = view.mapFromScene(QPointF(0, 0)), view.cards.by_key[n("D")].y
    for at in range(cut, len(story.events)):
        rounds.go_on(feed, story, at, at + 1)
    feed.set_working(False)
    rounds.pulse.beat()
    assert len(view.cards.columns) == 4
    assert view.mapFromScene(QPointF(0, 0)) == place
    assert view.cards.by_key[n("D")].y == draft == 0
    gone(view)


def test_untouched_it_stays_fitted_while_it_grows(rounds: Desk) -> None:
    story = drawn_run()
    feed = rounds.look_at(story, 3)
    feed.set_working(True)
    view = view_of(rounds, 500, 400)
    rounds.go_on(feed, story, 3)
    feed.set_working(False)
    rounds.pulse.beat()
    seen = view.mapToScene(view.viewport().rect()).boundingRect()
    assert seen.contains(QRectF(*view.cards.bounds))
    gone(view)


def test_streamed_words_reach_their_card(rounds: Desk) -> None:
    story = Story().start("D", "draft")
    feed = rounds.look_at(story)
    feed.set_working(True)
    view = view_of(rounds)
    feed.show(story.stream("D", "It is the scattering.").events[-1])
    rounds.pulse.beat()
    card = view.cards.by_key[n("D")]
    assert (card.excerpt, card.told.badge) == ("It is the scattering.", "streaming")
    feed.set_working(False)
    gone(view)


def test_hidden_it_costs_nothing_and_catches_up(rounds: Desk) -> None:
    story = drawn_run()
    feed = rounds.look_at(story, 4)
    view = MapView(rounds.theme, rounds.model, rounds.selection)
    rounds.go_on(feed, story, 4)
    assert not view.cards.by_key
    shown(view)
    assert len(view.cards.by_key) == 8
    gone(view)


def test_shown_between_an_event_and_its_pulse_it_waits_for_the_row(rounds: Desk) -> None:
    story = drawn_run()
    feed = rounds.look_at(story, 4)
    view = MapView(rounds.theme, rounds.model, rounds.selection)
    before = len(feed.state.nodes)
    feed.show_all(story.events[4:])
    assert len(feed.state.nodes) > before
    shown(view)
    assert len(view.cards.by_key) == before
    rounds.pulse.beat()
    assert len(view.cards.by_key) == 8
    gone(view)


def test_cards_move_to_their_new_places(rounds: Desk) -> None:
    rounds.theme.has_motion = True
    story = Story().start("D", "draft").start("R1.A1", parents=(n("D"),))
    feed = rounds.look_at(story)
    view = view_of(rounds)
    before = len(story.events)
    story.start("R1.A2", parents=(n("D"),))
    rounds.go_on(feed, story, before)
    view._move(0.0)
    assert view.cards.by_key[n("R1.A1")].y == 0
    view._moving.stop()
    view._move(1.0)
    assert view.cards.by_key[n("R1.A1")].y == -58
    gone(view)


@pytest.mark.parametrize("scale", [0.1, 0.4, 1.0, 2.0])
def test_every_state_is_drawn_at_every_scale(rounds: Desk, scale: float) -> None:
    rounds.look_at(drawn_run())
    view = view_of(rounds)
    for mode in ("light", "dark"):
        rounds.theme.use(mode=mode)
        view.zoom_to(scale)
        card = view.cards.by_key[n("R1.A3")]
        view.centerOn(QPointF(card.x + WIDTH / 2, card.y))
        image = view.viewport().grab().toImage()
        seen = {image.pixel(x, y) for x in range(0, image.width(), 3) for y in range(image.height())}
        failed = rounds.theme.colour("bad" if scale < NAMES_FROM else "bad_soft")
        assert QColor(failed).rgb() in seen
    gone(view)


def test_another_run_and_none(rounds: Desk) -> None:
    rounds.look_at(drawn_run())
    view = view_of(rounds)
    rounds.look_at(Story("02run").start("D", "draft").finish("D", "short"))
    QApplication.processEvents()
    assert list(view.cards.by_key) == ["D"]
    rounds.selection.show(None)
    rounds.model.show(None)
    QApplication.processEvents()
    assert not view.cards.by_key
    view.grab()
    gone(view)
