"""Why an answer won: ranks, means, dissent, labels read as names; and a run in a few sentences."""

from __future__ import annotations

from cort_desktop.domain import events as ev
from cort_desktop.telling import why
from cort_desktop.telling.meanings import score_means, winner_means
from cort_desktop.telling.summary import notes, votes_words, winner_words
from tests.fakes.story import Story, n, two_rounds


def test_facts_of_a_round() -> None:
    state = two_rounds().state()
    round_ = state.rounds[1]
    first, second, abstained = why.verdicts(state, round_)
    ranked = why.readable(state, round_)
    assert ranked == [first, second]
    assert not abstained.ranking
    assert why.contestants(round_, ranked) == ["R1.A2", "R1.A1", "D"]
    assert why.criteria(ranked)[0] == "correctness"
    assert [why.rank_words(second, n(name)) for name in ("R1.A1", "R1.A2", "D", "R1.A3")] == [
        "1",
        "2=",
        "2=",
        "–",
    ]
    assert why.mean_score(ranked, n("R1.A2"), "correctness") == 8
    assert why.mean_score(ranked, n("R1.A2"), "wit") is None
    assert [why.score_words(score) for score in (8.0, 7.25, None)] == ["8", "7.2", ""]


def test_dissent_is_a_judge_that_put_another_one_first() -> None:
    state = two_rounds().state()
    round_ = state.rounds[1]
    first, second, abstained = why.verdicts(state, round_)
    assert why.dissent(round_, first) == ()
    assert why.dissent(round_, second) == ("R1.A1",)
    assert why.dissent(round_, abstained) == ()
    assert why.dissent_words(round_, second) == "dissent: preferred R1.A1"


def test_labels_become_names_and_acting_characters_become_visible() -> None:
    verdict = ev.Verdict(
        node=n("R1.J1"),
        round=1,
        purpose="panel",
        order=(n("D"), n("R1.A1")),
        labels={"kqz": n("D"), "bcd": n("R1.A1")},
        parsed_by="json",
    )
    assert why.named("kqz beats bcd,\nnot kqzz \x1b[2J", verdict) == "D beats R1.A1, not kqzz ␛[2J"


def test_headlines() -> None:
    story = Story().start("D", "draft")
    assert why.headline(story.state()) == "There is no answer yet"
    story.finish("D", "a")
    assert why.headline(story.state()) == "D is the first answer; nothing is judged yet"
    assert why.nothing_compared(story.state()).startswith("Nothing is compared yet")
    assert why.headline(two_rounds().state()) == "Why R1.A2 is the answer"


def test_a_result_in_words() -> None:
    state = two_rounds().state()
    assert why.result_words(state.rounds[2]) == [
        "R1.A2 stays",
        "mean rank over the judges (Borda)",
        "agreement of the judges 0.50",
        "unstable: order changed the outcome",
    ]
    assert why.rating_words(state) == [
        "Overall rating (strength over all verdicts of the run; 1 is average): R1.A2 0.71, R2.A1 0.40"
    ]
    assert why.last_winner(state) == "R1.A2"


def test_what_judges_scored_alone_is_no_rating_against_others() -> None:
    """A search of a tree ends with the judges' own scores: no strength, and 1 is the most, no average."""
    story = Story(strategy="ab_mcts")
    for number, (name, score) in enumerate({"R1.A1": 0.75, "R2.A1": 0.6}.items(), start=1):
        judge = f"R{number}.J1"
        story.start(name, "sample").finish(name, "an answer").start(judge, None, "judge", saw=(n(name),))
        story.finish(judge, "{}").verdict(judge, [[name]], purpose="score")
        result = ev.RoundFinished(round=number, winner=n("R1.A1"), scores={n(name): score}, method="rubric")
        story.add(result)
    scores = {n("R1.A1"): 0.75, n("R2.A1"): 0.6}
    state = story.end("nodes", "R1.A1 is rated best.", answer="R1.A1", scores=scores).state()
    assert why.rating_words(state) == ["Mean of the judges’ scores, over 10: R1.A1 0.75, R2.A1 0.60"]
    told = winner_means(state), score_means(state, state.nodes[n("R1.A1")])
    for said in told:
        assert "mean of the scores" in said
        assert not any(word in said for word in ("Bradley-Terry", "average candidate", "ranked", "first"))


def test_who_won_by_how_many() -> None:
    state = two_rounds().state()
    assert winner_words(state) == "R1.A2 won 1 of 2"
    assert votes_words(state, n("R1.A1")) == "won 1 of 2"
    assert notes(state) == [
        "The same answer won two rounds in a row.",
        "failed: R1.A3: my-server answered 502 Bad Gateway; try again later (2 tries)",
        "order changed the outcome in round 2",
    ]


def test_a_persons_choice_is_called_so() -> None:
    story = two_rounds().add(ev.UserEvent(verb="override", node=n("R1.A1")))
    assert winner_words(story.state()) == "R1.A1, your choice"
    assert why.headline(story.state()) == "R1.A1 is the answer because you chose it"
