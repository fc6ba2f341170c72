"""A server with models that runs on this computer, as it was found. Not here: finding it (``providers``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ServerSort = Literal["ollama", "lm_studio", "llama_server", "vllm", "other"]

TITLES: dict[ServerSort, str] = {
    "ollama": "Ollama",
    "lm_studio": "LM Studio",
    "llama_server": "llama-server",
    "vllm": "vLLM",
    "other": "a server that speaks like OpenAI's",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalServer:
    """What answers at one port.

    base_url: where it is asked. version: empty when it doesn't say. models: by their names there, empty when
    there are none or it keeps them for those who have a key.
    """

    sort: ServerSort
    base_url: str
    version: str = ""
    models: tuple[str, ...] = ()
    wants_key: bool = False

    @property
    def title(self) -> str:
        """Its name as people know it."""
        return TITLES[self.sort]
