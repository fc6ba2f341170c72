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

from bench._served import FIRST_S, PIECE_S, app_in, home
from cort_desktop.domain.budget import Estimate
from cort_desktop.domain.nodes import Node
from cort_desktop.domain.run import RunState
from cort_desktop.engine.prompt_texts import KEEP
from cort_desktop.services.app import App
from cort_desktop.services.planning import Ask
from devtools.console import say
from devtools.discovery import table
from tests.engine.formula_table import OPEN, Shape, measured_depth, shapes
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
_VERSION = re.compile(r"version (\d+)")


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
                    for shape in shapes():
                        row, found = _compared(shape, await _asked(app, _ask(shape)))
                        rows.append(row)
                        faults += found
    say(table(HEAD, rows))
    return faults


def _ask(shape: Shape) -> Ask:
    said = {name: str(value) for name, value in shape.sizes.get("settings", {}).items()}
    return Ask(question=shape.question, strategy=shape.strategy, **(shape.sizes | {"settings": said}))


async def _asked(app: App, ask: Ask) -> RunState:
    return (await app.chat.ask(ask, lambda _: None)).state


def _compared(shape: Shape, state: RunState) -> tuple[list[str], list[str]]:
    name = f"{shape.strategy}, {shape.words}"
    samples = len(state.rounds[1].candidates) if 1 in state.rounds else 0
    end, begun = state.finished, state.started
    if end is None or begun is None or begun.estimate is None:
        return [name], [f"{name} did not end, or was not estimated"]
    told, calls, depth = begun.estimate, shape.calls(samples), shape.depth(samples)
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
        elif KEEP in prompt:
            text = "- It says too little of the drops."
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
