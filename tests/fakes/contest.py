"""A contest written by hand with everything that can be said of one: two rounds of three judges, a call that
failed twice, dissent, an unstable outcome, a repaired verdict, an abstention, a halved one, a crash.
"""

from __future__ import annotations

from dataclasses import replace

from cort_desktop.domain import events as ev
from cort_desktop.domain.ids import ModelRef
from tests.fakes.story import MODEL, Story, n

HAIKU = ModelRef("anthropic/claude-haiku")
MINI = ModelRef("openai/gpt-mini")

DRAFT = """The query slows down because the table has **no index** on `status`.

Add one:

```sql
CREATE INDEX jobs_status ON jobs (status);
```

That should be enough."""
FIRST = """The query slows down because the table has **no index** that also covers the sort.

Prove it first:

```sql
EXPLAIN (ANALYZE, BUFFERS) SELECT id FROM jobs WHERE status = 'open';
```

Then add a partial index."""
FINAL = """The query slows because **every new row makes the planner scan more**: the filter on `status` has
no index that also covers the sort.

Prove it first:

```sql
EXPLAIN (ANALYZE, BUFFERS) SELECT id FROM jobs WHERE status = 'open' ORDER BY created_at DESC LIMIT 50;
```

Then add a partial index, and expect the time to follow the 50 rows asked for, not the table."""


def scores(*rows: tuple[str, int, int, int, int]) -> dict:
    criteria = ("correctness", "completeness", "instruction_following", "clarity")
    return {n(name): dict(zip(criteria, values, strict=True)) for name, *values in rows}


def first_content(story: Story, name: str, attempt: int = 1) -> None:
    story.add(ev.AttemptFirstContent(node=n(name), attempt=attempt))


def contest() -> Story:
    """The whole run; 9.5 seconds, an hour and a half cut out after the first round."""
    story = Story(strategy="tournament", preset="deep", question="Why does my query get slower as it grows?")
    first_round(story)
    story.wait(5400).add(ev.RunResumed(lost=()))
    second_round(story)
    seconds = round(story.state().active_seconds, 3)
    story.end(
        "rounds",
        "2 of 2 rounds are done; R2.A3 came out best.",
        answer="R2.A3",
        status="degraded",
        scores={n("R2.A3"): 2.1, n("R1.A2"): 1.2, n("D"): 0.4},
    )
    last = story.events[-1]
    assert isinstance(last.body, ev.RunFinished)
    story.events[-1] = replace(last, body=replace(last.body, seconds=seconds))
    return story


def first_round(story: Story) -> None:
    story.start("D", "draft", temperature=0.7)
    story.start("R1.A1", parents=(n("D"),), saw=(n("D"),))
    story.start("R1.A2", "other_method", parents=(n("D"),), saw=(n("D"),))
    story.start("R1.A3", parents=(n("D"),), saw=(n("D"),)).wait(0.4)
    for name in ("D", "R1.A1", "R1.A2"):
        first_content(story, name)
    story.wait(0.3)
    story.attempt_fails("R1.A3", "my-server answered 502 Bad Gateway", next_="retry").wait(0.5)
    story.add(ev.AttemptStarted(node=n("R1.A3"), attempt=2, model=MODEL, why="retry")).wait(0.6)
    story.fail("R1.A3", "my-server answered 502 Bad Gateway; try again later")
    story.wait(0.1).finish("D", DRAFT, usage=(212, 400), seconds=1.9)
    story.finish("R1.A1", "Add an index.", usage=(188, 400), seconds=1.7).wait(0.1)
    story.finish(
        "R1.A2",
        FIRST,
        usage=(201, 500),
        cost=2_100,
        seconds=2.0,
        reasoning="First I look for what the planner does.",
    )
    judges = {"R1.J1": HAIKU, "R1.J2": MINI, "R1.J3": MODEL}
    for name, model in judges.items():
        story.start(name, role="judge", model=model, saw=(n("D"), n("R1.A1"), n("R1.A2")))
    story.wait(0.3)
    for name in judges:
        first_content(story, name)
    story.wait(0.5)
    table = scores(("R1.A2", 8, 7, 9, 8), ("R1.A1", 6, 6, 7, 7), ("D", 5, 4, 7, 8))
    story.finish("R1.J1", "{}", usage=(600, 40), cost=700, seconds=0.8)
    story.verdict(
        "R1.J1",
        [["R1.A2"], ["R1.A1"], ["D"]],
        order=["R1.A1", "D", "R1.A2"],
        model=HAIKU,
        scores=table,
        reason="A partial index lets the planner stop after 50 rows; bcd never says which index.",
        critique="a word on the cost of writing",
        flaws={n("D"): "names no index"},
        raw='{"ranking": [["fgh"], ["kqz"], ["bcd"]]}',
    )
    story.finish("R1.J2", "{}", usage=(600, 50), cost=700, seconds=0.9)
    story.verdict(
        "R1.J2",
        [["R1.A1"], ["R1.A2", "D"]],
        order=["R1.A2", "R1.A1", "D"],
        model=MINI,
        scores=scores(("R1.A1", 7, 6, 7, 9), ("R1.A2", 7, 8, 7, 6), ("D", 6, 5, 6, 6)),
        reason="bcd is the shortest that is right.",
        weight=0.5,
        parsed_by="json",
    )
    story.finish("R1.J3", "I like them all.", usage=None, cost=None, seconds=0.7)
    story.verdict(
        "R1.J3", [], order=["D", "R1.A2", "R1.A1"], parsed_by="abstained", weight=0.0, raw="I like them all."
    )
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


