from collections.abc import Callable

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.search import Reason
from cort_desktop.gui.chat.look import Problem, look_at, look_at_row, partials
from cort_desktop.gui.run_feed import RunFeed
from cort_desktop.gui.ui import Ui
from tests.fakes.story import Story, n, two_rounds
from tests.fakes.window import Gui

Make = Callable[..., RunFeed]


@pytest.fixture
def with_feed(gui: Gui) -> Callable[[Callable[[Make], None]], None]:
    """Runs a test with a maker of feeds: ``feed(story, working=…)``."""

    def run(check: Callable[[Make], None]) -> None:
        async def main(ui: Ui) -> None:
            def feed(story: Story, *, working: bool = False) -> RunFeed:
                made = ui.feeds.begin(story.run)
                made.show_all(story.events)
                made.set_working(working)
                return made

            check(feed)

        gui.run(main)

    return run


def test_the_only_text_is_shown_while_it_streams(with_feed: Callable) -> None:
    def check(feed: Make) -> None:
        story = Story().start("D", "draft")
        waiting = look_at(feed(story, working=True))
        assert waiting.text == ""
        assert waiting.waiting.startswith("One answer is being written")
        story.stream("D", "Because ").stream("D", "of")
        look = look_at(feed(story, working=True))
        assert (look.text, look.is_open, look.badge) == ("Because of", True, "writing D")

    with_feed(check)


def test_the_best_so_far_changes_only_when_a_round_ends(with_feed: Callable) -> None:
    def check(feed: Make) -> None:
        story = Story().start("D", "draft").finish("D", "The draft.").start("R1.A1").start("R1.A2")
        story.stream("R1.A1", "Better!")
        look = look_at(feed(story, working=True))
        assert (look.text, look.is_open) == ("The draft.", False)
        assert look.badge == "so far: D"
        assert "not judged yet" in look.words
        story.finish("R1.A1", "Better!").finish("R1.A2", "Worse.")
        assert look_at(feed(story, working=True)).text == "The draft."
        story.add(ev.RoundFinished(round=1, winner=n("R1.A1"), kept=False)).start("R2.A1")
        look = look_at(feed(story, working=True))
        assert (look.text, look.badge) == ("Better!", "so far: R1.A1")
        assert look.words == "round 2 is running; this changes only when a round ends"

    with_feed(check)


def test_several_first_answers_wait_in_words(with_feed: Callable) -> None:
    def check(feed: Make) -> None:
        story = Story(strategy="best_of_n").start("R1.A1").start("R1.A2").stream("R1.A1", "One")
        look = look_at(feed(story, working=True))
        assert look.text == ""
        assert look.waiting == "Two answers are being written · one streaming"

    with_feed(check)


def test_one_of_several_is_never_shown_as_the_only_one(with_feed: Callable) -> None:
    def check(feed: Make) -> None:
        story = Story(strategy="best_of_n").start("R1.A1").stream("R1.A1", "One")
        assert look_at(feed(story, working=True)).text == ""

    with_feed(check)


def test_a_finished_run_has_its_strip(with_feed: Callable) -> None:
    def check(feed: Make) -> None:
        look = look_at(feed(two_rounds()))
        assert look.node == "R1.A2"
        assert look.winner.startswith("R1.A2 won")
        assert "2 rounds" in look.strip
        assert look.trouble is not None
        assert look.trouble.kind == "warn"
        assert "R1.A3" in look.trouble.title + "".join(look.trouble.lines)

    with_feed(check)


def test_without_a_contest_nothing_has_won(with_feed: Callable) -> None:
    def check(feed: Make) -> None:
        story = Story(strategy="single").start("D", "draft").finish("D", "Because.")
        story.end("single", "One answer was asked for.", answer="D")
        look = look_at(feed(story))
        assert (look.text, look.winner, look.trouble) == ("Because.", "", None)
        assert "1 call" in look.strip

    with_feed(check)


