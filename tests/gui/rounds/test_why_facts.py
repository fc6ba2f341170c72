"""What is said about a round: chips, table, dissent first, doubts, votes, checks, the end in numbers."""

from __future__ import annotations

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import Reason
from cort_desktop.gui.rounds.end_words import numbers_words
from cort_desktop.gui.rounds.judge_facts import plain, saying
from cort_desktop.gui.rounds.why_facts import best_number, numbers, why_of
from cort_desktop.gui.rounds.why_values import Chip, Piece, Why
from tests.fakes.contest import contest, first_round
from tests.fakes.story import Story, n, two_rounds

STATE = contest().state()


def chips(why: Why) -> list[str]:
    return [chip.text for chip in why.chips]


def test_the_last_round_tells_who_won_and_how_firmly() -> None:
    why = why_of(STATE, 2)
    assert why.headline == "R2.A3 won"
    assert chips(why) == ["2 of 3 judges", "unstable: order changed the outcome", "agreement 0.75"]
    assert why.chips[1].tone == "badge-warn"
    assert "50% of the pairs" in why.chips[1].more
    assert why.notes[0].startswith("Shown in another order the same judges chose differently")


def test_an_earlier_round_names_itself_and_what_is_missing() -> None:
    why = why_of(STATE, 1)
    assert why.headline == "R1.A2 won round 1"
    assert chips(why) == ["1 of 2 judges", "1 of 2 verdicts in doubt", "agreement 0.67", "missing: R1.A3"]
    assert why.ended == ""


def test_the_table_has_mean_scores_the_winner_first_and_the_incumbent_marked() -> None:
    table = why_of(STATE, 2).table
    assert table is not None
    assert table.criteria == ("correctness", "completeness", "instruction_following", "clarity")
    rows = {row.node: row for row in table.rows}
    assert [row.node for row in table.rows] == ["R2.A3", "R1.A2", "R2.A2", "R2.A1"]
    assert rows[n("R2.A3")].is_winner
    assert rows[n("R1.A2")].note == "incumbent"
    assert rows[n("R2.A1")].scores == (4.0, 5.0, 7.0, 8.0)
    assert [row.rank for row in table.rows] == ["1", "2", "3", "4"]


def test_a_mean_is_taken_over_the_judges_that_scored() -> None:
    table = why_of(STATE, 1).table
    assert table is not None
    assert table.rows[0].scores == (7.5, 7.5, 8.0, 7.0)
    assert table.scored_by == 2


def test_ranks_by_judge_begin_with_the_dissenting_one() -> None:
    table = why_of(STATE, 2).table
    assert table is not None
    assert table.judges == ("R2.J2", "R2.J1", "R2.J3")
    assert table.dissenters == {"R2.J2"}
    assert table.rows[0].ranks == ("2", "1", "1")


def test_contestants_with_the_same_preference_share_a_rank() -> None:
    table = why_of(two_rounds().state(), 2).table
    assert table is not None
    assert [row.rank for row in table.rows] == ["1=", "1="]


def test_dissent_stands_first_and_silence_last() -> None:
    first = why_of(STATE, 1).judges
    assert [judge.node for judge in first] == ["R1.J2", "R1.J1", "R1.J3"]
    assert plain(first[0].dissent) == "R1.A1"
    assert first[0].doubts == ("Counts half: its scores contradict its ranking.",)
    assert [chip.text for chip in first[2].chips] == ["abstained: its reply could not be read"]
    assert first[2].raw == "I like them all."


def test_labels_in_a_judges_words_are_names_that_can_be_gone_to() -> None:
    judge = why_of(STATE, 1).judges[1]
    assert judge.quote == (
        Piece("A partial index lets the planner stop after 50 rows; "),
        Piece("D", n("D")),
        Piece(" never says which index."),
    )
    assert judge.order == ("R1.A1", "D", "R1.A2")
    assert judge.model == "claude-haiku"
    assert plain(judge.lacks) == "a word on the cost of writing"
    assert [(name, plain(flaw)) for name, flaw in judge.flaws] == [("D", "names no index")]


def test_a_repaired_verdict_says_so() -> None:
    judge = next(judge for judge in why_of(STATE, 2).judges if judge.node == "R2.J3")
    assert judge.chips == (Chip("read after one repair", "badge-warn"),)


def test_names_in_words_are_places_only_when_the_run_has_them() -> None:
    assert saying("R1.A2 beats R9.A9 and D", STATE) == (
        Piece("R1.A2", n("R1.A2")),
        Piece(" beats R9.A9 and D"),
    )
    assert saying("", STATE) == ()
    hostile = plain(saying("\u202eevil\x1b[2J\nline", STATE))
    assert "\u202e" not in hostile
    assert "\n" not in hostile


def test_the_end_is_told_with_the_rating() -> None:
    why = why_of(STATE, 2)
    assert why.ended == "Why it ended: 2 of 2 rounds are done; R2.A3 came out best."
    assert any("Overall rating" in note for note in why.notes)


def test_a_kept_incumbent_stays() -> None:
    state = two_rounds().state()
    assert why_of(state, 2).headline == "R1.A2 stays"
    assert "unstable: order changed the outcome" in chips(why_of(state, 2))
    assert [chip.text for judge in why_of(state, 2).judges for chip in judge.chips] == ["head to head"] * 2


