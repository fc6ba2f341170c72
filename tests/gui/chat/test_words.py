from dataclasses import replace

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Estimate, Reserved
from cort_desktop.domain.search import RunSpec
from cort_desktop.gui.chat.announcing import words_for
from cort_desktop.gui.chat.estimating import estimate_words, token_span
from cort_desktop.gui.chat.progress import badge_words, progress_words, waiting_words
from cort_desktop.gui.run_feed import Changes
from tests.fakes.story import MODEL, Story, n, two_rounds

SPEC = RunSpec(rounds=3, alternatives=3, lineup={"proposer": (MODEL,)})


def test_the_line_above_the_composer_tells_final_texts_and_sides() -> None:
    story = Story(strategy="council", spec=RunSpec(lineup={"proposer": (MODEL,)}))
    story.start("R1.A1").finish("R1.A1", "a")
    story.add(
        ev.NodeStarted(
            node=n("S"), role="synthesizer", kind="synthesis", round=2, reserved=Reserved(tokens=9)
        )
    )
    assert progress_words(story.state(), ()) == "Step 2 · waiting for the final answer"
    assert progress_words(story.state(), [n("S")]) == "Step 2 · the final answer is streaming"
    debate = Story(strategy="debate", spec=RunSpec(rounds=2, lineup={"proposer": (MODEL,)}))
    debate.start("R1.A1", side="first").start("R1.A2", side="second")
    assert progress_words(debate.state(), ()) == "Exchange 1 of 2 · two sides are making their statements"


def test_the_line_above_the_composer_says_round_and_stage() -> None:
    story = Story(spec=SPEC)
    assert progress_words(story.state(), ()) == "Starting"
    story.start("D", "draft")
    assert progress_words(story.state(), ()) == "Waiting for the draft"
    assert progress_words(story.state(), [n("D")]) == "The draft is streaming"
    story.finish("D", "Because.").start("R1.A1").start("R1.A2")
    assert progress_words(story.state(), ()) == "Round 1 of 3 · waiting for two alternatives"
    assert progress_words(story.state(), [n("R1.A2")]) == "Round 1 of 3 · one alternative streaming"
    assert badge_words(story.state()) == "R1"
    story.finish("R1.A1", "a").finish("R1.A2", "b")
    assert progress_words(story.state(), ()) == "Round 1 of 3 · preparing the next step"
    story.start("R1.J1", role="judge").start("R1.J2", role="judge")
    assert progress_words(story.state(), ()) == "Round 1 of 3 · two judges are reading"
    story.add(ev.UserEvent(verb="stopped"))
    assert progress_words(story.state(), ()).endswith("stopping, what there is stays")


def test_steps_are_called_steps_and_a_critic_is_told_of() -> None:
    story = Story(spec=SPEC, strategy="recursive_self_aggregation").start("R2.A1").start("R2.A2")
    assert progress_words(story.state(), ()) == "Step 2 of 3 · waiting for two alternatives"
    story = Story(spec=SPEC, strategy="self_refine").start("D", "draft").finish("D", "a")
    story.start("R1.C1", None, "critic", saw=(n("D"),))
    assert progress_words(story.state(), ()) == "Round 1 of 3 · a critic is looking for what to mend"


def test_one_round_is_not_counted() -> None:
    story = Story(spec=replace(SPEC, rounds=1)).start("R1.A1")
    assert progress_words(story.state(), ()) == "Waiting for one alternative"


def test_a_turn_without_an_answer_says_what_happens() -> None:
    story = Story(spec=SPEC).start("R1.A1").start("R1.A2").start("R1.A3")
    assert waiting_words(story.state(), ()) == "Three answers are being written · waiting for first words"
    assert waiting_words(story.state(), [n("R1.A1"), n("R1.A3")]) == (
        "Three answers are being written · two streaming"
    )
    assert waiting_words(story.state(), [n("R1.A1"), n("R1.A2"), n("R1.A3")]) == (
        "Three answers are being written"
    )


def test_the_estimate_says_a_unit_once() -> None:
    estimate = Estimate(
        calls_low=13, calls_high=19, tokens_low=9_000, tokens_high=14_000, cost_microusd=20_000
    )
    assert estimate_words(estimate) == "≈ 13–19 calls · 9–14k tokens · $0.02"
    single = Estimate(calls_low=1, calls_high=1, tokens_low=300, tokens_high=900, cost_microusd=None)
    assert estimate_words(single) == "≈ 1 call · 300–900 tokens · unknown price"
    assert token_span(1_200, 3_500) == "1.2–3.5k"
    assert token_span(1_200, 1_210) == "1.2k"
    assert token_span(900, 2_000) == "900–2.0k"


def test_a_screen_reader_hears_of_a_round_once() -> None:
    story = two_rounds()
    rounds = tuple(event for event in story.events if isinstance(event.body, ev.RoundFinished))
    told = words_for(story.state(), _changes(rounds[:1]))
    assert told == ["Round 1 ended: R1.A2 is the best so far."]
    streamed = Changes(nodes=frozenset(), streamed=frozenset({n("R1.A1")}), events=())
    assert words_for(story.state(), streamed) == []
    end = words_for(story.state(), _changes(tuple(story.events[-2:])))
    assert len(end) == 1
    assert end[0].startswith("The answer is there: R1.A2")


def _changes(events: tuple[ev.Event, ...]) -> Changes:
    return Changes(nodes=frozenset(), streamed=frozenset(), events=events)
