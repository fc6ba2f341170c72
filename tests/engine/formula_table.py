"""Every strategy on a scripted model in virtual time: what ENGINE's formulas and the estimate before the
first call predict, beside what was measured. `python -m tests.engine.formula_table` prints it.

Prompts, parsers, ledger and engine are real; answers take 10 seconds and verdicts 3, and tokens are counted
from what is really sent and said. Each answer is better than those before and judges agree, so that every
round is played and there is no head-to-head. The same over HTTP and a database, in real time: `dev.py soak
strategies`.
"""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Estimate, Usage
from cort_desktop.domain.calls import ChatRequest
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.lengths import Length, Lengths, uncounted
from cort_desktop.domain.run import RunState
from cort_desktop.engine.context import ContextView
from cort_desktop.engine.estimate import estimate
from cort_desktop.engine.strategies import built_in
from tests.fakes.loops import run_virtual
from tests.fakes.models import (
    Reply,
    RoughCounter,
    ScriptedModel,
    good_model,
    handle,
    is_critic,
    is_judge,
    judged,
    verdict_json,
)
from tests.fakes.runs import RUN, Log, engine, started

ANSWER_S, VERDICT_S = 10.0, 3.0
OPEN, CHECKABLE = "Describe rain in a paragraph.", "What is 17 times 23?"
COUNTER = RoughCounter()
PLACES = 64
_VERSION = re.compile(r"version (\d+)")

Depth = tuple[int, int]
"""So many answers (or critiques, or plans) and verdicts that wait for each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A strategy in a size, and ENGINE's formulas for it, in words and as numbers; ``n`` is how many answers
    a vote took, which is only known afterwards.
    """

    strategy: str
    sizes: dict[str, Any] = field(default_factory=dict)
    question: str = OPEN
    words: str
    calls: Callable[[int], int]
    depth: Callable[[int], Depth]


def _fixed(calls: int, depth: Depth) -> dict[str, Any]:
    return {"calls": lambda _: calls, "depth": lambda _: depth}


