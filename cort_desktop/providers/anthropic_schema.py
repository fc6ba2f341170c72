"""A reply's JSON schema as Anthropic's structured outputs take it.

They know a part of JSON Schema: no lengths, no ranges, no items by position, no lists among the values of an
enumeration, and no object without ``additionalProperties: false``. What can't be said there is said in the
``description``, which the model reads; whoever reads the reply checks all of it anyway.
Source: "JSON schema limitations" on the service's page about structured outputs.
"""

from __future__ import annotations

from typing import Any

_KEPT = ("$ref", "title", "description", "format", "required")
_BRANCHES = ("anyOf", "allOf")
_FEWEST = (0, 1)


def told_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """``schema``, loosened where it must be, so that each reply that fits ``schema`` fits the result too."""
    told = {name: schema[name] for name in _KEPT if name in schema}
    rest = {name: value for name, value in schema.items() if name not in told}
    values = _values(rest)
    if values is not None and all(_is_plain(value) for value in values):
        told["enum"] = values
        rest.pop("type", None)
    elif values is not None:
        return told | _shape(values)
    elif "type" in rest:
        told["type"] = rest.pop("type")
    for name in _BRANCHES:
        if name in rest:
            told[name] = [told_schema(branch) for branch in rest.pop(name)]
    if "$defs" in rest:
        told["$defs"] = {name: told_schema(value) for name, value in rest.pop("$defs").items()}
    if told.get("type") == "object":
        told["properties"] = {name: told_schema(value) for name, value in rest.pop("properties", {}).items()}
        told["additionalProperties"] = False
        rest.pop("additionalProperties", None)
    if told.get("type") == "array":
        told |= _items(rest)
    if rest:
        told["description"] = _in_words(told.get("description"), rest)
    return told


def _values(rest: dict[str, Any]) -> list[Any] | None:
    """The only values allowed; taken out of ``rest``."""
    if "const" in rest:
        return [rest.pop("const")]
    return list(rest.pop("enum")) if "enum" in rest else None


def _items(rest: dict[str, Any]) -> dict[str, Any]:
    """What an array's items may be; what is said of it is taken out of ``rest``."""
    by_place, other = rest.pop("prefixItems", []), rest.pop("items", None)
    kinds = [told_schema(each) for each in (*by_place, *([other] if isinstance(other, dict) else []))]
    said: dict[str, Any] = {"items": kinds[0] if len(kinds) == 1 else {"anyOf": kinds}} if kinds else {}
    if rest.get("minItems") in _FEWEST:
        said["minItems"] = rest.pop("minItems")
    return said


def _shape(values: list[Any]) -> dict[str, Any]:
    """A schema that all of ``values`` fit, where some of them are lists or objects."""
    plain = list(dict.fromkeys(value for value in values if _is_plain(value)))
    lists = [value for value in values if isinstance(value, list)]
    kinds: list[dict[str, Any]] = [{"enum": plain}] if plain else []
    if lists:
        inside = [item for each in lists for item in each]
        fewest = 1 if all(lists) else 0
        kinds.append({"type": "array", "items": _shape(inside), "minItems": fewest})
    if any(isinstance(value, dict) for value in values):
        kinds.append({"type": "object", "additionalProperties": False})
    return kinds[0] if len(kinds) == 1 else {"anyOf": kinds}


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float)


def _in_words(said: Any, rest: dict[str, Any]) -> str:
    limits = ", ".join(f"{name}: {value}" for name, value in rest.items())
    return f"{said} ({limits})" if isinstance(said, str) and said else limits
