"""A run as a tree to look at: what stands where, what each place says, and how that is read aloud."""

from __future__ import annotations

from datetime import timedelta

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.search import RunSpec
from cort_desktop.telling.run_tree import END, RUN, Moment, Place, children, node_of, parent_of, place_of
from cort_desktop.telling.states import Streaming, fault_badge, judged_in
from cort_desktop.telling.told import Told, told
from tests.fakes.story import BEGIN, MODEL, Story, n, two_rounds


def at(story: Story, name: str, **more: object) -> Told:
    state = story.state()
    place = place_of(state, n(name))
    assert place is not None
    return told(Moment(state=state, **more), place)  # type: ignore[arg-type]


def test_every_place_knows_its_parent_and_every_node_its_place() -> None:
    state = two_rounds().state()
    moment = Moment(state=state)
    seen = []

    def walk(place: Place) -> None:
        seen.append(place)
        for child in children(moment, place):
            assert parent_of(state, child) == place
            walk(child)

    walk(RUN)
    assert parent_of(state, RUN) is None
    assert len(seen) == len(set(seen)) == 16
    for name in state.nodes:
        place = place_of(state, name)
        assert place in seen
        assert place is not None
        assert node_of(state, place) == name
    assert place_of(state, n("nobody")) is None


def test_badges_are_short_and_words_are_whole() -> None:
    story = two_rounds()
    failed = at(story, "R1.A3")
    assert (failed.badge, failed.tone) == ("502 · 2 tries", "bad")
    assert failed.words == "failed: my-server answered 502 Bad Gateway; try again later (2 tries)"
    assert (at(story, "R1.A2").badge, at(story, "R1.A2").tone) == ("answer", "good")
    assert at(story, "R1.A1").badge == ""
    assert at(story, "R1.A1").words == "answered"
    assert at(story, "R1.J3").badge == "abstained"
    assert at(story, "R1.J1").note == "R1.A2 > R1.A1 > D"


def test_faults_in_two_words() -> None:
    for kind, words in (("auth", "key refused"), ("unavailable", "502"), ("timeout", "timed out")):
        story = Story().start("D").fail("D", "no", kind=kind)  # type: ignore[arg-type]
        assert fault_badge(story.state().nodes[n("D")]) == words


def test_rounds_and_judges_are_added_up() -> None:
    state = two_rounds().state()
    moment = Moment(state=state)
    first = told(moment, Place("round", 1))
    assert (first.note, first.badge, first.tokens, first.seconds) == ("R1.A2 won", "", "2.6k+", "2.7 s")
    second = told(moment, Place("round", 2))
    assert (second.note, second.badge, second.tone, second.cost) == (
        "R1.A2 stays",
        "unstable",
        "warn",
        "$0.0027",
    )
    judges = told(moment, Place("judges", 1))
    assert (judges.name, judges.label, judges.note, judges.badge) == (
        "R1.J1–3",
        "3 judges",
        "agreement 0.67",
        "1 abstained, 1 in doubt",
    )


def test_judges_at_work() -> None:
    story = Story().start("D", "draft").finish("D", "a").start("R1.A1").finish("R1.A1", "b")
    for judge in ("R1.J1", "R1.J2"):
        story.start(judge, role="judge", saw=(n("D"), n("R1.A1")))
    story.finish("R1.J1", "{}").verdict("R1.J1", [["D"], ["R1.A1"]])
    group = told(Moment(state=story.state()), Place("judges", 1))
    assert (group.mark, group.note) == ("running", "1 of 2 done")
    live = Streaming(characters=40, judged=1)
    assert at(story, "R1.J2", live=lambda _: live).badge == "at answer 1 of 2"
    assert judged_in('{"analysis": [{"candidate": "kqz", "notes": 1}, {"candidate": "bcd"') == 2


def test_a_working_run_counts_its_seconds_and_guesses_its_tokens() -> None:
    story = Story().start("D", "draft")
    moment = Moment(
        state=story.state(),
        now=BEGIN + timedelta(seconds=3),
        last_at=BEGIN,
        live=lambda _: Streaming(characters=70),
    )
    draft = told(moment, Place("node", 0, n("D")))
    assert (draft.badge, draft.tokens, draft.cost, draft.seconds) == ("streaming", "~20", "", "3.0 s")
    assert told(moment, RUN).seconds == "3.0 s"
    assert told(moment, RUN).words == "at work"


def test_nobody_knows_what_became_of_it() -> None:
    story = Story().start("D", "draft").finish("D", "a").start("R1.A1")
    moment = Moment(state=story.state(), is_worked_on=False)
    assert children(moment, RUN)[-1] == END
    assert told(moment, END).note == "interrupted"
    assert told(moment, RUN).words == "interrupted"
    left = told(moment, Place("node", 1, n("R1.A1")))
    assert (left.badge, left.tone, left.seconds) == ("was in flight", "quiet", "")
    elsewhere = Moment(state=story.state(), is_worked_on=False, elsewhere="process 7")
    assert told(elsewhere, END).note == "another program works on it: process 7"
    assert told(elsewhere, Place("node", 1, n("R1.A1"))).badge == "waiting"


def test_several_models_are_named() -> None:
    other = ModelRef("other/small")
    story = Story(spec=RunSpec(lineup={"proposer": (MODEL, other)}))
    story.start("D", "draft").start("R1.A1", model=other)
    assert at(story, "R1.A1").note == "small"
    assert at(Story().start("D", "draft"), "D").note == ""


def test_a_vote_and_a_call_outside_the_rounds() -> None:
    story = Story(strategy="self_consistency").start("R1.A1", "sample").finish("R1.A1", "x")
    story.add(ev.Vote(round=1, answers={n("R1.A1"): "42"}, tally={"42": 1})).start("X1", role="router")
    moment = Moment(state=story.state())
    assert told(moment, Place("vote", 1)).spoken == "Vote, 1 for 42"
    assert at(story, "X1").label == "Decides how many rounds"
    assert children(moment, RUN) == [Place("round", 1), Place("node", 0, n("X1"))]


def test_what_is_read_aloud_leaves_nothing_out() -> None:
    assert at(two_rounds(), "R1.A2").spoken == (
        "R1.A2, Another method, answer, score 0.83, 701 tokens, $0.0021, 1.9 s"
    )
