"""Kept answers in memory, and memory before a slower place."""

from __future__ import annotations

import sys
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from cort_desktop.resilience.reply_stores import LayeredReplies, MemoryReplies
from tests.fakes.kept import reply
from tests.fakes.loops import LoopClock, run_virtual


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 4000)), max_size=60))
def test_memory_never_holds_more_than_its_limit(steps: list[tuple[str, int]]) -> None:
    limit = 4000

    async def main() -> None:
        memory = MemoryReplies(LoopClock(), limit_bytes=limit)
        for key, size in steps:
            memory.keep(key, reply("x" * size))
            entries = await memory.entries()
            assert memory.bytes == sum(entry.bytes for entry in entries) <= limit
        last = dict(steps)
        for entry in await memory.entries():
            found = await memory.find(entry.key)
            assert found is not None
            assert len(found.text) == last[entry.key]

    run_virtual(main())


def test_what_was_given_longest_ago_goes_first() -> None:
    async def main() -> None:
        size = sys.getsizeof("x" * 900) + sys.getsizeof("hm")
        memory = MemoryReplies(LoopClock(), limit_bytes=4 * size)
        for key in "abcd":
            memory.keep(key, reply("x" * 900))
        assert await memory.find("a") is not None
        memory.keep("e", reply("x" * 900))
        assert sorted(entry.key for entry in await memory.entries()) == ["a", "c", "d", "e"]

    run_virtual(main())


def test_layers_find_below_what_memory_has_not_and_hold_it_then() -> None:
    async def main() -> None:
        clock = LoopClock()
        memory, below = MemoryReplies(clock), MemoryReplies(clock)
        layers = LayeredReplies(memory, below)
        below.keep("k", reply("from below"))
        assert (await layers.find("k") or reply()).text == "from below"
        assert memory.held("k") is not None
        layers.keep("k", replace(reply("new")))
        layers.used("k")
        assert [entry.used for entry in await below.entries()] == [1]
        assert await layers.drop(["k", "not there"]) == 1
        assert (await layers.find("k"), await layers.entries()) == (None, ())
        layers.keep("a", reply())
        layers.keep("b", reply())
        assert await layers.clear() == 2
        assert await layers.find("a") is None

    run_virtual(main())
