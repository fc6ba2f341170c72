"""What runs on the person's own computer: servers that are found, models that are fetched, files of theirs.

Only looks when a front end asks it to. Not here: how servers and files are looked at (passed in), lists of
models (``model_lists``).
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from cort_desktop.domain.ids import ModelRef, model_of, provider_of
from cort_desktop.domain.local_servers import LocalServer, ServerSort
from cort_desktop.domain.settings import ProviderSettings, Settings
from cort_desktop.errors import SettingsError
from cort_desktop.services.hosts import HostRecord
from cort_desktop.services.live_settings import LiveSettings

if TYPE_CHECKING:
    from cort_desktop.providers.own_models import OwnFile, OwnModel

Progress = Callable[[int, int], None]
"""Told the bytes that are done and their total."""

SEARCH = "looking for local servers"
"""What the record of hosts calls a search."""
_FILES = ("providers", "builtin", "models")
_NAMES: dict[ServerSort, str] = {
    "ollama": "ollama",
    "lm_studio": "lm-studio",
    "llama_server": "llama-server",
    "vllm": "vllm",
    "other": "local",
}
_PATH = re.compile(r"[./~]|[A-Za-z]:[\\/]|.*\\")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnModelFile:
    """A person's own model file. ``problem`` is half a sentence why it can't be used, empty when it can.

    ref: how it is asked. is_listed: it is named in the settings, as against lying in the models folder.
    """

    ref: ModelRef
    path: Path
    title: str = ""
    bytes: int = 0
    memory_bytes: int = 0
    context_tokens: int | None = None
    has_template: bool = True
    is_listed: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundServer:
    """A server with models on this computer. ``provider`` is what ``set_provider`` takes to add it.

    added_as: the name of the provider that it is already set up as; None when it isn't.
    """

    server: LocalServer
    provider: ProviderSettings
    added_as: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalAsking:
    """How it is done; all that waits raises CortError.

    install: an offline model; it records itself whom it asks. pull: have a provider fetch a model. found:
    servers of this computer; it tells each origin before that is asked. own: the person's own files; checked:
    one that is to become one; both block.
    """

    install: Callable[[str, Progress], Awaitable[None]]
    pull: Callable[[ProviderSettings, str, Progress], Awaitable[None]]
    found: Callable[[Callable[[str], None]], Awaitable[tuple[LocalServer, ...]]]
    own: Callable[[], list[OwnFile]]
    checked: Callable[[Path], OwnModel]


class LocalModels:
    """For use on one event loop."""

    def __init__(self, live: LiveSettings, asking: LocalAsking, hosts: HostRecord) -> None:
        self._live = live
        self._asking = asking
        self._hosts = hosts
        self._searching: asyncio.Task[tuple[LocalServer, ...]] | None = None

    async def find(self) -> tuple[FoundServer, ...]:
        """Look for servers. Who looks while another look is on its way shares it: ports are never stormed."""
        if self._searching is None:
            search = self._asking.found(partial(self._hosts.saw, SEARCH))
            self._searching = asyncio.create_task(_run(search), name=SEARCH)
            self._searching.add_done_callback(self._searched)
        return _offers(await asyncio.shield(self._searching), self._live.now)

    async def files(self) -> list[OwnModelFile]:
        """The person's own files."""
        listed = {_path(path) for path in self._live.now.provider("builtin").models}
        return [_view(file, listed) for file in await asyncio.to_thread(self._asking.own)]

    async def install(self, name: str, progress: Progress) -> ModelRef:
        """Make a model available; how it is asked then. Raises CortError.

        name: an offline model; ``PROVIDER/MODEL`` of an Ollama, which fetches it; or the path of a GGUF file,
        which stays where it is and is named in the settings. Cancelling leaves nothing half done.
        """
        if is_path(name):
            return await self._add_file(_path(name))
        ref = ModelRef(name)
        provider = self._live.now.providers.get(provider_of(ref))
        if provider is not None and provider.kind == "ollama" and model_of(ref):
            await self._asking.pull(provider, model_of(ref), progress)
            return ref
        if provider is not None and provider.kind != "builtin" and model_of(ref):
            raise SettingsError(f"{provider.name} fetches no models for others; only an Ollama does.")
        name = name.removeprefix("builtin/")
        await self._asking.install(name, progress)
        return ModelRef(f"builtin/{name}")

    async def remove_file(self, path: Path) -> None:
        """Take a file out of the settings; the file itself stays. Raises SettingsError."""
        listed = self._live.now.provider("builtin").models
        left = [each for each in listed if _path(each) != path]
        await self._live.change({_FILES: left or None})

    async def _add_file(self, path: Path) -> ModelRef:
        model = await asyncio.to_thread(self._asking.checked, path)
        for file in await asyncio.to_thread(self._asking.own):
            if file.path == path:
                return ModelRef(f"builtin/{file.name}")
            if file.name == model.name:
                raise SettingsError(
                    f"{path} was not added: {file.path} is called builtin/{model.name} already. Rename one."
                )
        await self._live.change({_FILES: [*self._live.now.provider("builtin").models, str(path)]})
        return model.profile.ref

    def _searched(self, search: asyncio.Task[tuple[LocalServer, ...]]) -> None:
        self._searching = None
        if not search.cancelled():
            search.exception()  # whoever waited has it; perhaps nobody does any more


def is_path(name: str) -> bool:
    """Whether what was named to be installed is a file."""
    return name.lower().endswith(".gguf") or _PATH.match(name) is not None


def _path(text: str) -> Path:
    """A whole path; links are kept as they were named."""
    return Path(os.path.abspath(Path(text).expanduser()))  # noqa: PTH100


async def _run(search: Awaitable[tuple[LocalServer, ...]]) -> tuple[LocalServer, ...]:
    return await search


def _offers(servers: Iterable[LocalServer], settings: Settings) -> tuple[FoundServer, ...]:
    origins = {each.origin: each.name for each in settings.providers.values() if each.origin}
    names, offers = set(settings.providers), []
    for server in servers:
        kind = "ollama" if server.sort == "ollama" else "openai"
        name = _free(_NAMES[server.sort], names)
        provider = ProviderSettings(name=name, kind=kind, base_url=server.base_url)  # type: ignore[arg-type]
        added = origins.get(provider.origin) or origins.get(provider.origin.replace("127.0.0.1", "localhost"))
        offers.append(FoundServer(server=server, provider=provider, added_as=added))
        names |= set() if added else {name}
    return tuple(offers)


def _free(name: str, taken: Collection[str]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    return free


def _view(file: OwnFile, listed: Collection[Path]) -> OwnModelFile:
    ref, is_listed, model = ModelRef(f"builtin/{file.name}"), file.path in listed, file.model
    if model is None:
        return OwnModelFile(ref=ref, path=file.path, is_listed=is_listed, problem=file.problem)
    return OwnModelFile(
        ref=ref,
        path=file.path,
        title=model.title,
        bytes=model.bytes,
        memory_bytes=model.memory_bytes,
        context_tokens=model.context_tokens,
        has_template=model.has_template,
        is_listed=is_listed,
    )