def second_round(story: Story) -> None:
    for name, kind in (("R2.A1", "fresh"), ("R2.A2", "synthesis"), ("R2.A3", "revision")):
        story.start(name, kind, parents=(n("R1.A2"),), saw=(n("R1.A2"),))
    story.wait(0.5)
    for name in ("R2.A1", "R2.A2", "R2.A3"):
        first_content(story, name)
    story.wait(1.4).finish("R2.A1", "Add a covering index.", usage=(240, 400), seconds=1.8)
    story.wait(0.2).finish("R2.A2", "Both: a covering and a partial index.", usage=(240, 493), seconds=2.1)
    story.wait(0.1).finish("R2.A3", FINAL, usage=(245, 500), cost=2_400, seconds=2.2)
    judges = {"R2.J1": HAIKU, "R2.J2": MINI, "R2.J3": MODEL}
    for name, model in judges.items():
        story.start(name, role="judge", model=model)
        first_content(story, name)
    story.wait(0.8)
    table = scores(("R2.A3", 9, 9, 9, 8), ("R1.A2", 8, 7, 9, 8), ("R2.A2", 7, 8, 7, 6), ("R2.A1", 4, 5, 7, 8))
    ranking = [["R2.A3"], ["R1.A2"], ["R2.A2"], ["R2.A1"]]
    story.finish("R2.J1", "{}", usage=(700, 60), cost=800, seconds=0.8)
    story.verdict(
        "R2.J1",
        ranking,
        order=["R2.A2", "R2.A3", "R2.A1", "R1.A2"],
        model=HAIKU,
        scores=table,
        reason="Names the missing index and shows how to prove it with EXPLAIN; jkl only guesses.",
        critique="a word on write cost",
    )
    story.finish("R2.J2", "{}", usage=(700, 60), cost=800, seconds=0.8)
    story.verdict(
        "R2.J2",
        [["R2.A1"], ["R2.A3"], ["R1.A2"], ["R2.A2"]],
        order=["R1.A2", "R2.A1", "R2.A3", "R2.A2"],
        model=MINI,
        reason="Short and right: bcd.",
    )
    story.finish("R2.J3", "{}", usage=(700, 60), cost=800, seconds=0.8)
    story.verdict(
        "R2.J3", ranking, order=["R2.A1", "R1.A2", "R2.A2", "R2.A3"], scores=table, parsed_by="repair"
    )
    story.add(
        ev.RoundFinished(
            round=2,
            winner=n("R2.A3"),
            kept=False,
            scores={n("R2.A3"): 0.89, n("R1.A2"): 0.56, n("R2.A2"): 0.33, n("R2.A1"): 0.11},
            method="borda",
            agreement=0.75,
            swap_consistency=0.5,
            unstable=True,
        )
    )


def crowd(rounds: int, candidates: int, judges: int = 3) -> Story:
    """A run of very many calls: each round a volley of candidates and their judges."""
    story = Story(strategy="tournament", question="Which of very many?")
    story.start("D", "draft").wait(0.5).finish("D", "A draft.", seconds=0.5)
    for number in range(1, rounds + 1):
        names = [f"R{number}.A{index}" for index in range(1, candidates + 1)]
        for volley in range(0, candidates, 8):
            for name in names[volley : volley + 8]:
                story.start(name)
            story.wait(0.3)
            for name in names[volley : volley + 8]:
                first_content(story, name)
                story.wait(0.05).finish(name, f"Answer {name}.", seconds=0.4)
        panel = [f"R{number}.J{index}" for index in range(1, judges + 1)]
        for name in panel:
            story.start(name, role="judge")
        story.wait(0.4)
        for name in panel:
            story.finish(name, "{}").verdict(name, [names[:1], names[1:2]])
        story.add(
            ev.RoundFinished(
                round=number,
                winner=n(names[0]),
                kept=False,
                scores={n(name): 0.5 for name in names[:4]},
                method="borda",
            )
        )
    return story.end("rounds", "All rounds are done.", answer=f"R{rounds}.A1")
