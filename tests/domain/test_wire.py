"""Events as JSON and back: every body, any value, any future key."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cort_desktop.domain import events as ev
from cort_desktop.domain import wire
from cort_desktop.domain.budget import Budget
from cort_desktop.domain.ids import NodeName, RunId
from cort_desktop.domain.search import Reason, RunSpec
from tests.fakes import contract

AT = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | NUMBERS | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
st.register_type_strategy(float, NUMBERS)
st.register_type_strategy(int, st.integers(min_value=0, max_value=10**9))
SPECS = st.builds(RunSpec, settings=st.dictionaries(st.text(), JSON, max_size=2))
st.register_type_strategy(RunSpec, SPECS)
REASONS = st.builds(Reason, numbers=st.dictionaries(st.text(), JSON, max_size=2))
st.register_type_strategy(Reason, REASONS)


def event(body: ev.Body | ev.Unknown) -> ev.Event:
    seq = None if isinstance(body, ev.NodeDelta) else 7
    return ev.Event(run=RunId("r"), seq=seq, at=AT, body=body)


@pytest.mark.parametrize("kind", get_args(ev.Body), ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_every_body_survives_the_way_to_json_and_back(kind: type, data: st.DataObject) -> None:
    made = event(data.draw(st.from_type(kind)))
    assert wire.event_from_json(json.loads(wire.line(made))) == made


def test_the_contract_and_the_program_know_the_same_types() -> None:
    bodies = {body.type for body in get_args(ev.Body) if body is not ev.UserEvent}
    verbs = {f"user.{verb}" for verb in get_args(ev.UserVerb)}
    assert bodies | verbs == set(contract.BODIES)


@pytest.mark.parametrize("kind", sorted(contract.BODIES))
def test_the_json_has_the_keys_of_the_contract(kind: str) -> None:
    """Every key the contract names is a field of the body, under that very name."""
    keys = set(contract.BODIES[kind]["required"])
    if kind.startswith("user."):
        body: ev.Body = ev.UserEvent(verb=kind.removeprefix("user."))  # type: ignore[arg-type]
    else:
        fields = dataclasses.fields(wire.BODIES[kind])
        body = wire.BODIES[kind](**{field.name: None for field in fields})
    assert keys <= set(wire.event_to_json(event(body)))


def test_money_is_dollars_outside_and_micro_dollars_inside() -> None:
    body = ev.AttemptCancelled(node=NodeName("D"), attempt=1, why="x", cost_microusd=1_234_567)
    assert wire.event_to_json(event(body))["cost_usd"] == 1.234567
    assert wire.value_to_json(Budget(cost_microusd=500_000))["usd"] == 0.5


def test_unknown_keys_are_ignored_and_unknown_types_kept() -> None:
    data = wire.event_to_json(event(ev.RunResumed())) | {"later": 1}
    assert wire.event_from_json(data).body == ev.RunResumed()
    later = wire.event_to_json(event(ev.Check(node=NodeName("D"), verifier="x")))
    verdict = {"node": "D", "attempt": 1, "model": "p/m", "why": "sideways", "type": "attempt.started"}
    assert isinstance(wire.event_from_json(later | verdict).body, ev.Unknown)
    newer = data | {"type": "run.dreamed"}
    kept = wire.event_from_json(newer)
    assert isinstance(kept.body, ev.Unknown)
    assert wire.event_to_json(kept) == newer


@pytest.mark.parametrize(
    "change",
    [
        {"lost": "D"},
        {"lost": [1]},
        {"at": "yesterday"},
        {"v": "x"},
        {"type": None},
    ],
)
def test_what_is_no_event_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(wire.WireError):
        wire.event_from_json(wire.event_to_json(event(ev.RunResumed())) | change)
