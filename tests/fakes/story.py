"""Runs written by hand: a Story numbers and times the events of one run, as the engine would."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Budget, Estimate, Reserved, Usage
from cort_desktop.domain.calls import Next
from cort_desktop.domain.ids import ConversationId, ModelRef, NodeName, RunId, TurnId
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import Fault, Reason, RunSpec
from cort_desktop.errors import ErrorKind

BEGIN = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
MODEL = ModelRef("my-server/big")


def n(name: str) -> NodeName:
    return NodeName(name)


class Story:
    """Appends events; ``at`` is seconds since the beginning."""

    def __init__(self, run: str = "01run", *, question: str = "Why is the sky blue?", **start: Any) -> None:
        self.run = RunId(run)
        self.question = question
        self.events: list[ev.Event] = []
        self.seconds = 0.0
        self._seq = 0
        self.add(
            ev.RunStarted(
                conversation=ConversationId(start.pop("conversation", "c1d2")),
                turn=TurnId(start.pop("turn", "t1")),
                question=question,
                strategy=start.pop("strategy", "cort"),
                preset=start.pop("preset", None),
                spec=start.pop("spec", RunSpec(lineup={"proposer": (MODEL,)})),
                budget=start.pop("budget", Budget(tokens=20_000, cost_microusd=500_000)),
                estimate=Estimate(
                    calls_low=4, calls_high=7, tokens_low=2_000, tokens_high=9_000, cost_microusd=18_000
                ),
                app="0.1.0",
                prompts="1",
            )
        )

    def add(self, *bodies: ev.Body) -> Story:
        for body in bodies:
            is_delta = isinstance(body, ev.NodeDelta)
            self._seq += not is_delta
            self.events.append(
                ev.Event(
                    run=self.run,
                    seq=None if is_delta else self._seq,
                    at=BEGIN + timedelta(seconds=self.seconds),
                    body=body,
                )
            )
        return self

    def wait(self, seconds: float) -> Story:
        self.seconds += seconds
        return self

    def start(self, name: str, kind: Any = "fresh", role: Any = "proposer", **more: Any) -> Story:
        round_ = int(name[1 : name.index(".")]) if "." in name else 0
        return self.add(
            ev.NodeStarted(
                node=n(name),
                role=role,
                kind=kind if role == "proposer" else None,
                round=round_,
                model=more.pop("model", MODEL),
                reserved=Reserved(tokens=2_500, cost_microusd=1_000),
                **more,
            ),
            ev.AttemptStarted(node=n(name), attempt=1, model=MODEL, why="first"),
        )

    def stream(self, name: str, text: str, channel: Any = "answer") -> Story:
        return self.add(ev.NodeDelta(node=n(name), text=text, channel=channel))

    def finish(
        self,
        name: str,
        text: str,
        *,
        usage: tuple[int, int] | None = (100, 200),
        cost: int | None = 1_500,
        seconds: float = 2.0,
        **more: Any,
    ) -> Story:
        return self.add(
            ev.NodeFinished(
                node=n(name),
                text=text,
                finish=more.pop("finish", "stop"),
                model=MODEL,
                usage=None if usage is None else Usage(input=usage[0], output=usage[1]),
                cost_microusd=cost,
                seconds=seconds,
                **more,
            )
        )

    def attempt_fails(
        self, name: str, message: str, *, kind: ErrorKind = "unavailable", next_: Next
    ) -> Story:
        fault = Fault(kind=kind, message=message, status=502, retryable=True)
        return self.add(
            ev.AttemptFailed(
                node=n(name),
                attempt=1,
                model=MODEL,
                error=fault,
                usage=Usage(),
                cost_microusd=0,
                wait_seconds=0.5 if next_ == "retry" else None,
                next=next_,
            )
        )

    def fail(self, name: str, message: str, *, kind: ErrorKind = "unavailable") -> Story:
        self.attempt_fails(name, message, kind=kind, next_="give_up")
        return self.add(
            ev.NodeFailed(node=n(name), error=Fault(kind=kind, message=message, status=502), attempts=1)
        )

    def verdict(self, name: str, ranking: list[list[str]], **more: Any) -> Story:
        order = more.pop("order", [item for tied in ranking for item in tied])
        labels = {label: n(item) for label, item in zip(("kqz", "bcd", "fgh", "jkl"), order, strict=False)}
        return self.add(
            ev.Verdict(
                node=n(name),
                round=int(name[1 : name.index(".")]),
                purpose=more.pop("purpose", "panel"),
                model=more.pop("model", MODEL),
                order=tuple(n(item) for item in order),
                labels=labels,
                ranking=tuple(tuple(n(item) for item in tied) for tied in ranking),
                parsed_by=more.pop("parsed_by", "schema"),
                **more,
            )
        )

    def end(
        self, rule: str, text: str, *, answer: str | None, status: Any = "complete", **more: Any
    ) -> Story:
        state = self.state()
        return self.add(
            ev.RunFinished(
                status=status,
                reason=Reason(rule=rule, text=text),
                answer_node=None if answer is None else n(answer),
                answer=None if answer is None else state.nodes[n(answer)].text,
                missing=state.missing(),
                usage=state.spent.usage,
                cost_microusd=state.spent.cost_microusd,
                calls=state.spent.calls,
                seconds=self.seconds,
                **more,
            )
        )

    def state(self) -> RunState:
        return RunState(self.run).fold(self.events)


def two_rounds() -> Story:
    """A draft, a failed node, dissent, an abstention, a tie that is kept, an end by stability."""
    story = Story(strategy="tournament", preset="deep", question="Why does my query get slower as it grows?")
    story.start("D", "draft").start("R1.A1").start("R1.A2", "other_method").start("R1.A3").wait(1.1)
    story.attempt_fails("R1.A3", "my-server answered 502 Bad Gateway", next_="retry")
    story.add(ev.AttemptStarted(node=n("R1.A3"), attempt=2, model=MODEL, why="retry")).wait(0.6)
    story.fail("R1.A3", "my-server answered 502 Bad Gateway; try again later")
    story.finish("D", "Because of the scan.", usage=(212, 400), seconds=1.9).wait(0.2)
    story.finish("R1.A1", "Add an index.", usage=(188, 400), seconds=1.7)
    story.finish("R1.A2", "Add a partial index on status.", usage=(201, 500), cost=2_100, seconds=2.0)
    _first_panel(story)
    story.add(
        ev.RoundFinished(
            round=1,
            winner=n("R1.A2"),
            kept=False,
            scores={n("R1.A2"): 0.83, n("R1.A1"): 0.5, n("D"): 0.17},
            method="borda",
            agreement=0.67,
            missing=(n("R1.A3"),),
        )
    )
    story.start("R2.A1").wait(1.8).finish("R2.A1", "Add a covering index.", usage=(240, 400), seconds=1.8)
    _second_panel(story)
    story.add(
        ev.RoundFinished(
            round=2,
            winner=n("R1.A2"),
            kept=True,
            scores={n("R1.A2"): 0.5, n("R2.A1"): 0.5},
            method="borda",
            agreement=0.5,
            unstable=True,
        )
    )
    return story.end(
        "stability",
        "The same answer won two rounds in a row.",
        answer="R1.A2",
        status="degraded",
        scores={n("R1.A2"): 0.71, n("R2.A1"): 0.4},
    )


def _first_panel(story: Story) -> None:
    scores = {
        n("R1.A2"): {"correctness": 8, "completeness": 7, "instruction_following": 9, "clarity": 8},
        n("R1.A1"): {"correctness": 6, "completeness": 6, "instruction_following": 7, "clarity": 7},
        n("D"): {"correctness": 5, "completeness": 4, "instruction_following": 7, "clarity": 8},
    }
    for judge in ("R1.J1", "R1.J2", "R1.J3"):
        story.start(judge, role="judge")
    story.wait(0.8)
    story.finish("R1.J1", "{}", usage=(600, 40), cost=700, seconds=0.8)
    story.verdict(
        "R1.J1",
        [["R1.A2"], ["R1.A1"], ["D"]],
        order=["R1.A1", "D", "R1.A2"],
        scores=scores,
        reason="A partial index lets the planner stop after 50 rows; bcd never says which index.",
        critique="a word on the cost of writing",
        flaws={n("D"): "names no index"},
    )
    story.finish("R1.J2", "{}", usage=(600, 50), cost=700, seconds=0.9)
    story.verdict(
        "R1.J2",
        [["R1.A1"], ["R1.A2", "D"]],
        order=["R1.A2", "R1.A1", "D"],
        reason="bcd is the shortest that is right.",
        weight=0.5,
        parsed_by="json",
    )
    story.finish("R1.J3", "I like them all.", usage=None, cost=None, seconds=0.7)
    story.verdict("R1.J3", [], order=["D", "R1.A2", "R1.A1"], parsed_by="abstained", weight=0.0)


def _second_panel(story: Story) -> None:
    for judge in ("R2.J1", "R2.J2"):
        story.start(judge, role="judge")
    story.wait(0.7)
    story.finish("R2.J1", "{}", usage=(500, 40), cost=600, seconds=0.7)
    story.verdict("R2.J1", [["R2.A1"], ["R1.A2"]], order=["R2.A1", "R1.A2"], purpose="head_to_head")
    story.finish("R2.J2", "{}", usage=(500, 40), cost=600, seconds=0.7)
    story.verdict("R2.J2", [["R1.A2"], ["R2.A1"]], order=["R1.A2", "R2.A1"], purpose="head_to_head")
