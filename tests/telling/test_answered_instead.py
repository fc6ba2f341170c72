"""An answer of a fallback says so wherever it is told; and tokens that nobody told are not told as none."""

from __future__ import annotations

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import Fault
from cort_desktop.telling.outline import outline
from cort_desktop.telling.run_tree import Moment, place_of
from cort_desktop.telling.states import failed_try
from cort_desktop.telling.summary import cost_parts
from cort_desktop.telling.told import told
from cort_desktop.telling.why import instead_lines
from tests.fakes.kept_runs import Kept, ran
from tests.fakes.loops import run_virtual
from tests.fakes.models import good_model
from tests.fakes.runs import Log

ASKED, UP = ModelRef("fake/model"), ModelRef("s3/up")
WORDS = "answered by s3/up instead of fake/model"


def finished_run() -> RunState:
    return run_virtual(ran(Kept(good_model()).handle, "best_of_n", "one", Log()))


def test_every_place_names_who_answered() -> None:
    state = finished_run()
    assert not instead_lines(state)
    assert not any("instead" in row.word for row in outline(state))
    assert not any("fallback" in part or "instead" in part for part in cost_parts(state))
    winner = state.answer_node
    assert winner is not None
    state.nodes["R1.J1"].served_model = UP  # type: ignore[index]
    assert "1 call answered by a fallback" in cost_parts(state)
    state.nodes[winner].served_model = UP
    words = {row.name: row.word for row in outline(state) if row.name}
    assert words[winner] == f"answer, {WORDS}"
    assert words["R1.J1"].endswith(f" · {WORDS}")
    assert WORDS in cost_parts(state)
    assert instead_lines(state) == [f"{winner}, R1.J1: {WORDS}"]
    assert instead_lines(state, {winner}) == [f"{winner}: {WORDS}"]


def test_a_place_of_the_tree_tells_it_beside_a_short_badge() -> None:
    state = finished_run()
    winner = state.answer_node
    assert winner is not None
    state.nodes[winner].served_model = UP
    place = place_of(state, winner)
    assert place is not None
    found = told(Moment(state=state), place)
    assert (found.badge, found.note) == ("answer", WORDS)
    assert WORDS in found.spoken


def test_tokens_of_a_try_that_nobody_told_are_unknown() -> None:
    state = finished_run()
    node = state.nodes["R1.A1"]  # type: ignore[index]
    assert not any("at least" in part for part in cost_parts(state))
    lost = Fault(kind="unreachable", message="it broke off", retryable=True)
    node.failures = (
        ev.AttemptFailed(node=node.name, attempt=1, model=ASKED, error=lost, usage=None, next="retry"),
    )
    assert any(part.startswith("at least ") and part.endswith(" tokens") for part in cost_parts(state))


def test_advice_is_left_out_where_the_program_follows_it() -> None:
    told_ = "m does not work right now (503): try again later or use another model. It said: “no”"
    fault = Fault(kind="unavailable", message=told_, retryable=True)
    assert failed_try(fault) == "m does not work right now (503). It said: “no”"
