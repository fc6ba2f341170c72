"""A person's yes to tests that are to be run on this machine: asked for before a question or a run goes on,
each time the tests change.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from cort_desktop.domain.ids import Blob, RunId
from cort_desktop.domain.settings import Settings
from cort_desktop.engine.engine import Engine
from cort_desktop.services.planning import Ask, resolve
from cort_desktop.services.resting_runs import RestingRuns
from cort_desktop.services.store import OpenStore
from cort_desktop.services.verifiers import CONSENT, Consent, Verifiers


class Consents:
    """Says what a person must be asked, and keeps the answer."""

    def __init__(
        self,
        engine: Engine,
        settings: Callable[[], Settings],
        store: OpenStore,
        resting: RestingRuns,
        verifiers: Verifiers,
    ) -> None:
        self._engine = engine
        self._settings = settings
        self._store = store
        self._resting = resting
        self._verifiers = verifiers

    async def of_ask(self, ask: Ask) -> Consent | None:
        """What asking needs agreement to; None when to nothing. One that the question brings along in its
        settings counts. Raises UsageError or SettingsError as asking would.
        """
        plan = resolve(ask, self._settings(), self._engine.strategies, self._engine.models, lambda: 0)
        spec = plan.spec.verifier
        if spec is None:
            return None
        brought = ask.settings.get(CONSENT)
        if brought is not None:
            await asyncio.to_thread(self._verifiers.agree_beforehand, spec, brought)
        missing = await asyncio.to_thread(self._verifiers.digest, spec)
        return None if missing is None else await self._verifiers.asked(*missing)

    async def of_run(self, run: str) -> Consent | None:
        """The same for a run that is gone on with: its tests may come from another machine.

        Raises UsageError when there is no such run, StorageError when its texts can't be read.
        """
        resting = await self._resting.read(await self._resting.name(run))
        spec = resting.state.spec.verifier
        texts = self.texts(resting.run)
        missing = await asyncio.to_thread(self._verifiers.missing, spec, texts)
        return None if missing is None else await self._verifiers.asked(*missing)

    async def agree(self, consent: Consent) -> None:
        """The person said yes. Raises StorageError when that could not be kept."""
        await asyncio.to_thread(self._verifiers.agree, consent)

    def texts(self, run: RunId) -> Callable[[Blob], str]:
        """The texts stored with a run, by name."""
        if self._resting.is_stored(run):
            return self._store().log.blob
        return self._resting.texts(run).__getitem__
