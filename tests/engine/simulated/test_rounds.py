"""Quorum and late candidates, and what a small budget leaves of a round: as often and as much as must be."""

from __future__ import annotations

from typing import Any

import pytest

from cort_desktop.domain import events as ev
from cort_desktop.domain.budget import Budget
from cort_desktop.domain.ids import DRAFT
from tests.fakes.formulas import near
from tests.fakes.simulated_runs import ANSWER_TOKENS, VERDICT_TOKENS, Played, play
from tests.fakes.simulation import Judge, World, Writer

pytestmark = pytest.mark.endurance

T_G, T_J = 10.0, 3.0
CHALLENGERS = 3


def slow_worlds(slow: float, slow_seconds: float, count: int, rounds: int = 2) -> list[Played]:
    """Answers take 10 s or, with chance ``slow``, so much longer; every verdict 3 s."""
    writer = Writer(spread=1.0, slow=slow, slow_seconds=(slow_seconds, slow_seconds))
    return [
        play(
            "tournament",
            World(writer=writer, judges=(Judge(base=None),), seed=seed),
            rounds=rounds,
            alternatives=CHALLENGERS,
            judges=1,
        )
        for seed in range(count)
    ]


@pytest.mark.parametrize("slow", [0.1, 0.4])
def test_a_round_is_judged_without_its_one_slow_challenger(slow: float) -> None:
    """Three of round 1's four are a quorum if the draft is among them: chance 3s(1-s)³. The wait
    is twice the median; else all are waited for."""
    played = slow_worlds(slow, 60.0, 250, rounds=1)
    early = [run for run in played if run.bodies(ev.RoundQuorum)]
    assert near(len(early), 250, 3 * slow * (1 - slow) ** 3)
    for run in early:
        (quorum,) = run.bodies(ev.RoundQuorum)
        assert (len(quorum.late), quorum.median_seconds) == (1, T_G)
        assert run.end.seconds == pytest.approx(2 * T_G + T_J, abs=0.01)
    for run in played:
        if run not in early:
            longest = max(node.seconds or 0.0 for node in run.state.candidates())
            assert run.end.seconds == pytest.approx(longest + T_J, abs=0.01)


def test_a_late_candidate_joins_the_next_verdict_and_may_win() -> None:
    """It comes at 25 s; round 2 is judged at 33 s, with it."""
    joined = won = 0
    for run in slow_worlds(0.15, 25.0, 200):
        late = [name for body in run.bodies(ev.RoundQuorum) if body.round == 1 for name in body.late]
        if not late:
            continue
        joined += 1
        first, second = run.state.rounds[1].result, run.state.rounds[2].result
        assert first is not None
        assert second is not None
        assert late[0] not in first.scores
        assert late[0] in second.scores
        assert run.state.rounds[2].joined == tuple(late)
        best = max(second.scores, key=lambda name: run.texts[name].quality)
        assert second.winner == best
        won += second.winner == late[0]
    assert joined > 20
    assert won > 0


def test_a_slow_draft_is_waited_for() -> None:
    """Without the incumbent there is no quorum."""
    for run in slow_worlds(0.3, 60.0, 60, rounds=1):
        draft = run.state.nodes[DRAFT].seconds
        if draft is not None and draft > T_G:
            assert not run.bodies(ev.RoundQuorum)
            assert run.end.seconds == pytest.approx(60.0 + T_J, abs=0.01)


@pytest.mark.parametrize("strategy", ["best_of_n", "cort", "tournament"])
@pytest.mark.parametrize("what", ["calls", "tokens"])
def test_short_of_budget_judges_go_first_then_answers_then_rounds(strategy: str, what: str) -> None:
    """For every cap: each round has as many judges as fit, and fewer answers only once there is one judge;
    a round that not even one of each fits is not begun. No cap is ever exceeded.
    """
    rising = World(writer=Writer(spread=1.0), judges=(Judge(base=None),))
    for cap in range(24):
        budget = Budget(calls=cap) if what == "calls" else Budget(tokens=cap * 100)
        run = play(strategy, rising, budget, **_sizes(strategy))
        spent = run.state.spent
        assert spent.calls <= cap if what == "calls" else spent.tokens <= cap * 100
        shapes = [
            (sum(run.state.nodes[name].role == "proposer" for name in round_.candidates), len(round_.judges))
            for number, round_ in run.state.rounds.items()
            if number
        ]
        assert all(answers == 3 or judges <= 1 for answers, judges in shapes), (cap, shapes)
        if what == "calls":
            assert shapes == _expected(strategy, cap), cap
        assert len({node.model for node in run.state.nodes.values() if node.role == "proposer"}) <= 1


def _sizes(strategy: str) -> dict[str, Any]:
    return {"alternatives": 3, "judges": 3} | ({} if strategy == "best_of_n" else {"rounds": 2})


def _expected(strategy: str, cap: int) -> list[tuple[int, int]]:
    """(answers, judges) of each round that so many calls leave room for, K cut before A before R."""
    left = cap - (strategy != "best_of_n")  # the draft
    shapes: list[tuple[int, int]] = []
    for _ in range(1 if strategy == "best_of_n" else 2):
        answers = judges = 3
        while answers + judges > left and (answers > 1 or judges > 1):
            answers, judges = (answers, judges - 1) if judges > 1 else (answers - 1, judges)
        if (answers, judges) == (1, 1) and not shapes and strategy == "best_of_n":
            judges = 0  # one answer needs no judge
        if answers + judges > left:
            break
        shapes.append((answers, judges))
        left -= answers + judges
    return shapes


def test_what_a_call_takes_is_what_the_budget_reckons_with() -> None:
    """The figures of this simulation: a verdict reads and writes four times as much as an answer."""
    run = play("best_of_n", World(writer=Writer(spread=1.0)), alternatives=3, judges=1)
    assert run.end.usage.total == 3 * ANSWER_TOKENS + VERDICT_TOKENS
