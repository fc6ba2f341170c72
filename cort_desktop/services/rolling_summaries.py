"""Sums up long conversations beside other work, so that later questions know of what no longer fits.

Begun when a run has ended, never waited for by a question, and given up for one where its model has no place
for both. What it asks goes only where the conversation itself just went; each call is kept with its
price, usable or not. What is asked and what is usable is ``engine/summarizing.py``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime

from cort_desktop.domain import calls
from cort_desktop.domain.budget import Price, Reserved, Usage
from cort_desktop.domain.ids import ConversationId, ModelRef, TurnId, provider_of
from cort_desktop.domain.messages import assistant, user
from cort_desktop.domain.models import ModelProfile
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import RunSpec
from cort_desktop.domain.settings import Settings
from cort_desktop.domain.spending import tightest
from cort_desktop.domain.summaries import SummaryCall
from cort_desktop.engine.context import ContextView, SummaryText, turn_costs
from cort_desktop.engine.engine import Engine
from cort_desktop.engine.ledger import worst_case
from cort_desktop.engine.lineup import ModelHandle
from cort_desktop.engine.summarizing import ASSUMED_CONTEXT_TOKENS, Summing, due, summing, why_useless
from cort_desktop.errors import CortError, ProviderError
from cort_desktop.services.contexts import messages_of, path_names, tightest_room
from cort_desktop.services.store import OpenStore

MOST_CALLS = 8
"""In one go; a conversation that needs more gets the rest after its next answer."""
FEW_PLACES = 2
"""A model with so few places at once would keep a question waiting."""
STOPPED = "it was stopped before it was done"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """A conversation that is to be summed up to the turn before its last."""

    conversation: ConversationId
    turn: TurnId
    room: int
    model: ModelRef


@dataclass(slots=True, kw_only=True)
class _Bill:
    """What the requests of one call took at ``price``: those that failed or were given up for another one,
    too. known_microusd: what is known of it; unknown: of how many requests nobody knows the cost.
    """

    price: Price | None
    attempts: int = 0
    usage: Usage | None = None
    known_microusd: int = 0
    unknown: int = 0

    @property
    def cost_microusd(self) -> int | None:
        """What all of it cost; None once any part is unknown."""
        return None if self.unknown else self.known_microusd

    def notice(self, notice: calls.CallNotice) -> None:
        """Count what an adapter tells."""
        if isinstance(notice, calls.AttemptStart):
            self.attempts += 1
        elif isinstance(notice, calls.AttemptFailure | calls.AttemptCancel):
            self.usage = notice.usage if self.usage is None else self.usage + (notice.usage or Usage())
            self._add(notice.usage, notice.cost_microusd)

    def finish(self, done: calls.Completion) -> None:
        """Count the request that brought the answer."""
        self.attempts = max(self.attempts, done.attempts)
        self.usage = done.usage if self.usage is None or done.usage is None else self.usage + done.usage
        self._add(done.usage, done.cost_microusd)

    def _add(self, usage: Usage | None, billed_microusd: int | None) -> None:
        is_free = self.price is not None and self.price.is_free
        if billed_microusd is not None:
            self.known_microusd += billed_microusd
        elif self.price is not None and usage is not None:
            self.known_microusd += self.price.cost_microusd(usage)
        elif not is_free and (usage is None or usage.total):
            self.unknown += 1


@dataclass(slots=True, kw_only=True)
class _Work:
    task: asyncio.Task[None]
    handle: ModelHandle = field(repr=False)


class RollingSummaries:
    """Keeps the summaries of all conversations of this process up to date."""

    def __init__(self, engine: Engine, store: OpenStore, settings: Callable[[], Settings]) -> None:
        self._engine = engine
        self._open_store = store
        self._settings = settings
        self._work: dict[ConversationId, _Work] = {}

    @property
    def is_working(self) -> bool:
        """Whether anything is being summed up."""
        return bool(self._work)

    def begin(self, conversation: ConversationId, turn: TurnId, view: ContextView, state: RunState) -> None:
        """A stored run has ended: sum up what was said before, if that is due. Returns at once."""
        if conversation in self._work or not self._settings().context.summary or state.answer is None:
            return
        try:
            wish = self._wish(conversation, turn, view, state)
            if wish is None:
                return
            handle = self._engine.models(wish.model)
        except CortError:
            return  # its provider was taken out of the settings meanwhile
        if not self._is_affordable(handle.profile):
            return
        task = asyncio.create_task(self._sum_up(wish, handle), name=f"summary of {conversation}")
        self._work[conversation] = _Work(task=task, handle=handle)
        task.add_done_callback(lambda ended: self._end(conversation, ended))

    def _end(self, conversation: ConversationId, task: asyncio.Task[None]) -> None:
        del self._work[conversation]
        bug = None if task.cancelled() else task.exception()
        if bug is not None:  # what can go wrong is dealt with; a bug of ours is told, not kept quiet
            told = {"message": f"{task.get_name()} broke", "exception": bug, "task": task}
            task.get_loop().call_exception_handler(told)

    def make_way(self) -> None:
        """A question is asked: what a model with few places is summing up is done another time."""
        for work in self._work.values():
            if work.handle.places <= FEW_PLACES:
                work.task.cancel()

    async def settle(self) -> None:
        """Wait until nothing is being summed up; cancelling gives it up."""
        tasks = [work.task for work in self._work.values()]
        try:
            await asyncio.gather(*tasks, return_exceptions=True)
        except asyncio.CancelledError:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            raise

    async def aclose(self) -> None:
        """Give up all of it."""
        tasks = [work.task for work in self._work.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _wish(
        self, conversation: ConversationId, turn: TurnId, view: ContextView, state: RunState
    ) -> _Wish | None:
        """What is to be done, from what is at hand: nothing is read for it."""
        last = (user(view.question_text), assistant(state.answer or ""))
        after = replace(view, turns=(*view.turns, *last), question="", attachments=(), costs=())
        count = self._engine.tokens.count
        costs = (*turn_costs(view, count), sum(count(message.text) for message in last))
        room = self._room(after, state.spec)
        summed = 0 if view.summary is None else view.summary.turns
        if due(costs, room=room, summed=summed) is None:
            return None
        return _Wish(conversation=conversation, turn=turn, room=room, model=self._model(state.spec))

    def _room(self, view: ContextView, spec: RunSpec) -> int:
        refs = {ref for refs in spec.lineup.values() for ref in refs}
        profiles = {ref: self._engine.models(ref).profile for ref in refs}
        told = tightest_room(view, spec, profiles, self._engine.tokens)
        return ASSUMED_CONTEXT_TOKENS - spec.max_tokens if told is None else told

    def _model(self, spec: RunSpec) -> ModelRef:
        """The one of the settings where it stands with a provider the conversation just went to, or is the
        built-in one; else the conversation's own.
        """
        wanted = self._settings().context.summary_model
        went = {provider_of(ref) for refs in spec.lineup.values() for ref in refs}
        if wanted is not None:
            known = self._settings().providers.get(provider_of(wanted))
            if provider_of(wanted) in went or (known is not None and known.kind == "builtin"):
                return wanted
        return spec.lineup["proposer"][0]

    def _is_affordable(self, profile: ModelProfile) -> bool:
        """A cap on money can't be held over a price that nobody knows."""
        return profile.price is not None or not self._settings().budget.money_cap_is_explicit

    async def _sum_up(self, wish: _Wish, handle: ModelHandle) -> None:
        try:
            for _ in range(MOST_CALLS):
                if not await self._step(wish, handle):
                    return
        except CortError:
            return  # it can't be read or kept: the conversation goes on without, and is told of that itself

    async def _step(self, wish: _Wish, handle: ModelHandle) -> bool:
        """One call; whether another one may follow."""
        now = self._engine.clock.now()
        found = await asyncio.to_thread(self._next, wish, handle.profile, now)
        if found is None:
            return False
        kept = await self._ask(*found, handle)
        return kept is not None and not kept.problem

    def _next(self, wish: _Wish, profile: ModelProfile, now: datetime) -> tuple[Summing, SummaryCall] | None:
        """The next call and the form of its record; None when nothing is due any more, or nothing may be
        spent on it. Reads; blocks.
        """
        store, tokens = self._open_store(), self._engine.tokens
        path = store.conversations.said(wish.turn)
        names = path_names(path)
        view = ContextView(system=None, turns=messages_of(path, store.log.blob), question="")
        ready = store.summaries.ready(wish.conversation, names)
        previous = None if ready is None else summary_text(ready)
        summed = 0 if previous is None else previous.turns
        turns = view.exchanges()
        until = due(turn_costs(view, tokens.count), room=wish.room, summed=summed)
        if until is None:
            return None
        asked = summing(previous, turns, until, profile=profile, tokens=tokens)
        if asked is None:
            return None
        blank = SummaryCall(
            conversation=wish.conversation,
            turn=path[asked.turns - 1].turn,
            path=names[asked.turns - 1],
            turns=asked.turns,
            model=wish.model,
            made=now,
            request=asked.record,
        )
        may = self._may_be_spent(_worst(asked, profile), wish.conversation, now)
        return (asked, blank) if may and not store.summaries.was_answered_in_vain(blank) else None

    def _may_be_spent(self, worst: Reserved, conversation: ConversationId, now: datetime) -> bool:
        """Each call is held by the caps of a run, and by what the limits on spending leave."""
        settings, cost = self._settings(), worst.cost_microusd
        caps = settings.budget.caps(prices_known=cost is not None)
        if caps.tokens is not None and worst.tokens > caps.tokens:
            return False
        if cost is not None and caps.cost_microusd is not None and cost > caps.cost_microusd:
            return False
        limits = settings.limits.limits()
        if not limits.is_any or cost == 0:
            return True
        left = tightest(self._open_store().spending.standings(limits, conversation, now))
        return cost is not None and (left is None or cost <= left.left_microusd)

    async def _ask(self, asked: Summing, blank: SummaryCall, handle: ModelHandle) -> SummaryCall | None:
        """Ask, and keep what came of it, be it nothing."""
        bill = _Bill(price=handle.profile.price)
        worst = _worst(asked, handle.profile)
        model = asked.request.model
        try:
            # Another model may stand with somebody whom the conversation never went to.
            done = await handle.chat.complete(
                asked.request, bill.notice, lambda _used, other=None: other is None or other == model
            )
        except ProviderError as error:
            return await asyncio.wrap_future(self._keep(replace(blank, problem=str(error)), bill, worst))
        except asyncio.CancelledError:
            self._keep(replace(blank, problem=STOPPED), bill, worst)
            raise
        bill.finish(done)
        return await asyncio.wrap_future(self._keep(self._record(asked, blank, done), bill, worst))

    def _record(self, asked: Summing, blank: SummaryCall, done: calls.Completion) -> SummaryCall:
        text = done.text.strip()
        return replace(
            blank,
            text=text,
            tokens=self._engine.tokens.count(text),
            problem=why_useless(asked, done, self._engine.tokens),
            seconds=round(done.seconds, 3),
        )

    def _keep(self, call: SummaryCall, bill: _Bill, worst: Reserved) -> Future[SummaryCall | None]:
        billed = replace(call, usage=bill.usage, cost_microusd=bill.cost_microusd, attempts=bill.attempts)
        return self._open_store().summaries.keep(
            billed, worst, known_microusd=bill.known_microusd, unknown=bill.unknown
        )


def summary_text(call: SummaryCall) -> SummaryText:
    """A usable summary as a view has it."""
    return SummaryText(version=call.version or 0, turns=call.turns, text=call.text, model=call.model)


def _worst(asked: Summing, profile: ModelProfile) -> Reserved:
    return worst_case(input_tokens=asked.tokens, max_tokens=asked.request.max_tokens, price=profile.price)
