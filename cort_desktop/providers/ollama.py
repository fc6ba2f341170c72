"""Ollama by its own interface, ``/api/chat``: there the size of the context is ours to say.

Its OpenAI-compatible one takes no ``num_ctx``, and cuts the beginning of a longer prompt off in silence; nor
can it be told how long to keep a model loaded. Not here: which models there are (``ollama_models``), fetching
one (``ollama_pull``), the exchange (``streamed_chat``).
"""

from __future__ import annotations

from typing import Any, ClassVar

from cort_desktop.domain.calls import ChatRequest
from cort_desktop.domain.ids import model_of
from cort_desktop.domain.models import Effort, ModelProfile
from cort_desktop.errors import ProviderError
from cort_desktop.providers.answer_text import AnswerText
from cort_desktop.providers.builtin_room import most_tokens
from cort_desktop.providers.faults import Faults
from cort_desktop.providers.http import Reply
from cort_desktop.providers.keys import bearer
from cort_desktop.providers.ollama_answer import OllamaAnswer
from cort_desktop.providers.payload import whole_characters
from cort_desktop.providers.reports import Report, read_body
from cort_desktop.providers.streamed_chat import StreamedChat

LEAST_CONTEXT = 4096
_LEVELS = ("low", "medium", "high")
_WITH_LEVELS = "gpt-oss"
"""The one family that is told how hard to think; the others only whether."""
_NOT_FOUND = 404
_MEMORY = ("requires more system memory", "out of memory", "cudamalloc failed", "unable to allocate")
_NO_CHAT = "does not support chat"


def native_address(base_url: str) -> str:
    """The address its own interface is below: a base address may end with the ``/v1`` of the other one."""
    return base_url.rstrip("/").removesuffix("/v1").rstrip("/")


class OllamaBody:
    """The request body for one model; learns from refusals.

    context: the tokens of a person's settings; without them it grows with what is asked, by doubling,
    for Ollama loads a model anew whenever the number changes.
    """

    def __init__(
        self, profile: ModelProfile, *, context: int | None, keep_alive: str | None, effort: Effort | None
    ) -> None:
        self._profile = profile
        self._context = context
        self._keep_alive = keep_alive
        self._effort = effort
        self._largest = LEAST_CONTEXT
        self._refused = {each.what for each in profile.left_out}

    def body(self, request: ChatRequest) -> dict[str, Any]:
        """The JSON body of ``request``, without what was refused before."""
        think = self._think(request)
        # The request has room for thoughts, which costs memory here: without thoughts it is not asked for.
        answer_tokens = max(1, request.max_tokens - (0 if think else self._profile.thinking_tokens))
        options: dict[str, Any] = {
            "num_ctx": self._window(most_tokens(request.messages) + answer_tokens),
            "num_predict": answer_tokens,
            "temperature": request.temperature,
        }
        if request.seed is not None:
            options["seed"] = request.seed
        wanted: dict[str, Any] = {
            "model": model_of(request.model),
            "messages": [
                {"role": message.role, "content": whole_characters(message.text)}
                for message in request.messages
            ],
            "stream": True,
            "options": options,
            # What doesn't fit is an error and not a shorter question; older versions read over these two.
            "truncate": False,
            "shift": False,
        }
        if request.reply_schema is not None and self._profile.json_schema:
            wanted["format"] = request.reply_schema.schema
        if self._keep_alive is not None:
            wanted["keep_alive"] = _told_time(self._keep_alive)
        if think is not None:
            wanted["think"] = think
        return {name: value for name, value in wanted.items() if name not in self._refused}

    def refuse(self, report: Report, sent: dict[str, Any]) -> tuple[str, ...]:
        """What of ``sent`` the ``report`` refuses, left out from now on."""
        if "think" in sent and report.says("does not support thinking", "think value"):
            self._refused.add("think")
            return ("think",)
        if "format" in sent and report.says("format", "grammar", "json schema"):
            self._refused.add("format")
            return ("format",)
        return ()

    def _think(self, request: ChatRequest) -> bool | str | None:
        """Whether, or how hard, to think; None when that is not to be said.

        A reply of a fixed shape is wanted at once: thoughts would use up its few tokens, and some models
        forget the shape over them.
        """
        if not self._profile.reasoning:
            return None
        if request.reply_schema is not None or self._effort == "none":
            return False
        if _WITH_LEVELS in model_of(request.model) and self._effort is not None:
            near = self._profile.effort_near(self._effort) or self._effort
            return near if near in _LEVELS else ("low" if near == "minimal" else "high")
        return True

    def _window(self, tokens: int) -> int:
        if self._context is not None:
            return self._context
        while self._largest < tokens:
            self._largest *= 2
        most = self._profile.context_tokens
        return self._largest if most is None else min(self._largest, most)


class OllamaChat(StreamedChat):
    """One model of one Ollama. context, keep_alive and effort are the person's; see ``OllamaBody``."""

    stream_of: ClassVar[type[AnswerText]] = OllamaAnswer

    def __init__(
        self,
        *,
        context: int | None = None,
        keep_alive: str | None = None,
        effort: Effort | None = None,
        **parts: Any,
    ) -> None:
        self._context = context
        self._keep_alive = keep_alive
        self._effort = effort
        super().__init__(**parts)

    @staticmethod
    def address(base_url: str) -> str:
        return native_address(base_url) + "/api/chat"

    def body_of(self, profile: ModelProfile) -> OllamaBody:
        return OllamaBody(profile, context=self._context, keep_alive=self._keep_alive, effort=self._effort)

    def headers(self, key: str | None) -> dict[str, str]:
        return {"Accept": "application/x-ndjson, application/json", **bearer(key)}

    def _refusal(self, reply: Reply, told: bytes, sent: dict[str, Any], faults: Faults) -> ProviderError:
        report = read_body(told)
        if reply.status == _NOT_FOUND:
            return self._not_found(report, sent, faults)
        if report.says(_NO_CHAT):
            return _as_told(
                faults.of_kind("bad_request", "can't chat: it is made for something else."), reply
            )
        if report.says(*_MEMORY):
            words = f"does not fit into the memory of the computer Ollama runs on.{_quoted(report, faults)}"
            return _as_told(faults.of_kind("bad_request", words), reply)
        return super()._refusal(reply, told, sent, faults)

    def _not_found(self, report: Report, sent: dict[str, Any], faults: Faults) -> ProviderError:
        model = sent["model"]
        if report.says("model"):
            words = (
                f"is not installed there: `cort-desktop models install {self._provider}/{model}` fetches it."
            )
        else:
            words = (
                f"could not be asked: what answers at the address of {self._provider} is no Ollama (404). If "
                f'it speaks like OpenAI, write kind = "openai" in [providers.{self._provider}].'
            )
        error = faults.of_kind("not_found", words)
        error.status = _NOT_FOUND
        return error


def _as_told(error: ProviderError, reply: Reply) -> ProviderError:
    error.status = reply.status
    return error


def _quoted(report: Report, faults: Faults) -> str:
    said = faults.quoted(report)
    return f" It said: “{said}”" if said else ""


def _told_time(keep_alive: str) -> str | int:
    """Ollama takes a bare number for seconds, but only as a number."""
    return int(keep_alive) if keep_alive.lstrip("-").isdigit() else keep_alive
