"""The retry loop: around a model that fails as told, and around the real adapter and a real server."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import pytest

from cort_desktop.domain.budget import Usage
from cort_desktop.domain.calls import (
    Admit,
    AttemptCancel,
    AttemptFailure,
    AttemptFirstContent,
    AttemptStart,
    ChatRequest,
    Completion,
    Delta,
    Notify,
    always,
)
from cort_desktop.domain.ids import ModelRef
from cort_desktop.errors import ErrorKind, ProviderError
from cort_desktop.providers import sessions
from cort_desktop.providers.limits import Limits
from cort_desktop.resilience.limiter import Limiter
from cort_desktop.resilience.retry_budget import RetryBudget
from tests.fakes.asking import MODEL, SCHEMA, Notices, remote, request, resilient
from tests.fakes.loops import LoopClock, run_virtual
from tests.fakes.replies import (
    DONE,
    Close,
    Hang,
    Reply,
    Wait,
    body_reply,
    chat_reply,
    event,
    framed,
    json_reply,
    piece,
    status_reply,
    stream_head,
    stream_reply,
)
from tests.fakes.scripted_server import Request, ScriptedServer


def fault(kind: ErrorKind = "unavailable", **facts: Any) -> ProviderError:
    return ProviderError(f"it is {kind}", kind=kind, **({"retryable": True, "status": 503} | facts))


class Scripted:
    """A ChatModel: each attempt is steps, each an error, a text, or seconds to wait before the next step."""

    def __init__(self, *attempts: Sequence[ProviderError | str | float]) -> None:
        self._attempts = iter(attempts)
        self.asked_at: list[float] = []

    async def complete(self, request: ChatRequest, notify: Notify, admit: Admit = always) -> Completion:
        self.asked_at.append(asyncio.get_running_loop().time())
        text = ""
        for step in next(self._attempts):
            if isinstance(step, ProviderError):
                step.partial = text
                raise step
            if isinstance(step, float):
                await asyncio.sleep(step)
                continue
            if not text:
                notify(AttemptFirstContent(attempt=1))
            text += step
            notify(Delta(text=step))
        return Completion(text=text, model=request.model)


class Run:
    """One call through the loop, and what came of it."""

    def __init__(self, model: Any, *, admit: Admit = always, **parts: Any) -> None:
        self.notices = Notices()
        self.completion: Completion | None = None
        self.error: ProviderError | None = None
        self.budget = RetryBudget()

        async def main() -> None:
            loop = resilient(model, **({"retries": self.budget} | parts))
            self.started = asyncio.get_running_loop().time()
            try:
                self.completion = await loop.complete(request(), self.notices, admit)
            except ProviderError as error:
                self.error = error
            self.seconds = asyncio.get_running_loop().time() - self.started

        run_virtual(main())

    @property
    def failed(self) -> ProviderError:
        assert self.error is not None
        return self.error

    @property
    def waits(self) -> list[float | None]:
        return [one.wait_seconds for one in self.notices.of(AttemptFailure)]


# what is told


def test_a_good_answer_passes_through() -> None:
    run = Run(Scripted(["one ", "two"]))
    assert run.completion == Completion(text="one two", model=MODEL, attempts=1)
    assert run.notices == [
        AttemptStart(attempt=1, model=MODEL, why="first"),
        AttemptFirstContent(attempt=1),
        Delta(text="one "),
        Delta(text="two"),
    ]
    assert run.budget.tokens == 10


def test_every_attempt_is_told_with_its_number_wait_and_use() -> None:
    errors = [fault(), fault("timeout", status=None)]
    run = Run(Scripted([errors[0]], [errors[1]], ["text"]))
    assert run.completion is not None
    assert run.completion.attempts == 3
    first, failed, second, failed_too, third, content, _ = run.notices
    assert [one.why for one in (first, second, third)] == ["first", "retry", "retry"]  # type: ignore[union-attr]
    assert [one.attempt for one in (first, second, third, content)] == [1, 2, 3, 3]  # type: ignore[union-attr]
    assert failed == AttemptFailure(
        attempt=1,
        model=MODEL,
        error=errors[0],
        next="retry",
        wait_seconds=run.waits[0],
        usage=Usage(),
        cost_microusd=0,
    )
    assert failed_too == AttemptFailure(
        attempt=2, model=MODEL, error=errors[1], next="retry", wait_seconds=run.waits[1]
    )
    assert 0.375 <= (run.waits[0] or 0) <= 0.5
    assert 0.75 <= (run.waits[1] or 0) <= 1.0
    assert run.seconds == pytest.approx(sum(wait or 0 for wait in run.waits))
    assert run.budget.tokens == pytest.approx(8.1)


@pytest.mark.parametrize(
    ("facts", "text", "known"),
    [
        ({"kind": "unreachable", "status": None, "sent": False}, "", True),
        ({"kind": "unavailable", "status": 503}, "", True),
        ({"kind": "timeout", "status": None}, "", False),
        ({"kind": "not_an_api", "status": 200}, "", False),
        ({"kind": "interrupted", "status": 502}, "said", False),
    ],
)
def test_nothing_is_billed_only_where_nothing_can_have_been(
    facts: dict[str, Any], text: str, known: bool
) -> None:
    error = fault(**facts, retryable=False)
    run = Run(Scripted([text, error] if text else [error]))
    (told,) = run.notices.of(AttemptFailure)
    assert (told.usage, told.cost_microusd) == ((Usage(), 0) if known else (None, None))


# whether to ask again


@pytest.mark.reliability(5, 6, 9)
@pytest.mark.parametrize(
    "kind",
    [
        "auth",
        "bad_request",
        "context_too_long",
        "not_found",
        "no_credit",
        "moderated",
        "tls",
        "not_an_api",
        "looping",
    ],
)
def test_rows_5_6_9_what_asking_again_does_not_mend_is_asked_once(kind: ErrorKind) -> None:
    run = Run(Scripted([fault(kind, retryable=False)]))
    assert run.failed.kind == kind
    assert run.notices.nexts == ["give_up"]
    assert run.waits == [None]
    assert run.budget.tokens == 10


@pytest.mark.reliability(7)
@pytest.mark.parametrize("kind", ["unreachable", "timeout", "unavailable", "throttled"])
def test_row_7_three_attempts_in_all(kind: ErrorKind) -> None:
    run = Run(Scripted(*[[fault(kind)]] * 5))
    assert run.failed.kind == kind
    assert run.notices.whys == ["first", "retry", "retry"]
    assert run.notices.nexts == ["retry", "retry", "give_up"]


@pytest.mark.reliability(2, 25)
@pytest.mark.parametrize("kind", ["offline", "no_content"])
def test_rows_2_25_once_more_only(kind: ErrorKind) -> None:
    run = Run(Scripted(*[[fault(kind)]] * 5))
    assert run.notices.whys == ["first", "retry"]
    assert run.failed.kind == kind


@pytest.mark.reliability(8)
@pytest.mark.parametrize(
    ("told_s", "attempts", "low", "high"),
    [(2.0, 3, 4.0, 4.4), (120.0, 3, 240.0, 264.0), (120.1, 1, 0, 0), (1e308, 1, 0, 0), (None, 3, 0, 6.0)],
)
def test_row_8_waits_are_honoured_up_to_two_minutes(
    told_s: float | None, attempts: int, low: float, high: float
) -> None:
    run = Run(Scripted(*[[fault("throttled", status=429, retry_after_s=told_s)]] * 5))
    assert len(run.notices.whys) == attempts
    assert low <= run.seconds <= high


@pytest.mark.reliability(12)
def test_row_12_a_broken_answer_is_asked_once_more_and_then_failed_with_its_text() -> None:
    run = Run(Scripted(["first half", fault("interrupted")], ["second", fault("interrupted")], ["never"]))
    assert run.notices.whys == ["first", "again"]
    assert run.notices.nexts == ["retry", "give_up"]
    assert run.failed.partial == "second"
    assert [one.attempt for one in run.notices.of(AttemptFirstContent)] == [1, 2]


@pytest.mark.reliability(12)
def test_row_12_a_fresh_attempt_that_brings_nothing_leaves_the_broken_text() -> None:
    run = Run(Scripted(["half", fault("interrupted")], [fault("unavailable")], ["never"]))
    assert run.notices.whys == ["first", "again"]
    assert (run.failed.kind, run.failed.partial) == ("unavailable", "half")


@pytest.mark.reliability(12)
def test_row_12_a_broken_answer_that_comes_whole_the_second_time_is_an_answer() -> None:
    run = Run(Scripted([fault()], ["half", fault("interrupted")], ["whole"]))
    assert run.notices.whys == ["first", "retry", "again"]
    assert run.completion == Completion(text="whole", model=MODEL, attempts=3)


def test_refused_parameters_do_not_count_among_the_three() -> None:
    refused = fault("unsupported", status=400)
    run = Run(Scripted([refused], [refused], [fault()], [refused], [fault()], ["fine"]))
    assert run.completion is not None
    assert run.completion.attempts == 6
    assert len(Run(Scripted(*[[refused]] * 20)).notices.whys) == 6


# budgets


@pytest.mark.parametrize(("allowed", "attempts"), [(0, 1), (1, 2), (5, 3)])
def test_each_further_attempt_is_asked_for_before_its_wait(allowed: int, attempts: int) -> None:
    asked: list[bool] = []

    def admit(_used: Usage | None, _model: ModelRef | None = None, /) -> bool:
        asked.append(len(asked) < allowed)
        return asked[-1]

    model = Scripted(*[[fault()]] * 5)
    run = Run(model, admit=admit)
    assert len(model.asked_at) == attempts
    assert len(asked) == min(allowed + 1, 2)
    assert run.notices.nexts[-1] == "give_up"
    assert run.failed.kind == "unavailable"


def test_leave_is_not_asked_for_what_will_not_be_sent() -> None:
    def never(_used: Usage | None, _model: ModelRef | None = None, /) -> bool:
        raise AssertionError("asked")

    Run(Scripted([fault("auth", retryable=False)]), admit=never)
    Run(Scripted([fault("throttled", retry_after_s=500.0)]), admit=never)


@pytest.mark.reliability(33)
@pytest.mark.parametrize("at_once", [1, 8, 100])
def test_row_33_in_an_outage_every_prompt_is_sent_about_once(at_once: int) -> None:
    async def main() -> tuple[int, int]:
        budget, places, sent = RetryBudget(), Limiter(8, clock=LoopClock()), 0
        gate = asyncio.Semaphore(at_once)

        class Dead:
            async def complete(
                self, request: ChatRequest, notify: Notify, admit: Admit = always
            ) -> Completion:
                nonlocal sent
                sent += 1
                await asyncio.sleep(0.01)
                raise fault("unreachable", status=None, sent=False)

        async def one() -> None:
            loop = resilient(Dead(), retries=budget, limiter=places)  # no breaker has seen more than one call
            async with gate:
                with pytest.raises(ProviderError):
                    await loop.complete(request(), Notices())

        await asyncio.gather(*(one() for _ in range(100)))
        first = sent
        await asyncio.gather(*(one() for _ in range(100)))
        return first, sent - first

    with_budget, dry = run_virtual(main())
    assert with_budget <= 110
    assert dry == 100


# time


def test_the_deadline_spans_all_attempts_and_waits() -> None:
    model = Scripted([100.0, fault()], [100.0, "half", 1000.0])
    run = Run(model, deadline_s=300.0)
    assert run.seconds == pytest.approx(300.0)
    assert (run.failed.kind, run.failed.retryable, run.failed.partial) == ("timeout", False, "half")
    assert "300 s" in str(run.failed)
    assert run.notices.nexts == ["retry", "give_up"]


def test_the_default_deadline_is_ten_minutes() -> None:
    assert Run(Scripted([5000.0])).seconds == pytest.approx(600.0)


def test_a_wait_beyond_the_deadline_is_not_begun() -> None:
    run = Run(Scripted([fault("throttled", retry_after_s=100.0)], ["late"]), deadline_s=90.0)
    assert run.seconds == 0
    assert run.notices.nexts == ["give_up"]


def test_the_text_of_a_broken_answer_outlives_the_deadline() -> None:
    run = Run(Scripted(["half", fault("interrupted")], [1000.0]), deadline_s=50.0)
    assert (run.failed.kind, run.failed.partial) == ("timeout", "half")
    run = Run(Scripted(["half", fault("interrupted")], ["fresh", 1000.0]), deadline_s=50.0)
    assert (run.failed.kind, run.failed.partial) == ("timeout", "fresh")


def test_waiting_for_a_place_counts_and_is_no_attempt() -> None:
    async def main() -> None:
        limiter = Limiter(1, clock=LoopClock())
        holder = resilient(Scripted([100.0, "done"]), limiter=limiter)
        waiter = resilient(Scripted(["never"]), limiter=limiter, deadline_s=30.0)
        notices = Notices()
        async with asyncio.TaskGroup() as group:
            group.create_task(holder.complete(request(), Notices()))
            await asyncio.sleep(0)
            with pytest.raises(ProviderError, match="30 s"):
                await waiter.complete(request(), notices)
        assert notices == []

    run_virtual(main())


def test_a_place_is_free_while_a_call_waits_to_ask_again() -> None:
    async def main() -> None:
        limiter = Limiter(1, clock=LoopClock())
        patient = resilient(Scripted([fault(retry_after_s=50.0)], ["late"]), limiter=limiter)
        quick = resilient(Scripted(["soon"]), limiter=limiter)
        loop = asyncio.get_running_loop()
        started = loop.time()
        async with asyncio.TaskGroup() as group:
            group.create_task(patient.complete(request(), Notices()))
            await asyncio.sleep(1)
            await quick.complete(request(), Notices())
            assert loop.time() - started == pytest.approx(1)

    run_virtual(main())


# cancelling


@pytest.mark.reliability(35)
@pytest.mark.parametrize(
    ("attempts", "told"),
    [
        ([["said ", 100.0]], [AttemptCancel(attempt=1, why="cancelled")]),
        ([[fault()], [100.0]], [AttemptCancel(attempt=2, why="cancelled")]),
        ([[fault(retry_after_s=100.0)]], []),
    ],
)
def test_row_35_a_cancelled_call_is_told_and_counts_for_nothing(
    attempts: Any, told: list[AttemptCancel]
) -> None:
    async def main() -> None:
        budget = RetryBudget()
        notices = Notices()
        call = asyncio.create_task(
            resilient(Scripted(*attempts), retries=budget).complete(request(), notices)
        )
        await asyncio.sleep(10)
        tokens = budget.tokens
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert notices.of(AttemptCancel) == told
        assert len(notices.of(AttemptStart)) == len(notices.of(AttemptFailure)) + len(told)
        assert budget.tokens == tokens
        assert (budget._active, budget._retrying) == (0, 0)

    run_virtual(main())


@pytest.mark.reliability(32)
def test_row_32_a_storm_of_cancels_loses_no_place_and_no_count() -> None:
    async def main() -> None:
        random = Random(3)
        budget, limiter = RetryBudget(), Limiter(4, clock=LoopClock())

        class Slow:
            async def complete(
                self, request: ChatRequest, notify: Notify, admit: Admit = always
            ) -> Completion:
                await asyncio.sleep(random.random())
                if random.random() < 0.2:
                    raise fault("throttled", status=429)
                return Completion(text="a", model=request.model)

        loop = resilient(Slow(), retries=budget, limiter=limiter)

        async def one() -> None:
            call = asyncio.create_task(loop.complete(request(), Notices()))
            await asyncio.sleep(random.random() * 3)
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)

        await asyncio.gather(*(one() for _ in range(1000)))
        assert (budget._active, budget._retrying) == (0, 0)
        assert (limiter.running, limiter.waiting) == (0, 0)

    run_virtual(main())


# with the real adapter and a real server


def through(
    script: list[Reply] | Callable[[Request], Reply],
    asked: ChatRequest | None = None,
    limits: Limits | None = None,
) -> tuple[Notices, Completion | ProviderError, ScriptedServer]:
    notices = Notices()

    async def main() -> tuple[Completion | ProviderError, ScriptedServer]:
        async with ScriptedServer(script) as server, remote(server.base_url, limits=limits) as model:
            try:
                return await resilient(model).complete(asked or request(), notices), server
            except ProviderError as error:
                return error, server

    result, server = run_virtual(main())
    return notices, result, server


@pytest.mark.reliability(1)
def test_row_1_a_closed_port_is_knocked_at_three_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """The knocks are counted where sockets are made: nobody listens, so nobody else could."""
    knocks: list[socket.socket] = []

    def counted(address: Any) -> socket.socket:
        knocks.append(make(address))
        return knocks[-1]

    make = sessions._kept_alive_socket
    monkeypatch.setattr(sessions, "_kept_alive_socket", counted)

    async def main() -> None:
        with socket.socket() as reserved:
            reserved.bind(("127.0.0.1", 0))  # bound, not listening: the port is surely closed
            port = reserved.getsockname()[1]
            notices = Notices()
            async with remote(f"http://127.0.0.1:{port}/v1") as model:
                with pytest.raises(ProviderError, match="Is the server running") as failed:
                    await resilient(model).complete(request(), notices)
        assert (failed.value.kind, failed.value.sent) == ("unreachable", False)
        assert len(knocks) == 3
        assert notices.nexts == ["retry", "retry", "give_up"]
        waits = [one.wait_seconds for one in notices.of(AttemptFailure)]
        assert 0.375 <= waits[0] <= 0.5
        assert 0.75 <= waits[1] <= 1.0
        assert all(one.usage == Usage() for one in notices.of(AttemptFailure))

    run_virtual(main())


@pytest.mark.reliability(5, 6, 7, 9)
@pytest.mark.parametrize(
    ("status", "requests"),
    [
        *((status, 1) for status in (400, 401, 402, 403, 404, 405, 413, 415, 422, 501)),
        *((status, 3) for status in (408, 409, 425, 429, 500, 502, 503, 504, 520, 524, 529)),
    ],
)
def test_rows_5_6_7_requests_are_counted_at_the_server(status: int, requests: int) -> None:
    notices, error, server = through(lambda _: status_reply(status, "no"))
    assert isinstance(error, ProviderError)
    assert len(server.requests) == requests
    assert notices.whys == ["first", "retry", "retry"][:requests]
    assert error.status == status


@pytest.mark.reliability(7)
@pytest.mark.parametrize("status", [429, 500, 503, 529])
def test_row_7_a_fault_that_passes_costs_the_person_nothing(status: int) -> None:
    notices, answer, _ = through([status_reply(status), status_reply(status), chat_reply("Here")])
    assert isinstance(answer, Completion)
    assert (answer.text, answer.attempts) == ("Here", 3)
    assert notices.text == "Here"


@pytest.mark.reliability(8)
@pytest.mark.parametrize(
    ("headers", "waited"),
    [
        ({"Retry-After": "2"}, (2.0, 2.2)),
        ({"Retry-After-Ms": "1500"}, (1.5, 1.65)),
        ({"Retry-After": "0"}, (0.0, 2.0)),
        ({"Retry-After": "-1"}, (0.0, 2.0)),
        ({"Retry-After": "soon"}, (0.0, 2.0)),
        ({"Retry-After": "NaN"}, (0.0, 2.0)),
        ({"Retry-After": "1e308"}, None),
        ({"Retry-After": "3600"}, None),
    ],
)
def test_row_8_the_server_sees_the_wait(headers: dict[str, str], waited: tuple[float, float] | None) -> None:
    script = lambda asked: status_reply(429, headers=headers) if asked.number == 1 else chat_reply("a")  # noqa: E731
    _, result, server = through(script)
    if waited is None:
        assert isinstance(result, ProviderError)
        assert len(server.requests) == 1
        assert "asks to wait" in str(result)
    else:
        first, second = server.requests
        assert waited[0] <= second.at - first.at <= waited[1]


@pytest.mark.reliability(10)
def test_row_10_a_402_for_calls_in_flight_is_waited_out_by_all() -> None:
    async def main() -> None:
        busy = {
            "error": {"code": 402, "message": "busy", "metadata": {"reason": "in_flight_budget_exhausted"}}
        }

        def script(asked: Request) -> Reply:
            return (
                json_reply(busy, status=402, headers={"Retry-After": "3"})
                if asked.number <= 8
                else chat_reply("a")
            )

        async with ScriptedServer(script) as server, remote(server.base_url) as model:
            loop = resilient(model)
            done = await asyncio.gather(*(loop.complete(request(), Notices()) for _ in range(8)))
            assert [one.attempts for one in done] == [2] * 8

    run_virtual(main())


@pytest.mark.reliability(12, 15, 16)
@pytest.mark.parametrize(
    "end",
    [[framed(event({"error": {"message": "broke"}}))], [Close()], [Hang()]],
    ids=["error", "cut", "stall"],
)
def test_rows_12_15_16_a_broken_stream_is_asked_once_more(end: Reply) -> None:
    broken = [stream_head(), framed(event(piece("half an "))), *end]
    notices, answer, _ = through([broken, chat_reply("A whole one.")])
    assert isinstance(answer, Completion)
    assert (answer.text, answer.attempts) == ("A whole one.", 2)
    assert notices.whys == ["first", "again"]
    notices, error, _ = through([broken, broken])
    assert isinstance(error, ProviderError)
    assert (error.kind, error.partial) == ("interrupted", "half an ")


@pytest.mark.reliability(5, 6, 8, 9, 12)
@pytest.mark.parametrize(
    ("code", "more", "kind"),
    [
        (429, {"metadata": {"headers": {"Retry-After": "300"}}}, "throttled"),
        (401, {}, "auth"),
        (402, {}, "no_credit"),
        (400, {"type": "context_length_exceeded"}, "context_too_long"),
    ],
)
def test_row_12_what_is_refused_in_the_middle_of_an_answer_is_not_asked_again(
    code: int, more: dict[str, Any], kind: str
) -> None:
    broken = [stream_head(), framed(event(piece("half"))), framed(event({"error": {"code": code, **more}}))]
    notices, error, server = through([broken, chat_reply("never")])
    assert isinstance(error, ProviderError)
    assert (error.kind, error.partial, len(server.requests)) == (kind, "half", 1)
    assert ("wait 300 s, until" in str(error)) == (code == 429)
    assert notices.nexts == ["give_up"]


@pytest.mark.reliability(8, 12)
def test_row_8_a_wait_told_in_the_middle_of_an_answer_is_waited() -> None:
    told = {"error": {"code": 429, "metadata": {"headers": {"Retry-After": "7"}}}}
    notices, answer, _ = through(
        [[stream_head(), framed(event(piece("half"))), framed(event(told))], chat_reply("all")]
    )
    assert isinstance(answer, Completion)
    assert answer.text == "all"
    (failure,) = notices.of(AttemptFailure)
    assert 7 <= failure.wait_seconds <= 7.7


@pytest.mark.reliability(14)
def test_row_14_comments_for_ever_end_in_an_answer_of_the_next_attempt() -> None:
    comments = [stream_head(), *[step for _ in range(20) for step in (Wait(5.0), framed(b": wait\n\n"))]]
    notices, answer, _ = through([comments, chat_reply("Now.")])
    assert isinstance(answer, Completion)
    assert notices.whys == ["first", "retry"]
    assert answer.seconds == 0


@pytest.mark.reliability(25)
def test_row_25_an_empty_answer_is_asked_for_once_more_and_what_it_used_is_booked() -> None:
    usage = {"prompt_tokens": 9, "completion_tokens": 1, "cost": 0.000002}
    empty = stream_reply([event(piece(finish="stop")), event({"choices": [], "usage": usage}), DONE])
    notices, error, server = through([empty, empty])
    assert isinstance(error, ProviderError)
    assert error.kind == "no_content"
    assert len(server.requests) == 2
    told = notices.of(AttemptFailure)
    assert [(one.usage, one.cost_microusd) for one in told] == [(Usage(input=9, output=1), 2)] * 2


@pytest.mark.reliability(27)
def test_row_27_a_captive_portal_is_asked_once() -> None:
    _, error, server = through([body_reply("<html>Log in</html>", content_type="text/html")])
    assert isinstance(error, ProviderError)
    assert error.kind == "not_an_api"
    assert len(server.requests) == 1


def test_refused_parameters_are_dropped_one_after_another_within_one_call() -> None:
    names = ["response_format", "stream_options", "seed", "temperature", "max_tokens"]

    def script(asked: Request) -> Reply:
        for name in names:
            if name in asked.json:
                return status_reply(
                    400, f"Unsupported parameter: '{name}'", code="unsupported_parameter", param=name
                )
        return chat_reply("At last.")

    notices, answer, server = through(script, request(seed=1, reply_schema=SCHEMA))
    assert isinstance(answer, Completion)
    assert answer.text == "At last."
    assert len(server.requests) == 6
    assert server.requests[-1].json["max_completion_tokens"] == 100
    assert [one.wait_seconds for one in notices.of(AttemptFailure)] == [0.0] * 5


def test_the_wrapper_is_a_model_like_any_other() -> None:
    run = Run(resilient(Scripted(["a"])))
    assert run.completion is not None
    assert run.completion.text == "a"


def test_a_model_that_shows_its_thoughts_gets_more_time() -> None:
    """600 s for a call, 1,800 s for one that reasons."""

    class Thinker:
        async def complete(self, request: ChatRequest, notify: Notify, admit: Admit = always) -> Completion:
            del admit
            notify(Delta(text="hm", channel="reasoning"))
            await asyncio.sleep(1700)
            return Completion(text="yes", model=request.model)

    async def main() -> Completion:
        return await resilient(Thinker()).complete(request(), lambda _: None)

    assert run_virtual(main()).text == "yes"
