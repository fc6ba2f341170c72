"""A real run: the engine with the built-in model in its child process, and a conversation of a known length.

For soaks, figures and slow tests; whole programs are the end-to-end tests'.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from cort_desktop.adapters.clock import SystemClock
from cort_desktop.adapters.tokens import Tokens
from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Budget, Estimate
from cort_desktop.domain.ids import ConversationId, TurnId
from cort_desktop.domain.messages import Message, assistant, user
from cort_desktop.domain.search import RunSpec
from cort_desktop.engine.context import ContextView
from cort_desktop.engine.engine import Engine
from cort_desktop.engine.lineup import ModelHandle
from cort_desktop.engine.prompts import PROMPTS_VERSION
from cort_desktop.engine.strategies import built_in
from cort_desktop.providers.builtin import BuiltinModel
from tests.fakes.builtin import REF

RESOURCES = Path(__file__).parent.parent.parent / "resources"
QUESTION = "Which of these steps would you take first, and why? Answer in one short paragraph."
_THINGS = ("index", "query", "table", "cache", "queue", "writer", "reader", "log", "backup", "page")
_DOES = (
    "waits for",
    "reads",
    "fills",
    "locks",
    "outgrows",
    "repeats",
    "skips",
    "rebuilds",
    "checks",
    "delays",
)
_WHEN = ("at night", "under load", "after a restart", "twice an hour", "for no clear reason", "since Monday")


def real_engine(model: BuiltinModel) -> Engine:
    """An engine whose every model is the built-in one, on real time."""
    handle = ModelHandle(chat=model, profile=model.profile)
    return Engine(
        strategies=built_in(),
        models=lambda _: handle,
        clock=SystemClock(),
        tokens=Tokens(RESOURCES / "tokenizers"),
    )


def talk(exchanges: int, seed: int = 0) -> tuple[Message, ...]:
    """So many questions and answers in plain English, about 100 tokens an exchange, no two alike."""
    chance = random.Random(seed)

    def sentence() -> str:
        one, other = chance.sample(_THINGS, 2)
        return f"The {one} {chance.choice(_DOES)} the {other} {chance.choice(_WHEN)}."

    turns: list[Message] = []
    for _ in range(exchanges):
        turns.append(user(" ".join(sentence() for _ in range(3)) + " What should we look at?"))
        turns.append(assistant("Look at this in turn. " + " ".join(sentence() for _ in range(7))))
    return tuple(turns)


def view(turns: tuple[Message, ...] = (), question: str = QUESTION) -> ContextView:
    """What the run sees of the conversation."""
    return ContextView(system=None, turns=turns, question=question)


def tournament(
    question: str = QUESTION, *, seed: int = 1, max_tokens: int = 96, **sizes: Any
) -> ev.RunStarted:
    """The first event of a tournament of small answers."""
    return ev.RunStarted(
        conversation=ConversationId("c"),
        turn=TurnId("t"),
        question=question,
        strategy="tournament",
        spec=RunSpec(
            **({"rounds": 3, "alternatives": 3, "judges": 3} | sizes),
            lineup={"proposer": (REF,), "judge": (REF,)},
            seed=seed,
            max_tokens=max_tokens,
        ),
        budget=Budget(),
        estimate=Estimate(calls_low=1, calls_high=1, tokens_low=1, tokens_high=1),
        app="test",
        prompts=PROMPTS_VERSION,
    )
