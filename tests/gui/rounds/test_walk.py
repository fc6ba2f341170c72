"""Ways through a run's tree."""

from __future__ import annotations

from cort_desktop.domain.run import RunState
from cort_desktop.gui.rounds import walk
from tests.fakes.rounds import drawn_run
from tests.fakes.story import Story, n


def state() -> RunState:
    return drawn_run().state()


def test_parents_and_children() -> None:
    run = state()
    assert walk.parent(run, n("R2.A3")) == "R1.A2"
    assert walk.parent(run, n("D")) is None
    assert walk.parent(run, n("nobody")) is None
    assert walk.children(run, n("D")) == ["R1.A1", "R1.A2", "R1.A3"]
    assert walk.path_to(run, n("R2.A3")) == ["D", "R1.A2", "R2.A3"]
    assert walk.path_to(run, None) == []


def test_the_likely_child_was_visited_or_has_won() -> None:
    run = state()
    assert walk.likely_child(run, n("D"), n("R1.A3")) == "R1.A3"
    assert walk.likely_child(run, n("D"), None) == "R1.A2"
    assert walk.likely_child(run, n("D"), n("R2.A1")) == "R1.A2"
    assert walk.likely_child(run, n("R2.A1"), None) is None


def test_siblings_are_of_one_kind_and_one_round() -> None:
    run = state()
    assert walk.siblings(run, n("R1.A2")) == ["R1.A1", "R1.A2", "R1.A3"]
    assert walk.siblings(run, n("R1.J2")) == ["R1.J1", "R1.J2", "R1.J3"]
    assert walk.beside(run, n("R1.A2"), 1) == "R1.A3"
    assert walk.beside(run, n("R1.A3"), 1) is None
    assert walk.beside(run, n("R1.A1"), -1) is None
    assert walk.siblings(run, n("nobody")) == []


def test_a_call_outside_the_rounds_is_alone() -> None:
    run = Story().start("D", "draft").start("X1", role="router").state()
    assert walk.siblings(run, n("X1")) == ["X1"]
    assert walk.beside(run, n("X1"), 1) is None
