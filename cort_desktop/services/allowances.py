"""What a run may spend of the limits on a conversation, a day and a month: taken before its first call, given
back after its last.

Without limits, or where nothing can cost anything, nothing is asked of the database. Two processes can't both
have the last dollar (``storage/spending.py``); what a process that died had taken is released by the rule of
``storage/owners.py``, but for the calls it had in flight. Which caps a run has by itself is ``planning.py``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from cort_desktop.domain import events as ev
from cort_desktop.domain.allowance import granted_anew
from cort_desktop.domain.budget import Budget
from cort_desktop.domain.ids import ConversationId, ModelRef, RunId
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import RunSpec
from cort_desktop.domain.settings import Settings
from cort_desktop.domain.spending import LimitNotice, Limits, Standing, tightest
from cort_desktop.engine import ledger
from cort_desktop.engine.lineup import Models
from cort_desktop.engine.wishing import Wished
from cort_desktop.errors import LimitError, UsageError
from cort_desktop.services.limit_words import near_words, refusal_words
from cort_desktop.services.planning import unpriced_limits
from cort_desktop.services.recorder import ended
from cort_desktop.services.store import OpenStore, Store


@dataclass(slots=True, kw_only=True)
class Allowance:
    """What a run got: its ``budget``, frozen from now on.

    is_held: it counts against limits. notices: filled when it is given back.
    """

    budget: Budget
    is_held: bool = False
    notices: list[LimitNotice] = field(default_factory=list)


def going_on(state: RunState, *, again: bool, caps: Budget | None) -> Budget:
    """The caps that a run would go on with by itself, ``again`` for something a person wants: see
    ``endings.reopening``.
    """
    if caps is not None:
        return caps
    if state.limits or (again and state.finished is not None):
        return granted_anew(state, every=again)
    return state.budget


def lineup_of(spec: RunSpec) -> tuple[ModelRef, ...]:
    """All models that a run may ask by itself."""
    return tuple(dict.fromkeys(ref for refs in spec.lineup.values() for ref in refs))


def models_of(state: RunState, wished: Wished | None = None) -> tuple[ModelRef, ...]:
    """All models that a run may ask when it goes on: those a person named in a wish, too. Raises UsageError
    when the wish can't be had.
    """
    words = () if wished is None else wished.words(state)
    named = [model for word in words if isinstance(word, ev.UserEvent) for model in word.models]
    before = [model for wish in state.wishes for model in wish.models]
    return tuple(dict.fromkeys((*lineup_of(state.spec), *before, *named)))


class Allowances:
    """Takes and gives back. ``now``: the time in UTC."""

    def __init__(
        self,
        store: OpenStore,
        settings: Callable[[], Settings],
        models: Models,
        now: Callable[[], datetime],
    ) -> None:
        self._open_store = store
        self._settings = settings
        self._models = models
        self._now = now
        self._held: set[RunId] = set()

    @asynccontextmanager
    async def hold(
        self,
        run: RunId,
        conversation: ConversationId,
        budget: Budget,
        lineup: Sequence[ModelRef],
        *,
        spent_microusd: int = 0,
        stored: bool = True,
    ) -> AsyncIterator[Allowance]:
        """Have an allowance within the block; one that is stored is owned by us already.

        spent_microusd: what ``run`` has spent of its budget before. Raises LimitError when a limit is used
        up, SettingsError over a model without a price, StorageError when that can't be told.
        """
        limits = self._settings().limits.limits()
        allowance = Allowance(budget=budget)
        if not limits.is_any or not self._can_cost(lineup):
            yield allowance
            return
        self._demand_prices(lineup)
        store = await asyncio.to_thread(self._open_store)
        with ExitStack() as held:
            if not stored:
                held.enter_context(store.owners.claim(run))
            await self._take(store, run, conversation, limits, allowance, spent_microusd)
            self._held.add(run)
            try:
                yield allowance
            finally:
                self._held.discard(run)
                await self._give_back(store, run, conversation, limits, allowance.notices)

    def admit(self, run: RunId, models: Sequence[ModelRef]) -> None:
        """Let a run at work ask models that a person names besides its line-up.

        Raises UsageError where that may cost money, there are limits, and nothing of them is held for the
        run: it began with models that cost nothing. Raises SettingsError over a model without a price.
        """
        if not models or not self._settings().limits.limits().is_any or not self._can_cost(models):
            return
        self._demand_prices(models)
        if run not in self._held:
            raise UsageError(
                f"{', '.join(models)} may cost money, and this run began with models that cost nothing, so "
                "nothing of your spending limits is held for it. Ask for it again when the run has ended."
            )

    def outlook(
        self, conversation: ConversationId | None, lineup: Iterable[ModelRef], now: datetime
    ) -> tuple[Standing | None, str]:
        """The limit that a question would meet first, and the sentence that would refuse it, if it would.
        Blocks; raises StorageError.
        """
        limits = self._settings().limits.limits()
        if not limits.is_any or not self._can_cost(lineup):
            return None, ""
        store = self._open_store()
        if store.log.problem is None:
            self._release_cut_off(store)  # as asking would: what a dead process held refuses nobody
        spending = store.spending
        standing = tightest(spending.standings(limits, conversation, now))
        if standing is None or standing.left_microusd:
            return standing, ""
        return standing, refusal_words(standing, spending.calendar)

    def _can_cost(self, lineup: Iterable[ModelRef]) -> bool:
        handles = [self._models(ref) for ref in dict.fromkeys(lineup)]
        profiles = (each for handle in handles for each in (handle.profile, *handle.fallbacks))
        return any(each.price is None or not each.price.is_free for each in profiles)

    def _demand_prices(self, lineup: Iterable[ModelRef]) -> None:
        for ref in dict.fromkeys(lineup):
            if self._models(ref).profile.price is None:
                raise unpriced_limits(ref)

    async def _take(
        self,
        store: Store,
        run: RunId,
        conversation: ConversationId,
        limits: Limits,
        allowance: Allowance,
        spent_microusd: int,
    ) -> None:
        cap = allowance.budget.cost_microusd
        wanted = None if cap is None else max(0, cap - spent_microusd)
        await asyncio.to_thread(self._release_cut_off, store)
        granted = await asyncio.wrap_future(
            store.spending.grant(run, conversation, limits, wanted, self._now())
        )
        standing = granted.tightest
        if standing is None:
            return
        if not standing.left_microusd:
            raise LimitError(refusal_words(standing, store.spending.calendar), standing=standing)
        allowance.is_held = True
        if wanted is None or granted.microusd < wanted:
            most = spent_microusd + granted.microusd
            allowance.budget = replace(allowance.budget, cost_microusd=most, left_of=standing.name)

    async def _give_back(
        self,
        store: Store,
        run: RunId,
        conversation: ConversationId,
        limits: Limits,
        notices: list[LimitNotice],
    ) -> None:
        calendar = store.spending.calendar
        near: list[Standing] = []
        await ended(store.spending.give_back(run, conversation, limits, self._now(), near.append))
        notices += [LimitNotice(standing=each, text=near_words(each, calendar)) for each in near]

    def _release_cut_off(self, store: Store) -> None:
        """Let go of what dead processes held; what was in flight there may have been billed."""
        for run in store.spending.cut_off(store.owners.owner):
            state = RunState(run).fold(store.log.events(run))
            _, _, committed = ledger.committed(state)
            store.spending.write_off(run, committed - state.spent.booked_microusd).result()
