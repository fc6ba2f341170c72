"""How a council, a mixture and a debate are told: what their rounds and texts are called, and how they came
out."""

from __future__ import annotations

from cort_desktop.domain import events as ev
from cort_desktop.domain.run import RunState
from cort_desktop.telling.outline import outline
from cort_desktop.telling.states import round_words, verdict_failed
from cort_desktop.telling.summary import cost_parts, winner_words
from cort_desktop.telling.why import result_words
from tests.fakes.lineups import A, B, C, failed, thought
from tests.fakes.models import Reply

MEMBERS = {"proposer": (A, B, C), "judge": (A, B, C)}
TEXTS = {
    "R1.A1": Reply(text="abcdefghij " * 3),
    "R1.A2": Reply(text="0123456789"),
    "R1.A3": Reply(text="xyz"),
}


def rows(state: RunState) -> list[tuple[str, str]]:
    return [(row.label, row.word) for row in outline(state)]


def test_a_council_is_two_steps_and_its_chairmans_text() -> None:
    state, _, _ = thought("council", MEMBERS, TEXTS, alternatives=None)
    told = rows(state)
    assert told[1][0] == "Step 1"
    assert told[1][1].startswith("R1.A1 won, ")
    assert told[1][1].endswith("diversity 1.00")
    assert ("Step 2", "S is written") in told
    assert ("chairman", "answer") in told
    assert winner_words(state) == "S written out of 3"
    assert "2 steps" in cost_parts(state)
    assert "diversity of the answers 1.00" in result_words(state.rounds[1])


def test_a_chairman_that_brought_nothing_leaves_the_best_ranked_standing() -> None:
    script = {**TEXTS, "S": failed(), "S2": failed()}
    state, _, _ = thought("council", MEMBERS, script, alternatives=None)
    assert round_words(state, state.rounds[2]) == "R1.A1 stays"


def test_a_mixture_says_what_most_agree_with_and_who_put_it_together() -> None:
    state, _, _ = thought("mixture_of_agents", MEMBERS, TEXTS, alternatives=3)
    told = rows(state)
    assert any(label == "Step 1" and "has most in common with the others" in word for label, word in told)
    assert ("aggregator", "answer") in told


def test_a_debate_is_its_exchanges_and_its_sides() -> None:
    script = {"R2.A1": Reply(text="short"), "R2.A2": Reply(text="a longer statement")}
    state, _, _ = thought("debate", {"proposer": (A, B), "judge": (C,)}, script, rounds=2, judges=1)
    told = rows(state)
    assert told[1][0] == "Exchange 1"
    assert told[1][1].startswith("both sides spoke, diversity 0.")
    assert [label for label, _ in told[2:4]] == ["first side", "second side"]
    assert any(label == "Exchange 2" and word.startswith("R2.A2 won") for label, word in told)


def test_a_debate_that_was_stopped_before_its_judges_had_read_has_no_failed_verdict() -> None:
    def watch(run: object, event: ev.Event) -> None:
        if isinstance(event.body, ev.NodeStarted) and event.body.role == "judge":
            run.steer(ev.UserEvent(verb="stopped"))  # type: ignore[attr-defined]

    state, _, _ = thought("debate", {"proposer": (A, B), "judge": (C,)}, watch=watch, rounds=1, judges=3)
    round_ = state.rounds[1]
    assert not verdict_failed(round_)
    assert round_words(state, round_).startswith("not judged, R1.A1 stands")
