"""Services that people often add: a name and an address to begin with, nothing more."""

from __future__ import annotations

from dataclasses import dataclass

from cort_desktop.domain.settings import KIND_ADDRESSES, ProviderKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """What a service is called, and where it usually is."""

    title: str
    name: str
    address: str
    kind: ProviderKind = "openai"


TEMPLATES: tuple[Template, ...] = (
    Template(title="llama.cpp server", name="llama-server", address="http://127.0.0.1:8080/v1"),
    Template(title="LM Studio", name="lm-studio", address="http://127.0.0.1:1234/v1"),
    Template(title="vLLM", name="vllm", address="http://127.0.0.1:8000/v1"),
    Template(title="Ollama, elsewhere", name="ollama-2", address=KIND_ADDRESSES["ollama"], kind="ollama"),
    Template(title="DeepSeek", name="deepseek", address="https://api.deepseek.com/v1"),
    Template(title="Groq", name="groq", address="https://api.groq.com/openai/v1"),
    Template(title="Mistral", name="mistral", address="https://api.mistral.ai/v1"),
    Template(title="Together", name="together", address="https://api.together.xyz/v1"),
    Template(title="xAI", name="xai", address="https://api.x.ai/v1"),
)
