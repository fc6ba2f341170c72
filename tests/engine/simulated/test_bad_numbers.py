"""Numbers nobody would choose, over every strategy: it ends with its best valid answer, or fails clearly."""

from __future__ import annotations

from typing import Any

import pytest

from cort_desktop.domain.budget import Budget
from cort_desktop.domain.run import RunState
from cort_desktop.domain.strategy_settings import WholeSetting
from tests.fakes.runs import RUN, SIZES, snapshot
from tests.fakes.simulated_runs import ANSWER_TOKENS, STRATEGIES, Played, play
from tests.fakes.simulation import Judge, World, Writer

EVERY = sorted(SIZES)
ROUGH = Writer(right=0.5, spread=0.5, fails=0.2, cut=0.2, seconds=(5, 15))
UNSTEADY = (Judge(noise=1.0, first=0.5, unreadable=0.3, fails=0.2, seconds=(1, 4)),)


def sizes(strategy: str, **wanted: int) -> dict[str, Any]:
    """Of ``wanted`` what a strategy reads."""
    read = {setting.name for setting in STRATEGIES[strategy].settings}
    return {name: number for name, number in wanted.items() if name in read}


def check(run: Played) -> None:
    """What holds of every end."""
    end = run.end
    assert end.reason.text
    assert not run.state.running
    assert snapshot(RunState(RUN).fold(run.events)) == snapshot(run.state)
    if end.answer_node is None:
        assert (end.status, end.answer) == ("failed", None)
        assert not run.state.candidates()
    else:
        assert run.state.nodes[end.answer_node].is_candidate
        assert end.answer == run.state.nodes[end.answer_node].text


@pytest.mark.parametrize("strategy", EVERY)
@pytest.mark.parametrize(
    "numbers",
    [
        {"alternatives": 1},
        {"alternatives": 40, "rounds": 1},
        {"rounds": 0},
        {"rounds": 0, "alternatives": 1, "judges": 1},
        {"rounds": 1, "alternatives": 40, "judges": 9},
    ],
    ids=["1 alternative", "40 alternatives", "0 rounds", "all least", "all most"],
)
def test_few_and_many(strategy: str, numbers: dict[str, int]) -> None:
    for seed in range(2):
        check(play(strategy, World(writer=ROUGH, judges=UNSTEADY, seed=seed), **sizes(strategy, **numbers)))
    fine = play(strategy, World(writer=Writer(spread=1.0)), **sizes(strategy, **numbers))
    check(fine)
    assert fine.end.status == "complete"


@pytest.mark.parametrize("strategy", EVERY)
@pytest.mark.parametrize(
    "budget",
    [
        Budget(calls=0),
        Budget(tokens=0),
        Budget(tokens=ANSWER_TOKENS - 1),
        Budget(calls=1),
        Budget(tokens=ANSWER_TOKENS),
    ],
    ids=["0 calls", "0 tokens", "just too few tokens", "1 call", "just enough tokens"],
)
def test_a_budget_of_about_one_call(strategy: str, budget: Budget) -> None:
    """Too little for one: nothing is sent, and the cap is named with its numbers; enough for one: it is the
    answer.
    """
    run = play(strategy, World(), budget)
    check(run)
    fits = budget.calls == 1 or budget.tokens == ANSWER_TOKENS
    assert run.end.calls <= int(fits)
    if not fits:
        cap = "calls" if budget.calls is not None else "tokens"
        assert (run.end.status, run.rule) == ("failed", cap)
        assert run.end.reason.numbers["value"] > run.end.reason.numbers["cap"]
    elif run.end.calls:
        assert run.end.answer is not None


@pytest.mark.parametrize("strategy", EVERY)
@pytest.mark.parametrize("world", [Writer(fails=1.0), Writer(words=(0, 0))], ids=["all fail", "all empty"])
def test_no_candidate_at_all(strategy: str, world: Writer) -> None:
    """Failed calls and empty answers are no candidates; nobody is asked to judge them."""
    run = play(strategy, World(writer=world))
    check(run)
    assert run.end.status == "failed"
    assert run.count("judge") == 0


@pytest.mark.parametrize("strategy", EVERY)
def test_equal_candidates(strategy: str) -> None:
    """All the same text: whoever wins, the answer is that text, and no rule runs on for ever."""
    run = play(strategy, World(writer=Writer(copies=1.0, gap=0.0), judges=(Judge(ties_below=1.0),)))
    check(run)
    assert {text.text for text in run.texts.values()} == {run.end.answer}
    assert run.end.status == "complete"


@pytest.mark.parametrize("strategy", EVERY)
@pytest.mark.parametrize(
    "judge", [Judge(fails=1.0), Judge(unreadable=1.0), Judge(ties_below=99.0)], ids=["fail", "babble", "tie"]
)
def test_judges_that_decide_nothing(strategy: str, judge: Judge) -> None:
    """The first in order stands; a failed judge is missed, and where there was something to judge, the run
    says that it was not judged."""
    run = play(strategy, World(writer=Writer(spread=1.0), judges=(judge,)))
    check(run)
    assert run.end.answer is not None
    if run.count("judge") and not judge.ties_below:
        assert run.end.status == "degraded"


def test_the_sizes_are_those_of_the_declarations() -> None:
    """Every strategy's settings reach down to 1 alternative and, where it has rounds that add to something,
    to none.
    """
    lows: dict[str, set[Any]] = {}
    for strategy in STRATEGIES.values():
        for setting in strategy.settings:
            if isinstance(setting, WholeSetting):
                lows.setdefault(setting.name, set()).add(setting.low)
    assert lows["alternatives"] == {1}
    assert lows["rounds"] == {0, 1}
