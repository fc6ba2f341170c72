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
        self._provider = ""
        self.store: KeyStoreInfo | None = None
        self.note = ""
        """What was said when the key was kept; empty for one that was kept before."""

    def open(self, provider: str) -> None:
        """Another provider is turned to: what comes of the last one's key is no longer said here."""
        self._provider = provider
        self.note = ""
        self._tasks.start(self._look(), name="look for the key store")

    def keep(self, provider: str, key: str, say: Say) -> None:
        """Keep a key for a provider at its address. A key store may ask a person first: it takes long."""
        self._tasks.start(self._keep(provider, key, say), name="save key")

    def forget(self, provider: str, say: Say) -> None:
        """Forget the key of a provider."""
        self._tasks.start(self._forget(provider, say), name="delete key")

    async def _look(self) -> None:
        self.store = await self._preferences.key_store()
        self.store_known.emit()

    async def _keep(self, provider: str, key: str, say: Say) -> None:
        try:
            told = await self._preferences.set_key(provider, key)
        except CortError as error:
            self._refuse(provider, error, say)
            return
        self._tell(provider, told.note, say)

    async def _forget(self, provider: str, say: Say) -> None:
        try:
            await self._preferences.delete_key(provider)
        except CortError as error:
            self.changed.emit()  # this session may have forgotten it all the same
            self._refuse(provider, error, say)
            return
        self._tell(provider, "", say)

    def _refuse(self, provider: str, error: CortError, say: Say) -> None:
        """At the field, or as a notice when another provider is turned to."""
        if provider != self._provider:
            raise error
        say(reason(error))

    def _tell(self, provider: str, note: str, say: Say) -> None:
        if provider == self._provider:
            self.note = note
            say(None)
        self.changed.emit()
