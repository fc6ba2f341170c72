"""Preferences and models of one process, wired as the program wires them: real transports, a key store in
memory, folders of a test.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

from cort_desktop.assets import resource
from cort_desktop.bootstrap.models import Models
from cort_desktop.providers.model_file import ModelFiles, known_models
from cort_desktop.providers.told_models import ToldModels
from cort_desktop.services.hosts import HostRecord
from cort_desktop.services.live_settings import LiveSettings
from cort_desktop.services.preferences import PreferencesService
from cort_desktop.storage.secrets import KeyStore
from cort_desktop.storage.settings_file import SettingsFile
from tests.fakes.key_stores import WorkingBackend, named
from tests.fakes.loops import LoopClock
from tests.fakes.model_services import services


class ProvidersDesk:
    """An async context manager."""

    def __init__(self, folder: Path, config: str = "") -> None:
        file = SettingsFile(folder / "config.toml")
        if config:
            file.path.write_text(config)
        keys = KeyStore(environment={}, on_key=lambda _: None, backend=named(WorkingBackend()))
        files = ModelFiles(known_models(resource("models.toml")), folder=folder / "m", cache=folder / "c")
        hosts = HostRecord(LoopClock())
        self.models = Models(
            settings=lambda: self.preferences.settings,
            keys=keys,
            files=files,
            told=ToldModels(folder / "cache"),
            hosts=hosts,
            clock=LoopClock(),
        )
        self.preferences = PreferencesService(
            LiveSettings(file, file.load()),
            keys=keys,
            services=services(
                listed=self.models.listed,
                account=self.models.account,
                tried=self.models.tried,
                told=self.models.told,
                adopt=self.models.adopt,
            ),
            hosts=hosts,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.models.aclose()
