"""Whose key a key is, as far as its beginning tells, and whose a host is.

A key for one service must not be sent to another by a slip. Not here: keys as they are stored or hidden.
"""

from __future__ import annotations

from urllib.parse import urlsplit

_BEGINNINGS = (
    ("sk-ant-", "Anthropic"), ("sk-or-", "OpenRouter"), ("sk-proj-", "OpenAI"), ("sk-svcacct-", "OpenAI"),
    ("AIza", "Google"), ("gsk_", "Groq"), ("xai-", "xAI"), ("hf_", "Hugging Face"), ("pplx-", "Perplexity"),
    ("nvapi-", "NVIDIA"), ("csk-", "Cerebras"), ("fw_", "Fireworks"), ("tgp_v1_", "Together"),
)  # fmt: skip
"""A plain ``sk-`` is used by many and says nothing."""
_HOSTS = {
    "api.openai.com": "OpenAI",
    "api.anthropic.com": "Anthropic",
    "openrouter.ai": "OpenRouter",
    "generativelanguage.googleapis.com": "Google",
    "api.groq.com": "Groq",
    "api.x.ai": "xAI",
    "api.perplexity.ai": "Perplexity",
    "integrate.api.nvidia.com": "NVIDIA",
    "api.cerebras.ai": "Cerebras",
    "api.fireworks.ai": "Fireworks",
    "api.together.xyz": "Together",
    "api.mistral.ai": "Mistral",
    "api.deepseek.com": "DeepSeek",
}


def owner_of_key(key: str) -> str | None:
    """The service whose keys begin like this one; None when that is not known."""
    return next((owner for beginning, owner in _BEGINNINGS if key.startswith(beginning)), None)


def owner_of_host(url: str) -> str | None:
    """The service at an address; None for one that is not known, like a person's own."""
    return _HOSTS.get((urlsplit(url).hostname or "").lower())


def foreign_owner(key: str, url: str) -> tuple[str, str] | None:
    """(whose key it is, whose host it is) when the two are known to differ."""
    key_owner, host_owner = owner_of_key(key), owner_of_host(url)
    if key_owner is None or host_owner is None or key_owner == host_owner:
        return None
    return key_owner, host_owner
