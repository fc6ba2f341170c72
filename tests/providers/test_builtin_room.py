"""Room in the shared context: nobody gets in too many, nobody is forgotten."""

from __future__ import annotations

import asyncio

import pytest

from cort_desktop.domain.messages import system, user
from cort_desktop.providers.builtin_room import Room, most_tokens
from tests.fakes.builtin import asking, opened
from tests.fakes.loops import run, run_virtual

TEXTS = {
    "english": "Why is the sky blue, and what would it look like on Mars at noon? Explain in two sentences.",
    "german": "Warum ist der Himmel blau? Die Rindfleischetikettierungsüberwachung weiß es nicht.",
    "chinese": "天空之所以是蓝色的，是因为空气分子对短波光的散射更强。",
    "code": "def f(x): return {'a': [x**2 for x in range(10)], \"b\": 0x1F & ~x}\n\tassert f(3);",
    "digits": "31415926535897932384626433832795028841971693993751",
    "capitals": "WHY IS THE SKY BLUE? BECAUSE OF RAYLEIGH SCATTERING!",
    "emoji": "😀🚀🎉👩‍👩‍👧‍👦",
    "base64": "iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4",
    "rare letters": "qx zvk wjq xqz jvx kqj zzx qvw",
    "lines": "a\n\n\nb\n\n  \n\t\tc",
}


def test_places_and_tokens_are_never_exceeded() -> None:
    async def main() -> tuple[int, int]:
        room = Room(places=3, tokens=100)
        inside: dict[int, int] = {}
        most = [0, 0]

        async def one(number: int, tokens: int) -> None:
            async with room.held(tokens):
                inside[number] = min(tokens, 100)
                most[0] = max(most[0], len(inside))
                most[1] = max(most[1], sum(inside.values()))
                await asyncio.sleep(number % 3)
                del inside[number]

        await asyncio.gather(*(one(number, 7 + 31 * number % 120) for number in range(40)))
        return most[0], most[1]

    places, tokens = run_virtual(main())
    assert 2 <= places <= 3
    assert 90 <= tokens <= 100


def test_first_come_first_served_even_when_a_later_one_would_fit() -> None:
    async def main() -> list[str]:
        room = Room(places=4, tokens=100)
        order: list[str] = []

        async def one(name: str, tokens: int) -> None:
            async with room.held(tokens):
                order.append(name)
                await asyncio.sleep(1)

        async with asyncio.TaskGroup() as group:
            for name, tokens in (("a", 60), ("big", 5000), ("small", 10), ("small too", 10)):
                group.create_task(one(name, tokens))
        return order

    assert run_virtual(main()) == ["a", "big", "small", "small too"]


@pytest.mark.parametrize("when", ["waiting", "let in"])
def test_who_gives_up_takes_no_room_along(when: str) -> None:
    async def main() -> None:
        room = Room(places=1, tokens=10)
        release = asyncio.Event()

        async def first() -> None:
            async with room.held(10):
                await release.wait()

        async def second() -> None:
            async with room.held(10):
                raise AssertionError("it was cancelled before it got in")

        async def third() -> str:
            async with room.held(10):
                return "in"

        tasks = [asyncio.create_task(coroutine) for coroutine in (first(), second(), third())]
        await asyncio.sleep(0)
        if when == "let in":
            release.set()
            await asyncio.sleep(0)  # the first leaves, which lets the second in, who has not run yet
        tasks[1].cancel()
        release.set()
        async with asyncio.timeout(5):  # virtual: nobody waits so long
            assert await tasks[2] == "in"
        assert tasks[1].cancelled()
        await tasks[0]

    run_virtual(main())


def test_who_gives_up_just_as_room_comes_free_is_cancelled_like_anybody_else() -> None:
    """A person's Stop cancels who is inside and who waits in one moment."""

    async def main() -> None:
        room = Room(places=1, tokens=10)

        async def one() -> None:
            async with room.held(10):
                await asyncio.sleep(60)

        tasks = [asyncio.create_task(one()) for _ in range(3)]
        await asyncio.sleep(0)
        for stopped in tasks[:2]:
            stopped.cancel()
        await asyncio.wait(tasks[:2])
        assert [task.cancelled() for task in tasks[:2]] == [True, True]
        await tasks[2]

    run_virtual(main())


def test_a_long_text_is_weighed_at_once_and_fills_the_room() -> None:
    assert most_tokens([user("1" * 1_000_000)]) > 8192
    assert most_tokens([user("word " * 20_000)]) > 8192
    assert most_tokens([system("a"), user("b")]) < 100


@pytest.mark.builtin
def test_the_weight_is_never_below_what_the_model_counts(tmp_path_factory: pytest.TempPathFactory) -> None:
    async def main() -> dict[str, float]:
        async with opened(tmp_path_factory.mktemp("cache")) as model:
            found = {}
            for name, text in TEXTS.items():
                # Twice, because a template's share would hide what the text itself weighs.
                request = asking(f"{text} {text}", most=1)
                answer = await model.complete(request, lambda _: None)
                assert answer.usage is not None
                found[name] = answer.usage.input / most_tokens(request.messages)
            return found

    ratios = run(main())
    assert max(ratios.values()) <= 1, ratios
