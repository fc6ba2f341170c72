"""Every strategy on a scripted server: what the formulas of the engine and the estimate before the first call
predict, beside what was measured. Printed as a table; calls, depth and tokens must be as predicted.

The whole way is real: plan, engine, ledger, HTTP, database. The server's answers differ and each is better
than those before, so that every round is played; its judges agree, so that there is no head-to-head. Seconds
are shown, and hold to nothing: the machine may be busy (`dev.py bench` has the ratios).
"""

import asyncio
import itertools
import json
import re
import statistics
from collections.abc import Callable
from dataclasses import dataclass

from bench._served import FIRST_S, PIECE_S, app_in, home
from cort_desktop.domain.budget import Estimate
from cort_desktop.domain.nodes import Node
from cort_desktop.domain.run import RunState
from cort_desktop.services.app import App
from cort_desktop.services.planning import Ask
from devtools.console import say
from devtools.discovery import table
from tests.fakes.models import CANDIDATE, verdict_json
from tests.fakes.replies import Reply, chat_reply
from tests.fakes.scripted_server import Request, ScriptedServer

ROUNDS = 1
HEAD = [
    "strategy",
    "calls",
    "estimated",
    "depth",
    "by formula",
    "tokens",
    "estimated",
    "s",
    "by formula",
    "estimated",
]
CHECKABLE = "What is 17 times 23?"
OPEN = "Describe rain in a paragraph."
WAVE = 4
_VERSION = re.compile(r"version (\d+)")


@dataclass(frozen=True, slots=True)
class Shape:
    """A strategy in a size, and the formulas of its calls and of its depth (answers, verdicts)."""

    ask: Ask
    calls: Callable[[RunState], int]
    depth: Callable[[RunState], tuple[int, int]]


def _samples(state: RunState) -> int:
    return len(state.rounds[1].candidates)


