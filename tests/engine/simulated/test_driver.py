"""The simulated driver decides, folds and ends like the engine's shell: the same run on both is the same run.

The shell asks a model over asyncio, with real prompts, and reads its verdicts from their text.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Usage
from cort_desktop.domain.calls import ChatRequest
from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.nodes import Node
from cort_desktop.domain.run import RunState
from cort_desktop.engine import judging
from cort_desktop.engine.engine import Run
from tests.fakes.loops import run_virtual
from tests.fakes.models import Reply, ScriptedModel, handle, verdict_json
from tests.fakes.runs import RUN, VIEW, Log, engine, snapshot
from tests.fakes.simulated_runs import ANSWER_TOKENS, VERDICT_TOKENS, begun, play
from tests.fakes.simulation import Critic, Judge, Text, World, Writer

ROUGH = World(
    writer=Writer(
        right=0.5,
        spread=0.4,
        fails=0.1,
        cut=0.1,
        copies=0.1,
        seconds=(8, 14),
        slow=0.1,
        slow_seconds=(50, 70),
    ),
    judges=(
        Judge(noise=0.7, first=0.3, unreadable=0.2, unrepaired=0.5, seconds=(2, 4)),
        Judge(noise=0.4, lasting=0.5, long=0.2, ties_below=0.1, fails=0.1, seconds=(2, 4)),
    ),
    critic=Critic(passes_right=0.3, passes_wrong=0.1, fails=0.2, seconds=(2, 5)),
)
SHAPES: dict[str, dict[str, Any]] = {
    "single": {},
    "best_of_n": {"alternatives": 8, "judges": 3},
    "self_consistency": {"alternatives": 16},
    "cort": {"rounds": 2, "alternatives": 3, "judges": 2},
    "tournament": {"rounds": 4, "alternatives": 3, "judges": 3},
    "universal_self_consistency": {"alternatives": 6},
    "self_refine": {"rounds": 4, "judges": 2},
    "recursive_self_aggregation": {"rounds": 3, "alternatives": 5, "judges": 2},
}


class Shell:
    """The world behind the engine's real shell."""

    def __init__(self, world: World, strategy: str, **sizes: Any) -> None:
        self.world = world
        self.texts: dict[NodeName, Text] = {}
        self.log = Log()
        self._strategy, self._sizes = strategy, sizes
        self.run: Run | None = None

    async def played(self) -> RunState:
        model = handle(ScriptedModel(self._reply), concurrency=64)
        self.run = engine(model).start(
            RUN, begun(self._strategy, self.world, **self._sizes), VIEW, self.log, {}
        )
        await self.run.answer()
        return self.run.state

    def _reply(self, request: ChatRequest, _nth: int) -> Reply:
        assert self.run is not None
        assert request.origin is not None
        state, name = self.run.state, request.origin.node
        node, world = state.nodes[name], self.world
        if node.role == "critic":
            return self._critique(node)
        is_judge = node.role == "judge"
        seconds = world.judge_seconds(name, request.model) if is_judge else world.writer_seconds(name)
        if world.fails(name, request.model if is_judge else None):
            return Reply(error="unavailable", seconds=seconds)
        usage = Usage(output=VERDICT_TOKENS if is_judge else ANSWER_TOKENS)
        if not is_judge:
            saw = [self.texts[seen] for seen in node.saw if seen in self.texts]
            text = self.texts[name] = world.written(name, saw)
            return Reply(
                text=text.text, seconds=seconds, finish="length" if text.is_cut else "stop", usage=usage
            )
        repairs = state.nodes[node.saw[0]] if name.startswith("X") else None
        return Reply(
            text=self._verdict(request, repairs.name if repairs else name), seconds=seconds, usage=usage
        )

    def _critique(self, node: Node) -> Reply:
        seconds = self.world.critic_seconds(node.name)
        if self.world.critic_fails(node.name):
            return Reply(error="unavailable", seconds=seconds)
        said = self.world.criticised(node.name, self.texts[node.saw[0]])
        return Reply(text=said, seconds=seconds, usage=Usage(output=ANSWER_TOKENS))

    def _verdict(self, request: ChatRequest, judge: NodeName) -> str:
        assert self.run is not None
        assert request.origin is not None
        order = self.run.state.nodes[judge].saw
        labels = judging.labels_of(self.run.state, order)
        if not self.world.is_readable(
            request.origin.node, request.model, repairs=judge != request.origin.node
        ):
            return " ".join(labels)
        selects = self._strategy == "universal_self_consistency"
        look = self.world.selected if selects else self.world.seen
        seen = look(judge, request.model, [(name, self.texts[name]) for name in order])
        label = {name: text for text, name in labels.items()}
        return verdict_json(
            [[label[name] for name in place] for place in seen.ranking],
            score=lambda each: seen.scores.get(labels[each], 5),
        )


@pytest.mark.parametrize("strategy", sorted(SHAPES))
@pytest.mark.parametrize("seed", range(8))
def test_the_same_run_comes_of_the_shell_and_of_the_driver(strategy: str, seed: int) -> None:
    world = replace(ROUGH, seed=seed)
    shell = Shell(world, strategy, **SHAPES[strategy])
    real = run_virtual(shell.played())
    quick = play(strategy, world, **SHAPES[strategy])
    assert told(shell.log.events) == told(quick.events)
    assert real.finished is not None
    assert real.finished.reason == quick.end.reason
    assert real.finished.scores == pytest.approx(quick.end.scores)
    assert {name: shell.texts[name].text for name in quick.texts} == {
        name: text.text for name, text in quick.texts.items()
    }


@pytest.mark.parametrize("strategy", sorted(SHAPES))
def test_a_simulated_log_is_a_log(strategy: str) -> None:
    """Its events replay to the state they came from."""
    run = play(strategy, ROUGH, **SHAPES[strategy])
    assert snapshot(RunState(RUN).fold(run.events)) == snapshot(run.state)


def told(events: list[ev.Event]) -> list[Any]:
    """What a log says of who was asked, who came back, and what was decided; not how it was streamed."""
    said: list[Any] = []
    for event in events:
        match event.body:
            case ev.NodeStarted(node=node, saw=saw, parents=parents, move=move, model=model):
                said.append(("asked", node, saw, parents, move, model))
            case ev.NodeFinished(node=node, finish=finish):
                said.append(("came", node, finish))
            case ev.NodeFailed(node=node) | ev.NodeCancelled(node=node):
                said.append((event.type, node))
            case ev.Verdict(node=node, ranking=ranking, parsed_by=parsed_by):
                said.append(("verdict", node, ranking, parsed_by == "abstained"))
            case ev.RoundQuorum(round=number, late=late):
                said.append(("quorum", number, late))
            case ev.RoundFinished() | ev.Vote() | ev.RunPlanned() | ev.LimitReached():
                said.append(event.body)
            case _:
                pass
    return said
