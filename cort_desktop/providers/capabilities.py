"""What a service's list of models tells of one model's abilities, as fields of a ModelProfile.

OpenRouter tells most: the parameters taken, what goes in and out, the longest answer. Mistral and Groq tell
some of it in words of their own. What is not told is left out, so that it stays unknown or is taken for
granted until it is refused. Not here: names, context and prices (``catalog``).
"""

from __future__ import annotations

from typing import Any

from cort_desktop.domain.models import EFFORTS
from cort_desktop.providers.payload import count

_ANSWER_TOKENS = 2048


def told_abilities(entry: dict[str, Any]) -> dict[str, Any]:
    """The fields of a profile that ``entry`` says something about."""
    longest = (
        count(_inside(entry, "top_provider").get("max_completion_tokens"))
        or count(entry.get("max_completion_tokens"))
        or None
    )
    found: dict[str, Any] = {
        "most_output_tokens": longest,
        "default_max_tokens": min(_ANSWER_TOKENS, longest or _ANSWER_TOKENS),
    }
    taken = entry.get("supported_parameters")
    if isinstance(taken, list) and all(isinstance(name, str) for name in taken):
        found |= {
            "json_schema": "structured_outputs" in taken,
            "seed": "seed" in taken,
            "temperature": "temperature" in taken,
            "tools": "tools" in taken,
            "reasoning": "reasoning" in taken,
        }
    can = entry.get("capabilities")
    if isinstance(can, dict):
        names = {"tools": "function_calling", "reasoning": "reasoning"}
        found |= {field: can[name] for field, name in names.items() if isinstance(can.get(name), bool)}
    efforts = _inside(entry, "reasoning").get("supported_efforts")
    if isinstance(efforts, list):
        found["efforts"] = tuple(effort for effort in EFFORTS if effort in efforts)
    return found


def writes_text(entry: dict[str, Any]) -> bool:
    """Whether a model answers in text; one whose service does not tell is taken to."""
    made = _inside(entry, "architecture").get("output_modalities")
    chats = _inside(entry, "capabilities").get("completion_chat")
    return (not isinstance(made, list) or "text" in made) and chats is not False


def _inside(entry: dict[str, Any], name: str) -> dict[str, Any]:
    value = entry.get(name)
    return value if isinstance(value, dict) else {}
