"""Whether keys are safe, for the doctor: the canary's proof, and a search for the very keys in use.

Part of the composition root, where the keys, the folders and the settings are known together.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cort_desktop.bootstrap.key_proof import new_canary, prove
from cort_desktop.bootstrap.provider_key import proxy_password
from cort_desktop.domain.clock import Clock
from cort_desktop.domain.settings import Settings
from cort_desktop.logs import Redactor
from cort_desktop.services.key_search import KeySearch, Searched, own_files
from cort_desktop.storage.secrets import KeyStore

if TYPE_CHECKING:
    from cort_desktop.bootstrap import Surroundings

_ADVICE = (
    "Make a new key at the service and delete this one there; then delete the conversation, the file or the "
    "line that has it. Text that you or a model wrote is kept as it is, with a key in it too."
)


class KeySafety:
    """For use on one event loop."""

    def __init__(
        self, around: Surroundings, keys: KeyStore, settings: Callable[[], Settings], clock: Clock
    ) -> None:
        self._around = around
        self._keys = keys
        self._settings = settings
        self._clock = clock

    async def report(self) -> dict[str, Any]:
        """Both, ready for JSON; a second or two, at most half a minute where much is to be searched."""
        searching = asyncio.to_thread(self._search, await self._in_use())
        proof, searched = await asyncio.gather(
            prove(self._clock, canary=new_canary(), redactor=Redactor()), searching
        )
        return {"canary": proof.report(), "keys_in_use": _told(searched)}

    async def _in_use(self) -> dict[str, str]:
        """Every key that this process knows, by whose it is."""
        providers = [each for each in self._settings().providers.values() if each.takes_key]
        found = await asyncio.gather(*map(self._keys.get, providers))
        named = {each.name: one.key for each, one in zip(providers, found, strict=True) if one.key}
        rest = [key for key in self._around.redactor.keys if key not in named.values()]
        login = proxy_password(self._settings(), self._around.environment)
        others = (
            ("the proxy" if key == login else f"no provider any more ({at})", key)
            for at, key in enumerate(rest, 1)
        )
        return named | dict(others)

    def _search(self, keys: dict[str, str]) -> Searched:
        paths = self._around.paths
        files = own_files(paths.config_file, (paths.logs, paths.cache, paths.data), without=(paths.models,))
        return KeySearch(keys, monotonic=self._clock.monotonic).files(files)


def _told(searched: Searched) -> dict[str, Any]:
    told: dict[str, Any] = {
        "keys": searched.keys,
        "files": searched.files,
        "bytes": searched.bytes,
        "found": [each.words for each in searched.finds],
        "not_looked_at": list(searched.left_out),
    }
    return told | ({"advice": _ADVICE} if searched.finds else {})