def shapes() -> tuple[Shape, ...]:
    """ENGINE's table of strategies, and what `balanced` and `auto` make of their questions."""
    a, k, n, r = 3, 3, 4, 3
    vote: dict[str, Any] = {"calls": lambda n: n, "depth": lambda n: (-(-n // 4), 0)}
    panel = {"alternatives": n, "judges": k}
    return (
        Shape(strategy="single", words="1", **_fixed(1, (1, 0))),
        Shape(
            strategy="self_consistency",
            sizes={"alternatives": 16},
            question=CHECKABLE,
            words="n, at most N",
            **vote,
        ),
        Shape(
            strategy="universal_self_consistency",
            sizes={"alternatives": n},
            words="N+1",
            **_fixed(n + 1, (1, 1)),
        ),
        Shape(strategy="best_of_n", sizes=panel, words="N+K", **_fixed(n + k, (1, 1))),
        Shape(
            strategy="cort",
            sizes={"rounds": r, "alternatives": a, "judges": 1},
            words="1+R(A+1)",
            **_fixed(1 + r * (a + 1), (1 + r, r)),
        ),
        Shape(
            strategy="tournament",
            sizes={"rounds": r, "alternatives": a, "judges": k},
            words="1+R(A+K)",
            **_fixed(1 + r * (a + k), (r, r)),
        ),
        Shape(
            strategy="self_refine",
            sizes={"rounds": r, "judges": k},
            words="1+R(2+K)",
            **_fixed(1 + r * (2 + k), (1 + 2 * r, r)),
        ),
        Shape(strategy="mixture_of_agents", sizes={"alternatives": n}, words="P+1", **_fixed(n + 1, (2, 0))),
        Shape(
            strategy="recursive_self_aggregation",
            sizes={"rounds": r, "alternatives": n, "judges": k},
            words="N·T+K",
            **_fixed(n * r + k, (r, 1)),
        ),
        Shape(strategy="council", sizes={"alternatives": n}, words="2M+1", **_fixed(2 * n + 1, (2, 1))),
        Shape(
            strategy="ab_mcts",
            sizes={"alternatives": 6, "judges": k, "settings": {"batch": 2}},
            words="N(1+K)",
            **_fixed(6 * (1 + k), (3, 3)),
        ),
        Shape(
            strategy="debate",
            sizes={"rounds": r, "judges": k},
            words="2R+K",
            **_fixed(2 * r + k, (r, 1)),
        ),
        Shape(strategy="balanced", sizes={"alternatives": 16}, question=CHECKABLE, words="a vote", **vote),
        Shape(strategy="balanced", sizes=panel, words="N+K", **_fixed(n + k, (1, 1))),
        Shape(strategy="auto", sizes={"alternatives": 16}, question=CHECKABLE, words="a vote", **vote),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What was predicted of a run and what was measured. told: before the first call of all; told_again: when
    the model has answered once.
    """

    shape: Shape
    state: RunState
    told: Estimate
    told_again: Estimate

    @property
    def end(self) -> ev.RunFinished:
        """How it ended."""
        assert self.state.finished is not None
        return self.state.finished

    @property
    def samples(self) -> int:
        """Answers of round 1."""
        return len(self.state.rounds[1].candidates) if 1 in self.state.rounds else 0

    @property
    def seconds(self) -> float:
        """By the formula of the depth."""
        answers, verdicts = self.shape.depth(self.samples)
        return answers * ANSWER_S + verdicts * VERDICT_S


def rows() -> list[Row]:
    """All shapes, played."""
    return [played(shape) for shape in shapes()]


def played(shape: Shape) -> Row:
    """One shape, played to its end on virtual time."""
    begun = started(shape.strategy, **shape.sizes)
    begun = replace(begun, question=shape.question)
    told = _told(shape, begun, uncounted)
    model = handle(_model(), concurrency=PLACES)
    view = ContextView(system=None, turns=(), question=shape.question)

    async def main() -> RunState:
        run = engine(model).start(RUN, replace(begun, estimate=told), view, Log(), {})
        await run.answer()
        return run.state

    state = run_virtual(main())
    return Row(shape=shape, state=state, told=told, told_again=_told(shape, begun, _counted(state)))


def measured_depth(state: RunState) -> Depth:
    """The longest chain of calls of which each began after the one before had ended: (others, verdicts)."""
    chains: dict[str, Depth] = {}
    for node in sorted(state.nodes.values(), key=lambda each: (each.started_at, each.ordinal)):
        before = [
            chains[other.name]
            for other in state.nodes.values()
            if other.name in chains and other.ended_at is not None and other.ended_at <= node.started_at
        ]
        answers, verdicts = max(before, key=sum, default=(0, 0))
        is_verdict = node.role == "judge"
        chains[node.name] = (answers + (not is_verdict), verdicts + is_verdict)
    return max(chains.values(), key=sum)


def _told(shape: Shape, begun: ev.RunStarted, lengths: Lengths) -> Estimate:
    return estimate(
        built_in()[shape.strategy],
        begun.spec,
        question=shape.question,
        prompt_tokens=COUNTER.count(shape.question),
        profile=lambda _: handle(good_model(), concurrency=PLACES).profile,
        pace=lambda _, verdict: VERDICT_S if verdict else ANSWER_S,
        lengths=lengths,
    )


def _counted(state: RunState) -> Lengths:
    """What the services told of this run's replies, as the next run finds it in the database."""

    def lengths(_model: ModelRef, verdict: bool) -> Length | None:
        wrote = [
            node.usage.output
            for node in state.nodes.values()
            if node.usage is not None
            and node.role not in ("critic", "router")
            and (node.role == "judge") is verdict
        ]
        if not wrote:
            return None
        fewest, most = min(wrote), max(wrote)
        return Length(fewest=fewest, most=most, text_fewest=fewest, text_most=most)

    return lengths


def _model() -> ScriptedModel:
    versions = itertools.count(1)
    good = good_model()

    def script(request: ChatRequest, nth: int) -> Reply:
        if is_judge(request):
            reply = Reply(text=_verdict(request), seconds=VERDICT_S)
        elif request.reply_schema is not None:
            reply = replace(good.script(request, nth), seconds=VERDICT_S)
        elif is_critic(request):
            reply = Reply(text="- It says too little of the drops.", seconds=ANSWER_S)
        else:
            number = next(versions)
            words = " ".join(f"drop{number}of{place}" for place in range(12))
            reply = Reply(text=f"This is version {number}. {words}\nAnswer: 391", seconds=ANSWER_S)
        read = sum(COUNTER.count(message.text) for message in request.messages)
        return replace(reply, usage=Usage(input=read, output=COUNTER.count(reply.text)))

    return ScriptedModel(script)


def _verdict(request: ChatRequest) -> str:
    """The later the better, but never as good as can be."""
    of = {
        label: int(found[1])
        for label, text in judged(request)
        if (found := _VERSION.search(text)) is not None
    }
    ranking = sorted(of, key=lambda label: -of[label])
    return verdict_json([[label] for label in ranking], score=lambda label: min(9, 2 + of[label] // 4))


HEAD = ("strategy", "formula", "calls", "told", "depth", "seconds", "told", "tokens", "told", "told again")


def cells(row: Row) -> tuple[str, ...]:
    """A row in words: measured, and (by the formula)."""
    calls, depth = row.shape.calls(row.samples), row.shape.depth(row.samples)
    told, again = row.told, row.told_again
    return (
        row.shape.strategy,
        row.shape.words,
        f"{row.end.calls} ({calls})",
        f"{told.calls_low}-{told.calls_high}",
        "{}+{} ({}+{})".format(*measured_depth(row.state), *depth),
        f"{row.end.seconds:g} ({row.seconds:g})",
        "unknown" if told.seconds is None else f"{told.seconds:g}",
        f"{row.end.usage.total:,}",
        f"{told.tokens_low:,}-{told.tokens_high:,}",
        f"{again.tokens_low:,}-{again.tokens_high:,}",
    )


def main() -> None:
    """Print the table."""
    lines = [HEAD, *map(cells, rows())]
    widths = [max(len(line[at]) for line in lines) for at in range(len(HEAD))]
    for line in lines:
        words = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        sys.stdout.write("  ".join(words).rstrip() + "\n")


if __name__ == "__main__":
    main()
