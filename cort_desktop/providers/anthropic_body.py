"""What is sent to the Anthropic Messages interface, and which of it a model turned out not to take.

Its rules differ from most: the system's text stands apart, messages alternate and are never empty, a
temperature ends at 1 and newer models take none, a seed is unknown, and a stable beginning is kept in its
cache only where it is marked. A reply is held to a JSON schema by ``output_config`` or, where a model does
not take that, as the input of a tool it is made to use. Not here: sending (``streamed_chat``).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from cort_desktop.domain.calls import ChatRequest, ReplySchema
from cort_desktop.domain.ids import model_of
from cort_desktop.domain.messages import Message
from cort_desktop.domain.models import Effort, ModelProfile
from cort_desktop.providers.anthropic_schema import told_schema
from cort_desktop.providers.payload import whole_characters
from cort_desktop.providers.reports import Report

WARMEST = 1.0
CACHED_TOKENS = 1024
"""A shorter beginning is not kept by any model."""
_CHARACTERS_A_TOKEN = 3.5
_OPENING = "(The conversation begins with this reply.)"
_SIGNS = {
    "temperature": ("temperature",),
    "effort": ("effort",),
    "thinking": ("thinking", "adaptive"),
    "output_config": ("output_config", "output_format", "structured_outputs", "json_schema", "grammar"),
    "tool_choice": ("tool_choice", "tools", "tool", "input_schema"),
    "cache_control": ("cache_control",),
}
_THINKING = {"type": "adaptive", "display": "summarized"}
_NO_THINKING = {"type": "disabled"}
_WAYS_TO_HOLD = ("output_config", "tool_choice")
_ABOUT_SCHEMA = ("output format", "structured output", "schema")
_OTHER_VALUE = ("between", "less than", "greater than", "range")


class AnthropicBody:
    """The request body for one model; learns from refusals, and knows those of before by its profile.

    effort: how hard the model is to think; None leaves it to the service, and "none" asks for no thoughts.
    """

    def __init__(self, profile: ModelProfile, effort: Effort | None = None) -> None:
        self._profile = profile
        self._effort = effort
        self._refused = {each.what for each in profile.left_out}
        if not profile.temperature:
            self._refused.add("temperature")

    def body(self, request: ChatRequest) -> dict[str, Any]:
        """The JSON body of ``request``, without what was refused before."""
        system = "\n\n".join(_said(message) for message in request.messages if message.role == "system")
        turns = _alternating([message for message in request.messages if message.role != "system"])
        if not turns:
            system, turns = "", [{"role": "user", "content": [_block(system.strip() or _OPENING)]}]
        body: dict[str, Any] = {
            "model": model_of(request.model),
            "max_tokens": min(request.max_tokens, self._profile.most_output_tokens or request.max_tokens),
            "stream": True,
            **self._thoughts(),
        }
        if system.strip():
            body["system"] = [_block(system)]
        body["messages"] = turns
        if "cache_control" not in self._refused:
            _mark(body)
        is_thinking = body.get("thinking") == _THINKING
        if "temperature" not in self._refused and not is_thinking:
            body["temperature"] = min(request.temperature, WARMEST)
        if request.reply_schema is not None:
            held = self._held_to(request.reply_schema, may_force=not is_thinking)
            body["output_config"] = body.get("output_config", {}) | held.pop("output_config", {})
            body |= held
        return {name: value for name, value in body.items() if value != {}}

    def refuse(self, report: Report, sent: dict[str, Any]) -> tuple[str, ...]:
        """What of ``sent`` the ``report`` refuses, left out from now on; empty when it is about the rest."""
        for name, signs in _SIGNS.items():
            is_meant = report.mentions(*signs) or (name == "output_config" and report.says(*_ABOUT_SCHEMA))
            if is_meant and _holds(sent, name) and not _wants_another_value(name, report):
                self._refused.add(name)
                return (name,)
        return ()

    def unheeded(self, reply: str) -> tuple[str, ...]:
        """Look at a whole reply that was to fit a schema; what its service read over is left out from now on.

        Servers that speak this interface and are not Anthropic's ignore what they do not know, and then the
        reply is no JSON.
        """
        ways = [name for name in _WAYS_TO_HOLD if name not in self._refused]
        if not ways or _is_object(reply):
            return ()
        self._refused.add(ways[0])
        return (ways[0],)

    def _thoughts(self) -> dict[str, Any]:
        """How hard to think; with thoughts that are asked for come their summaries."""
        near = self._profile.effort_near(self._effort)
        said: dict[str, Any] = {}
        if near is not None and "thinking" not in self._refused:
            said["thinking"] = _NO_THINKING if near == "none" else _THINKING
        if near not in (None, "none") and "effort" not in self._refused:
            said["output_config"] = {"effort": "low" if near == "minimal" else near}
        return said

    def _held_to(self, schema: ReplySchema, *, may_force: bool) -> dict[str, Any]:
        """How a reply is held to ``schema``. A model that thinks can't be forced to use a tool."""
        if "output_config" not in self._refused:
            asked = {"type": "json_schema", "schema": told_schema(schema.schema)}
            return {"output_config": {"format": asked}}
        if "tool_choice" not in self._refused:
            tool = {
                "name": schema.name,
                "description": "Takes the whole reply. Use it once.",
                "input_schema": schema.schema,
            }
            choice = {"type": "tool", "name": schema.name} if may_force else {"type": "auto"}
            return {"tools": [tool], "tool_choice": choice}
        return {}


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _said(message: Message) -> str:
    return whole_characters(message.text)


def _block(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def _alternating(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """The messages that say something, those of one role after another as one, beginning with a person's."""
    turns: list[dict[str, Any]] = []
    for message in messages:
        text = _said(message)
        if not text.strip():
            continue
        if not turns and message.role == "assistant":
            turns.append({"role": "user", "content": [_block(_OPENING)]})
        if turns and turns[-1]["role"] == message.role:
            turns[-1]["content"].append(_block(text))
        else:
            turns.append({"role": message.role, "content": [_block(text)]})
    if turns and turns[-1]["role"] == "assistant":  # it is gone on with, and may not end in a blank
        last = turns[-1]["content"][-1]
        last["text"] = last["text"].rstrip()
    return turns


def _mark(body: dict[str, Any]) -> None:
    """Have the stable beginning kept: the system's text, and the conversation before the last message."""
    before = [block for turn in body["messages"][:-1] for block in turn["content"]]
    tokens = 0.0
    for part in (body.get("system", []), before):
        tokens += sum(len(block["text"]) for block in part) / _CHARACTERS_A_TOKEN
        if part and tokens > CACHED_TOKENS:
            part[-1]["cache_control"] = {"type": "ephemeral"}


def _holds(sent: dict[str, Any], name: str) -> bool:
    if name in ("effort", "output_config"):
        part = {"effort": "effort", "output_config": "format"}[name]
        return part in sent.get("output_config", {})
    if name != "cache_control":
        return name in sent
    blocks = [*sent.get("system", []), *(block for turn in sent["messages"] for block in turn["content"])]
    return any(name in block for block in blocks)


def _wants_another_value(name: str, report: Report) -> bool:
    return name == "temperature" and report.says(*_OTHER_VALUE)
