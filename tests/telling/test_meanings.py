"""Every number of a contest can be asked what it is."""

from __future__ import annotations

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import NodeName
from cort_desktop.gui.rounds.why_facts import why_of
from cort_desktop.telling.meanings import score_means, winner_means
from cort_desktop.telling.summary import first_places
from tests.fakes.story import Story, n, two_rounds


def voted() -> Story:
    story = Story(strategy="self_consistency")
    for name in ("R1.A1", "R1.A2"):
        story.start(name, "sample").finish(name, "5")
    answers: dict[NodeName, str | None] = {n("R1.A1"): "5", n("R1.A2"): "5"}
    story.add(ev.Vote(round=1, answers=answers, tally={"5": 2}, confidence=0.9))
    scores = {n("R1.A1"): 1.0, n("R1.A2"): 1.0}
    story.add(ev.RoundFinished(round=1, winner=n("R1.A1"), scores=scores, method="vote"))
    return story.end("vote", "2 of 2 samples agree.", answer="R1.A1", scores=scores)


def test_a_score_is_the_judges_preference() -> None:
    state = two_rounds().state()
    said = score_means(state, state.nodes[n("R1.A1")])
    assert said.startswith("Score in round 1: the mean over the judges")
    assert said.endswith("It is the judges’ preference, not a measure of quality.")
    assert score_means(state, state.nodes[n("R1.A3")]) == ""


def test_what_is_said_of_the_answer_has_its_rating() -> None:
    said = winner_means(two_rounds().state())
    assert "put it first, alone, in the last round" in said
    assert said.endswith("This one has 0.71.")
    assert winner_means(Story().start("D", "draft").finish("D", "a").state()) == ""


def test_a_vote_is_no_judgement() -> None:
    state = voted().state()
    assert "samples" in score_means(state, state.nodes[n("R1.A1")])
    assert "judges" not in winner_means(state)
    assert any(note.startswith("Share of the votes: R1.A1 1.00") for note in why_of(state, 1).notes)


def test_who_shares_the_top_did_not_win_alone() -> None:
    state = two_rounds().state()
    first = [state.verdicts[n(name)] for name in ("R1.J1", "R1.J2")]
    assert first_places(first, n("R1.A2")) == (1, 0)
    tied = two_rounds().verdict("R2.J2", [["R1.A2", "R2.A1"]]).state().verdicts[n("R2.J2")]
    assert first_places([tied], n("R1.A2")) == (0, 1)


def test_why_says_what_its_numbers_are() -> None:
    notes = why_of(two_rounds().state(), 1).notes
    assert any(
        note.startswith("Scores of the round: R1.A2 0.83, R1.A1 0.50, D 0.17. A score is") for note in notes
    )
