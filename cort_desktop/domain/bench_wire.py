"""A bench's values as JSON and back: the shapes of result files, with a check sum on each trial.

Fields may be added with a default, never renamed or removed; another ``FORMAT`` is another shape. Which bytes
go into which file, and how they get there safely, is ``storage/bench_file.py``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from cort_desktop.domain import bench
from cort_desktop.domain.bench import Contender, Origin, Scored, Setup, TaskSpec, Trial

FORMAT = 1
FORMAT_KEY = "cort_bench"
_SUM = "sum"
_BENCH = "bench"
_SUM_DIGITS = 12
_NESTED = (Contender, TaskSpec, Scored)

T = TypeVar("T")


class ShapeError(ValueError):
    """A value is missing, or not of the kind it must be; the message says which, as half a sentence."""


def head_json(setup: Setup, origin: Origin) -> dict[str, Any]:
    """The beginning of a result: everything but its trials."""
    data = {FORMAT_KEY: FORMAT, "origin": asdict(origin), "setup": asdict(setup)}
    return {**data, _SUM: _sum(data)}


def head_of(data: Mapping[str, Any]) -> tuple[Setup, Origin]:
    """Raises ShapeError, also when the check sum is another."""
    rest = {name: data[name] for name in (FORMAT_KEY, "origin", "setup") if name in data}
    if data.get(_SUM) != _sum(rest):
        raise ShapeError("its check sum is wrong")
    return setup_of(_take(data, "setup")), _built(Origin, _take(data, "origin"))


def setup_of(data: object) -> Setup:
    """Raises ShapeError."""
    setup = _built(Setup, data)
    if not (setup.tasks and setup.contenders and 1 <= setup.items <= bench.MOST_ITEMS):
        raise ShapeError("tasks, contenders or items are missing")
    return setup


def trial_json(trial: Trial, origin: Origin) -> dict[str, Any]:
    """A trial with the bench it belongs to and its check sum."""
    data = {**asdict(trial), _BENCH: origin.bench}
    return {**data, _SUM: _sum(data)}


def trial_of(data: object) -> tuple[Trial, str]:
    """A trial, and the id of its bench. Raises ShapeError, also when its check sum is another."""
    if not isinstance(data, dict):
        raise ShapeError("it is no trial")
    rest = {name: value for name, value in data.items() if name != _SUM}
    if data.get(_SUM) != _sum(rest):
        raise ShapeError("its check sum is wrong")
    return _built(Trial, rest), str(rest.get(_BENCH))


def _sum(data: Mapping[str, Any]) -> str:
    text = json.dumps(data, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:_SUM_DIGITS]


def _built(kind: type[T], data: object) -> T:
    """A dataclass of ``data``; keys it doesn't know are passed over."""
    if not isinstance(data, dict):
        raise ShapeError(f"{kind.__name__.lower()} is not an object")
    hints = get_type_hints(kind, vars(bench))
    given = {
        field.name: _value(hints[field.name], data[field.name], field.name)
        for field in fields(kind)  # type: ignore[arg-type]  # all kinds here are dataclasses
        if field.name in data
    }
    try:
        return kind(**given)
    except TypeError as error:
        raise ShapeError(f"{kind.__name__.lower()} lacks a field") from error


def _value(hint: Any, value: object, name: str) -> Any:
    if hint in _NESTED:
        return _built(hint, value)
    if isinstance(hint, UnionType):
        return _one_of(get_args(hint), value, name)
    origin, inside = get_origin(hint), get_args(hint)
    if origin is dict and isinstance(value, dict):
        return {str(key): _value(inside[1], each, name) for key, each in value.items()}
    if origin is tuple and isinstance(value, list):
        kinds = [inside[0]] * len(value) if inside[-1] is Ellipsis else list(inside)
        if len(kinds) == len(value):
            return tuple(_value(kind, each, name) for kind, each in zip(kinds, value, strict=True))
    return _plain(hint, value, name)


def _plain(hint: Any, value: object, name: str) -> Any:
    """A text, a number, a switch, or one of a few words."""
    kind = getattr(hint, "__supertype__", hint)  # what a NewType really is
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is kind or value in get_args(hint):
        return value
    raise ShapeError(f"{name} is not what it must be")


def _one_of(kinds: tuple[Any, ...], value: object, name: str) -> Any:
    for kind in kinds:
        if kind is type(None):
            if value is None:
                return None
            continue
        try:
            found = _value(kind, value, name)
        except ShapeError:
            continue
        if type(found) is type(value):
            return found
    raise ShapeError(f"{name} is not what it must be")


def _take(data: Mapping[str, Any], name: str) -> object:
    if name not in data:
        raise ShapeError(f"{name} is missing")
    return data[name]
