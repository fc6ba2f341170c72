"""What is looked at while a run works: gently what happens, never against a person's choice."""

from __future__ import annotations

from cort_desktop.gui.rounds.following import Following
from tests.fakes.rounds import drawn_run
from tests.fakes.story import Story, n
from tests.gui.rounds.desk import Desk


def watched(desk: Desk, story: Story, *, by_hand_at: str | None = None) -> list[str | None]:
    feed = desk.feed(story, 0)
    desk.selection.show(feed)
    following = Following(desk.selection, desk.owner)
    feed.set_working(True)
    seen: list[str | None] = []
    for at in range(len(story.events)):
        desk.go_on(feed, story, at, at + 1)
        if by_hand_at is not None and by_hand_at in feed.state.nodes:
            desk.selection.select(n("D"))
            by_hand_at = None
        if not seen or seen[-1] != desk.selection.node:
            seen.append(desk.selection.node)
    feed.set_working(False)
    following.deleteLater()
    return seen


def test_a_call_is_followed_to_its_end_then_the_winner_then_the_answer(rounds: Desk) -> None:
    seen = watched(rounds, drawn_run())
    assert [each for each in seen if each is not None] == ["D", "R1.A2", "R2.A1", "R2.A2", "R2.A3"]


def test_a_persons_choice_stays(rounds: Desk) -> None:
    seen = watched(rounds, drawn_run(), by_hand_at="R1.A2")
    assert seen[-1] == "D"


def test_another_run_is_followed_and_the_old_one_no_longer(rounds: Desk) -> None:
    first = Story().start("D", "draft")
    feed = rounds.feed(first, 0)
    rounds.selection.show(feed)
    following = Following(rounds.selection, rounds.owner)
    other = rounds.feed(Story("02run").start("D", "draft").finish("D", "a"))
    rounds.selection.show(other)
    rounds.go_on(feed, first, 0)
    assert rounds.selection.feed is other
    assert rounds.selection.node == "D"
    rounds.selection.show(None)
    following.deleteLater()
