"""Services that people often add: where each is, what it speaks, and what key it wants.

Addresses and key pages are the services' own, as their documentation gives them. Not here: what a service
can do (its list of models tells).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from cort_desktop.domain.settings import KIND_ADDRESSES, ProviderKind

_NO_KEY = QT_TRANSLATE_NOOP("Templates", "Needs no key on this computer.")
_KEY_AT_START = QT_TRANSLATE_NOOP("Templates", "Needs no key, unless it was started with one.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """What a service is called, and where it usually is.

    key_page: where its keys are made, without the scheme; empty where no key is needed. key_words: what else
    is to be said about its key. beginning: how its keys begin; empty when that is not known.
    """

    title: str
    name: str
    address: str
    kind: ProviderKind = "openai"
    key_page: str = ""
    beginning: str = ""
    key_words: Any = ""

    @property
    def is_local(self) -> bool:
        """Whether it runs on this computer."""
        return not self.key_page

    def key_told(self) -> str:
        """Which key it wants, in the language of the window."""
        if not self.key_page:
            return QCoreApplication.translate("Templates", str(self.key_words or _NO_KEY))
        words = QCoreApplication.translate("Templates", "Wants a key from {page}.")
        begins = QCoreApplication.translate("Templates", "It begins with “{beginning}”.")
        told = words.format(page=self.key_page)
        return f"{told} {begins.format(beginning=self.beginning)}" if self.beginning else told


NETWORK: tuple[Template, ...] = (
    Template(
        title="OpenRouter",
        name="openrouter",
        kind="openrouter",
        address=KIND_ADDRESSES["openrouter"],
        key_page="openrouter.ai/settings/keys",
        beginning="sk-or-",
    ),
    Template(
        title="OpenAI",
        name="openai",
        address=KIND_ADDRESSES["openai"],
        key_page="platform.openai.com/api-keys",
        beginning="sk-",
    ),
    Template(
        title="Anthropic",
        name="anthropic",
        kind="anthropic",
        address=KIND_ADDRESSES["anthropic"],
        key_page="console.anthropic.com/settings/keys",
        beginning="sk-ant-",
    ),
    Template(
        title="Google Gemini",
        name="gemini",
        address="https://generativelanguage.googleapis.com/v1beta/openai",
        key_page="aistudio.google.com/apikey",
        beginning="AIza",
    ),
    Template(
        title="Mistral",
        name="mistral",
        address="https://api.mistral.ai/v1",
        key_page="console.mistral.ai/api-keys",
    ),
    Template(
        title="Groq",
        name="groq",
        address="https://api.groq.com/openai/v1",
        key_page="console.groq.com/keys",
        beginning="gsk_",
    ),
    Template(
        title="DeepSeek",
        name="deepseek",
        address="https://api.deepseek.com/v1",
        key_page="platform.deepseek.com/api_keys",
        beginning="sk-",
    ),
    Template(
        title="Together",
        name="together",
        address="https://api.together.xyz/v1",
        key_page="api.together.ai/settings/api-keys",
    ),
    Template(
        title="Fireworks",
        name="fireworks",
        address="https://api.fireworks.ai/inference/v1",
        key_page="app.fireworks.ai/settings/users/api-keys",
        beginning="fw_",
    ),
    Template(
        title="xAI",
        name="xai",
        address="https://api.x.ai/v1",
        key_page="console.x.ai",
        beginning="xai-",
    ),
)
LOCAL: tuple[Template, ...] = (
    Template(title="Ollama", name="ollama", address=KIND_ADDRESSES["ollama"], kind="ollama"),
    Template(
        title="LM Studio",
        name="lm-studio",
        address="http://127.0.0.1:1234/v1",
        key_words=QT_TRANSLATE_NOOP(
            "Templates", "Needs no key; its server is started on its Developer page."
        ),
    ),
    Template(
        title="llama-server (llama.cpp)",
        name="llama-server",
        address="http://127.0.0.1:8080/v1",
        key_words=_KEY_AT_START,
    ),
    Template(title="vLLM", name="vllm", address="http://127.0.0.1:8000/v1", key_words=_KEY_AT_START),
)
TEMPLATES = (*NETWORK, *LOCAL)


def template_at(address: str) -> Template | None:
    """The service that is known at an address; None for a person's own."""
    return next((each for each in TEMPLATES if each.address == address), None)
