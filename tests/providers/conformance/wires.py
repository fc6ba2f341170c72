"""The wire formats of all adapters, spoken by the scripted server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cort_desktop.domain.budget import Usage
from cort_desktop.domain.calls import ChatModel, Finish
from cort_desktop.domain.models import ModelProfile
from cort_desktop.domain.settings import ProviderKind
from cort_desktop.providers.builtin_grammar import GuidedChat
from cort_desktop.providers.dialects import GEMINI
from cort_desktop.providers.http import Transport
from cort_desktop.providers.openai_chat import OpenAIChat
from tests.fakes.asking import KEY
from tests.fakes.loops import LoopClock
from tests.fakes.scripted_server import Request
from tests.providers.conformance.wire import MODEL_NAME, Wire, dumps


class ChatWire(Wire):
    """OpenAI's chat completions, as all that are compatible speak them."""

    path = "/v1/chat/completions"
    idle = b": still here\n\n"
    refusals: Mapping[str, str] = {
        "temperature": "Unsupported parameter: 'temperature' is not supported with this model.",
        "response_format": "Invalid parameter: 'response_format' of type 'json_schema' is not supported.",
        "seed": "Unknown parameter: 'seed'.",
    }
    thought_field = "reasoning_content"

    def text(self, text: str, *, ascii_only: bool = False) -> bytes:
        return self._chunk({"content": text}, ascii_only=ascii_only)

    def thought(self, text: str) -> bytes:
        return self._chunk({self.thought_field: text})

    def ending(self, finish: Finish, usage: Usage) -> list[bytes]:
        reason = {"stop": "stop", "length": "length", "filter": "content_filter"}[finish]
        told = {"choices": [], "usage": self.counted(usage)}
        return [self._chunk({}, finish=reason), self.raw(dumps(told)), self.raw("[DONE]")]

    def counted(self, usage: Usage) -> dict[str, Any]:
        return {
            "prompt_tokens": usage.input,
            "completion_tokens": usage.output,
            "total_tokens": usage.input + usage.output,
            "prompt_tokens_details": {"cached_tokens": usage.cached_input},
            "completion_tokens_details": {"reasoning_tokens": usage.reasoning},
        }

    def failure(self, message: str) -> bytes:
        return self.raw(dumps(self.error(message, type="server_error", code=None)))

    def raw(self, data: str) -> bytes:
        return f"data: {data}\n\n".encode()

    def whole(self, text: str) -> Any:
        said = {"role": "assistant", "content": text}
        return {
            "choices": [{"index": 0, "message": said, "finish_reason": "stop"}],
            "usage": self.counted(Usage(input=20, output=5)),
        }

    def schema_in(self, request: Request) -> Any:
        asked = request.json.get("response_format")
        return asked and asked["json_schema"]["schema"]

    def _chunk(self, delta: dict[str, Any], *, finish: str | None = None, ascii_only: bool = False) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        chunk = {"id": "c1", "object": "chat.completion.chunk", "choices": [choice]}
        return self.raw(dumps(chunk, ascii_only=ascii_only))


class OpenAIWire(ChatWire):
    name = "openai"


class OpenRouterWire(ChatWire):
    name = "openrouter"
    kind: ProviderKind = "openrouter"
    idle = b": OPENROUTER PROCESSING\n\n"
    thought_field = "reasoning"

    def failure(self, message: str) -> bytes:
        choice = {"index": 0, "delta": {"content": ""}, "finish_reason": "error"}
        return self.raw(dumps({"error": {"code": 502, "message": message}, "choices": [choice]}))


class GeminiWire(ChatWire):
    """Google's OpenAI-compatible endpoint: thoughts are marked text, its errors come in a list."""

    name = "gemini"
    path = "/v1beta/openai/chat/completions"
    idle = b"\n"

    def adapter(self, base_url: str, transport: Transport, profile: ModelProfile) -> ChatModel:
        return OpenAIChat(
            provider=self.name,
            base_url=base_url.removesuffix("/v1") + "/v1beta/openai",
            key=KEY,
            profile=profile,
            transport=transport,
            clock=LoopClock(),
            dialect=GEMINI,
        )

    def thought(self, text: str) -> bytes:
        return self._chunk({"content": text, "extra_content": {"google": {"thought": True}}})

    def counted(self, usage: Usage) -> dict[str, Any]:
        """Its total has the thoughts that ``completion_tokens`` leaves out."""
        return {
            "prompt_tokens": usage.input,
            "completion_tokens": usage.output - usage.reasoning,
            "total_tokens": usage.input + usage.output,
            "prompt_tokens_details": {"cached_tokens": usage.cached_input},
        }

    def failure(self, message: str) -> bytes:
        return self.raw(dumps(self.error(message, status="UNAVAILABLE", code=503)))

    def error(self, message: str, **facts: Any) -> Any:
        return [super().error(message, **facts)]


class BuiltinWire(ChatWire):
    """The built-in model's server, which is given schemas as grammars."""

    name = "builtin"
    refusals: Mapping[str, str] = {}

    def adapter(self, base_url: str, transport: Transport, profile: ModelProfile) -> ChatModel:
        return GuidedChat(
            provider=self.name,
            base_url=base_url,
            key=KEY,
            profile=profile,
            transport=transport,
            clock=LoopClock(),
        )

    def schema_in(self, request: Request) -> Any:
        grammar = request.json.get("grammar")
        if not grammar:
            return None
        schema = json.loads(grammar.partition("%json ")[2])
        schema.pop("x-guidance")
        return schema


