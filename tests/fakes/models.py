"""A scripted model: a ChatModel whose replies are a function of the request. For tests only.

It behaves like an adapter inside its resilient wrapper: attempts, first content, pieces of text, usage,
errors and cancellation are told as the real ones tell them.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from cort_desktop.domain import calls
from cort_desktop.domain.budget import Price, Usage
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.models import ModelProfile
from cort_desktop.engine.lineup import ModelHandle
from cort_desktop.engine.prompt_texts import KEEP
from cort_desktop.errors import ErrorKind, ProviderError

MODEL = ModelRef("fake/model")
LABEL = re.compile(r"\b[bcdfghjklmnpqrstvwxz]{3}\b")
CANDIDATE = re.compile(r'<candidate id="([a-z]{3})">\n?(.*?)\n?</candidate>', re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What one attempt brings: text after ``seconds``, or an error. It waits for ``hold`` first, where time
    must not run away from what threads are doing.
    """

    text: str = ""
    seconds: float = 1.0
    finish: calls.Finish = "stop"
    usage: Usage | None = field(default_factory=lambda: Usage(input=50, output=20))
    error: ErrorKind | None = None
    hold: asyncio.Event | None = None


class ScriptedModel:
    """Answers by ``script(request, nth)``; keeps every request it got."""

    def __init__(self, script: Callable[[calls.ChatRequest, int], Reply]) -> None:
        self.script = script
        self.requests: list[calls.ChatRequest] = []
        self.running = 0
        self.most_running = 0

    async def complete(
        self, request: calls.ChatRequest, notify: calls.Notify, admit: calls.Admit = calls.always
    ) -> calls.Completion:
        self.requests.append(request)
        reply = self.script(request, len(self.requests))
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            return await self._attempt(request, reply, notify)
        except asyncio.CancelledError:
            notify(calls.AttemptCancel(attempt=1, why="cancelled"))
            raise
        finally:
            self.running -= 1

    async def _attempt(
        self, request: calls.ChatRequest, reply: Reply, notify: calls.Notify
    ) -> calls.Completion:
        notify(calls.AttemptStart(attempt=1, model=request.model, why="first"))
        if reply.hold is not None:
            await reply.hold.wait()
        await asyncio.sleep(reply.seconds / 2)
        if reply.text:
            notify(calls.AttemptFirstContent(attempt=1))
            notify(calls.Delta(text=reply.text[: len(reply.text) // 2]))
        await asyncio.sleep(reply.seconds / 2)
        if reply.error is not None:
            error = ProviderError("The service failed.", kind=reply.error, partial=reply.text)
            usage = None if reply.text else Usage()
            notify(
                calls.AttemptFailure(attempt=1, model=request.model, error=error, next="give_up", usage=usage)
            )
            raise error
        notify(calls.Delta(text=reply.text[len(reply.text) // 2 :]))
        return calls.Completion(
            text=reply.text,
            finish=reply.finish,
            model=request.model,
            usage=reply.usage,
            seconds=reply.seconds,
            first_content_seconds=reply.seconds / 2,
        )


class RoughCounter:
    """Counts a token for every four characters, rounded up."""

    def count(self, text: str) -> int:
        return -(-len(text) // 4)

    def exact(self, text: str) -> int:
        return self.count(text)


def is_judge(request: calls.ChatRequest) -> bool:
    """Whether a request asks for a verdict."""
    return "<candidate id=" in request.messages[-1].text and '"ranking"' in request.messages[-1].text


def is_critic(request: calls.ChatRequest) -> bool:
    """Whether a request asks what is to be mended."""
    return KEEP in request.messages[-1].text


def judged(request: calls.ChatRequest) -> list[tuple[str, str]]:
    """(label, text) of each candidate a judge is shown, in the order shown."""
    return CANDIDATE.findall(request.messages[-1].text)


def verdict_json(ranking: list[list[str]], score: Callable[[str], int] = lambda _: 7) -> str:
    """A well-formed verdict over labels."""
    labels = [label for place in ranking for label in place]
    criteria = ("correctness", "completeness", "instruction_following", "clarity")
    return json.dumps(
        {
            "analysis": [
                {
                    "candidate": label,
                    "notes": "read",
                    **dict.fromkeys(criteria, score(label)),
                    "fatal_flaw": None,
                }
                for label in labels
            ],
            "ranking": ranking,
            "reason": f"{labels[0]} is best.",
            "critique": "It could be shorter.",
        }
    )


def longest_wins(request: calls.ChatRequest) -> str:
    """The verdict of a judge that ranks by length, equal lengths tied."""
    shown = judged(request)
    lengths = sorted({len(text) for _, text in shown}, reverse=True)
    ranking = [[label for label, text in shown if len(text) == n] for n in lengths]
    return verdict_json(
        ranking, score=lambda label: max(1, 9 - next(i for i, p in enumerate(ranking) if label in p))
    )


def restated(request: calls.ChatRequest) -> str:
    """A repair that ranks the labels in the order in which the request names them."""
    labels = list(dict.fromkeys(LABEL.findall(request.messages[-1].text)))
    return verdict_json([[label] for label in labels])


def good_model(seed: int = 0, *, seconds: float = 1.0) -> ScriptedModel:
    """Answers of various lengths; a judge that prefers the longest; two rounds when asked."""
    chance = random.Random(seed)

    def script(request: calls.ChatRequest, nth: int) -> Reply:
        if is_judge(request):
            return Reply(text=longest_wins(request), seconds=seconds)
        if request.reply_schema is not None and request.reply_schema.name == "rounds":
            return Reply(text="2", seconds=seconds)
        if request.reply_schema is not None:
            return Reply(text=restated(request), seconds=seconds)
        text = f"Try {nth}: " + "word " * chance.randint(1, 30) + f"\nAnswer: {chance.choice('ABB')}"
        return Reply(text=text, seconds=seconds)

    return ScriptedModel(script)


def shaky_model(seed: int) -> ScriptedModel:
    """Fails, cuts, babbles and lags at random; reproducible by its seed."""
    chance = random.Random(seed)
    good = good_model(seed)

    def script(request: calls.ChatRequest, nth: int) -> Reply:
        fine = good.script(request, nth)
        seconds = chance.choice((0.1, 1.0, 3.0))
        dice = chance.random()
        if dice < 0.12:
            return Reply(error="unavailable", seconds=seconds)
        if dice < 0.2:
            return Reply(error="interrupted", text=fine.text, seconds=seconds)
        if dice < 0.3:
            return Reply(text=fine.text, finish="length", seconds=seconds, usage=None)
        if dice < 0.35:
            return Reply(text="I can't say.", seconds=seconds)
        if dice < 0.6 and is_judge(request):
            return Reply(text=f"I do like {judged(request)[0][0]}.", seconds=seconds)
        return Reply(text=fine.text, seconds=seconds, usage=Usage(input=40, output=chance.randint(1, 30)))

    return ScriptedModel(script)


def handle(
    model: calls.ChatModel,
    *,
    concurrency: int = 8,
    context_tokens: int | None = None,
    price: Price | None = None,
) -> ModelHandle:
    """A model with a profile; priced at 1 and 2 dollars a million tokens unless said."""
    return ModelHandle(
        chat=model,
        profile=ModelProfile(
            ref=MODEL,
            concurrency=concurrency,
            context_tokens=context_tokens,
            price=price or Price(input=Decimal(1), output=Decimal(2)),
        ),
    )
