from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Reserved
from cort_desktop.domain.ids import NodeName, RunId
from cort_desktop.domain.messages import assistant, user
from cort_desktop.domain.run import RunState
from cort_desktop.domain.staleness import LaterRun, replaced_under, seen_by, written_with

ASKED = "Why is the sky blue?"


def later(run: str, *messages: tuple[str, str]) -> LaterRun:
    told = [message for asked, replied in messages for message in (user(asked), assistant(replied))]
    return LaterRun(run=RunId(run), told=tuple(told))


def test_a_run_is_stale_when_it_was_told_the_old_answer_to_that_very_question() -> None:
    runs = [
        later("saw it", ("Hello?", "Hi."), (ASKED, "dust")),
        later("saw it with a file", (f'<attachment name="a">\nx\n</attachment>\n\n{ASKED}', "dust")),
        later("saw another", (ASKED, "scattering")),
        later("the words stood elsewhere", ("What is on the shelf?", "dust")),
        later("was told nothing"),
        LaterRun(run=RunId("unanswered"), told=(user(ASKED), user("And now?"))),
    ]
    assert written_with(ASKED, "dust", runs) == ("saw it", "saw it with a file")
    assert written_with(ASKED, None, runs) == ()
    assert written_with(ASKED, "dust", []) == ()


def test_what_rests_on_a_text_saw_it_or_saw_one_that_did() -> None:
    saw = {"D": (), "R1.A1": ("D",), "R1.A2": (), "R1.J1": ("R1.A1", "R1.A2"), "R2.A1": ("R1.A1",)}
    bodies = [
        ev.NodeStarted(
            node=NodeName(name),
            role="judge" if ".J" in name else "proposer",
            round=0,
            saw=tuple(NodeName(each) for each in seen),
            reserved=Reserved(),
        )
        for name, seen in saw.items()
    ]
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    state = RunState(RunId("r")).fold(
        ev.Event(run=RunId("r"), seq=n + 1, at=begin + timedelta(seconds=n), body=body)
        for n, body in enumerate(bodies)
    )
    assert seen_by(state, NodeName("D")) == ("R1.A1", "R1.J1", "R2.A1")
    assert seen_by(state, NodeName("R1.A2")) == ("R1.J1",)
    assert seen_by(state, NodeName("R2.A1")) == ()


def chosen_in_three_rounds(chosen: str | None) -> dict[str, str]:
    """What is stale, and on whom it rests, when ``chosen`` is made the answer: the rounds were won by R1.A2,
    which saw nothing, R2.A1, which saw that one, and R2.A1 again.
    """
    saw = {
        "D": (),
        "R1.A1": (),
        "R1.A2": (),
        "R2.A1": ("R1.A2",),
        "R2.A2": (),
        "R3.A1": ("R2.A1",),
        "R3.J1": ("R2.A1", "R3.A1"),
    }
    bodies: list[ev.Body] = []
    for name, seen in saw.items():
        node = NodeName(name)
        bodies.append(
            ev.NodeStarted(
                node=node,
                role="judge" if ".J" in name else "proposer",
                round=int(name[1]) if name != "D" else 0,
                saw=tuple(NodeName(each) for each in seen),
                reserved=Reserved(),
            )
        )
    for number, winner in enumerate(("R1.A2", "R2.A1", "R2.A1"), 1):
        bodies.append(ev.RoundFinished(round=number, winner=NodeName(winner)))
    if chosen is not None:
        bodies.append(ev.UserEvent(verb="override", node=NodeName(chosen)))
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    state = RunState(RunId("r")).fold(
        ev.Event(run=RunId("r"), seq=n + 1, at=begin, body=body) for n, body in enumerate(bodies)
    )
    found = {name: replaced_under(state, name) for name in state.nodes}
    return {str(name): str(other) for name, other in found.items() if other is not None}


def test_after_a_choice_what_was_built_on_the_winner_that_it_replaced_is_stale() -> None:
    assert chosen_in_three_rounds(None) == {}
    assert chosen_in_three_rounds("R1.A1") == {"R2.A1": "R1.A2", "R3.A1": "R1.A2"}
    assert chosen_in_three_rounds("D") == {"R2.A1": "R1.A2", "R3.A1": "R1.A2"}
    assert chosen_in_three_rounds("R1.A2") == {}  # all that came later rests on it
    assert chosen_in_three_rounds("R2.A2") == {"R3.A1": "R2.A1"}
    assert chosen_in_three_rounds("R3.A1") == {}
