"""How a run came out, as values, and how they are made of a run that worked or rests."""

from __future__ import annotations

from dataclasses import dataclass

from cort_desktop.domain.ids import ConversationId, RunId, TurnId
from cort_desktop.domain.run import RunState
from cort_desktop.domain.spending import LimitNotice
from cort_desktop.domain.strategy_settings import Setting
from cort_desktop.engine.engine import Run
from cort_desktop.errors import StorageError
from cort_desktop.services.allowances import Allowance
from cort_desktop.services.recorder import Recorder, Show
from cort_desktop.services.resting_runs import RestingRun


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyInfo:
    """A strategy as it is offered. roles: whom it asks, so that models can be named for them."""

    name: str
    summary: str
    settings: tuple[Setting, ...]
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a run came out. ``unsaved`` says why it could not be stored, when it couldn't. ``notices``: limits
    on spending that it brought near, each told once.
    """

    run: RunId
    conversation: ConversationId
    turn: TurnId
    state: RunState
    unsaved: StorageError | None = None
    notices: tuple[LimitNotice, ...] = ()


def catch_up(resting: RestingRun, show: Show, after: int | None) -> None:
    """Show what was stored since the caller looked."""
    missed = [event for event in resting.events if after is not None and (event.seq or 0) > after]
    for event in missed:
        show(event)


def as_it_is(resting: RestingRun) -> Outcome:
    """The outcome of a run that nobody worked on now."""
    return Outcome(run=resting.run, conversation=resting.conversation, turn=resting.turn, state=resting.state)


def outcome_of(going: Run, recorder: Recorder, allowance: Allowance) -> Outcome:
    """The outcome of a run that has just worked."""
    started = going.state.started
    if started is None:
        raise AssertionError("a run that worked has started")
    return Outcome(
        run=going.state.run,
        conversation=started.conversation,
        turn=started.turn,
        state=going.state,
        unsaved=recorder.unsaved,
        notices=tuple(allowance.notices),
    )
