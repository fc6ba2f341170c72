"""What is sent to an OpenAI-compatible service, and which of it this service turned out not to take.

Services differ in what they accept. What one refuses by name is left out from then on; the rest stays.
Not here: sending (``openai_chat``).
"""

from __future__ import annotations

from typing import Any

from cort_desktop.domain.calls import ChatRequest
from cort_desktop.domain.ids import model_of
from cort_desktop.domain.models import ModelProfile
from cort_desktop.providers.payload import whole_characters
from cort_desktop.providers.reports import Report

NEWER_NAME = "max_completion_tokens"
_SIGNS = {
    "response_format": ("response_format", "json_schema", "structured_outputs", "grammar"),
    "stream_options": ("stream_options", "include_usage"),
    "seed": ("seed",),
    "temperature": ("temperature",),
    "max_tokens": ("max_tokens",),
}
_OUT_OF_RANGE = (
    "between",
    "range",
    "less than",
    "greater than",
    "too large",
    "too small",
    "at most",
    "at least",
)


class Parameters:
    """The request body for one model; learns from refusals, for the life of the adapter."""

    def __init__(self, profile: ModelProfile) -> None:
        self._profile = profile
        self._refused: set[str] = set()

    def body(self, request: ChatRequest) -> dict[str, Any]:
        """The JSON body of ``request``, without what was refused before."""
        wanted: dict[str, Any] = {
            "model": model_of(request.model),
            "messages": [
                {"role": message.role, "content": whole_characters(message.text)}
                for message in request.messages
            ],
            "stream": True,
            "stream_options": {"include_usage": True},
            "max_tokens": request.max_tokens,
            "temperature": request.temperature,
        }
        if request.seed is not None and self._profile.seed:
            wanted["seed"] = request.seed
        if request.reply_schema is not None and self._profile.json_schema:
            schema = {
                "name": request.reply_schema.name,
                "schema": request.reply_schema.schema,
                "strict": True,
            }
            wanted["response_format"] = {"type": "json_schema", "json_schema": schema}
        if "max_tokens" in self._refused:
            wanted[NEWER_NAME] = request.max_tokens
        return {name: value for name, value in wanted.items() if name not in self._refused}

    def refuse(self, report: Report, sent: dict[str, Any]) -> str | None:
        """The parameter of ``sent`` that ``report`` refuses, remembered; None when that is not its matter."""
        for name, signs in _SIGNS.items():
            if name in sent and report.mentions(*signs) and _is_refusal(name, report):
                self._refused.add(name)
                return name
        return None


def _is_refusal(name: str, report: Report) -> bool:
    """Whether the service does not take ``name`` at all, as against not taking this value of it."""
    if name == "max_tokens":
        # Never just left out: the budget counts on it. It can only be sent under its newer name.
        return report.mentions(NEWER_NAME, "unsupported_parameter")
    if name in ("temperature", "seed"):
        return not report.says(*_OUT_OF_RANGE)
    return True
