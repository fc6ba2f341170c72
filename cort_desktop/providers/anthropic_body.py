"""What is sent to the Anthropic Messages interface, and which of it a model turned out not to take.

Its rules differ from most: the system's text stands apart, messages alternate and are never empty, a
temperature ends at 1 and newer models take none, a seed is unknown, and a stable beginning is kept in its
cache only where it is marked. A reply is held to a JSON schema by ``output_config`` or, where a model does
not take that, as the input of a tool it is made to use. Not here: sending (``streamed_chat``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cort_desktop.domain.calls import ChatRequest, ReplySchema
from cort_desktop.domain.ids import model_of
from cort_desktop.domain.messages import Message
from cort_desktop.domain.models import ModelProfile
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
    "output_config": ("output_config", "output_format", "structured_outputs", "json_schema", "grammar"),
    "tool_choice": ("tool_choice", "tools", "tool", "input_schema"),
    "cache_control": ("cache_control",),
}
_ABOUT_SCHEMA = ("output format", "structured output", "schema")
_OTHER_VALUE = ("between", "less than", "greater than", "range")


class AnthropicBody:
    """The request body for one model; learns from refusals, for the life of the adapter."""

    def __init__(self, profile: ModelProfile) -> None:
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
            "max_tokens": request.max_tokens,
            "stream": True,
        }
        if system.strip():
            body["system"] = [_block(system)]
        body["messages"] = turns
        if "cache_control" not in self._refused:
            _mark(body)
        if "temperature" not in self._refused:
            body["temperature"] = min(request.temperature, WARMEST)
        if request.reply_schema is not None:
            body |= self._held_to(request.reply_schema)
        return body

    def refuse(self, report: Report, sent: dict[str, Any]) -> tuple[str, ...]:
        """What of ``sent`` the ``report`` refuses, left out from now on; empty when it is about the rest."""
        for name, signs in _SIGNS.items():
            is_meant = report.mentions(*signs) or (name == "output_config" and report.says(*_ABOUT_SCHEMA))
            if is_meant and _holds(sent, name) and not _wants_another_value(name, report):
                self._refused.add(name)
                return (name,)
        return ()

    def _held_to(self, schema: ReplySchema) -> dict[str, Any]:
        if "output_config" not in self._refused:
            asked = {"type": "json_schema", "schema": told_schema(schema.schema)}
            return {"output_config": {"format": asked}}
        if "tool_choice" not in self._refused:
            tool = {
                "name": schema.name,
                "description": "Takes the whole reply. Use it once.",
                "input_schema": schema.schema,
            }
            return {"tools": [tool], "tool_choice": {"type": "tool", "name": schema.name}}
        return {}


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
    if name != "cache_control":
        return name in sent
    blocks = [*sent.get("system", []), *(block for turn in sent["messages"] for block in turn["content"])]
    return any(name in block for block in blocks)


def _wants_another_value(name: str, report: Report) -> bool:
    return name == "temperature" and report.says(*_OTHER_VALUE)
