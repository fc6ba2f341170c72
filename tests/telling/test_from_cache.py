"""What was answered from the cache says so wherever it is told, with what that saved."""

from __future__ import annotations

import pytest

from cort_desktop.domain.run import RunState
from cort_desktop.telling.outline import outline
from cort_desktop.telling.summary import cost_parts
from tests.fakes.kept_runs import Kept, ran
from tests.fakes.loops import run_virtual
from tests.fakes.models import good_model
from tests.fakes.runs import SIZES, Log


def twice(strategy: str) -> tuple[RunState, RunState]:
    kept = Kept(good_model())

    async def main() -> tuple[RunState, RunState]:
        return await ran(kept.handle, strategy, "one", Log()), await ran(kept.handle, strategy, "two", Log())

    return run_virtual(main())


@pytest.mark.parametrize("strategy", sorted(SIZES))
def test_every_call_says_so_and_costs_nothing(strategy: str) -> None:
    first, second = twice(strategy)
    named = [row for row in outline(second) if row.name]
    assert {row.name for row in named} == set(second.nodes)
    for row in named:
        assert "from the cache" in row.word, row
        assert (row.cost_microusd, row.tokens) == (0, 0)
    assert not any("cache" in row.word for row in outline(first))


def test_the_strip_says_how_many_and_what_they_saved() -> None:
    first, second = twice("best_of_n")
    assert first.spent.cost_microusd == 7 * 90
    assert cost_parts(second)[1:6] == ["0 calls", "7 from the cache", "0 tokens", "$0", "saved $0.00063"]
    assert not any("cache" in part or "saved" in part for part in cost_parts(first))


def test_the_words_stand_beside_those_of_the_outcome() -> None:
    _, second = twice("best_of_n")
    words = {row.name: row.word for row in outline(second) if row.name}
    winner = second.answer_node
    assert winner is not None
    assert words[winner] == "answer, from the cache"
    assert words["R1.J1"].endswith(" · from the cache")
    others = [word for name, word in words.items() if name.startswith("R1.A") and name != winner]
    assert others == ["from the cache"] * 3


def test_what_is_not_known_to_have_cost_is_not_counted_as_nothing() -> None:
    _, second = twice("best_of_n")
    for name in ("R1.A1", "R1.J1"):
        next(node for node in second.nodes.values() if node.name == name).saved_microusd = None
    assert "saved at least $0.00045" in cost_parts(second)
    for node in second.nodes.values():
        node.saved_microusd = None
    assert not any("saved" in part for part in cost_parts(second))
