"""What the audit of a run says, on verdicts written by hand."""

from __future__ import annotations

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import ModelRef, NodeName
from cort_desktop.domain.run import RunState
from cort_desktop.engine.audit import audit
from tests.fakes.story import MODEL, Story, n

OTHER = ModelRef("other/judge")


def judged(*verdicts: tuple[str, list[str], list[list[str]], ModelRef]) -> Story:
    """Three answers (a short, a middle, a long one) and verdicts on them: (name, shown, ranking, model)."""
    story = Story(strategy="best_of_n", preset="quick", question="Why?")
    for index, text in enumerate(("short", "of middle length", "the longest of the three of them"), 1):
        story.start(f"R1.A{index}").finish(f"R1.A{index}", text)
    for name, shown, ranking, model in verdicts:
        story.start(name, role="judge", model=model, saw=tuple(map(n, shown))).finish(name, "{}")
        story.add(
            ev.Verdict(
                node=n(name),
                round=1,
                purpose="panel",
                model=model,
                order=tuple(n(each) for each in shown),
                labels={},
                ranking=tuple(tuple(n(each) for each in place) for place in ranking),
                parsed_by="json" if ranking else "abstained",
                weight=1.0 if ranking else 0.0,
            )
        )
    return story


def folded(story: Story) -> RunState:
    return RunState(story.run).fold(story.events)


A, B, C = "R1.A1", "R1.A2", "R1.A3"


def test_nothing_judged_is_nothing_known() -> None:
    found = audit(folded(judged()))
    assert (found.verdicts, found.abstained, found.is_indicator) == (0, 0, True)
    assert (found.place, found.length, found.self_preference, found.own_author) == (None, None, None, False)


def test_a_judge_that_prefers_what_comes_first_and_what_is_long() -> None:
    found = audit(
        folded(
            judged(
                ("R1.J1", [C, B, A], [[C], [B], [A]], MODEL),
                ("R1.J2", [A, C, B], [[A], [C], [B]], MODEL),
            )
        )
    )
    assert found.place is not None
    assert found.place.share == 1.0
    assert found.place.expected == pytest.approx(1 / 3)
    assert found.length == pytest.approx((1.0 + -1 / 3) / 2)
    assert found.own_author
    assert found.is_indicator


def test_a_shared_first_place_is_half_a_preference() -> None:
    found = audit(folded(judged(("R1.J1", [A, B], [[A, B]], MODEL))))
    assert found.place is not None
    assert found.place.share == 0.5


def test_abstentions_are_counted() -> None:
    found = audit(folded(judged(("R1.J1", [A, B], [], MODEL), ("R1.J2", [A, B], [[B], [A]], MODEL))))
    assert (found.verdicts, found.abstained) == (1, 1)


def test_a_model_that_likes_its_own() -> None:
    found = audit(
        folded(
            judged(
                ("R1.J1", [A, B], [[A], [B]], MODEL),
                ("R1.J2", [A, B], [[B], [A]], OTHER),
            )
        )
    )
    assert found.self_preference is not None
    assert (found.self_preference.own, found.self_preference.others) == (0.5, 0.5)
    assert not found.own_author


def test_a_persons_ranking_is_held_against_the_judges() -> None:
    story = judged(("R1.J1", [A, B], [[A], [B]], MODEL))
    story.add(ev.RoundFinished(round=1, winner=NodeName(A)))
    story.add(ev.UserEvent(verb="ranked", ranking=((n(B),), (n(A),))))
    story.add(ev.UserEvent(verb="ranked", ranking=((n(A),), (n(B),))))
    found = audit(folded(story))
    assert (found.with_person, found.choices) == (0.5, 2)
