"""Where closing a connection stops the bill, and where the service goes on and bills the whole answer.

Data, from OpenRouter's page on stream cancellation and the services' own. A service that isn't named is taken
for one that stops, as every server one runs oneself does.
"""

from __future__ import annotations

from cort_desktop.domain.ids import ModelRef, model_of

_GO_ON = (
    ".amazonaws.com",
    ".googleapis.com",
    ".groq.com",
    ".mistral.ai",
    ".perplexity.ai",
)
"""Bedrock, Google, Groq, Mistral, Perplexity, by the end of their host names."""
_STOP_BEHIND_OPENROUTER = ("openai/", "anthropic/", "deepseek/", "x-ai/")
"""Models whose usual services stop; of others it depends on where OpenRouter sends them."""


def stops_billing(ref: ModelRef, *, kind: str, host: str) -> bool:
    """Whether a cancelled request to this model costs no more than what was made of it until then."""
    if kind == "openrouter":
        return model_of(ref).startswith(_STOP_BEHIND_OPENROUTER)
    return not f".{host.lower()}".endswith(_GO_ON)
