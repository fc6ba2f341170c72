"""What the page of one provider does: check, write, test, remove. Has no widgets.

``draft`` is what the form shows. A provider that exists is written with each change; a new one when it is
added. What comes back later is for the draft it was asked for: ``view_changed`` and ``reported`` tell of it.
Its key is ``provider_keys``'.
"""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from cort_desktop.domain.addresses import AddressCheck
from cort_desktop.domain.settings import ProviderSettings
from cort_desktop.errors import CortError
from cort_desktop.gui.preferences.known_models import KnownModels
from cort_desktop.gui.preferences.provider_keys import ProviderKeys
from cort_desktop.gui.preferences.saver import Changes, Say, reason
from cort_desktop.gui.tasks import Tasks
from cort_desktop.services.connections import ConnectionReport
from cort_desktop.services.model_lists import ProviderModels
from cort_desktop.services.preferences import PreferencesService
from cort_desktop.services.provider_views import ProviderView


class ProviderControl(QObject):
    """One provider at a time. ``view_changed`` has its ProviderView, ``reported`` its ConnectionReport,
    ``added`` and ``removed`` its name.
    """

    view_changed = Signal(object)
    reported = Signal(object)
    added = Signal(str)
    removed = Signal(str)

    def __init__(
        self,
        preferences: PreferencesService,
        tasks: Tasks,
        models: KnownModels,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self._tasks = tasks
        self._models = models
        self.draft = ProviderSettings(name="", kind="openai")
        self.is_new = True
        self._unwritten: list[Mapping[str, Any]] = []
        self.keys = ProviderKeys(preferences, tasks, self)
        self.keys.changed.connect(self._look_again)

    def open(self, provider: ProviderSettings | None) -> None:
        """Turn to a provider, or to a new one."""
        self.is_new = provider is None
        self.draft = provider or ProviderSettings(name="", kind="openai")
        self._unwritten = []
        self.keys.open(self.draft.name)
        if provider is not None:
            self._look_again()

    def provider_at(self, address: str) -> str | None:
        """The provider that is set up at an address already; None when there is none."""
        there = self._preferences.settings.providers.values()
        return next((each.name for each in there if each.base_url == address), None)

    def free_name(self, name: str) -> str:
        """The name, or one like it that no provider has."""
        number, free = 1, name
        while free in self._preferences.settings.providers:
            number += 1
            free = f"{name}-{number}"
        return free

    def check_address(self, text: str) -> AddressCheck:
        """What is to be said about an address while it is written."""
        return self._preferences.check_address(text)

    def change(self, say: Say, **fields: Any) -> None:
        """Change fields of the provider; one that exists is written now. The next change stands on this one
        from here on, not only when it has been written.
        """
        changed = replace(self.draft, **fields)
        if changed == self.draft:
            say(None)  # what was refused stands there no longer
            return
        self.draft = changed
        if not self.is_new:
            self._unwritten.append(fields)
            self._start(self._set(changed, fields, say), "save provider", say)

    def write(self, changes: Changes, say: Say) -> None:
        """Write single settings of a provider that exists."""
        self._start(self._write(changes, say), "save provider", say)

    def add(self, say: Say) -> None:
        """Write a new provider."""
        name = self.draft.name
        if name in self._preferences.settings.providers:
            say(self.tr("There is a provider named %1 already; choose another name.").replace("%1", name))
            return
        self._start(self._add(self.draft, say), "add provider", say)

    def remove(self, say: Say, *, forget_key: bool) -> None:
        """Take the provider out, or take the changes of a standard one back."""
        self._start(self._remove(self.draft.name, forget_key=forget_key), "remove provider", say)

    def test(self, key: str, say: Say) -> None:
        """Test the provider as it stands in the form; ``key`` is tried when it isn't empty."""
        self._start(self._test(self.draft, key.strip() or None), "test connection", say)

    def _start(self, work: Coroutine[Any, Any, None], name: str, say: Say) -> None:
        self._tasks.start(self._told(work, self.draft.name, say), name=name)

    async def _told(self, work: Coroutine[Any, Any, None], provider: str, say: Say) -> None:
        """Why it came to nothing is said at its field, or as a notice when its page is gone."""
        try:
            await work
        except CortError as error:
            if provider != self.draft.name:
                raise
            say(reason(error))

    def _look_again(self) -> None:
        if not self.is_new:
            self._tasks.start(self._view(self.draft.name), name="look at provider")

    async def _view(self, name: str) -> None:
        for view in await self._preferences.providers():
            if view.name == name:
                self._tell(view)

    async def _set(self, provider: ProviderSettings, fields: Mapping[str, Any], say: Say) -> None:
        try:
            view = await self._preferences.set_provider(provider)
        finally:
            self._unwritten = [each for each in self._unwritten if each is not fields]
            self._rebase(provider.name)
        self._models.forget(provider.name)
        if provider.name == self.draft.name:
            say(None)
        self._tell(view)

    async def _write(self, changes: Changes, say: Say) -> None:
        await self._preferences.change(changes)
        say(None)
        await self._view(self.draft.name)

    async def _add(self, provider: ProviderSettings, say: Say) -> None:
        await self._preferences.set_provider(provider)
        say(None)
        if self.is_new and self.draft.name == provider.name:  # else somebody has gone on to another
            self.added.emit(provider.name)

    async def _remove(self, name: str, *, forget_key: bool) -> None:
        await self._preferences.remove_provider(name, forget_key=forget_key)
        self._models.forget(name)
        self.removed.emit(name)

    async def _test(self, provider: ProviderSettings, key: str | None) -> None:
        report: ConnectionReport = await self._preferences.test_connection(provider, key)
        if report.models and not self.is_new:
            self._models.note(ProviderModels(provider=provider.name, reachable=True, models=report.models))
        if provider.name == self.draft.name:
            self.reported.emit(report)

    def _rebase(self, name: str) -> None:
        """What is not written yet, on top of what the settings say."""
        if name == self.draft.name and not self.is_new:
            self.draft = self._preferences.settings.provider(name)
            for fields in self._unwritten:
                self.draft = replace(self.draft, **fields)

    def _tell(self, view: ProviderView) -> None:
        """Show a provider, unless it was changed since: what is on its way would look undone."""
        self._rebase(view.name)
        if view.name == self.draft.name and not self.is_new and not self._unwritten:
            self.view_changed.emit(view)
