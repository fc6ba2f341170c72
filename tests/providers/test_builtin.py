"""The real built-in model: a real llama.cpp in a real child process."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from random import Random

import psutil
import pytest

from cort_desktop.adapters.clock import SystemClock
from cort_desktop.domain.calls import AttemptFailure, AttemptFirstContent, CallNotice, Completion, Delta
from cort_desktop.domain.search import Criterion
from cort_desktop.engine.verdict_schema import verdict_schema
from cort_desktop.errors import ProviderError
from cort_desktop.providers.builtin import BuiltinModel
from cort_desktop.providers.builtin_process import child_command
from cort_desktop.providers.model_file import ModelFiles
from cort_desktop.resilience.limiter import Limiter
from cort_desktop.resilience.resilient import Resilient
from cort_desktop.resilience.retry_budget import RetryBudget
from tests.fakes.builtin import KNOWN, NAME, ManualClock, asking, opened
from tests.fakes.loops import run

pytestmark = pytest.mark.builtin


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def nothing(notice: CallNotice) -> None:
    pass


def processes_of(parent: int) -> set[int]:
    return {child.pid for child in psutil.Process(parent).children()}


def pid_of(model: BuiltinModel) -> int | None:
    return model.pid


def computed(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


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


def test_a_child_killed_in_mid_stream_keeps_the_text_and_starts_again(cache: Path) -> None:
    heard: list[str] = []

    async def main() -> tuple[ProviderError, Completion]:
        async with opened(cache) as model:

            def kill_after_three(notice: CallNotice) -> None:
                if isinstance(notice, Delta):
                    heard.append(notice.text)
                    if len(heard) == 3:
                        assert model.pid is not None
                        os.kill(model.pid, signal.SIGKILL)

            with pytest.raises(ProviderError) as failed:
                await model.complete(asking(most=300), kill_after_three)
            dead = model.pid
            again = await model.complete(asking(most=3), nothing)
            assert dead is not None
            assert model.pid != dead
            assert not psutil.pid_exists(dead)
            return failed.value, again

    error, again = run(main())
    assert (error.kind, error.retryable) == ("crashed", True)
    assert error.partial == "".join(heard)
    assert len(heard) >= 3
    assert "signal 9" in str(error)
    assert "smollm2-135m" in str(error)
    assert again.text


def test_the_retry_loop_asks_again_after_a_crash(cache: Path) -> None:
    heard: list[CallNotice] = []
    killed: list[int] = []

    async def main() -> Completion:
        async with opened(cache) as model:
            call = Resilient(
                model, clock=SystemClock(), random=Random(1), retries=RetryBudget(), limiter=Limiter(4)
            )

            def kill_once(notice: CallNotice) -> None:
                heard.append(notice)
                if isinstance(notice, Delta) and not killed and model.pid is not None:
                    killed.append(model.pid)
                    os.kill(model.pid, signal.SIGKILL)

            return await call.complete(asking(most=6), kill_once)

    answer = run(main())
    assert answer.usage is not None
    assert (answer.attempts, answer.usage.output) == (2, 6)
    failures = [notice for notice in heard if isinstance(notice, AttemptFailure)]
    assert [(failure.error.kind, failure.next) for failure in failures] == [("crashed", "retry")]


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


def test_a_child_killed_while_idle_is_replaced_without_a_word(cache: Path) -> None:
    async def main() -> None:
        async with opened(cache) as model:
            await model.warm()
            dead = model.pid
            assert dead is not None
            os.kill(dead, signal.SIGKILL)
            assert psutil.Process(dead).wait() is not None or not psutil.pid_exists(dead)
            assert (await model.complete(asking(most=2), nothing)).text
            assert model.pid != dead

    run(main())


def test_idle_shutdown_and_the_next_call(cache: Path) -> None:
    clock = ManualClock()

    async def main() -> None:
        async with opened(cache, clock=clock, idle_s=60) as model:
            await model.complete(asking(most=2), nothing)
            first = model.pid
            await asyncio.sleep(0)
            await clock.advance(59)
            await model.complete(asking(most=2), nothing)
            assert model.pid == first
            await asyncio.sleep(0)
            await clock.advance(59)
            assert model.pid == first
            await clock.advance(1)
            assert pid_of(model) is None
            assert (await model.complete(asking(most=2), nothing)).text
            assert model.pid not in (None, first)
            assert first is not None
            assert not psutil.pid_exists(first)

    run(main())


def test_a_call_that_runs_keeps_the_child_from_its_idle_shutdown(cache: Path) -> None:
    clock = ManualClock()

    async def main() -> Completion:
        async with opened(cache, clock=clock, idle_s=60) as model:
            long = asyncio.create_task(model.complete(asking("Tell a long story.", most=80), nothing))
            await model.complete(asking(most=2), nothing)
            await asyncio.sleep(0)
            await clock.advance(1000)
            return await long

    assert run(main()).text


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


def test_ctrl_c_does_not_reach_the_child(cache: Path) -> None:
    async def main() -> None:
        async with opened(cache) as model:
            await model.warm()
            pid = model.pid
            assert pid is not None
            assert os.getsid(pid) != os.getsid(0)
            os.kill(pid, signal.SIGINT)
            assert (await model.complete(asking(most=2), nothing)).text
            assert model.pid == pid

    run(main())


def test_launching_early_gives_the_process_that_is_used(cache: Path) -> None:
    async def main() -> None:
        async with opened(cache) as model:
            model.launch()
            pid = model.pid
            await asyncio.gather(model.warm(), model.warm())
            assert model.pid == pid

    run(main())


def test_closing_while_it_loads_leaves_nothing(cache: Path) -> None:
    async def main() -> None:
        before = processes_of(os.getpid())
        async with opened(cache) as model:
            call = asyncio.create_task(model.complete(asking(), nothing))
            model.launch()
            await asyncio.sleep(0.05)  # in the midst of it, wherever that is
            await model.aclose()
            with pytest.raises(ProviderError, match="closed with the program") as failed:
                await call
            assert not failed.value.retryable
        assert processes_of(os.getpid()) == before
        with pytest.raises(ProviderError, match="closed with the program"):
            await model.complete(asking(), nothing)
        model.launch()
        assert model.pid is None

    run(main())


def test_closing_while_a_call_runs_breaks_it_off_with_its_text(cache: Path) -> None:
    heard: list[str] = []

    async def main() -> ProviderError:
        async with opened(cache) as model:
            begun = asyncio.Event()

            def keep(notice: CallNotice) -> None:
                if isinstance(notice, Delta):
                    heard.append(notice.text)
                    begun.set()

            call = asyncio.create_task(model.complete(asking(most=500), keep))
            await begun.wait()
            await model.aclose()
            with pytest.raises(ProviderError, match="closed with the program") as failed:
                await call
            return failed.value

    error = run(main())
    assert (error.kind, error.retryable, error.partial) == ("crashed", False, "".join(heard))


def test_the_program_itself_is_the_child(cache: Path) -> None:
    async def main() -> None:
        async with opened(cache, command=child_command()) as model:
            assert (await model.complete(asking(most=2), nothing)).text

    run(main())