def test_a_verdict_that_could_not_be_read_is_a_visible_state() -> None:
    story = Story().start("D", "draft").start("R1.A1").wait(1).finish("D", "a").finish("R1.A1", "b")
    story.start("R1.J1", role="judge").wait(1).finish("R1.J1", "?")
    story.verdict("R1.J1", [], order=["D", "R1.A1"], parsed_by="abstained", weight=0.0)
    story.add(ev.RoundFinished(round=1, winner=n("D"), kept=True))
    why = why_of(story.state(), 1)
    assert why.headline == "The verdict of round 1 failed"
    assert Chip("too few judges could be read", "badge-bad") in why.chips
    assert why.table is None


def test_a_round_in_progress_says_it_is_not_decided() -> None:
    story = Story()
    first_round(story)
    story.events.pop()
    story._seq -= 1
    story.start("R1.J4", role="judge", saw=(n("D"), n("R1.A1")))
    why = why_of(story.state(), 1)
    assert why.headline == "Round 1 is not decided yet"
    assert why.judges[-1].chips == (Chip("reading 2 answers"),)
    assert why.table is not None
    assert {row.rank for row in why.table.rows} == {"–"}


def test_a_judge_whose_call_failed_is_named_with_its_error() -> None:
    story = Story().start("D", "draft").start("R1.A1").wait(1).finish("D", "a").finish("R1.A1", "b")
    story.start("R1.J1", role="judge").fail("R1.J1", "my-server answered 500")
    judge = why_of(story.state(), 1).judges[0]
    assert judge.chips == (Chip("gave no verdict: my-server answered 500", "badge-bad"),)


def test_a_persons_choice_is_told_beside_who_won() -> None:
    story = contest().add(ev.UserEvent(verb="override", node=n("R2.A1")))
    why = why_of(story.state(), 2)
    assert chips(why)[0] == "your choice: R2.A1"
    assert why.headline == "R2.A3 won"


def test_without_a_contest_it_says_that_nothing_was_compared() -> None:
    story = Story(strategy="single").start("D", "draft").wait(1).finish("D", "x")
    story.end("single", "One answer was asked for.", answer="D")
    why = why_of(story.state(), None)
    assert why.headline == "D is the answer"
    assert why.notes == ("Nothing was compared: there are no verdicts and no votes in this run.",)
    assert why.ended == "Why it ended: One answer was asked for."


def test_a_run_that_failed_says_why_in_its_place() -> None:
    story = Story().start("D", "draft").fail("D", "The key of my-server was refused.", kind="auth")
    story.end("no_candidates", "Every call failed.", answer=None, status="failed")
    assert "The key of my-server was refused." in why_of(story.state(), None).headline


def test_a_run_without_events_has_nothing_to_say() -> None:
    assert why_of(RunState(contest().run), None).headline == "Nothing has happened yet"


def test_votes_are_counted_with_the_silent_and_the_confidence() -> None:
    story = Story(strategy="self_consistency")
    for index in range(1, 5):
        story.start(f"R1.A{index}", "sample").finish(f"R1.A{index}", "It is 42")
    answers = {n("R1.A1"): "42", n("R1.A2"): "42", n("R1.A3"): "41", n("R1.A4"): None}
    story.add(ev.Vote(round=1, answers=answers, tally={"41": 1, "42": 2}, confidence=0.9))
    story.add(ev.Check(node=n("R1.A1"), verifier="python", passed=False, detail="no"))
    why = why_of(story.state(), 1)
    assert why.votes is not None
    assert [(bar.value, bar.votes, bar.nodes) for bar in why.votes.bars] == [
        ("42", 2, ("R1.A1", "R1.A2")),
        ("41", 1, ("R1.A3",)),
    ]
    assert (why.votes.total, why.votes.silent, why.votes.confidence) == (3, ("R1.A4",), 0.9)
    assert [(check.node, check.passed, check.detail) for check in why.checks] == [("R1.A1", False, "no")]


@pytest.mark.parametrize(
    ("node", "round_"),
    [("R2.A3", 2), ("R1.A2", 1), ("D", 1), ("R1.J2", 1), ("R9.A9", 2), (None, 2)],
)
def test_the_round_of_the_selected_node_is_shown(node: str | None, round_: int) -> None:
    assert best_number(STATE, None if node is None else n(node)) == round_


def test_rounds_without_anything_to_say_are_not_offered() -> None:
    story = Story().start("D", "draft").start("R1.A1")
    assert numbers(story.state()) == ()
    assert best_number(story.state(), n("D")) is None
    assert numbers(STATE) == (1, 2)


@pytest.mark.parametrize(
    ("rule", "figures", "words"),
    [
        ("rounds", {"rounds": 2, "undecided": 0}, "2 rounds"),
        ("rounds", {"rounds": 1, "undecided": 1}, "1 round, 1 undecided"),
        ("tokens", {"value": 21_400, "cap": 20_000}, ""),  # the sentence of the cap tells them
        (
            "vote_clear",
            {"for": 9, "next": 2, "confidence": 0.971, "samples": 12},
            "9 for it, 2 for the next, 97.1% sure that more samples would not change it, 12 samples",
        ),
        ("other", {"half_life": 0.25, "nothing": None}, "half life 0.25"),
        ("stopped", {}, ""),
        ("tokens", {}, ""),
    ],
)
def test_the_numbers_of_an_end_are_words(rule: str, figures: dict, words: str) -> None:
    assert numbers_words(Reason(rule=rule, text="", numbers=figures)) == words
