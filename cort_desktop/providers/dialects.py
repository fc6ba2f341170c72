"""How OpenAI-compatible services want to be asked where they differ, as data; told apart by where they are.

A service that is not known here is asked in OpenAI's older form, which all of them take, and refuses what it
does not know. Not here: what a model of a service takes (``families``), refusals (``parameters``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from cort_desktop.domain.addresses import host_of
from cort_desktop.domain.asking_ways import Routing
from cort_desktop.domain.models import Effort

LimitName = Literal["max_tokens", "max_completion_tokens"]
TITLE = "CoRT Desktop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One service's way.

    limit_name: what the longest answer is called. seed_name: what the seed is called. effort_name: where the
    effort stands; in "reasoning" it is one of several words. always: what every request carries besides.
    for_thoughts: what makes a model that thinks show it. title_headers: where a program may give its name.
    """

    limit_name: LimitName = "max_tokens"
    seed_name: str = "seed"
    effort_name: Literal["reasoning_effort", "reasoning"] = "reasoning_effort"
    always: Mapping[str, Any] = field(default_factory=dict)
    for_thoughts: Mapping[str, Any] = field(default_factory=dict)
    title_headers: tuple[str, ...] = ()

    def effort(self, effort: Effort) -> dict[str, Any]:
        """How hard to think, as a part of the body."""
        told = {"effort": effort} if self.effort_name == "reasoning" else effort
        return {self.effort_name: told}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a person set for a service and one of its models. attribution: it may know which program asks."""

    effort: Effort | None = None
    routing: Routing | None = None
    attribution: bool = False


PLAIN = Dialect()
OPENAI = Dialect(limit_name="max_completion_tokens")
OPENROUTER = Dialect(
    effort_name="reasoning",
    # Told without being asked by now (openrouter.ai/docs/use-cases/usage-accounting); gateways that are built
    # like it, and its own older versions, want to be asked.
    always={"usage": {"include": True}},
    title_headers=("X-Title", "X-OpenRouter-Title"),
)
GEMINI = Dialect(
    # ai.google.dev/gemini-api/docs/openai: thoughts are kept back unless they are asked for.
    for_thoughts={"extra_body": {"google": {"thinking_config": {"include_thoughts": True}}}},
)
MISTRAL = Dialect(seed_name="random_seed")
_HOSTS = {
    "api.openai.com": OPENAI,
    "openrouter.ai": OPENROUTER,
    "generativelanguage.googleapis.com": GEMINI,
    "api.mistral.ai": MISTRAL,
}


def dialect_of(base_url: str) -> Dialect:
    """The way of the service at a checked address."""
    return _HOSTS.get(host_of(base_url), PLAIN)
