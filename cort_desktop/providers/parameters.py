"""What is sent to an OpenAI-compatible service, and which of it this service turned out not to take.

Services differ in what they accept. What one refuses by name is left out from then on; the rest stays.
Temperature and seed are wishes: a model that takes none answers without. The limit on the answer never is
left out, for the budget counts on it: it has two names. Instructions are tried as "developer", "system" and
as a part of the first question. Not here: sending (``streamed_chat``), keeping this for the next start
(``refusals``), how services differ by design (``dialects``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from cort_desktop.domain.calls import ChatRequest
from cort_desktop.domain.ids import model_of
from cort_desktop.domain.messages import Message
from cort_desktop.domain.models import Effort, ModelProfile, SystemRole
from cort_desktop.providers.dialects import PLAIN, Dialect, LimitName, Wishes
from cort_desktop.providers.payload import whole_characters
from cort_desktop.providers.reports import Report

DEVELOPER_ROLE, SYSTEM_ROLE = "developer role", "system role"
_SIGNS: dict[str, tuple[str, ...]] = {
    "response_format": ("response_format", "json_schema", "structured_outputs", "grammar"),
    "stream_options": ("stream_options", "include_usage"),
    "random_seed": ("random_seed",),
    "seed": ("seed",),
    "temperature": ("temperature",),
    "max_tokens": ("max_tokens",),
    "max_completion_tokens": ("max_completion_tokens",),
    # Before the effort: asking for thoughts is the lesser loss when a model turns out to have none.
    "extra_body": ("extra_body", "include_thoughts", "thinking_config", "thinking"),
    "reasoning_effort": ("reasoning_effort", "reasoning", "thinking"),
    "reasoning": ("reasoning",),
    "usage": ("usage",),
}
_COMMON_WORDS = frozenset({"extra_body", "reasoning_effort", "reasoning", "usage"})
"""Their signs stand in other complaints too: these count as refused when that is said in so many words."""
_LIMITS: tuple[LimitName, LimitName] = ("max_tokens", "max_completion_tokens")
_UNKNOWN = (
    "unsupported",
    "not supported",
    "not support",
    "unknown",
    "unrecognized",
    "unexpected",
    "not permitted",
    "not allowed",
    "not enabled",
    "cannot find field",
    "additional properties",
)
_UNKNOWN_CODES = ("unsupported_parameter", "unknown_parameter", "extra_forbidden", "unsupported_value")
_OUT_OF_RANGE = (
    "between",
    "range",
    "less than",
    "greater than",
    "too large",
    "too small",
    "at most",
    "at least",
    "maximum value",
    "minimum value",
    "<=",
    ">=",
)
_ABOUT_ROLES = ("role", "variant", "instruction", "template")
_ONLY_TWO_ROLES = (
    "only user and assistant",
    "must alternate user/assistant",
    "developer instruction is not enabled",  # Google's word for instructions of any name
)


class Parameters:
    """The request body for one model; learns from refusals, and knows those of before by its profile."""

    def __init__(self, profile: ModelProfile, dialect: Dialect = PLAIN, wishes: Wishes | None = None) -> None:
        self._profile = profile
        self._dialect = dialect
        self._wishes = wishes or Wishes()
        self._refused = {each.what for each in profile.left_out}

    def body(self, request: ChatRequest) -> dict[str, Any]:
        """The JSON body of ``request``, without what was refused before."""
        profile = self._profile
        wanted: dict[str, Any] = {
            "model": model_of(request.model),
            "messages": self._messages(request.messages),
            "stream": True,
            "stream_options": {"include_usage": True},
            self._limit_name: min(request.max_tokens, profile.most_output_tokens or request.max_tokens),
        }
        if profile.temperature:
            wanted["temperature"] = request.temperature
        if request.seed is not None and profile.seed:
            wanted[self._dialect.seed_name] = request.seed
        if request.reply_schema is not None and profile.json_schema:
            schema = {
                "name": request.reply_schema.name,
                "schema": request.reply_schema.schema,
                "strict": True,
            }
            wanted["response_format"] = {"type": "json_schema", "json_schema": schema}
        wanted |= self._ways()
        return {name: value for name, value in wanted.items() if name not in self._refused}

    def refuse(self, report: Report, sent: dict[str, Any]) -> tuple[str, ...]:
        """What of ``sent`` the ``report`` refuses, left out from now on; nothing when it is about others."""
        refused = tuple(self._found(report, sent))
        self._refused |= {*refused}
        return refused

    def _ways(self) -> dict[str, Any]:
        """How hard to think, whether to show it, where it may be done."""
        ways = dict(self._dialect.always)
        if self._profile.reasoning:
            ways |= self._dialect.for_thoughts
        if (effort := self._effort) is not None:
            ways |= self._dialect.effort(effort)
        if self._wishes.routing is not None:
            # Never left out: a request must not go where a person said that it may not.
            ways["provider"] = self._wishes.routing.wire()
        return ways

    @property
    def _effort(self) -> Effort | None:
        effort = self._profile.effort_near(self._wishes.effort)
        return None if self._effort_word(effort) in self._refused else effort

    def _effort_word(self, effort: Effort | None) -> str:
        """One effort by its own name: a model may take others."""
        return f"{self._dialect.effort_name}={effort}"

    @property
    def _limit_name(self) -> LimitName:
        first = self._dialect.limit_name
        return _other(first) if first in self._refused else first

    @property
    def _role(self) -> SystemRole:
        role = self._profile.system_role
        if role == "developer" and DEVELOPER_ROLE in self._refused:
            role = "system"
        return "none" if role == "system" and SYSTEM_ROLE in self._refused else role

    def _messages(self, messages: Sequence[Message]) -> list[dict[str, str]]:
        role = self._role
        told = _merged(messages) if role == "none" else messages
        return [
            {
                "role": role if message.role == "system" else message.role,
                "content": whole_characters(message.text),
            }
            for message in told
        ]

    def _found(self, report: Report, sent: dict[str, Any]) -> list[str]:
        if (role := self._refused_role(report, sent)) is not None:
            return [role]
        # A server that names the places it does not take is believed in all of them.
        named = [name for name in _SIGNS if name in sent and name in report.places]
        by_words = (name for name in _SIGNS if name in sent and report.mentions(*_SIGNS[name]))
        for names in (named, by_words):
            refused = [self._word_for(name, report) for name in names if self._is_refusal(name, report)]
            if refused:
                return refused if names is named else refused[:1]
        return []

    def _word_for(self, name: str, report: Report) -> str:
        if name == self._dialect.effort_name and report.says(
            "supported values", "must be one of", "expected"
        ):
            return self._effort_word(self._effort)
        return name

    def _is_refusal(self, name: str, report: Report) -> bool:
        """Whether the service does not take ``name`` at all, as against not taking this value of it."""
        said = report.says(*_UNKNOWN) or report.mentions(*_UNKNOWN_CODES)
        if name in _LIMITS:
            other = _other(name)
            return other not in self._refused and (said or report.mentions(other)) and not _is_range(report)
        if name in ("temperature", "seed", "random_seed"):
            return not _is_range(report)
        return said or name not in _COMMON_WORDS

    def _refused_role(self, report: Report, sent: dict[str, Any]) -> str | None:
        role = self._role
        if role == "none" or not any(each["role"] == role for each in sent["messages"]):
            return None
        if not report.says(*_ONLY_TWO_ROLES):
            is_about_roles = report.says(*_ABOUT_ROLES) or any("role" in place for place in report.places)
            is_refused = report.says(*_UNKNOWN, "invalid", "is not one of") or report.mentions(
                *_UNKNOWN_CODES
            )
            named = re.search(rf"\b{role}\b", report.message, re.IGNORECASE)
            if not (is_about_roles and is_refused and named):
                return None
        return DEVELOPER_ROLE if role == "developer" else SYSTEM_ROLE


def _is_range(report: Report) -> bool:
    return report.says(*_OUT_OF_RANGE)


def _other(name: str) -> LimitName:
    return _LIMITS[1] if name == _LIMITS[0] else _LIMITS[0]


def _merged(messages: Sequence[Message]) -> list[Message]:
    """The instructions as the beginning of the user's first message, or as one when there is none."""
    told = "\n\n".join(message.text for message in messages if message.role == "system")
    rest = [message for message in messages if message.role != "system"]
    if not told:
        return rest
    first = next((place for place, message in enumerate(rest) if message.role == "user"), None)
    if first is None:
        return [Message(role="user", text=told), *rest]
    rest[first] = Message(role="user", text=f"{told}\n\n{rest[first].text}")
    return rest
