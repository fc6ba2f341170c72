"""Finds models by what a person remembers of them: parts of a name, in any case, or whose they are.

Pure, over references alone. Not here: where the lists come from (``providers``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from cort_desktop.domain.ids import ModelRef

_SEPARATORS = re.compile(r"[^a-z0-9/]+")
_FAMILIES: tuple[tuple[str, str], ...] = (
    ("gpt", "openai"), ("chatgpt", "openai"), ("o1", "openai"), ("o3", "openai"), ("o4", "openai"),
    ("claude", "anthropic"), ("gemini", "google"), ("gemma", "google"), ("llama", "meta"),
    ("mistral", "mistralai"), ("mixtral", "mistralai"), ("codestral", "mistralai"),
    ("magistral", "mistralai"), ("ministral", "mistralai"),
    ("qwen", "alibaba"), ("qwq", "alibaba"), ("deepseek", "deepseek"), ("grok", "xai x-ai"),
    ("phi", "microsoft"), ("command", "cohere"), ("nemotron", "nvidia"), ("granite", "ibm"),
    ("glm", "zhipu z-ai zai"), ("kimi", "moonshotai"), ("olmo", "allenai"),
)  # fmt: skip
"""How the names of a vendor's models begin; the vendor also as others write it."""


def matching(refs: Iterable[ModelRef], words: str) -> list[ModelRef]:
    """The models that have all of ``words``, those whose name begins with the first word before the others.

    A word is found in the reference whatever its case, dots and dashes (a "gpt4o" in "GPT-4o"), or is the
    beginning of its vendor's name. Without words: all of them, in their order.
    """
    wanted = [_plain(word) for word in words.split()]
    wanted = [word for word in wanted if word]
    found = [ref for ref in refs if all(_has(ref, word) for word in wanted)]
    if not wanted:
        return found
    return sorted(
        found, key=lambda ref: not any(part.startswith(wanted[0]) for part in _plain(ref).split("/"))
    )


def _has(ref: ModelRef, word: str) -> bool:
    plain = _plain(ref)
    return word in plain or any(vendor.startswith(word) for vendor in _vendors(plain))


def _vendors(plain: str) -> list[str]:
    """Whose model it is, as far as its name tells."""
    name = plain.rsplit("/", maxsplit=1)[-1]
    return [
        _plain(vendor)
        for beginning, vendors in _FAMILIES
        if name.startswith(beginning)
        for vendor in vendors.split()
    ]


def _plain(text: str) -> str:
    return _SEPARATORS.sub("", text.casefold())
