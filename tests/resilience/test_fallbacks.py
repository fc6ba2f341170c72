"""Another model when one can't answer, and what a call does at an open breaker."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from cort_desktop.domain.budget import Usage
from cort_desktop.domain.calls import AttemptFailure, AttemptStart, BilledError, Completion
from cort_desktop.domain.ids import ModelRef
from cort_desktop.errors import ErrorKind, ProviderError
from cort_desktop.providers.http import Transport
from cort_desktop.resilience.route import Route
from tests.fakes.asking import MODEL, Notices, remote, request, resilient, route
from tests.fakes.loops import LoopClock, run_virtual
from tests.fakes.replies import Reply, chat_reply, json_reply, status_reply
from tests.fakes.scripted_server import Request, ScriptedServer
from tests.fakes.weathered import Weathered

SECOND, THIRD = ModelRef("elsewhere/fast"), ModelRef("third/other")


def fault(kind: ErrorKind = "unavailable", **facts: Any) -> ProviderError:
    return ProviderError(f"It is {kind}.", kind=kind, **({"retryable": True, "status": 503} | facts))


class Run:
    """One call over some routes on virtual time, and what came of it."""

    def __init__(self, *models: Weathered, **parts: Any) -> None:
        self.notices = Notices()
        self.completion: Completion | None = None
        self.error: ProviderError | None = None
        self.admitted: list[tuple[Usage | None, ModelRef | None]] = []
        refuses = parts.pop("refuses", ())

        def admit(used: Usage | None, model: ModelRef | None = None, /) -> bool:
            self.admitted.append((used, model))
            return model not in refuses

        async def main() -> None:
            refs = (MODEL, SECOND, THIRD)
            self.routes = [route(model, ref) for model, ref in zip(models, refs, strict=False)]
            loop = resilient(self.routes[0], fallbacks=self.routes[1:], **parts)
            began = asyncio.get_running_loop().time()
            try:
                self.completion = await loop.complete(request(), self.notices, admit)
            except ProviderError as error:
                self.error = error
            self.seconds = asyncio.get_running_loop().time() - began
            assert all(each.states.retries._active == 0 for each in self.routes)

        run_virtual(main())

    @property
    def asked(self) -> list[tuple[str, ModelRef]]:
        return [(one.why, one.model) for one in self.notices.of(AttemptStart)]


@pytest.mark.reliability(7)
def test_row_7_after_the_retries_another_model_answers_and_is_named() -> None:
    run = Run(Weathered([fault()], again=True), Weathered(["from elsewhere"]))
    assert run.asked == [("first", MODEL), ("retry", MODEL), ("retry", MODEL), ("fallback", SECOND)]
    assert run.notices.nexts == ["retry", "retry", "fallback"]
    assert run.completion is not None
    assert (run.completion.text, run.completion.model, run.completion.attempts) == (
        "from elsewhere",
        SECOND,
        4,
    )


@pytest.mark.reliability(5, 9)
@pytest.mark.parametrize(
    "kind", ["auth", "no_credit", "not_found", "moderated", "context_too_long", "tls", "not_an_api"]
)
def test_rows_5_9_what_asking_again_does_not_mend_goes_elsewhere_at_once(kind: ErrorKind) -> None:
    run = Run(Weathered([fault(kind, retryable=False, status=401)]), Weathered(["ok"]))
    assert run.asked == [("first", MODEL), ("fallback", SECOND)]
    assert run.seconds == 0


@pytest.mark.reliability(6)
@pytest.mark.parametrize("kind", ["bad_request", "looping", "cut_by_limit"])
def test_row_6_what_another_model_would_not_mend_stays(kind: ErrorKind) -> None:
    run = Run(Weathered([fault(kind, retryable=False, status=400)]), Weathered(["never"]))
    assert run.error is not None
    assert run.error.kind == kind
    assert run.asked == [("first", MODEL)]


def test_each_fallback_is_asked_once_and_the_error_tells_of_all() -> None:
    run = Run(
        Weathered([fault("auth", retryable=False, status=401)]),
        Weathered([fault()], again=True),
        Weathered([fault("timeout")], again=True),
    )
    assert run.asked == [("first", MODEL), ("fallback", SECOND), ("fallback", THIRD)]
    assert run.notices.nexts == ["fallback", "fallback", "give_up"]
    assert run.error is not None
    assert (run.error.kind, run.error.status) == ("auth", 401)
    assert str(run.error) == (
        "It is auth. Then the fallback was tried: It is unavailable. "
        "Then the fallback was tried: It is timeout."
    )


def test_a_parameter_that_a_fallback_refuses_is_left_out_there_too() -> None:
    refused = fault("unsupported", status=400)
    run = Run(Weathered([fault("auth", retryable=False)]), Weathered([refused], [refused], ["ok"]))
    assert run.asked[1:] == [("fallback", SECOND), ("retry", SECOND), ("retry", SECOND)]
    assert run.completion is not None


@pytest.mark.reliability(12)
def test_row_12_two_models_texts_are_never_mixed() -> None:
    run = Run(Weathered(["half", fault("interrupted")], [fault()]), Weathered(["never"]))
    assert run.asked == [("first", MODEL), ("again", MODEL)]
    assert run.error is not None
    assert run.error.partial == "half"
    run = Run(
        Weathered([fault("auth", retryable=False)]),
        Weathered(["broken", fault("interrupted")], ["whole"]),
        Weathered(["never"]),
    )
    assert run.asked == [("first", MODEL), ("fallback", SECOND), ("again", SECOND)]
    assert run.completion is not None
    assert (run.completion.text, run.completion.model) == ("whole", SECOND)


def test_an_empty_answer_is_asked_for_once_more_and_then_elsewhere() -> None:
    run = Run(Weathered([fault("no_content", status=None)], again=True), Weathered(["ok"]))
    assert [why for why, _ in run.asked] == ["first", "retry", "fallback"]


def test_leave_is_asked_with_what_was_used_and_who_is_next() -> None:
    billed = BilledError("It is moderated.", kind="moderated")
    billed.usage = Usage(input=7, output=1)
    run = Run(Weathered([billed]), Weathered(["never"]), Weathered(["third"]), refuses=[SECOND])
    assert run.admitted == [(billed.usage, SECOND), (billed.usage, THIRD)]
    assert run.asked == [("first", MODEL), ("fallback", THIRD)]
    run = Run(Weathered([fault("auth", retryable=False)]), Weathered(["never"]), refuses=[SECOND])
    assert run.error is not None
    assert str(run.error).startswith(
        "It is auth. The fallback was not asked: elsewhere/fast. What is left of"
    )
    assert run.notices.nexts == ["give_up"]


def test_the_deadline_spans_the_fallbacks_too() -> None:
    run = Run(Weathered([50.0, fault("auth", retryable=False)]), Weathered([500.0]), deadline_s=90.0)
    assert run.seconds == pytest.approx(90)
    assert run.error is not None
    assert run.error.kind == "timeout"
    assert run.notices.nexts == ["fallback", "give_up"]


# an open breaker


def opened(way: Route, kind: ErrorKind = "unavailable") -> None:
    breaker = way.states.breakers.of(way.ref, "")
    for _ in range(5):
        permit = breaker.enter()
        if permit is not None:
            permit.__exit__(None, fault(kind), None)


@pytest.mark.reliability(34)
def test_row_34_nothing_is_sent_to_an_open_breaker_and_nothing_counts() -> None:
    async def main() -> None:
        model, notices = Weathered(["never"]), Notices()
        way = route(model)
        opened(way)
        with pytest.raises(
            ProviderError, match="was not asked, for it keeps failing: try again in 5 s"
        ) as failed:
            await resilient(way).complete(request(), notices)
        assert (failed.value.kind, failed.value.sent) == ("circuit_open", False)
        assert model.asked == []
        (told,) = notices
        assert isinstance(told, AttemptFailure)
        assert (told.attempt, told.next, told.usage, told.cost_microusd) == (1, "give_up", Usage(), 0)
        assert told.error.kind == "circuit_open"
        assert way.states.retries.tokens == 10

    run_virtual(main())


@pytest.mark.reliability(34)
def test_row_34_half_open_one_probe_and_nineteen_fall_back() -> None:
    async def main() -> None:
        shaky, steady = Weathered([3.0, "works again"], again=True), Weathered(["steady"], again=True)
        way, other = route(shaky), route(steady, SECOND)
        opened(way)
        await asyncio.sleep(5)
        loop = resilient(way, fallbacks=[other])
        done = await asyncio.gather(*(loop.complete(request(), Notices()) for _ in range(20)))
        assert len(shaky.asked) == 1
        assert sorted(one.text for one in done) == ["steady"] * 19 + ["works again"]
        assert [one.model for one in done].count(SECOND) == 19
        assert {one.attempts for one in done} == {1}
        assert (await loop.complete(request(), Notices())).model == MODEL

    run_virtual(main())


@pytest.mark.reliability(33)
def test_row_33_in_a_total_outage_the_breaker_opens_and_hardly_anything_is_sent() -> None:
    async def main() -> None:
        model = Weathered([0.01, fault("unreachable", status=None, sent=False)], again=True)
        loop = resilient(route(model))
        kinds = []
        for _ in range(100):
            with pytest.raises(ProviderError) as failed:
                await loop.complete(request(), Notices())
            kinds.append(failed.value.kind)
        assert len(model.asked) <= 8  # five until it opens, and a probe now and then
        assert kinds.count("circuit_open") > 90

    run_virtual(main())


def test_no_further_attempt_waits_for_a_breaker_that_will_be_open_then() -> None:
    run = Run(Weathered([fault("offline", status=None)], again=True), Weathered(["ok"]))
    assert run.asked == [("first", MODEL), ("retry", MODEL), ("fallback", SECOND)]

    async def main() -> Notices:
        way, notices = route(Weathered([fault()], again=True)), Notices()
        for _ in range(4):
            permit = way.states.breakers.of(MODEL, "").enter()
            assert permit is not None
            permit.__exit__(None, fault(), None)
        with pytest.raises(ProviderError, match="It is unavailable"):
            await resilient(way).complete(request(), notices)
        return notices

    assert run_virtual(main()).nexts == ["give_up"]


class TurnedKey:
    """A key that a person changes between two calls."""

    now = "old"

    async def look(self) -> str:
        return self.now


@pytest.mark.reliability(5)
def test_row_5_a_refused_key_is_sent_once_until_another_one_is_there() -> None:
    async def main() -> None:
        key = TurnedKey()
        model = Weathered([fault("auth", retryable=False, status=401)], ["welcome"])
        loop = resilient(route(model, key=key))
        notices = Notices()
        for _ in range(5):
            notices.clear()
            with pytest.raises(ProviderError, match="It is auth") as failed:
                await loop.complete(request(), notices)
            assert failed.value.kind == "auth"  # what a person has to mend, and the exit code, stay the same
        assert notices.of(AttemptFailure)[0].error.kind == "circuit_open"
        assert len(model.asked) == 1
        key.now = "new"
        assert (await loop.complete(request(), Notices())).text == "welcome"

    run_virtual(main())


# over a real server


@pytest.mark.reliability(7)
@pytest.mark.parametrize("status", [408, 409, 500, 502, 503, 504, 529])
def test_row_7_over_http_three_requests_and_then_the_fallback(status: int) -> None:
    def script(asked: Request) -> Reply:
        return chat_reply("Here.") if asked.json["model"] == "other" else status_reply(status)

    async def main() -> None:
        other = ModelRef("my-server/other")
        async with ScriptedServer(script) as server, remote(server.base_url) as adapter:
            notices = Notices()
            loop = resilient(route(adapter), fallbacks=[route(adapter, other)])
            done = await loop.complete(request(), notices)
            assert (done.text, done.model) == ("Here.", other)
            assert [one.json["model"] for one in server.requests] == ["fast", "fast", "fast", "other"]
            assert len(notices.of(AttemptFailure)) == 3

    run_virtual(main())


@pytest.mark.reliability(10)
def test_row_10_places_are_halved_and_all_alternatives_finish() -> None:
    busy = {"error": {"code": 402, "message": "busy", "metadata": {"reason": "in_flight_budget_exhausted"}}}

    async def main() -> None:
        def script(asked: Request) -> Reply:
            refused = asked.number <= 8
            return json_reply(busy, status=402, headers={"Retry-After": "3"}) if refused else chat_reply("a")

        async with ScriptedServer(script) as server, remote(server.base_url) as adapter:
            way = route(adapter)
            loop = resilient(way)
            done = await asyncio.gather(*(loop.complete(request(), Notices()) for _ in range(8)))
            assert [one.attempts for one in done] == [2] * 8
            assert way.states.limiter.places in (4, 5)
            waits = [later.at - server.requests[0].at for later in server.requests[8:]]
            assert min(waits) >= 3

    run_virtual(main())


@pytest.mark.reliability(9)
@pytest.mark.parametrize(
    "error",
    [
        {"code": "insufficient_quota", "message": "You exceeded your current quota"},
        {"type": "enforced_spend_limit_reached", "message": "limit"},
        {"code": 402, "message": "Insufficient credits"},
    ],
)
def test_row_9_money_is_asked_for_once_and_then_only_after_a_change(error: dict[str, Any]) -> None:
    async def main() -> None:
        script = lambda _: json_reply({"error": error}, status=429)  # noqa: E731
        async with ScriptedServer(script) as server, remote(server.base_url) as adapter:
            way = route(adapter)
            for _ in range(4):
                with pytest.raises(ProviderError, match="Add credit") as failed:
                    await resilient(way).complete(request(), Notices())
                assert failed.value.kind == "no_credit"
            assert len(server.requests) == 1
            (looked,) = way.states.breakers.health()
            assert looked.state == "held"

    run_virtual(main())


@pytest.mark.reliability(2)
def test_row_2_offline_is_looked_up_twice_in_a_minute_however_many_ask() -> None:
    lookups: list[float] = []

    class Nowhere:
        async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[Any]:
            lookups.append(asyncio.get_running_loop().time())
            raise OSError("Temporary failure in name resolution")

        async def close(self) -> None:
            pass

    async def main() -> None:
        async with remote("http://somewhere.example/v1", resolver=Nowhere()) as adapter:
            assert isinstance(adapter._transport, Transport)
            loop = resilient(route(adapter))
            failed = await asyncio.gather(
                *(loop.complete(request(), Notices()) for _ in range(8)), return_exceptions=True
            )
            assert {one.kind for one in failed if isinstance(one, ProviderError)} <= {
                "offline",
                "circuit_open",
            }
            assert 1 <= len(lookups) <= 2
            await asyncio.sleep(60)
            with pytest.raises(ProviderError, match="Is this machine online"):  # a click asks again at once
                await loop.complete(request(), Notices())

    run_virtual(main())


@pytest.mark.reliability(36)
def test_row_36_after_a_sleep_of_the_laptop_a_call_goes_on_by_the_monotonic_clock() -> None:
    """The wall clock jumps by an hour while a call waits to ask again: the wait stays as long as it was."""

    async def main() -> None:
        class Jumping(LoopClock):
            hours = 0

            def now(self) -> datetime:
                return super().now() + timedelta(hours=self.hours)

        clock = Jumping()
        model = Weathered([fault(retry_after_s=10.0)], ["fine"])
        loop = resilient(route(model), clock=clock)
        call = asyncio.create_task(loop.complete(request(), Notices()))
        await asyncio.sleep(5)
        clock.hours = 1
        assert (await call).text == "fine"
        assert 10 <= model.asked_at[1] - model.asked_at[0] <= 11.1

    run_virtual(main())
