"""N answers and one call that says which most of them agree with: its shape, its prompt, its ways to end."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Budget
from cort_desktop.domain.calls import ChatRequest
from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.run import RunState
from cort_desktop.engine import steering, wishing
from tests.fakes.loops import run_virtual
from tests.fakes.models import Reply, ScriptedModel, handle, is_judge, judged, verdict_json
from tests.fakes.runs import RUN, VIEW, Log, begin, engine, finish

NAME = "universal_self_consistency"
T_G, T_J = 10.0, 3.0
VALUE = re.compile(r"value (\w+)")


def agreeing(request: ChatRequest) -> str:
    """Those that say the same value share a list, the largest first."""
    groups: dict[str, list[str]] = {}
    for label, text in judged(request):
        found = VALUE.search(text)
        groups.setdefault(found[1] if found else text, []).append(label)
    return verdict_json(sorted(groups.values(), key=len, reverse=True))


def model(*values: str, select: Callable[[ChatRequest], str] = agreeing, **odd: Reply) -> ScriptedModel:
    """Answers with ``values`` in turn; ``odd``: the whole reply of the n-th (``r2``)."""
    asked = 0

    def script(request: ChatRequest, _nth: int) -> Reply:
        nonlocal asked
        if is_judge(request):
            return Reply(text=select(request), seconds=T_J)
        asked += 1
        plain = Reply(text=f"Answer {asked} has the value {values[(asked - 1) % len(values)]}.", seconds=T_G)
        return odd.get(f"r{asked}", plain)

    return ScriptedModel(script)


def play(asked: ScriptedModel, **options: Any) -> RunState:
    log = Log()
    state = run_virtual(finish(handle(asked, concurrency=64), NAME, log, **options))
    assert RunState(RUN).fold(log.events).finished == state.finished
    return state


def ended(state: RunState) -> ev.RunFinished:
    assert state.finished is not None
    return state.finished


def test_calls_and_seconds_are_those_of_the_formula() -> None:
    """N + 1 calls in T_g + T_j, however many answers the one call reads."""
    asked = model("x", "y", "x")
    state = play(asked, alternatives=9)
    assert ended(state).calls == len(asked.requests) == 9 + 1
    assert ended(state).seconds == pytest.approx(T_G + T_J, abs=0.1)
    (verdict,) = state.verdicts.values()
    assert (verdict.purpose, verdict.scores, len(verdict.order)) == ("select", {}, 9)


def test_the_one_that_most_agree_with_is_the_answer_and_the_end_says_how_many() -> None:
    state = play(model("y", "x", "x", "z", "x"), alternatives=5)
    end = ended(state)
    assert (end.answer_node, end.status, end.reason.rule) == ("R1.A2", "complete", "selection")
    assert end.reason.text == "3 of 5 answers were found to come to the same; R1.A2 stands for them."
    assert (end.reason.numbers["answers"], end.reason.numbers["alike"]) == (5, 3)


def test_the_call_that_selects_is_asked_for_agreement_and_blind() -> None:
    asked = model("x", "y")
    play(asked, alternatives=4)
    request = asked.requests[-1]
    text = request.messages[-1].text
    assert "most of the others agree with" in text
    assert "fatal_flaw" not in text
    assert "correctness" not in text
    assert len(judged(request)) == 4
    assert not re.search(r"R1|fake/model|incumbent|draft", text)
    schema = request.reply_schema
    if schema is not None:
        entry = schema.schema["properties"]["analysis"]["prefixItems"][0]["properties"]
        assert list(entry) == ["candidate", "notes"]


def test_the_order_shown_is_drawn_for_the_run() -> None:
    orders = {
        tuple(play(model("x"), alternatives=5, seed=seed).nodes[NodeName("R1.J1")].saw) for seed in range(8)
    }
    assert len(orders) > 4


def test_one_answer_needs_no_selection() -> None:
    asked = model("x")
    assert ended(play(asked, alternatives=1)).reason.text == "R1.A1 was the only answer."
    assert len(asked.requests) == 1


def test_a_cut_answer_stands_for_nobody() -> None:
    cut = Reply(text="value x", finish="length", seconds=T_G)
    end = ended(play(model("x", "x", "y", r1=cut), alternatives=3))
    assert (end.answer_node, end.status) == ("R1.A2", "complete")


def test_a_cut_one_found_best_is_named_and_the_next_stands() -> None:
    def likes_the_cut(request: ChatRequest) -> str:
        labels = sorted(judged(request), key=lambda each: "cut" not in each[1])
        return verdict_json([[label] for label, _ in labels])

    cut = Reply(text="value x, cut", finish="length", seconds=T_G)
    end = ended(play(model("x", "y", select=likes_the_cut, r2=cut), alternatives=2))
    assert end.answer_node == "R1.A1"
    assert "R1.A2 was found the most consistent, but" in end.reason.text


@pytest.mark.parametrize("reply", ["I like them all.", ""])
def test_where_it_cannot_be_read_what_has_most_in_common_stands(reply: str) -> None:
    values = ("the same long words", "the same long words", "quite another thing altogether")
    end = ended(play(model(*values, select=lambda _: reply), alternatives=3))
    assert (end.answer_node, end.status) == ("R1.A1", "degraded")
    assert "could not be read; R1.A1 has most in common with the others of 3." in end.reason.text


def test_a_reply_that_names_candidates_is_repaired_once() -> None:
    def half(request: ChatRequest) -> str:
        return " ".join(label for label, _ in judged(request))

    asked = model("x", "y", "x", select=half)
    state = play(asked, alternatives=3)
    assert [name for name in state.nodes if name.startswith("X")] == ["X1"]
    assert ended(state).calls == 3 + 2


def test_a_short_budget_takes_samples_and_never_the_selection() -> None:
    state = play(model("x", "y", "x"), alternatives=6, budget=Budget(calls=4))
    assert (ended(state).calls, ended(state).status) == (4, "complete")
    assert state.planned is not None
    assert "enough for 3 answers" in state.planned.why
    assert len(state.verdicts) == 1


def test_one_call_in_the_budget_is_one_answer() -> None:
    state = play(model("x"), alternatives=6, budget=Budget(calls=1))
    assert (ended(state).calls, ended(state).answer_node) == (1, "R1.A1")


def test_a_further_answer_joins_before_the_selection_and_meets_it_head_to_head_after() -> None:
    log = Log()

    async def main() -> RunState:
        going = begin(handle(model("x", "y", "x"), concurrency=64), NAME, log, alternatives=2)

        def watch(event: ev.Event) -> None:
            if event.body == next((b for b in log.bodies(ev.NodeFinished) if b.node == "R1.A1"), None):
                going.steer(*wishing.added_alternative("fresh").words(going.state))

        log._watch = watch
        await going.answer()
        return going.state

    state = run_virtual(main())
    assert set(state.nodes[NodeName("R1.J1")].saw) == {"R1.A1", "R1.A2", "R1.A3"}
    more = Log()

    async def again() -> RunState:
        wished = wishing.added_alternative()
        going = engine(handle(model("x"))).resume(
            RunState(RUN).fold(log.events), VIEW, more, partials={}, reopen=False, wished=wished
        )
        await going.answer()
        return going.state

    state = run_virtual(again())
    purposes = [verdict.purpose for verdict in state.verdicts.values()]
    assert purposes == ["select", "head_to_head", "head_to_head"]


def test_a_failed_selection_can_be_tried_again() -> None:
    fails = [True]

    def script(request: ChatRequest, nth: int) -> Reply:
        if is_judge(request) and fails.pop() if fails else False:
            return Reply(error="unavailable")
        return (
            model("x", "x", "y").script(request, nth)
            if not is_judge(request)
            else Reply(text=agreeing(request))
        )

    log = Log()
    first = run_virtual(finish(handle(ScriptedModel(script)), NAME, log, alternatives=3))
    assert "R1.J1 brought nothing" in ended(first).reason.text
    assert ended(first).status == "degraded"
    steering.tried_again(first, NodeName("R1.J1"))
    more = Log()

    async def again() -> RunState:
        going = engine(handle(ScriptedModel(script))).resume(
            RunState(RUN).fold(log.events), VIEW, more, partials={}, reopen=False, again=NodeName("R1.J1")
        )
        await going.answer()
        return going.state

    state = run_virtual(again())
    assert ended(state).status == "complete"
    assert [body.node for body in more.bodies(ev.NodeStarted)] == ["R1.J1"]
