"""Long runs for the rounds: a tournament of as many rounds as are wanted."""

from __future__ import annotations

from cort_desktop.domain import events as ev
from cort_desktop.domain.search import RunSpec
from tests.fakes.story import MODEL, Story, n

WORDS = (
    "A partial index fits the filter and the sort, so that the planner can stop after fifty rows. "
    "Prove it with EXPLAIN first, and look at the plan again once the table has grown."
)


def long_run(rounds: int, *, challengers: int = 5, judges: int = 3, fail_every: int = 17) -> Story:
    """A draft, and rounds of challengers and judges; every ``fail_every``-th challenger fails."""
    story = Story(strategy="cort", preset="deep", question="Why does my query get slower as it grows?")
    story.start("D", "draft").wait(1.0).finish("D", WORDS)
    best, count = "D", 0
    for number in range(1, rounds + 1):
        names = [f"R{number}.A{index + 1}" for index in range(challengers)]
        for name in names:
            story.start(name, "other_method", parents=(n(best),))
        story.wait(1.0)
        for name in names:
            count += 1
            if count % fail_every == 0:
                story.fail(name, "my-server answered 502 Bad Gateway")
            else:
                story.finish(name, WORDS)
        best = _judged(story, number, [name for name in names if _lives(story, name)], best, judges)
    return story.end("rounds", f"{rounds} rounds were asked for.", answer=best)


def _lives(story: Story, name: str) -> bool:
    return any(isinstance(e.body, ev.NodeFinished) and e.body.node == name for e in story.events[-40:])


def _judged(story: Story, number: int, names: list[str], best: str, judges: int) -> str:
    winner = names[number % len(names)]
    ranked = [winner, *(name for name in [best, *names] if name != winner)]
    for index in range(judges):
        judge = f"R{number}.J{index + 1}"
        story.start(judge, role="judge", saw=tuple(n(name) for name in ranked))
        story.finish(judge, "{}", seconds=0.7)
        story.verdict(judge, [[name] for name in ranked])
    scores = {n(name): 1 - at / len(ranked) for at, name in enumerate(ranked)}
    story.add(
        ev.RoundFinished(
            round=number, winner=n(winner), kept=False, scores=scores, method="borda", agreement=0.67
        )
    )
    return winner


def drawn_run() -> Story:
    """The run of the drawings: two rounds of three challengers and three judges, a failure, a winner each."""
    spec = RunSpec(lineup={"proposer": (MODEL,)}, alternatives=3, rounds=3, judges=3)
    question = "Why does my query get slower as the table grows, although it only returns 50 rows?"
    story = Story(strategy="tournament", preset="deep", question=question, spec=spec)
    story.start("D", "draft").start("R1.A1", parents=(n("D"),)).start(
        "R1.A2", "other_method", parents=(n("D"),)
    )
    story.start("R1.A3", parents=(n("D"),)).wait(1.1)
    story.attempt_fails("R1.A3", "my-server answered 502 Bad Gateway", next_="retry")
    story.add(ev.AttemptStarted(node=n("R1.A3"), attempt=2, model=MODEL, why="retry")).wait(0.6)
    story.fail("R1.A3", "my-server answered 502 Bad Gateway; try again later")
    story.finish(
        "R1.A1", "Likely table bloat: run VACUUM and look at the autovacuum settings first.", seconds=1.7
    )
    story.finish(
        "D", "The query has to scan more rows each time; consider adding an index on status.", seconds=1.9
    )
    story.finish("R1.A2", WORDS, usage=(201, 500), seconds=2.0)
    _drawn_panel(story, 1, ["R1.A2", "R1.A1", "D"], {"R1.A2": 0.83, "R1.A1": 0.5, "D": 0.17}, 0.67)
    for name, kind in (("R2.A1", "fresh"), ("R2.A2", "synthesis"), ("R2.A3", "revision")):
        story.start(name, kind, parents=(n("R1.A2"),))
    story.stream("R2.A2", "Partial index, and VACUUM so that the visibility map lets it skip the heap. " * 4)
    story.stream(
        "R2.A3", "Prove it with EXPLAIN first; then a partial index that covers filter and sort. " * 5
    )
    story.finish("R2.A1", "Pagination by keyset avoids the deep OFFSET that makes it slower.", seconds=1.8)
    story.wait(1.0)
    story.finish(
        "R2.A2", "Partial index, and VACUUM so that the visibility map lets it skip the heap.", seconds=2.1
    )
    story.finish(
        "R2.A3", "Prove it with EXPLAIN first; then a partial index that covers filter and sort.", seconds=2.2
    )
    scores = {"R2.A3": 0.89, "R2.A2": 0.33, "R2.A1": 0.11}
    _drawn_panel(story, 2, ["R2.A3", "R1.A2", "R2.A2", "R2.A1"], scores, 1.0)
    return story.end(
        "stability",
        "Round 3 would not fit the budget.",
        answer="R2.A3",
        scores={n("R2.A3"): 1.4, n("R1.A2"): 1.1},
    )


def _drawn_panel(
    story: Story, number: int, ranked: list[str], scores: dict[str, float], agreement: float
) -> None:
    judges = [f"R{number}.J{index}" for index in (1, 2, 3)]
    for judge in judges:
        story.start(judge, role="judge", saw=tuple(n(name) for name in ranked))
    story.wait(0.8)
    for judge in judges:
        story.finish(judge, "{}", usage=(600, 40), cost=700, seconds=0.8)
        story.verdict(judge, [[name] for name in ranked])
    story.add(
        ev.RoundFinished(
            round=number,
            winner=n(ranked[0]),
            kept=False,
            scores={n(name): score for name, score in scores.items()},
            method="borda",
            agreement=agreement,
        )
    )
