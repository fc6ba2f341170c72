"""What a person is told before saying yes: what a question would take, what trying a call again would, and
what another answer would leave behind.

Nothing is written here, nothing is asked, and no model's process is started.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import datetime

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Budget, Estimate
from cort_desktop.domain.calls import TokenCounter
from cort_desktop.domain.ids import ModelRef, NodeName, RunId
from cort_desktop.domain.lengths import Length, uncounted
from cort_desktop.domain.messages import Message
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import RunSpec
from cort_desktop.domain.settings import Settings
from cort_desktop.domain.staleness import LaterRun, seen_by, written_with
from cort_desktop.engine import steering
from cort_desktop.engine.context import ContextView, turn_costs
from cort_desktop.engine.engine import Engine
from cort_desktop.engine.estimate import estimate
from cort_desktop.engine.fitting import shorten_words
from cort_desktop.engine.play import Stage
from cort_desktop.engine.price import price
from cort_desktop.engine.wishing import Wished
from cort_desktop.services.allowances import Allowances, lineup_of
from cort_desktop.services.contexts import tightest_room
from cort_desktop.services.limit_words import usd
from cort_desktop.services.places import Places
from cort_desktop.services.planning import Ask, Plan, cleaned, files_of, resolve
from cort_desktop.services.resting_runs import RestingRun, RestingRuns
from cort_desktop.services.store import OpenStore, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast(Estimate):
    """What asking would take, and how it would be asked: the names after all defaults.

    prompt_tokens: about what each call is told of the conversation, the question and its files.
    attachments: each file with its tokens. warnings: sentences on what would go wrong; ``is_refused`` when
    asking would fail because of the first.
    """

    strategy: str
    preset: str | None
    spec: RunSpec
    budget: Budget
    prompt_tokens: int
    attachments: tuple[tuple[str, int], ...] = ()
    warnings: tuple[str, ...] = ()
    is_refused: bool = False

    @property
    def models(self) -> tuple[ModelRef, ...]:
        """All models that would be asked, the main one first."""
        return tuple(dict.fromkeys(ref for refs in self.spec.lineup.values() for ref in refs))


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequences:
    """What making ``node`` the answer would leave behind.

    instead_of: the answer that stands now. later: runs of later turns that were written with that one. rests:
    nodes of the same run whose text rests on ``node``.
    """

    node: NodeName
    instead_of: NodeName | None
    later: tuple[RunId, ...] = ()
    rests: tuple[NodeName, ...] = ()

    @property
    def later_answers(self) -> int:
        """How many later answers were written with the old one."""
        return len(self.later)


class Foresight:
    """Looks ahead for ChatService."""

    def __init__(
        self,
        engine: Engine,
        store: OpenStore,
        settings: Callable[[], Settings],
        places: Places,
        resting: RestingRuns,
        allowances: Allowances,
    ) -> None:
        self._allowances = allowances
        self._engine = engine
        self._open_store = store
        self._settings = settings
        self._places = places
        self._resting = resting

    def estimate(self, plan: Plan, view: ContextView, *, stored: bool) -> Estimate:
        """What a plan is expected to take. Counts tokens and may read the database; blocks."""
        return estimate(
            plan.strategy,
            plan.spec,
            question=view.question,
            prompt_tokens=self.prompt_tokens(plan, view),
            profile=plan.profiles.__getitem__,
            pace=self._pace if stored else _unknown_pace,
            lengths=self._length if stored else uncounted,
        )

    def prompt_tokens(self, plan: Plan, view: ContextView) -> int:
        """About what each call is told: of the conversation, as much as the shortest model takes."""
        tokens = self._engine.tokens
        history = sum(turn_costs(view, tokens.count))
        room = tightest_room(view, plan.spec, plan.profiles, tokens) if history else None
        return (history if room is None else min(history, max(0, room))) + tokens.count(view.question_text)

    async def forecast(self, ask: Ask) -> Forecast:
        """See ``ChatService.estimate``."""
        ask = cleaned(ask)
        plan = resolve(ask, self._settings(), self._engine.strategies, self._engine.models, lambda: 0)
        return await asyncio.to_thread(self._forecast, ask, plan, self._engine.clock.now())

    async def retry_price(
        self, state: RunState, view: ContextView, node: NodeName, *, working: bool, stored: bool
    ) -> Estimate:
        """See ``ChatService.retry_price``; ``state`` is only looked at."""
        return await self.price(state, view, node, working=working, stored=stored)

    async def price(
        self,
        state: RunState,
        view: ContextView,
        wanted: NodeName | Wished,
        *,
        working: bool,
        stored: bool,
    ) -> Estimate:
        """What trying a node again, or a wish, would take; ``state`` is only looked at."""
        refs = {ref for refs in state.spec.lineup.values() for ref in refs}
        refs |= {model for wish in state.wishes for model in wish.models}
        if isinstance(wanted, Wished):
            words = wanted.words(state)
            refs |= {model for word in words if isinstance(word, ev.UserEvent) for model in word.models}
        else:
            steering.tried_again(state, wanted, at_rest=not working)
        stage = Stage(
            strategies=self._engine.strategies,
            view=view,
            profiles={ref: self._engine.models(ref).profile for ref in refs},
            tokens=self._engine.tokens,
            pace=self._pace if stored else _unknown_pace,
        )
        mine = state.copy()
        return await asyncio.to_thread(lambda: price(mine.copy, wanted, stage, working=working))

    def consequences(self, resting: RestingRun, node: NodeName) -> Consequences:
        """See ``ChatService.consequences``. Reads the database; blocks."""
        state = resting.state
        now = state.answer_node
        if node == now:
            return Consequences(node=node, instead_of=now)
        later = self._later(resting) if resting.is_stored else self._later_unstored(resting)
        return Consequences(
            node=node,
            instead_of=now,
            later=written_with(state.question, state.answer, later),
            rests=seen_by(state, node),
        )

    def _forecast(self, ask: Ask, plan: Plan, now: datetime) -> Forecast:
        place = self._places.find(ask, files_of(ask))
        expected = self.estimate(plan, place.view, stored=ask.store)
        count = self._engine.tokens.count
        refused: tuple[str, ...] = () if plan.refusal is None else (str(plan.refusal),)
        plan, used_up = self._within_limits(ask, plan, now)
        refused += used_up
        return Forecast(
            **{each.name: getattr(expected, each.name) for each in fields(expected)},
            strategy=plan.strategy.name,
            preset=plan.preset,
            spec=plan.spec,
            budget=plan.budget,
            prompt_tokens=self.prompt_tokens(plan, place.view),
            attachments=tuple((name, count(text)) for name, text in place.view.attachments),
            warnings=(
                *refused,
                *_too_long(plan, place.view, self._engine.tokens),
                *_too_dear(expected, plan.budget),
            ),
            is_refused=bool(refused),
        )

    def _within_limits(self, ask: Ask, plan: Plan, now: datetime) -> tuple[Plan, tuple[str, ...]]:
        """The plan with what the limits on spending leave it, and why they would refuse it."""
        standing, refusal = self._allowances.outlook(ask.conversation, lineup_of(plan.spec), now)
        cap = plan.budget.cost_microusd
        if standing is None or (cap is not None and cap <= standing.left_microusd):
            return plan, ()
        left = replace(plan.budget, cost_microusd=standing.left_microusd, left_of=standing.name)
        return replace(plan, budget=left), ((refusal,) if refusal else ())

    def _later(self, resting: RestingRun) -> Iterator[LaterRun]:
        """The answered runs of all turns that come after that of a stored run, on whatever branch."""
        store = self._open_store()
        turns = store.conversations.turns(resting.conversation)  # parents come before their children
        after = {resting.turn}
        for turn in turns:
            if turn.parent not in after:
                continue
            after.add(turn.id)
            for row in store.conversations.runs(turn.id):
                if row.answer is not None:
                    yield LaterRun(run=row.id, told=_told(store, row.id))

    def _later_unstored(self, resting: RestingRun) -> Iterator[LaterRun]:
        for kept in self._resting.unstored(resting.conversation):
            if kept.run != resting.run and kept.state.answer is not None:
                yield LaterRun(run=kept.run, told=kept.view.turns)

    def _pace(self, model: ModelRef, verdict: bool) -> float | None:  # noqa: FBT001 - the kind of call
        return self._open_store().paces.seconds(model, verdict=verdict)

    def _length(self, model: ModelRef, verdict: bool) -> Length | None:  # noqa: FBT001 - the kind of call
        return self._open_store().lengths.of(model, verdict=verdict)


def _unknown_pace(_model: ModelRef, _verdict: bool) -> None:  # noqa: FBT001 - the kind of call
    """What is not stored doesn't read what is stored."""


