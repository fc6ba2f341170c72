"""The life of the real child: started, shared, killed, replaced, idle, closed."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from random import Random

import psutil
import pytest

from cort_desktop.adapters.clock import SystemClock
from cort_desktop.domain.calls import AttemptFailure, CallNotice, Completion, Delta
from cort_desktop.errors import ProviderError
from cort_desktop.providers.builtin_process import ChildProcess
from cort_desktop.providers.limits import Limits
from cort_desktop.resilience.resilient import Resilient
from cort_desktop.resilience.route import Route, fresh_states
from tests.fakes.builtin import (
    ManualClock,
    asking,
    nothing,
    opened,
    pid_of,
    processes_of,
)
from tests.fakes.loops import run

pytestmark = pytest.mark.builtin


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


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
            clock = SystemClock()
            way = Route(ref=asking().model, model=model, states=fresh_states(clock))
            call = Resilient(way, clock=clock, random=Random(1))

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


@pytest.mark.parametrize("sudden", [False, True], ids=["in its own time", "before the loop turns"])
def test_closing_while_a_call_runs_breaks_it_off_with_its_text(
    cache: Path, monkeypatch: pytest.MonkeyPatch, *, sudden: bool
) -> None:
    heard: list[str] = []

    async def dead_at_once(self: ChildProcess, seconds: float) -> bool:
        # The stream has had no turn to see that its other end is gone.
        self._process.wait(seconds)
        return True

    if sudden:
        monkeypatch.setattr(ChildProcess, "ended_within", dead_at_once)

    async def main() -> ProviderError:
        # Only the end of the child may end the call.
        async with asyncio.timeout(60), opened(cache, limits=Limits(bytes_idle_s=600)) as model:
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