class OllamaWire(Wire):
    """Ollama's own interface: lines of JSON."""

    name = "ollama"
    kind: ProviderKind = "ollama"
    path = "/api/chat"
    content_type = "application/x-ndjson"
    idle = b"\n"
    tells_filtered = False
    refusals: Mapping[str, str] = {"format": "invalid JSON schema in format"}

    def text(self, text: str, *, ascii_only: bool = False) -> bytes:
        return self._line({"content": text}, ascii_only=ascii_only)

    def thought(self, text: str) -> bytes:
        return self._line({"content": "", "thinking": text})

    def ending(self, finish: Finish, usage: Usage) -> list[bytes]:
        last = {
            "model": MODEL_NAME,
            "message": {"role": "assistant", "content": ""},
            "done": True,
            "done_reason": finish,
            "prompt_eval_count": usage.input,
            "eval_count": usage.output,
        }
        return [self.raw(dumps(last))]

    def failure(self, message: str) -> bytes:
        return self.raw(dumps({"error": message}))

    def error(self, message: str, **facts: Any) -> Any:
        return {"error": message, **facts}

    def raw(self, data: str) -> bytes:
        return f"{data}\n".encode()

    def whole(self, text: str) -> Any:
        return {
            "message": {"role": "assistant", "content": text},
            "done": True,
            "done_reason": "stop",
            "prompt_eval_count": 20,
            "eval_count": 5,
        }

    def schema_in(self, request: Request) -> Any:
        return request.json.get("format")

    def _line(self, said: dict[str, Any], *, ascii_only: bool = False) -> bytes:
        line = {"model": MODEL_NAME, "message": {"role": "assistant", **said}, "done": False}
        return self.raw(dumps(line, ascii_only=ascii_only))


class AnthropicWire(Wire):
    """Anthropic's Messages."""

    name = "anthropic"
    kind: ProviderKind = "anthropic"
    path = "/v1/messages"
    idle = b'event: ping\ndata: {"type": "ping"}\n\n'
    refusals: Mapping[str, str] = {
        "temperature": "`temperature` is deprecated for this model.",
        "output_config.format": "output_config.format: Extra inputs are not permitted",
    }

    def opening(self) -> list[bytes]:
        used = {"input_tokens": 1, "output_tokens": 1}
        message = {"id": "msg_1", "type": "message", "role": "assistant", "content": [], "usage": used}
        return [self.event("message_start", message=message)]

    def text(self, text: str, *, ascii_only: bool = False) -> bytes:
        return self._delta({"type": "text_delta", "text": text}, ascii_only=ascii_only)

    def thought(self, text: str) -> bytes:
        return self._delta({"type": "thinking_delta", "thinking": text})

    def ending(self, finish: Finish, usage: Usage) -> list[bytes]:
        reason = {"stop": "end_turn", "length": "max_tokens", "filter": "refusal"}[finish]
        return [
            self.event("content_block_stop", index=0),
            self.event("message_delta", delta={"stop_reason": reason}, usage=self.counted(usage)),
            self.event("message_stop"),
        ]

    def counted(self, usage: Usage) -> dict[str, Any]:
        return {
            "input_tokens": usage.input - usage.cached_input - usage.cache_write,
            "cache_read_input_tokens": usage.cached_input,
            "cache_creation_input_tokens": usage.cache_write,
            "output_tokens": usage.output,
            "output_tokens_details": {"thinking_tokens": usage.reasoning},
        }

    def failure(self, message: str) -> bytes:
        told = self.error(message, type="overloaded_error")
        return f"event: error\ndata: {dumps(told)}\n\n".encode()

    def error(self, message: str, **facts: Any) -> Any:
        return {"type": "error", "error": {"type": "api_error", "message": message, **facts}}

    def raw(self, data: str) -> bytes:
        return f"event: content_block_delta\ndata: {data}\n\n".encode()

    def event(self, kind: str, *, ascii_only: bool = False, **facts: Any) -> bytes:
        return f"event: {kind}\ndata: {dumps({'type': kind, **facts}, ascii_only=ascii_only)}\n\n".encode()

    def whole(self, text: str) -> Any:
        return {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "content": [{"type": "text", "text": text}],
            "stop_reason": "end_turn",
            "usage": self.counted(Usage(input=20, output=5)),
        }

    def key_of(self, headers: Mapping[str, str]) -> str:
        assert "authorization" not in headers
        return headers.get("x-api-key", "")

    def said_to(self, request: Request) -> list[tuple[str, str]]:
        system = [("system", block["text"]) for block in request.json.get("system", [])]
        return system + [
            (turn["role"], block["text"]) for turn in request.json["messages"] for block in turn["content"]
        ]

    def schema_in(self, request: Request) -> Any:
        asked = request.json.get("output_config")
        return asked and asked["format"]["schema"]

    def _delta(self, delta: dict[str, Any], *, ascii_only: bool = False) -> bytes:
        return self.event("content_block_delta", index=0, delta=delta, ascii_only=ascii_only)


WIRES: tuple[Wire, ...] = (
    OpenAIWire(),
    OpenRouterWire(),
    GeminiWire(),
    OllamaWire(),
    AnthropicWire(),
    BuiltinWire(),
)
