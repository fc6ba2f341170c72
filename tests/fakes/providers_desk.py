"""Preferences and models of one process, wired as the program wires them: real transports, a key store in
memory, folders of a test.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

from cort_desktop.assets import resource
from cort_desktop.bootstrap.kept_replies import KeptReplies
from cort_desktop.bootstrap.models import Models
from cort_desktop.bootstrap.parts import model_files
from cort_desktop.bootstrap.ways import Doors
from cort_desktop.paths import Paths
from cort_desktop.providers.families import Families
from cort_desktop.providers.known_models import KnownModels
from cort_desktop.providers.refusals import Refusals
from cort_desktop.providers.told_models import ToldModels
from cort_desktop.services.hosts import HostRecord
from cort_desktop.services.live_settings import LiveSettings
from cort_desktop.services.preferences import PreferencesService
from cort_desktop.storage.key_notes import KeyNotes
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
        live = LiveSettings(file, file.load())
        self.backend = WorkingBackend()
        keys = KeyStore(
            environment={},
            on_key=lambda _: None,
            backend=named(self.backend),
            notes=KeyNotes(folder / "cache"),
        )
        paths = Paths(
            config_file=file.path, data=folder, cache=folder / "c", logs=folder, models=folder / "m"
        )
        files = model_files(paths, lambda: live.now)
        hosts = HostRecord(LoopClock())
        self.kept = KeptReplies(folder / "c", lambda: live.now.cache, LoopClock())
        self.models = Models(
            settings=lambda: live.now,
            keys=keys,
            files=files,
            known=KnownModels(
                told=ToldModels(folder / "cache"),
                families=Families(resource("families.toml")),
                refusals=Refusals(folder / "cache"),
            ),
            hosts=hosts,
            kept=self.kept,
            clock=LoopClock(),
            doors=lambda: Doors(network=live.now.network),
        )
        self.preferences = PreferencesService(
            live,
            keys=keys,
            services=services(
                listed=self.models.listed,
                account=self.models.account,
                tried=self.models.tried,
                told=self.models.told,
                adopt=self.models.adopt,
                health=self.models.health,
                remembered=self.models.remembered,
                behind_s=self.models.behind_s,
                pull=self.models.pull,
                found=self.models.find_servers,
                own=files.own.all,
                checked=files.own.checked,
            ),
            hosts=hosts,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.models.aclose()
        await self.kept.aclose()
