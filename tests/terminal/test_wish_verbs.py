"""What is typed behind the verbs that ask a run for something on top."""

from __future__ import annotations

from typing import Any

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import FINAL, STAND_IN, NodeName
from cort_desktop.domain.run import RunState
from cort_desktop.errors import UsageError
from cort_desktop.services.wishes import Wished
from cort_desktop.terminal import wish_verbs
from tests.fakes.loops import run_virtual
from tests.fakes.models import good_model, handle
from tests.fakes.runs import Log, finish


@pytest.fixture(scope="module")
def state() -> RunState:
    return run_virtual(finish(handle(good_model(1)), "best_of_n", Log(), seed=1))


def word(wished: Wished | None, state: RunState) -> Any:
    assert wished is not None
    said = wished.words(state)[0]
    assert isinstance(said, ev.UserEvent)
    return said


def test_rounds_and_alternatives(state: RunState) -> None:
    assert word(wish_verbs.wished("/round", ""), state).n == 1
    assert word(wish_verbs.wished("/round", "3"), state).n == 3
    said = word(wish_verbs.wished("/add", "other-method my-server/big"), state)
    assert (said.n, said.move, said.models) == (None, "other_method", ("my-server/big",))
    for line, words in (("x", "takes a number, not x"), ("0", "1 to 20 can be added")):
        with pytest.raises(UsageError, match=words):
            wish_verbs.wished("/round", line)
    with pytest.raises(UsageError, match="There is no move jump"):
        wish_verbs.wished("/add", "jump")
    assert wish_verbs.wished("/tree", "") is None


def test_judging_again_by_whom_and_on_what(state: RunState) -> None:
    said = word(wish_verbs.wished("/rejudge", "r1 by a/b, c/d on Brevity, is it kind?"), state)
    assert (said.round, said.n, said.models) == (1, 2, ("a/b", "c/d"))
    assert [criterion.id for criterion in said.criteria] == ["brevity", "is_it_kind"]
    finalists = word(wish_verbs.wished("/rejudge", ""), state)
    assert finalists.nodes
    assert finalists.criteria == ()


def test_nodes_and_rankings_are_read_in_any_letter_case() -> None:
    assert wish_verbs.node(" r1.a2 ", "/drop") == "R1.A2"
    assert [wish_verbs.node(name, "/choose") for name in ("s", "s2")] == [FINAL, STAND_IN]
    assert wish_verbs.ranking("r1.a2 > d = R1.A1") == (
        (NodeName("R1.A2"),),
        (NodeName("D"), NodeName("R1.A1")),
    )
    with pytest.raises(UsageError, match=r"/drop takes the name of a node, for example /drop R1\.A2"):
        wish_verbs.node("the best", "/drop")


def test_worth_names_the_two_that_are_compared(state: RunState) -> None:
    wished = wish_verbs.wished("/worth", "")
    assert wished is not None
    assert wished.looks_back
    first, final = NodeName("R1.A1"), state.answer_node
    if final == first:
        with pytest.raises(UsageError, match=r"R1\.A1, the first answer, is the answer"):
            wished.words(state)
        return
    said = word(wished, state)
    assert (said.verb, said.nodes, said.node) == ("worth", (first, final), final)
