"""From a question to a run that may start: planned, put in its place, frozen, and written down.

What happens once it has started is ``chat.py``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from cort_desktop import __version__
from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Budget
from cort_desktop.domain.ids import Blob, RunId, blob_of
from cort_desktop.domain.search import Attachment
from cort_desktop.domain.settings import Settings
from cort_desktop.domain.verifying import Verifier
from cort_desktop.engine.engine import Engine
from cort_desktop.engine.prompts import PROMPTS_VERSION
from cort_desktop.errors import UsageError
from cort_desktop.services.contexts import measured
from cort_desktop.services.foresight import Foresight
from cort_desktop.services.places import Place, Places
from cort_desktop.services.planning import Ask, Plan, cleaned, files_of, make_plan
from cort_desktop.services.recorder import ended
from cort_desktop.services.verifiers import CONSENT, Verifiers
from cort_desktop.storage.conversations import Conversations

TITLE_CHARACTERS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """A run before its first event: ``started``, with the ``texts`` behind its blobs, and the ``verifier``
    its spec declares.
    """

    run: RunId
    place: Place
    started: ev.RunStarted
    texts: dict[Blob, str]
    verifier: Verifier | None = None

    def allowed(self, budget: Budget) -> Beginning:
        """The same with the budget that limits on spending leave it."""
        return replace(self, started=replace(self.started, budget=budget))


class Beginnings:
    """Prepares runs."""

    def __init__(
        self,
        engine: Engine,
        settings: Callable[[], Settings],
        places: Places,
        foresight: Foresight,
        verifiers: Verifiers,
        *,
        new_id: Callable[[], str],
        new_seed: Callable[[], int],
    ) -> None:
        self._engine = engine
        self._settings = settings
        self._places = places
        self._foresight = foresight
        self._verifiers = verifiers
        self._new_id = new_id
        self._new_seed = new_seed

    async def prepare(self, ask: Ask) -> Beginning:
        """Everything about ``ask`` that is known before it is sent; models begin to get ready meanwhile.

        Raises UsageError, SettingsError or StorageError.
        """
        ask = cleaned(ask)
        if not ask.question.strip():
            raise UsageError("The question is empty; write one.")
        plan = make_plan(ask, self._settings(), self._engine.strategies, self._engine.models, self._new_seed)
        for ref in plan.profiles:
            self._engine.models(ref).launch()
        return await asyncio.to_thread(self._frozen, ask, plan)

    def _frozen(self, ask: Ask, plan: Plan) -> Beginning:
        """Reads files and the database; blocks."""
        place = self._places.find(ask, files_of(ask))
        most = self._settings().context.retrieved_turns
        view = measured(place.view, plan.spec, plan.profiles, self._engine.tokens, most)
        place = replace(place, view=view)
        count = self._engine.tokens.count
        context = place.view.to_json()
        plan = self._seeded(ask, plan, context)
        plan, checking, verifier = self._checked(ask, plan)
        files = place.view.attachments
        started = ev.RunStarted(
            conversation=place.conversation,
            turn=place.turn,
            question=ask.question,
            context=blob_of(context),
            attachments=tuple(
                Attachment(name=name, blob=blob_of(text), tokens=count(text)) for name, text in files
            ),
            strategy=plan.strategy.name,
            preset=plan.preset,
            spec=plan.spec,
            budget=plan.budget,
            estimate=self._foresight.estimate(plan, place.view, stored=ask.store),
            app=__version__,
            prompts=PROMPTS_VERSION,
        )
        texts = {blob_of(text): text for text in (context, *checking, *(text for _, text in files))}
        run = RunId(self._new_id())
        return Beginning(run=run, place=place, started=started, texts=texts, verifier=verifier)

    def _checked(self, ask: Ask, plan: Plan) -> tuple[Plan, tuple[str, ...], Verifier | None]:
        """The plan with its verifier's file frozen into it, the file's text, and the verifier."""
        if plan.spec.verifier is None:
            return plan, (), None
        if CONSENT in ask.settings:
            self._verifiers.agree_beforehand(plan.spec.verifier, ask.settings[CONSENT])
        frozen = self._verifiers.frozen(plan.spec.verifier)
        plan = replace(plan, spec=replace(plan.spec, verifier=frozen.spec))
        return plan, tuple(frozen.texts.values()), frozen.verifier

    def _seeded(self, ask: Ask, plan: Plan, context: str) -> Plan:
        """Where answers are kept, a question in the same context draws the same numbers, for only then its
        calls are equal ones; unless a person named a seed. Who wants a new answer without naming one gets
        numbers that nobody will draw again, so nothing is kept of it.
        """
        if ask.seed is not None or not self._settings().cache.enabled:
            return plan
        if plan.spec.cache != "use":
            return replace(plan, spec=replace(plan.spec, cache="off"))
        return replace(plan, spec=replace(plan.spec, seed=_seed_of(context, ask.question)))


def _seed_of(context: str, question: str) -> int:
    """A number of 31 bits that belongs to a question in its context."""
    return int(blob_of(f"{len(context)}:{context}{question}")[:8], 16) >> 1


async def write_down(beginning: Beginning, conversations: Conversations) -> bool:
    """Store the question. Raises StorageError.

    False when we were cancelled meanwhile: what was handed over will be stored, so its run must begin all the
    same and be stopped at once, or the question would stay without one.
    """
    place, started = beginning.place, beginning.started
    stored = conversations.start_turn(
        conversation=place.conversation,
        title=title_of(started.question),
        system=place.view.system,
        turn=place.turn,
        parent=place.parent,
        question=started.question,
        run=beginning.run,
        strategy=started.strategy,
    )
    try:
        await ended(stored)
    except asyncio.CancelledError:
        return False
    error = stored.exception()
    if error is not None:
        conversations.forget_turn(beginning.run)
        raise error
    return True


def title_of(question: str) -> str:
    """A conversation's first title: the beginning of its first question, on one line."""
    line = " ".join(question.split())
    return line if len(line) <= TITLE_CHARACTERS else line[: TITLE_CHARACTERS - 1].rstrip() + "…"
