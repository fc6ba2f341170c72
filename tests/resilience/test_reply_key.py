"""Which calls are equal: a key has all of a request in it, and none of what does not change its answer."""

from __future__ import annotations

from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cort_desktop.domain.calls import ChatRequest, Origin, ReplySchema
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.messages import Message
from cort_desktop.resilience.reply_key import key_of, plain, service_of
from tests.fakes.kept import ASKED, origin

SERVICE = service_of({"name": "srv", "kind": "openai", "base_url": "http://127.0.0.1:9/v1"})
TEXT = st.text(max_size=20)
WHOLE = st.integers(min_value=0, max_value=10**6)
SCHEMAS = st.builds(
    ReplySchema,
    name=TEXT,
    schema=st.dictionaries(
        TEXT, st.recursive(TEXT | WHOLE | st.booleans(), st.lists, max_leaves=5), max_size=3
    ),
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "model": st.builds(ModelRef, TEXT),
    "messages": st.lists(
        st.builds(Message, role=st.sampled_from(("system", "user", "assistant")), text=TEXT), max_size=4
    ).map(tuple),
    "max_tokens": WHOLE,
    "temperature": st.floats(min_value=0, max_value=2),
    "seed": st.none() | WHOLE,
    "sample": WHOLE,
    "reply_schema": st.none() | SCHEMAS,
}
"""A value of every field that is sent. A field that is added without one fails the test below."""
OF_ORIGIN: dict[str, st.SearchStrategy[Any]] = {"node": TEXT, "prompts": TEXT}
NOT_IN_THE_KEY = {"run", "conversation", "question", "role", "cache"}


def test_every_field_of_a_request_is_thought_of() -> None:
    assert {field.name for field in fields(ChatRequest)} == {*VALUES, "origin"}
    assert {field.name for field in fields(Origin)} == {*OF_ORIGIN, *NOT_IN_THE_KEY}


@given(st.data())
def test_any_field_that_differs_makes_another_key(data: st.DataObject) -> None:
    """And the same values make the same key, however they came about."""
    one = replace(ASKED, **{name: data.draw(values) for name, values in VALUES.items()})
    name = data.draw(st.sampled_from(sorted(VALUES)))
    other = replace(one, **{name: data.draw(VALUES[name])})
    is_same = plain(getattr(one, name)) == plain(getattr(other, name))
    assert (key_of(one, SERVICE) == key_of(other, SERVICE)) == is_same
    assert key_of(replace(one), SERVICE) == key_of(one, SERVICE)


@given(st.sampled_from(sorted(OF_ORIGIN)), st.data())
def test_the_node_and_the_prompts_are_in_it(name: str, data: st.DataObject) -> None:
    value = data.draw(OF_ORIGIN[name])
    other = replace(ASKED, origin=origin(**{name: value}))
    assert (key_of(other, SERVICE) == key_of(ASKED, SERVICE)) == (value == getattr(origin(), name))


@pytest.mark.parametrize("name", sorted(NOT_IN_THE_KEY))
def test_where_a_question_is_asked_again_is_not_in_it(name: str) -> None:
    other = replace(ASKED, origin=origin(**{name: "something else"}))
    assert key_of(other, SERVICE) == key_of(ASKED, SERVICE)


PARTS: dict[str, Any] = {
    "name": "srv",
    "kind": "openai",
    "base_url": "http://127.0.0.1:9/v1",
    "efforts": {"default": "low"},
    "routing": ["a", "b"],
}


@pytest.mark.parametrize("part", sorted(PARTS))
def test_another_service_is_another_key(part: str) -> None:
    changed = service_of(PARTS | {part: "other"})
    assert key_of(ASKED, changed) != key_of(ASKED, service_of(PARTS))
    assert key_of(ASKED, service_of({k: v for k, v in PARTS.items() if k != part})) != key_of(
        ASKED, service_of(PARTS)
    )
    backwards = dict(reversed(PARTS.items()))
    assert service_of(backwards) == service_of(PARTS)


def test_messages_do_not_run_into_each_other() -> None:
    """The same words cut at another place are another request."""
    one = replace(ASKED, messages=(Message(role="user", text="ab"), Message(role="user", text="c")))
    other = replace(ASKED, messages=(Message(role="user", text="a"), Message(role="user", text="bc")))
    assert key_of(one, SERVICE) != key_of(other, SERVICE)


def test_a_number_is_the_same_however_it_is_written() -> None:
    assert plain(Decimal("1.50")) == plain(Decimal("1.5")) == "1.5"
    assert key_of(replace(ASKED, temperature=1.0), SERVICE) == key_of(replace(ASKED, temperature=1), SERVICE)


@pytest.mark.parametrize(
    "value",
    [{1: "a"}, object(), b"bytes", {"a": {2, 3}}],
    ids=["a number as key", "an object", "bytes", "a set"],
)
def test_what_has_no_one_way_to_be_written_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="call's key"):
        service_of({"part": value})
