"""The real built-in model: a real llama.cpp in a real child process."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import psutil
import pytest

from cort_desktop.domain.calls import AttemptFirstContent, CallNotice, Completion, Delta
from cort_desktop.domain.search import Criterion
from cort_desktop.engine.verdict_schema import verdict_schema
from cort_desktop.errors import ProviderError
from cort_desktop.providers.builtin_process import child_command
from cort_desktop.providers.model_file import ModelFiles
from tests.fakes.builtin import (
    KNOWN,
    NAME,
    asking,
    computed,
    nothing,
    opened,
    processes_of,
)
from tests.fakes.loops import run

pytestmark = pytest.mark.builtin


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def test_an_answer_is_streamed_with_its_usage(cache: Path) -> None:
    heard: list[CallNotice] = []

    async def main() -> Completion:
        async with opened(cache) as model:
            return await model.complete(asking(most=12), heard.append)

    before = processes_of(os.getpid())
    answer = run(main())
    assert answer.text
    assert answer.text == "".join(notice.text for notice in heard if isinstance(notice, Delta))
    assert sum(isinstance(notice, Delta) for notice in heard) > 5
    assert [n for n in heard if isinstance(n, AttemptFirstContent)] == [AttemptFirstContent(attempt=1)]
    assert (answer.model, answer.finish) == ("builtin/smollm2-135m", "length")
    assert answer.usage is not None
    assert answer.usage.output == 12
    assert answer.usage.input > 5
    assert processes_of(os.getpid()) == before


def test_a_verdict_fits_its_schema(cache: Path) -> None:
    ids = ["kqz", "bcd", "xyz"]
    schema = verdict_schema(ids, [Criterion(id="correctness", weight=1.0)])
    shown = "\n".join(
        f'<candidate id="{label}">{text}</candidate>'
        for label, text in zip(
            ids, ["Air scatters blue light.", "It mirrors the sea.", "Nobody knows."], strict=True
        )
    )

    async def main() -> Completion:
        async with opened(cache) as model:
            text = f"Why is the sky blue?\n{shown}\nJudge the candidates. Answer with JSON."
            return await model.complete(asking(text, most=520, schema=schema), nothing)

    answer = run(main())
    verdict = json.loads(answer.text)
    assert answer.finish == "stop"
    assert [row["candidate"] for row in verdict["analysis"]] == ids
    assert all(1 <= row["correctness"] <= 10 for row in verdict["analysis"])
    assert verdict["ranking"] in [[[label] for label in order] for order in permutations(ids)]


def test_first_calls_share_one_start_and_run_at_once(cache: Path) -> None:
    running: set[int] = set()
    most_running = 0

    async def main() -> list[Completion]:
        async with opened(cache) as model:

            async def one(sample: int) -> Completion:
                def heard(notice: CallNotice) -> None:
                    nonlocal most_running
                    running.add(sample)
                    most_running = max(most_running, len(running))

                answer = await model.complete(asking(most=24, sample=sample), heard)
                running.discard(sample)
                return answer

            before = processes_of(os.getpid())
            answers = await asyncio.gather(*(one(sample) for sample in range(4)))
            assert processes_of(os.getpid()) - before == {model.pid}
            return answers

    answers = run(main())
    assert most_running >= 2
    assert all(answer.usage and answer.usage.output <= 24 for answer in answers)
    assert len({answer.text for answer in answers}) > 1


def test_calls_that_do_not_fit_the_shared_context_together_wait_for_each_other(cache: Path) -> None:
    small = replace(KNOWN[NAME], context_tokens=256)
    files = ModelFiles({NAME: small}, folder=cache, cache=cache)

    async def main() -> list[Completion]:
        async with opened(cache, files=files) as model:
            text = "Tell me a story of a fox, a crow and a cheese, in simple words."
            calls = (model.complete(asking(text, most=60, sample=sample), nothing) for sample in range(4))
            return await asyncio.gather(*calls)

    answers = run(main())
    # All of them at once would need more than the context has.
    assert sum(answer.usage.total for answer in answers if answer.usage) > 256
    assert all(answer.text for answer in answers)


def test_cancelling_stops_the_generation(cache: Path) -> None:
    async def main() -> float:
        async with opened(cache) as model:
            begun = asyncio.Event()

            def heard(notice: CallNotice) -> None:
                begun.set()

            call = asyncio.create_task(model.complete(asking("Tell a long story.", most=2000), heard))
            await begun.wait()
            assert model.pid is not None
            child = psutil.Process(model.pid)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            before = used = computed(child)
            for _ in range(60):  # until it has done nothing for a while
                await asyncio.sleep(0.4)
                used, last = computed(child), used
                if used - last < 0.03:
                    break
            return used - before

    assert run(main()) < 2  # 2,000 tokens take more than 10 s of computing


def test_a_question_over_the_context_is_refused_in_words(cache: Path) -> None:
    async def main() -> ProviderError:
        async with opened(cache) as model:
            with pytest.raises(ProviderError) as failed:
                await model.complete(asking("word " * 9000, most=10), nothing)
            assert (await model.complete(asking(most=2), nothing)).text
            return failed.value

    error = run(main())
    assert (error.kind, error.retryable) == ("context_too_long", False)


def test_the_program_itself_is_the_child(cache: Path) -> None:
    async def main() -> None:
        async with opened(cache, command=child_command()) as model:
            assert (await model.complete(asking(most=2), nothing)).text

    run(main())
