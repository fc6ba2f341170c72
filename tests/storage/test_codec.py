from __future__ import annotations

import dataclasses
import types
import typing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, NewType, get_args, get_origin

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import ConversationId, NodeName, RunId
from cort_desktop.domain.texts import clean
from tests.fakes.library import (
    shelf,
)

# Any event with any text: lone surrogates, NUL, astral characters.

TEXT = st.text(
    st.one_of(st.characters(), st.sampled_from('\0\ud83d\ude00\udc00\u2028\x85"\\<😀国')), max_size=12
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | TEXT
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=4,
)
PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXT,
    int: st.integers(0, 10**12),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    Any: JSON,
    types.NoneType: st.none(),
}


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Values of a domain type, drawn from its annotations."""
    if hint in PLAIN:
        return PLAIN[hint]
    if isinstance(hint, NewType):
        return values(hint.__supertype__)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is tuple:
        return st.lists(values(arguments[0]), max_size=3).map(tuple)
    if origin is dict:
        return st.dictionaries(values(arguments[0]), values(arguments[1]), max_size=2)
    if dataclasses.is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        fields = {field.name: values(hints[field.name]) for field in dataclasses.fields(hint)}
        return st.builds(typing.cast("Any", hint), **fields)
    return st.one_of([values(option) for option in arguments])


STORED = [body for body in get_args(ev.Body) if body is not ev.NodeDelta]
BODIES = st.one_of([values(body) for body in STORED])
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)
)


def mended(value: Any) -> Any:
    """``value`` with every text in it as it is kept."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, tuple | list):
        return type(value)(mended(item) for item in value)
    if isinstance(value, dict):
        return {mended(key): mended(item) for key, item in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        changes = {field.name: mended(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return dataclasses.replace(value, **changes)
    return value


@pytest.mark.reliability(21)
def test_row_21_any_event_with_any_text_is_stored_and_read_back(tmp_path: Path) -> None:
    """Row 21: broken text is stored without an exception, with U+FFFD in its place."""
    number = 0
    with shelf(tmp_path) as books:

        @settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        @given(st.lists(st.tuples(BODIES, MOMENTS), min_size=1, max_size=4), TEXT, TEXT)
        def any_run(made: list[tuple[Any, datetime]], question: str, partial: str) -> None:
            nonlocal number
            number += 1
            run = RunId(f"run-{number}")
            home = ConversationId(f"conversation-{number}")
            books.begin(run, question=question, conversation=home, turn=f"turn-{number}", title=partial)
            events = [ev.Event(run=run, seq=i, at=at, body=body) for i, (body, at) in enumerate(made, 1)]
            books.log.append(events).result()
            books.log.partial(run, NodeName(question), partial, question)
            assert books.log.events(run) == mended(events)
            assert books.conversations.turns(home)[0].question == clean(question)
            books.index.search(question)

        any_run()


@pytest.mark.reliability(21)
@given(st.text(st.characters()))
def test_row_21_clean_text_is_valid_and_valid_text_is_unchanged(text: str) -> None:
    """Row 21: only what is broken is replaced; the halves of a pair are joined."""
    kept = clean(text)
    kept.encode()
    assert clean(kept) == kept
    if not any("\ud800" <= letter <= "\udfff" for letter in text):
        assert kept == text
    assert clean("a\ud83d" + "\ude00b") == "a😀b"
    assert clean("\ud83dx\ude00") == "\ufffdx\ufffd"
