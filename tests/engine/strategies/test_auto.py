"""Which way to think is picked, by which sign, and what is written down of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.calls import ChatRequest
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import RunSpec
from cort_desktop.engine.replies import read_way
from cort_desktop.engine.strategies import built_in
from cort_desktop.engine.strategies.auto import Auto, picked
from tests.fakes.lineups import A, B, C
from tests.fakes.loops import run_virtual
from tests.fakes.models import MODEL, Reply, ScriptedModel, good_model, handle
from tests.fakes.runs import RUN, VIEW, Log, engine, started

ONE = RunSpec(lineup={"proposer": (MODEL,)})
UNCLEAR = "Rain on the roof, gently, in the evening"


@pytest.mark.parametrize(
    ("question", "strategy"),
    [
        ("Hi!", "single"),
        ("thank you", "single"),
        ("What is 17 times 23?", "self_consistency"),
        ("How many legs do three spiders have?", "self_consistency"),
        ("Should we move to microservices or stay with one program?", "debate"),
        ("Give the pros and cons of nuclear power", "debate"),
        ("Write a function that merges two sorted lists", "tournament"),
        ("Prove that there are infinitely many primes.", "tournament"),
        ("Why is the sky blue?", "best_of_n"),
        ("Explain how vaccines work", "best_of_n"),
        ("Warum ist der Himmel blau?", "best_of_n"),
    ],
)
def test_cheap_signs_pick(question: str, strategy: str) -> None:
    pick = picked(ONE, question)
    assert pick is not None
    assert pick.strategy == strategy
    assert pick.strategy in built_in()
    assert pick.why.endswith(".")


def test_other_signs_come_from_the_run() -> None:
    several = RunSpec(lineup={"proposer": (A, B, C)})
    found = picked(several, "Why is the sky blue?")
    assert found is not None
    assert found.strategy == "council"
    checked = picked(replace(ONE, verifier="exact:42"), "Why?")
    assert checked is not None
    assert checked.strategy == "best_of_n"
    long = picked(ONE, "rain " * 200)
    assert long is not None
    assert long.strategy == "tournament"
    assert picked(ONE, UNCLEAR) is None


def thought(question: str, routed: Reply | None = None) -> tuple[RunState, Log, ScriptedModel]:
    good = good_model(1)

    def reply(request: ChatRequest, nth: int) -> Reply:
        schema = request.reply_schema
        if routed is not None and request.origin is not None and request.origin.role == "router":
            assert schema is None or schema.name == "route"
            return routed
        return good.script(request, nth)

    model, log = ScriptedModel(reply), Log()
    begun = replace(started("auto", alternatives=None, judges=None), question=question)
    view = replace(VIEW, question=question)

    async def main() -> RunState:
        going = engine(handle(model, concurrency=64)).start(RUN, begun, view, log, {})
        await going.answer()
        return going.state

    return run_virtual(main()), log, model


def test_what_is_picked_is_written_down_with_its_numbers_before_anything_is_asked() -> None:
    state, log, model = thought("Why is the sky blue?")
    plan, *_ = log.bodies(ev.RunPlanned)
    assert log.events[1].body == plan
    assert (plan.strategy, plan.spec.alternatives, plan.spec.judges) == ("best_of_n", 4, 3)
    assert (
        plan.why
        == "The question is open and has no single answer to compare, so judges choose among several."
    )
    assert plan.estimate == state.started.estimate if state.started else None
    assert state.finished is not None
    assert state.finished.reason.rule == "panel"
    assert not any(name.startswith("X") for name in state.nodes)
    assert len(model.requests) >= 7


def test_numbers_that_were_asked_for_hold_as_far_as_they_can() -> None:
    spec = RunSpec(lineup={"proposer": (MODEL,)}, rounds=2, alternatives=7, judges=5)
    auto = Auto()
    plans = {
        question: auto._spec(built_in()[pick.strategy], spec)
        for question in ("Hi!", "What is 2+2?", "Should we go?")
        if (pick := picked(spec, question))
    }
    assert [(p.rounds, p.alternatives, p.judges) for p in plans.values()] == [
        (None, None, None),
        (None, 7, None),
        (2, None, 5),
    ]


def test_where_the_signs_say_nothing_a_router_is_asked_once_and_the_estimate_follows() -> None:
    state, log, model = thought(UNCLEAR, Reply(text='{"way": "self_consistency"}'))
    (plan,) = log.bodies(ev.RunPlanned)
    assert plan.strategy == "self_consistency"
    assert "asked, the model picked: many attempts and a vote" in plan.why
    assert plan.estimate is not None
    assert plan.estimate.calls_high == plan.spec.alternatives == 16
    assert state.nodes["X1"].role == "router"  # type: ignore[index]
    assert "Do not answer the message above" in model.requests[0].messages[-1].text
    assert state.finished is not None
    assert state.finished.status == "complete"


@pytest.mark.parametrize(
    "reply",
    [Reply(text="All of them are fine."), Reply(text="single or debate"), Reply(error="unavailable")],
)
def test_a_router_that_does_not_say_is_no_failure(reply: Reply) -> None:
    state, log, _ = thought(UNCLEAR, reply)
    (plan,) = log.bodies(ev.RunPlanned)
    assert plan.strategy == "best_of_n"
    assert "The signs were unclear and" in plan.why
    assert state.finished is not None
    assert state.finished.answer_node is not None


def test_before_it_is_known_the_estimate_spans_from_the_cheapest_to_the_dearest() -> None:
    auto, ways = Auto(), built_in()
    unclear = auto.calls(ONE, UNCLEAR)
    assert sum(call.low for call in unclear) == 2
    dearest = ways["tournament"].calls(replace(ONE, rounds=3, alternatives=3, judges=3), UNCLEAR)
    assert sum(call.high for call in unclear) == 1 + sum(call.high for call in dearest)
    clear = replace(ONE, alternatives=4, judges=3)
    assert auto.calls(ONE, "Why is the sky blue?") == ways["best_of_n"].calls(clear, "Why is the sky blue?")


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ('{"way": "best_of_n"}', "best_of_n"),
        ("I would use Debate.", "debate"),
        ("single_shot", None),
        ("", None),
        ("debate, then tournament", None),
    ],
)
def test_a_routers_reply_is_read_exactly_or_not_at_all(text: str, way: str | None) -> None:
    assert read_way(text, ("single", "best_of_n", "debate", "tournament")) == way