def shapes() -> dict[str, Shape]:
    """ENGINE's table; a vote's own count of samples is taken from the run, the rest is fixed before."""
    n, a, r, k = 4, 3, 3, 3
    voted = Shape(Ask(question=CHECKABLE), _samples, lambda state: (-(-_samples(state) // WAVE), 0))
    return {
        "single": Shape(Ask(question=OPEN, strategy="single"), lambda _: 1, lambda _: (1, 0)),
        "self_consistency": Shape(
            Ask(question=CHECKABLE, strategy="self_consistency", alternatives=16), voted.calls, voted.depth
        ),
        "best_of_n": Shape(
            Ask(question=OPEN, strategy="best_of_n", alternatives=n, judges=k),
            lambda _: n + k,
            lambda _: (1, 1),
        ),
        "cort": Shape(
            Ask(question=OPEN, strategy="cort", rounds=r, alternatives=a, judges=1),
            lambda _: 1 + r * (a + 1),
            lambda _: (1 + r, r),
        ),
        "tournament": Shape(
            Ask(question=OPEN, strategy="tournament", rounds=r, alternatives=a, judges=k),
            lambda _: 1 + r * (a + k),
            lambda _: (r, r),
        ),
        "balanced, checkable": Shape(Ask(question=CHECKABLE, strategy="balanced"), voted.calls, voted.depth),
        "balanced, open": Shape(
            Ask(question=OPEN, strategy="balanced", alternatives=n, judges=k),
            lambda _: n + k,
            lambda _: (1, 1),
        ),
    }


def soak(rounds: int) -> list[str]:
    """Play each strategy so often, print the table; one sentence for every prediction that failed."""
    return asyncio.run(_play(rounds))


async def _play(rounds: int) -> list[str]:
    faults: list[str] = []
    rows: list[list[str]] = []
    async with ScriptedServer(_script()) as server:
        with home(server.base_url) as folder:
            async with app_in(folder) as app:
                await _asked(app, Ask(question=OPEN, strategy="best_of_n", alternatives=2, judges=1))
                for _ in range(rounds):
                    for name, shape in shapes().items():
                        state = await _asked(app, shape.ask)
                        row, found = _compared(name, shape, state)
                        rows.append(row)
                        faults += found
    say(table(HEAD, rows))
    return faults


async def _asked(app: App, ask: Ask) -> RunState:
    return (await app.chat.ask(ask, lambda _: None)).state


def _compared(name: str, shape: Shape, state: RunState) -> tuple[list[str], list[str]]:
    end, begun = state.finished, state.started
    if end is None or begun is None or begun.estimate is None:
        return [name], [f"{name} did not end, or was not estimated"]
    told, calls, depth = begun.estimate, shape.calls(state), shape.depth(state)
    deep, tokens = measured_depth(state), end.usage.total
    row = [
        name,
        f"{end.calls} ({calls})",
        f"{told.calls_low}-{told.calls_high}",
        "{}+{}".format(*deep),
        "{}+{}".format(*depth),
        f"{tokens:,}",
        f"{told.tokens_low:,}-{told.tokens_high:,}",
        f"{end.seconds:.2f}",
        f"{_seconds(state, depth):.2f}",
        "unknown" if told.seconds is None else f"{told.seconds:.2f}",
    ]
    return row, [f"{name}: {fault}" for fault in _faults(end.calls, calls, deep, depth, tokens, told)]


def _faults(
    calls: int, by_formula: int, deep: tuple[int, int], depth: tuple[int, int], tokens: int, told: Estimate
) -> list[str]:
    faults = []
    if calls != by_formula:
        faults.append(f"{calls} calls, {by_formula} by the formula")
    if not told.calls_low <= calls <= told.calls_high:
        faults.append(f"{calls} calls, estimated {told.calls_low} to {told.calls_high}")
    if deep != depth:
        faults.append(f"depth {deep}, {depth} by the formula")
    if not told.tokens_low <= tokens <= told.tokens_high:
        faults.append(f"{tokens} tokens, estimated {told.tokens_low} to {told.tokens_high}")
    return faults


def measured_depth(state: RunState) -> tuple[int, int]:
    """The longest chain of calls of which each began after the one before had ended: (answers, verdicts)."""
    chains: dict[str, tuple[int, int]] = {}
    for node in sorted(state.nodes.values(), key=lambda each: each.started_at):
        before = [
            chains[other.name]
            for other in state.nodes.values()
            if other.name in chains and other.ended_at is not None and other.ended_at <= node.started_at
        ]
        answers, verdicts = max(before, key=sum, default=(0, 0))
        is_verdict = node.role == "judge"
        chains[node.name] = (answers + (not is_verdict), verdicts + is_verdict)
    return max(chains.values(), key=sum)


def _seconds(state: RunState, depth: tuple[int, int]) -> float:
    """The depth at the pace of this run's own calls."""

    def pace(wanted: Callable[[Node], bool]) -> float:
        took = [node.seconds for node in state.nodes.values() if wanted(node) and node.seconds is not None]
        return statistics.median(took) if took else 0.0

    return depth[0] * pace(lambda node: node.role != "judge") + depth[1] * pace(
        lambda node: node.role == "judge"
    )


def _script() -> Callable[[Request], Reply]:
    versions = itertools.count(1)

    def script(request: Request) -> Reply:
        prompt = request.messages[-1]["content"]
        if '"ranking"' in prompt:
            text = _verdict(prompt)
        else:
            number = next(versions)
            words = " ".join(f"drop{number}of{place}" for place in range(320))
            text = f"This is version {number}. {words}\nAnswer: 391"
        read = sum(len(json.dumps(message)) for message in request.messages)
        usage = {"prompt_tokens": read // 4, "completion_tokens": 1 + len(text) // 4}
        return chat_reply(text, usage=usage, first_delay=FIRST_S, delay=PIECE_S)

    return script


def _verdict(prompt: str) -> str:
    """The later the better."""
    of = {
        label: int(found[1]) for label, text in CANDIDATE.findall(prompt) if (found := _VERSION.search(text))
    }
    ranking = sorted(of, key=lambda label: -of[label])
    return verdict_json([[label] for label in ranking], score=lambda label: max(1, 9 - ranking.index(label)))
