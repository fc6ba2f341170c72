"""Servers with models on this computer, found at the ports they usually have.

All ports are looked at at once, each for at most a second and only by its loopback address; a port where
nothing listens costs one refused connection and nothing is loaded for it. What answers is told apart by what
only that server tells. It only ever asks (GET), never with a key. Not here: when to look (a front end says
so), and what is done with what was found.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from cort_desktop.domain.clock import Clock
from cort_desktop.domain.local_servers import LocalServer
from cort_desktop.errors import ProviderError
from cort_desktop.providers.http import Transport
from cort_desktop.providers.limits import MIB, Limits
from cort_desktop.providers.lookup import Lookup

PORTS = (11434, 1234, 8080, 8000, 1337, 5000, 5001, 30000)
"""Ollama, LM Studio, llama-server, vLLM; Jan, text-generation-webui, KoboldCpp, SGLang."""
LOOK_S = 1.0
_LIMITS = Limits(connect_s=0.5, model_list_s=LOOK_S, models_bytes=2 * MIB, keep_alive_s=LOOK_S)
_MOST_MODELS = 1000
_LONGEST_NAME = 256
_KEY_WANTED = (401, 403)
_CHATTING = ("llm", "vlm")


async def find_servers(
    *, clock: Clock, contacted: Callable[[str], None], ports: Sequence[int] = PORTS, look_s: float = LOOK_S
) -> tuple[LocalServer, ...]:
    """What answers, in the order of ``ports``. Never raises for want of one.

    contacted: told the origin of each request before it leaves, and of each port that took none.
    """
    open_ports = await _that_listen(ports, contacted)
    if not open_ports:
        return ()
    transport = Transport(limits=_LIMITS, contacted=contacted)
    try:
        async with asyncio.TaskGroup() as group:
            looks = [group.create_task(_within(look_s, _Port(port, transport, clock))) for port in open_ports]
    finally:
        await transport.aclose()
    return tuple(found for look in looks if (found := look.result()) is not None)


async def _that_listen(ports: Sequence[int], contacted: Callable[[str], None]) -> list[int]:
    """The ports that take a connection. Only for those is anything loaded that can ask: a window that has
    just been opened on a computer without servers is a fifth smaller for it.
    """

    async def listens(port: int) -> bool:
        with suppress(OSError):
            async with asyncio.timeout(_LIMITS.connect_s):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
            return True
        contacted(_origin(port))
        return False

    found = await asyncio.gather(*map(listens, ports))
    return [port for port, is_open in zip(ports, found, strict=True) if is_open]


def _origin(port: int) -> str:
    return f"http://127.0.0.1:{port}"


async def _within(seconds: float, port: _Port) -> LocalServer | None:
    """What was found out in that time: a server that is known but slow to list its models is one too."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await port.look()
    return port.found


class _Port:
    """One port while it is looked at. ``found`` is what is known by now."""

    def __init__(self, port: int, transport: Transport, clock: Clock) -> None:
        self._origin = _origin(port)
        self._lookup = Lookup(
            provider=f"port {port}", base_url=self._origin, key=None, transport=transport, clock=clock
        )
        self._listens = True
        self._is_locked = False
        self.found: LocalServer | None = None

    async def look(self) -> None:
        """Find out what is there, the surest sign first."""
        for ask in (self._ollama, self._lm_studio, self._llama_server, self._vllm, self._other):
            if self.found is None and self._listens:
                await ask()

    async def _told(self, path: str) -> Any:
        try:
            return await self._lookup.get(path)
        except ProviderError as error:
            self._listens = self._listens and error.kind not in ("unreachable", "offline", "timeout")
            self._is_locked = error.status in _KEY_WANTED
            return None

    async def _ollama(self) -> None:
        told = await self._told("/api/version")
        if not isinstance(told, dict) or not isinstance(told.get("version"), str):
            return
        tags = await self._told("/api/tags")
        if not isinstance(tags, dict) or "models" not in tags:
            return  # others have such a page too
        names = _names(tags["models"], "name")
        self.found = LocalServer(
            sort="ollama",
            base_url=f"{self._origin}/v1",
            version=_version(told["version"]),
            models=tuple(name.removesuffix(":latest") for name in names),
        )

    async def _lm_studio(self) -> None:
        told = await self._told("/api/v0/models")
        entries = told.get("data") if isinstance(told, dict) else None
        if not isinstance(entries, list):
            return
        chatting = [each for each in entries if isinstance(each, dict) and each.get("type") in _CHATTING]
        self.found = LocalServer(
            sort="lm_studio", base_url=f"{self._origin}/v1", models=_names(chatting, "id")
        )

    async def _llama_server(self) -> None:
        told = await self._told("/props")
        if isinstance(told, dict) and "default_generation_settings" in told:
            version = _version(told.get("build_info"))
            self.found = LocalServer(sort="llama_server", base_url=f"{self._origin}/v1", version=version)
            self.found = replace(self.found, models=await self._openai_models())
        elif self._is_locked and await self._told("/health") == {"status": "ok"}:
            self.found = LocalServer(sort="llama_server", base_url=f"{self._origin}/v1", wants_key=True)

    async def _vllm(self) -> None:
        told = await self._told("/version")
        if isinstance(told, dict) and set(told) == {"version"}:
            models = await self._openai_models()
            if models or self._is_locked:
                self.found = LocalServer(
                    sort="vllm",
                    base_url=f"{self._origin}/v1",
                    version=_version(told["version"]),
                    models=models,
                    wants_key=self._is_locked,
                )

    async def _other(self) -> None:
        """Whatever lists models. A page that wants a login alone is no sign of one."""
        told = await self._told("/v1/models")
        if isinstance(told, dict) and isinstance(told.get("data"), list):
            models = _names(told["data"], "id")
            self.found = LocalServer(sort="other", base_url=f"{self._origin}/v1", models=models)

    async def _openai_models(self) -> tuple[str, ...]:
        told = await self._told("/v1/models")
        return _names(told.get("data"), "id") if isinstance(told, dict) else ()


def _names(entries: Any, field: str) -> tuple[str, ...]:
    names = (
        (each.get(field) for each in entries if isinstance(each, dict)) if isinstance(entries, list) else ()
    )
    good = (n for n in names if isinstance(n, str) and 0 < len(n) <= _LONGEST_NAME and n.isprintable())
    return tuple(dict.fromkeys(good))[:_MOST_MODELS]


def _version(told: Any) -> str:
    return told[:40] if isinstance(told, str) and told.isprintable() else ""
