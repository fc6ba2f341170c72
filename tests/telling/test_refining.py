"""What is said of critiques, of steps that nobody judged, and of a selection by agreement."""

from __future__ import annotations

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.run import RunState
from cort_desktop.telling import run_tree, summary
from cort_desktop.telling.meanings import winner_means
from cort_desktop.telling.outline import outline
from cort_desktop.telling.run_tree import Moment, Place
from cort_desktop.telling.told import told
from cort_desktop.telling.why import rating_words, result_words
from tests.fakes.story import Story, n


def rows(story: Story) -> dict[str, tuple[str, str, str]]:
    return {row.name or row.label: (row.mark, row.label, row.word) for row in outline(story.state())}


def mended(*, nothing: bool) -> Story:
    """A draft, its critique and, unless there was nothing to mend, its revision and a judge."""
    story = Story(strategy="self_refine").start("D", "draft").finish("D", "a draft")
    story.start("R1.C1", None, "critic", parents=(n("D"),), saw=(n("D"),))
    story.finish("R1.C1", "KEEP AS IS" if nothing else "- Say which index.")
    if nothing:
        return story.add(ev.RoundFinished(round=1, winner=n("D"), kept=True))
    story.start("R1.A1", "revision", saw=(n("D"), n("R1.C1"))).finish("R1.A1", "better")
    story.start("R1.J1", role="judge").finish("R1.J1", "{}").verdict("R1.J1", [["R1.A1"], ["D"]])
    return story.add(ev.RoundFinished(round=1, winner=n("R1.A1"), kept=False, method="borda"))


def test_a_critique_stands_first_in_its_round_and_is_no_candidate() -> None:
    story = mended(nothing=False)
    found = rows(story)
    assert found["R1.C1"] == ("call", "critique", "")
    names = [row.name for row in outline(story.state())]
    assert names.index("R1.C1") < names.index("R1.A1") < names.index("R1.J1")
    moment = Moment(state=story.state())
    places = run_tree.children(moment, Place("round", 1))
    assert [place.node for place in places[:2]] == ["R1.C1", "R1.A1"]
    place = run_tree.place_of(moment.state, n("R1.C1"))
    assert place == Place("node", 1, n("R1.C1"))
    assert run_tree.parent_of(moment.state, place) == Place("round", 1)
    assert told(moment, place).label == "Critique"
    whole = told(moment, Place("round", 1))
    assert whole.note == "R1.A1 won"


def test_a_critic_that_finds_nothing_is_said_to() -> None:
    found = rows(mended(nothing=True))
    assert found["R1.C1"] == ("call", "critique", "finds nothing to mend")
    assert found["Round 1"] == ("round", "Round 1", "D stays, nothing to mend")


def test_a_critique_at_work_and_one_that_failed_say_so() -> None:
    story = Story(strategy="self_refine").start("D", "draft").finish("D", "a")
    story.start("R1.C1", None, "critic", saw=(n("D"),))
    assert rows(story)["R1.C1"][0] == "waiting"
    assert rows(story.fail("R1.C1", "the key was refused"))["R1.C1"] == (
        "failed",
        "critique",
        "failed: the key was refused",
    )


def stepped() -> Story:
    """A step that nobody judged, and the next one under way."""
    story = Story(strategy="recursive_self_aggregation")
    for name in ("R1.A1", "R1.A2", "R1.A3"):
        story.start(name, "sample").finish(name, f"the words of {name}")
    story.add(ev.RoundFinished(round=1, winner=n("R1.A2"), method="consensus"))
    return story.start("R2.A1", "synthesis", parents=(n("R1.A2"), n("R1.A3")), saw=(n("R1.A2"), n("R1.A3")))


def test_a_step_is_called_one_and_nobody_is_said_to_have_won_it() -> None:
    story = stepped()
    found = rows(story)
    assert found["Step 1"] == ("round", "Step 1", "R1.A2 has most in common with the others")
    assert found["R1.A2"] == ("won", "sample", "so far the best")
    later = story.finish("R2.A1", "both").add(ev.RoundFinished(round=2, winner=n("R2.A1"), method="borda"))
    assert rows(later)["R1.A2"] == ("candidate", "sample", "has most in common with the others")
    words = result_words(story.state().rounds[1])
    assert words[:2] == ["R1.A2 has most in common with the others", "nobody judged it"]
    assert summary.cost_parts(later.state())[0] == "2 steps"


def selected(ranking: list[list[str]]) -> RunState:
    story = Story(strategy="universal_self_consistency")
    names = [name for group in ranking for name in group]
    for name in sorted(names):
        story.start(name, "sample").finish(name, name)
    story.start("R1.J1", role="judge", saw=tuple(map(n, names))).finish("R1.J1", "{}")
    story.verdict("R1.J1", ranking, purpose="select", order=names)
    scores = {n(name): len(group) / len(names) for group in ranking for name in group}
    story.add(ev.RoundFinished(round=1, winner=n(ranking[0][0]), method="vote", scores=scores))
    return story.end("selection", "Found.", answer=ranking[0][0], scores=scores).state()


@pytest.mark.parametrize(
    ("ranking", "words"),
    [
        ([["R1.A1", "R1.A3"], ["R1.A2"]], "R1.A1 stands for 2 of 3 that agree"),
        ([["R1.A2"], ["R1.A1"], ["R1.A3"]], "R1.A2 most consistent"),
    ],
)
def test_a_selection_is_told_as_agreement_and_never_as_a_judgement(
    ranking: list[list[str]], words: str
) -> None:
    state = selected(ranking)
    assert summary.winner_words(state) == words
    assert "agreement, not quality" in winner_means(state)
    assert rating_words(state)[0].startswith("Share of the votes")
