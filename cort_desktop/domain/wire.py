"""Events as the JSON of CONTRACT 3, and back. The only place that knows how a field looks outside.

The shape follows the dataclasses: a field's name is its key, but money: ``cost_microusd`` (an integer inside)
is ``cost_usd`` (a number with at most six decimals) outside. Absent is null. Unknown keys are ignored and
unknown types are kept as ``Unknown``, so that a newer log can be read by an older program.
"""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from functools import cache
from typing import Any, Literal, NewType, TypeVar, Union, get_args, get_origin

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import MICRO, Budget, Estimate
from cort_desktop.domain.stamps import parse_stamp, stamp

_MICRO_SUFFIX = "_microusd"
BODIES: dict[str, type[Any]] = {body.type: body for body in get_args(ev.Body) if body is not ev.UserEvent}
T = TypeVar("T")
ENVELOPE = ("v", "run", "seq", "at", "type")


class WireError(ValueError):
    """A record that is not an event of this contract."""


class _NewerValueError(ValueError):
    """A word where one of a few is expected: that of a later version."""


def event_to_json(event: ev.Event) -> dict[str, Any]:
    """The flat object of CONTRACT 3: the envelope's keys first, then the body's."""
    flat: dict[str, Any] = {
        "v": event.v,
        "run": event.run,
        "seq": event.seq,
        "at": stamp(event.at),
        "type": event.type,
    }
    if isinstance(event.body, ev.Unknown):
        return flat | event.body.fields
    body: dict[str, Any] = value_to_json(event.body)
    body.pop("verb", None)
    return flat | body


def event_from_json(data: dict[str, Any]) -> ev.Event:
    """The event in a flat object. Raises WireError, naming the field that does not fit."""
    try:
        body = _body_from_json(data)
        return ev.Event(
            v=int(data["v"]), run=data["run"], seq=data["seq"], at=parse_stamp(data["at"]), body=body
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WireError(f"not an event ({data.get('type', 'no type')}): {error!r}") from error


def line(event: ev.Event) -> str:
    """One line of JSON, as ``--events`` prints it; safe to print on any terminal."""
    return dumps(event_to_json(event))


def dumps(data: Any) -> str:
    """Compact JSON with characters as they are; NaN is an error, never written."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def value_to_json(value: Any) -> Any:
    """A domain value (dataclasses, tuples, dicts, numbers, text) as JSON values."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        out: dict[str, Any] = {}
        for name in _fields(type(value)):
            item = getattr(value, name)
            if name.endswith(_MICRO_SUFFIX):
                out[name.removesuffix(_MICRO_SUFFIX) + "_usd"] = None if item is None else item / MICRO
            else:
                out[name] = value_to_json(item)
        return _outside_names(type(value), out)
    if isinstance(value, tuple | list):
        return [value_to_json(item) for item in value]
    if isinstance(value, dict):
        return {key: value_to_json(item) for key, item in value.items()}
    return value


def value_from_json(kind: type[T], data: Any) -> T:
    """The inverse of ``value_to_json`` for a dataclass. Raises KeyError, TypeError or ValueError."""
    return typing.cast("T", _read(kind, data))


def _body_from_json(data: dict[str, Any]) -> ev.Body | ev.Unknown:
    kind = data["type"]
    if kind.startswith("user."):
        verb = kind.removeprefix("user.")
        if verb in get_args(ev.UserVerb):
            return value_from_json(ev.UserEvent, data | {"verb": verb})
    elif kind in BODIES:
        try:
            return typing.cast("ev.Body", _read(BODIES[kind], data))
        except _NewerValueError:
            pass  # kept as it is, like an unknown type
    return ev.Unknown(kind=kind, fields={k: v for k, v in data.items() if k not in ENVELOPE})


@cache
def _fields(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


@cache
def _readers(kind: type) -> tuple[tuple[str, Any, bool], ...]:
    """(field, its type, whether it must be present) for each field of a dataclass."""
    hints = typing.get_type_hints(kind)
    return tuple(
        (
            field.name,
            hints[field.name],
            field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING,
        )
        for field in dataclasses.fields(kind)
    )


def _outside_names(kind: type, out: dict[str, Any]) -> dict[str, Any]:
    """CONTRACT 3 calls the money of a budget and an estimate plainly ``usd``."""
    if kind in _PLAIN_USD:
        out["usd"] = out.pop("cost_usd")
    return out


def _outside_key(kind: type, name: str) -> str:
    if not name.endswith(_MICRO_SUFFIX):
        return name
    return "usd" if kind in _PLAIN_USD else name.removesuffix(_MICRO_SUFFIX) + "_usd"


_PLAIN_USD = frozenset({Budget, Estimate})


def _read(hint: Any, data: Any) -> Any:
    if isinstance(hint, NewType):
        return _read(hint.__supertype__, data)
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return _read_union(hint, data)
    if origin is Literal:
        if data not in get_args(hint):
            raise _NewerValueError(f"{data!r} is none of {get_args(hint)}")
        return data
    if origin is tuple:
        return tuple(_read(get_args(hint)[0], item) for item in _expect(list, data))
    if origin is dict:
        key, item = get_args(hint)
        return {_read(key, k): _read(item, v) for k, v in _expect(dict, data).items()}
    if dataclasses.is_dataclass(hint):
        return _read_dataclass(typing.cast("type", hint), _expect(dict, data))
    return _read_plain(hint, data)


def _read_plain(hint: Any, data: Any) -> Any:
    if hint is Any:
        return data
    if hint is float and isinstance(data, int) and not isinstance(data, bool):
        return float(data)
    if hint is int and isinstance(data, bool):
        raise TypeError("expected a number, not a truth value")
    return _expect(hint, data)


def _read_union(hint: Any, data: Any) -> Any:
    options = [option for option in get_args(hint) if option is not types.NoneType]
    if data is None:
        return None
    return _read(options[0], data)


def _read_dataclass(kind: type, data: dict[str, Any]) -> Any:
    found: dict[str, Any] = {}
    for name, hint, required in _readers(kind):
        key = _outside_key(kind, name)
        if key not in data:
            if required:
                raise KeyError(key)
            continue
        value = data[key]
        if name.endswith(_MICRO_SUFFIX):
            found[name] = None if value is None else round(value * MICRO)
        elif value is not None or types.NoneType in get_args(hint):
            found[name] = _read(hint, value)
        elif required:
            raise TypeError(f"{key} is null")
    return kind(**found)


def _expect(kind: Any, data: Any) -> Any:
    if not isinstance(data, kind):
        raise TypeError(f"expected {kind.__name__}, got {type(data).__name__}")
    return data
