"""When two calls are equal: the key of a request is the SHA-256 of all of it, written in one way.

Taken from the fields as they are, so that a field added later is in the key by itself; what may be left out
is named here. The origin's node is in it, for two calls of one run are two answers even where the service
takes no seed and their words are the same; its run and conversation are not, so that the same question asked
again meets its answers. A key of a service is in no part of it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from cort_desktop.domain.calls import ChatRequest

SHAPE = 1
"""The version of the key's own shape."""
_LEFT_OUT = frozenset({"origin"})
_AS_IT_IS = frozenset({str, int, bool, type(None)})
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)


def key_of(request: ChatRequest, service: str) -> str:
    """The hex SHA-256 of ``request`` as it would go to ``service`` (``service_of``). Raises TypeError for a
    value that has no one way to be written.
    """
    origin = request.origin
    whole = {name: plain(getattr(request, name)) for name in _names(ChatRequest) if name not in _LEFT_OUT}
    of_run = None if origin is None else [origin.prompts, origin.node]
    return hashlib.sha256(f"{SHAPE}{service}{_written([of_run, whole])}".encode()).hexdigest()


def service_of(parts: Mapping[str, Any]) -> str:
    """What tells the answers of one service from those of others, as part of a key: its name, its kind, its
    address and what else changes its answers, but never a key of it. Raises TypeError.
    """
    return _written(plain(parts))


def plain(value: Any) -> Any:
    """A value as JSON, the same for equal ones. Raises TypeError."""
    if type(value) in _AS_IT_IS:
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {_name(key): plain(item) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {name: plain(getattr(value, name)) for name in _names(type(value))}
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    raise TypeError(f"a {type(value).__name__} can't be part of a call's key")


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def _written(value: Any) -> str:
    return _ENCODER.encode(value)


def _name(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a table of a call's key has the name {key!r}, which is no text")
    return key
