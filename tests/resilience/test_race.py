"""A missing first token, asked for a second time: who wins, who is cancelled, what is told, and when not."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from random import Random
from typing import Any

import pytest

from cort_desktop.domain.budget import Usage
from cort_desktop.domain.calls import (
    AttemptCancel,
    AttemptFailure,
    AttemptFirstContent,
    AttemptStart,
    CallNotice,
    Completion,
    Delta,
)
from cort_desktop.domain.ids import ModelRef
from cort_desktop.errors import ErrorKind, ProviderError
from cort_desktop.resilience.hedge import FirstTokens
from cort_desktop.resilience.limiter import Limiter
from cort_desktop.resilience.race import LOST
from cort_desktop.resilience.route import Route
from tests.fakes.asking import MODEL, Notices, remote, request, resilient, route, states
from tests.fakes.loops import LoopClock, run_virtual
from tests.fakes.replies import Hang, Reply, chat_reply
from tests.fakes.scripted_server import Request, ScriptedServer
from tests.fakes.weathered import Step, Weathered


def fault(kind: ErrorKind = "unavailable") -> ProviderError:
    return ProviderError(f"it is {kind}", kind=kind, retryable=True, status=503)


def hedged(model: Weathered, ref: ModelRef = MODEL, *, places: int = 8, saved: float = 5.0) -> Route:
    made = states(limiter=Limiter(places, clock=LoopClock()))
    made.hedges._saved = saved
    return route(model, ref, states=made, first_tokens=FirstTokens())


class Raced:
    """One hedged call on virtual time, and what came of it."""

    def __init__(self, *attempts: Sequence[Step], **parts: Any) -> None:
        self.model = Weathered(*attempts)
        self.notices = Notices()
        self.completion: Completion | None = None
        self.error: ProviderError | None = None
        admit = parts.pop("admit", lambda _used, _model=None: True)

        async def main() -> None:
            self.route = hedged(self.model, **parts)
            began = asyncio.get_running_loop().time()
            try:
                asked = request(model=self.route.ref)
                self.completion = await resilient(self.route).complete(asked, self.notices, admit)
            except ProviderError as error:
                self.error = error
            self.seconds = asyncio.get_running_loop().time() - began
            assert self.model.running == 0
            assert self.route.states.limiter.running == 0
            assert self.route.states.retries._active == 0

        run_virtual(main())

    @property
    def told(self) -> list[Any]:
        return list(self.notices)


@pytest.mark.reliability(29, 30)
def test_rows_29_30_the_second_wins_and_the_first_is_cancelled_at_once_and_booked() -> None:
    run = Raced([100.0, "late"], [1.0, "one ", "two"])
    assert run.told == [
        AttemptStart(attempt=1, model=MODEL, why="first"),
        AttemptStart(attempt=2, model=MODEL, why="hedge"),
        AttemptCancel(attempt=1, why=LOST),
        AttemptFirstContent(attempt=2),
        Delta(text="one "),
        Delta(text="two"),
    ]
    assert run.completion is not None
    assert (run.completion.text, run.completion.attempts) == ("one two", 2)
    assert run.seconds == pytest.approx(9.0)
    assert run.model.left_at[0] - run.model.asked_at[0] == pytest.approx(9.0, abs=0.05)


@pytest.mark.reliability(30)
def test_row_30_over_http_the_losers_connection_is_closed_within_50_ms() -> None:
    def script(asked: Request) -> Reply:
        return [Hang()] if asked.number == 1 else chat_reply("soon", first_delay=1.0)

    async def main() -> None:
        async with ScriptedServer(script) as server, remote(server.base_url) as adapter:
            made, notices, contents = states(), Notices(), list[float]()
            made.hedges._saved = 5.0
            loop = asyncio.get_running_loop()

            def hear(notice: CallNotice) -> None:
                notices(notice)
                if isinstance(notice, AttemptFirstContent):
                    contents.append(loop.time())

            done = await resilient(route(adapter, states=made, first_tokens=FirstTokens())).complete(
                request(), hear
            )
            await asyncio.wait_for(server.connections[0].gone.wait(), 1)
            lost_at = server.connections[0].lost_at
            assert (done.text, len(server.requests)) == ("soon", 2)
            assert lost_at is not None
            assert lost_at - contents[0] <= 0.05
            assert notices.of(AttemptCancel) == [AttemptCancel(attempt=1, why=LOST)]

    run_virtual(main())


@pytest.mark.reliability(30)
def test_row_30_the_first_may_win_after_all() -> None:
    run = Raced([8.5, "first ", 3.0, "answer"], [100.0, "second"])
    assert run.completion is not None
    assert (run.completion.text, run.notices.text) == ("first answer", "first answer")
    assert run.notices.of(AttemptCancel) == [AttemptCancel(attempt=2, why=LOST)]
    assert run.seconds == pytest.approx(11.5)


@pytest.mark.reliability(30)
def test_row_30_both_at_the_very_same_moment_make_one_answer() -> None:
    run = Raced([9.0, "aa", 1.0, "aa"], [1.0, "bb", 1.0, "bb"])
    assert run.completion is not None
    assert run.completion.text in ("aaaa", "bbbb")
    assert run.notices.text == run.completion.text
    assert len(run.notices.of(AttemptCancel)) == 1


def test_an_answer_in_time_is_asked_for_once() -> None:
    run = Raced([7.9, "in time"])
    assert run.notices.whys == ["first"]


def test_one_that_began_to_answer_is_left_to_finish() -> None:
    run = Raced([1.0, "slow ", 60.0, "answer"])
    assert (run.notices.whys, run.notices.text) == (["first"], "slow answer")


def test_the_first_fails_while_the_second_runs() -> None:
    run = Raced([9.0, fault()], [5.0, "fine"])
    assert run.completion is not None
    assert run.completion.text == "fine"
    assert run.notices.whys == ["first", "hedge"]
    assert run.notices.nexts == ["hedge"]


def test_a_hedged_call_is_not_asked_again() -> None:
    run = Raced([9.0, fault()], [5.0, fault("timeout")], ["never"])
    assert run.error is not None
    assert run.error.kind == "timeout"
    assert run.notices.whys == ["first", "hedge"]
    assert run.notices.nexts == ["hedge", "give_up"]
    assert [one.attempt for one in run.notices.of(AttemptFailure)] == [1, 2]
    run = Raced([100.0], [2.0, "half", fault("interrupted")], ["never"])
    assert run.error is not None
    assert (run.error.kind, run.error.partial) == ("interrupted", "half")
    assert run.notices.whys == ["first", "hedge"]


def test_a_call_that_was_asked_again_is_not_hedged() -> None:
    run = Raced([fault()], [50.0, "late"])
    assert run.notices.whys == ["first", "retry"]
    assert run.completion is not None


def test_a_failure_before_the_delay_is_asked_again_as_ever() -> None:
    run = Raced([7.0, fault()], [fault()], ["third"])
    assert run.notices.whys == ["first", "retry", "retry"]
    assert run.completion is not None


@pytest.mark.parametrize(
    "parts",
    [
        {"places": 1},
        {"saved": 0.9},
        {"ref": ModelRef("openrouter/openai/x:free")},
        {"admit": lambda _used, _model=None: False},
    ],
    ids=["no place", "five percent", "free", "budget"],
)
def test_where_there_is_no_room_there_is_no_second_request(parts: dict[str, Any]) -> None:
    run = Raced([30.0, "late"], **parts)
    assert run.notices.whys == ["first"]
    assert run.completion is not None


def test_below_half_the_retry_budget_nothing_is_sent_twice() -> None:
    async def main() -> Notices:
        way, notices = hedged(Weathered([30.0, "late"])), Notices()
        way.states.retries.tokens = 5.0
        await resilient(way).complete(request(), notices)
        return notices

    assert run_virtual(main()).whys == ["first"]


@pytest.mark.reliability(30)
def test_row_30_what_a_loser_is_known_to_have_used_is_told() -> None:
    """Two answers that come whole in one moment, without a word before: one is taken, the other is paid."""

    class Whole(Weathered):
        async def complete(self, request: Any, notify: Any, admit: Any = None) -> Completion:
            return await super().complete(request, lambda _: None)

    async def main() -> Notices:
        model = Whole([9.0, "a"], [1.0, "a"], usage=Usage(input=5, output=1))
        notices = Notices()
        completion = await resilient(hedged(model)).complete(request(), notices)
        assert completion.text == "a"
        return notices

    (told,) = run_virtual(main()).of(AttemptCancel)
    assert told.usage == Usage(input=5, output=1)


@pytest.mark.reliability(31, 35)
@pytest.mark.parametrize("after_s", [0.0, 4.0, 8.0, 8.5, 9.5])
def test_rows_31_35_a_cancelled_race_leaves_nothing_behind(after_s: float) -> None:
    async def main() -> None:
        model = Weathered([100.0, "a"], [1.0, "b", 100.0])
        way, notices = hedged(model), Notices()
        call = asyncio.create_task(resilient(way).complete(request(), notices))
        await asyncio.sleep(after_s)
        began = asyncio.get_running_loop().time()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert asyncio.get_running_loop().time() - began < 0.2
        assert (model.running, way.states.limiter.running) == (0, 0)
        ended = [*notices.of(AttemptCancel), *notices.of(AttemptFailure)]
        assert sorted(one.attempt for one in ended) == [one.attempt for one in notices.of(AttemptStart)]
        looked = way.states.breakers.health()
        assert all(each.requests == 0 for each in looked)
        assert way.states.retries.tokens == 10

    run_virtual(main())


def test_the_deadline_ends_both() -> None:
    async def main() -> None:
        model, notices = Weathered([100.0], [100.0]), Notices()
        with pytest.raises(ProviderError, match="20 s"):
            await resilient(hedged(model), deadline_s=20.0).complete(request(), notices)
        assert model.running == 0
        assert [one.attempt for one in notices.of(AttemptFailure)] == [1, 2]
        assert notices.nexts == ["give_up", "give_up"]

    run_virtual(main())


@pytest.mark.reliability(29)
def test_row_29_one_call_of_thirty_two_hangs_and_the_others_are_not_kept_waiting() -> None:
    async def main() -> None:
        quick: list[Sequence[Step]] = [[1.0, "x"]] * 31
        way = hedged(Weathered(*quick, [10_000.0], [1.0, "x"], again=True), places=64)
        done: list[float] = []

        async def one() -> None:
            await resilient(way).complete(request(), lambda _: None)
            done.append(asyncio.get_running_loop().time() - began)

        way.states.limiter._pace.places = 64
        began = asyncio.get_running_loop().time()
        await asyncio.gather(*(one() for _ in range(32)))
        assert done[:31] == pytest.approx([1.0] * 31)
        assert done[31] == pytest.approx(9.0)  # the delay while little is known, and an answer

    run_virtual(main())


@pytest.mark.reliability(32)
def test_row_32_a_storm_of_cancels_over_hedged_calls_loses_nothing() -> None:

    async def main() -> None:
        random = Random(11)
        model = Weathered()
        model._steps = lambda: iter([random.choice((0.5, 9.0, 30.0)), "a", random.random()])  # type: ignore[method-assign]
        way = hedged(model, places=64, saved=10.0)

        async def one() -> None:
            way.states.hedges._saved = 10.0
            call = asyncio.create_task(resilient(way).complete(request(), Notices()))
            await asyncio.sleep(random.random() * 20)
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)

        await asyncio.gather(*(one() for _ in range(600)))
        assert model.running == 0
        assert (way.states.limiter.running, way.states.limiter.waiting) == (0, 0)
        assert (way.states.retries._active, way.states.retries._retrying) == (0, 0)

    run_virtual(main())