def _told(store: Store, run: RunId) -> tuple[Message, ...]:
    """The messages a stored run was told of the turns before its own."""
    started = store.log.first(run)
    if started is None or not isinstance(started.body, ev.RunStarted) or started.body.context is None:
        return ()
    return ContextView.from_json(store.log.blob(started.body.context), started.body.question).turns


def _too_long(plan: Plan, view: ContextView, tokens: TokenCounter) -> Iterator[str]:
    """What the question alone, with its files, is too long for."""
    length = tokens.count(view.question_text)
    for ref, profile in plan.profiles.items():
        most = profile.context_tokens
        if most is not None and length > most:
            answer = min(plan.spec.max_tokens, most // 4)
            yield (
                f"The question with its files is about {length:,} tokens long, and {ref} takes {most:,} with "
                f"the answer: {shorten_words(view, most - answer, tokens)}."
            )


def _too_dear(expected: Estimate, budget: Budget) -> Iterator[str]:
    """Caps that this would meet even at its low end."""
    if budget.calls is not None and expected.calls_low > budget.calls:
        yield f"This takes {expected.calls_low} calls at least, and the cap is {budget.calls}."
    if budget.tokens is not None and expected.tokens_low > budget.tokens:
        yield (f"This takes about {expected.tokens_low:,} tokens at least, and the cap is {budget.tokens:,}.")
    cost, cap = expected.cost_microusd, budget.cost_microusd
    if cap is not None and cost is not None and cost > cap:
        yield f"This may cost about {usd(cost)}, and the cap is {usd(cap)}."
