"""What the page of a provider does with its key: keep it, forget it, know where it would be kept.

Has no widgets, and holds no key.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from cort_desktop.errors import CortError
from cort_desktop.gui.preferences.saver import Say, reason
from cort_desktop.gui.tasks import Tasks
from cort_desktop.services.preferences import KeyStoreInfo, PreferencesService


class ProviderKeys(QObject):
    """``changed`` follows a key that was kept or forgotten, ``store_known`` a look for the key store."""

    changed = Signal()
    store_known = Signal()

    def __init__(self, preferences: PreferencesService, tasks: Tasks, parent: QObject) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self._tasks = tasks
        self.store: KeyStoreInfo | None = None
        self.note = ""
        """What was said when the key was kept; empty for one that was kept before."""

    def open(self) -> None:
        """Another provider is turned to."""
        self.note = ""
        self._tasks.start(self._look(), name="look for the key store")

    def keep(self, provider: str, key: str, say: Say) -> None:
        """Keep a key for a provider at its address."""
        self._tasks.start(
            self._keep(provider, key, say), name="save key", failed=lambda error: say(reason(error))
        )

    def forget(self, provider: str, say: Say) -> None:
        """Forget the key of a provider."""

        def failed(error: CortError) -> None:
            say(reason(error))
            self.changed.emit()  # this session may have forgotten it all the same

        self._tasks.start(self._forget(provider, say), name="delete key", failed=failed)

    async def _look(self) -> None:
        self.store = await self._preferences.key_store()
        self.store_known.emit()

    async def _keep(self, provider: str, key: str, say: Say) -> None:
        told = await self._preferences.set_key(provider, key)
        self.note = told.note
        say(None)
        self.changed.emit()

    async def _forget(self, provider: str, say: Say) -> None:
        await self._preferences.delete_key(provider)
        self.note = ""
        say(None)
        self.changed.emit()
