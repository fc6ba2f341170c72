"""The settings that hold now: kept for everybody, changed at once, told to whoever listens.

What can be set up with them (providers, keys, models) is ``preferences.py``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from cort_desktop.domain.settings import Settings
from cort_desktop.storage.settings_file import Loaded, SettingsFile

if TYPE_CHECKING:
    import asyncio

Adopt = Callable[[], Awaitable[None]]
Listener = Callable[[Settings], None]


class LiveSettings:
    """For use on one event loop; ``now`` before there is one, too."""

    def __init__(self, file: SettingsFile, loaded: Loaded) -> None:
        self._file = file
        self._loaded = loaded
        self._adopters: list[Adopt] = []
        self._listeners: list[Listener] = []
        self._lock: asyncio.Lock | None = None

    @property
    def now(self) -> Settings:
        """The settings."""
        return self._loaded.settings

    @property
    def loaded(self) -> Loaded:
        """The settings with all that is to be said about the file."""
        return self._loaded

    def on_change(self, listener: Listener) -> Callable[[], None]:
        """Tell ``listener`` the settings after each change; what is returned ends that. It must not block."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def adopted_by(self, adopt: Adopt) -> None:
        """Have changed settings taken over, before anybody else hears of them."""
        self._adopters.append(adopt)

    async def change(self, changes: Mapping[tuple[str, ...], Any]) -> Settings:
        """Change single settings by path; None takes one out. With a SettingsError nothing is changed.

        Cancelling ends the waiting, not the change: what is being written holds.
        """
        await self._to_the_end(lambda: self._file.write(changes))
        return self.now

    async def reload(self) -> Loaded:
        """Read the file again, as after an edit by hand. What is wrong in it is in the result."""
        await self._to_the_end(self._file.load)
        return self._loaded

    async def _to_the_end(self, work: Callable[[], Loaded]) -> None:
        """Have ``work`` done on a thread and taken over, also when nobody waits for it any more: the file and
        what holds would differ, and the next change would be made of a file that is just being replaced.
        """
        import asyncio

        whole = asyncio.ensure_future(self._taken_over(work))
        try:
            await asyncio.shield(whole)
        except asyncio.CancelledError:
            await asyncio.wait([whole])
            if not whole.cancelled():
                whole.exception()  # looked at: nobody waits for it any more
            raise

    async def _taken_over(self, work: Callable[[], Loaded]) -> None:
        import asyncio

        async with self._writing():
            await self._take_over(await asyncio.to_thread(work))

    def _writing(self) -> asyncio.Lock:
        """One change after the other."""
        import asyncio

        if self._lock is None:
            self._lock = asyncio.Lock()
        return self._lock

    async def _take_over(self, loaded: Loaded) -> None:
        self._loaded = loaded
        for adopt in self._adopters:
            await adopt()
        for listener in tuple(self._listeners):
            listener(loaded.settings)