def test_a_failed_run_says_why_and_what_next(with_feed: Callable) -> None:
    def check(feed: Make) -> None:
        story = Story().start("D", "draft").fail("D", "my-server refused the key (401).", kind="auth")
        story.end("failed", "Every call failed.", answer=None, status="failed")
        look = look_at(feed(story))
        assert look.text == ""
        assert look.trouble is not None
        assert look.trouble.kind == "bad"
        assert "refused the key" in look.trouble.title
        assert look.trouble.offers == ("settings", "again")

    with_feed(check)


def test_a_stopped_run_is_a_result_that_can_go_on(with_feed: Callable) -> None:
    def check(feed: Make) -> None:
        story = Story().start("D", "draft").finish("D", "The draft.").start("R1.A1")
        story.add(
            ev.UserEvent(verb="stopped"), ev.NodeCancelled(node=n("R1.A1"), by="person", partial="Half")
        )
        story.end("stopped", "You stopped the run.", answer="D", status="stopped")
        look = look_at(feed(story))
        assert look.text == "The draft."
        assert look.trouble is not None
        assert (look.trouble.kind, look.trouble.offers) == ("info", ("resume",))

    with_feed(check)


def test_an_interrupted_run_offers_both_ways_on(with_feed: Callable) -> None:
    def check(feed: Make) -> None:
        story = Story().start("D", "draft").finish("D", "The draft.").start("R1.A1").stream("R1.A1", "Half a")
        made = feed(story)
        look = look_at(made)
        assert look.text == "The draft."
        assert look.trouble is not None
        assert look.trouble.offers == ("resume", "again")
        assert partials(made) == {"R1.A1": "Half a"}
        made.elsewhere = "process 12 (cort-desktop)"
        elsewhere = look_at(made)
        assert elsewhere.trouble is not None
        assert "process 12" in elsewhere.trouble.title
        assert elsewhere.trouble.offers == ("reload",)

    with_feed(check)


def test_a_choice_by_hand_is_named(with_feed: Callable) -> None:
    def check(feed: Make) -> None:
        story = two_rounds().add(ev.UserEvent(verb="override", node=n("D")))
        look = look_at(feed(story))
        assert look.text == "Because of the scan."
        assert look.winner == "D, your choice"

    with_feed(check)


def test_a_run_that_could_not_be_saved_says_so(with_feed: Callable) -> None:
    def check(feed: Make) -> None:
        full = Problem(text="The disk is full.", is_unsaved=True)
        look = look_at(feed(two_rounds()), full)
        assert look.text
        assert look.trouble is not None
        assert look.trouble.title == "This run could not be saved: The disk is full."
        assert look_at(feed(two_rounds(), working=True), full).trouble is None

    with_feed(check)


def test_a_run_that_broke_off_says_why_and_can_still_be_gone_on_with(with_feed: Callable) -> None:
    def check(feed: Make) -> None:
        left = look_at(feed(Story().start("D", "draft"))).trouble
        look = look_at(feed(Story().start("D", "draft")), Problem(text="Somebody else works on it."))
        assert left is not None
        assert look.trouble is not None
        assert look.trouble.title == "Somebody else works on it."
        assert look.trouble.lines == (left.title,)
        assert look.trouble.offers == left.offers == ("resume", "again")

    with_feed(check)


def test_a_cap_before_any_answer_can_be_resumed(with_feed: Callable) -> None:
    def check(feed: Make) -> None:
        story = Story().start("D", "draft")
        story.add(ev.NodeCancelled(node=n("D"), by="limit", partial="Beg"))
        story.add(
            ev.RunFinished(
                status="failed",
                reason=Reason(rule="tokens", text="The cap of 20k tokens is reached."),
                usage=story.state().spent.usage,
            )
        )
        look = look_at(feed(story))
        assert look.trouble is not None
        assert look.trouble.offers[0] == "resume"
        assert look.partials == {"D": "Beg"}

    with_feed(check)


def test_without_a_log_the_row_is_shown() -> None:
    assert look_at_row(None).text == ""
