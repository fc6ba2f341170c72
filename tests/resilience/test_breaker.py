"""The breaker on a clock that a test moves: when it opens, whom it lets through, what it doesn't count."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cort_desktop.domain.ids import ModelRef
from cort_desktop.errors import ErrorKind, ProviderError
from cort_desktop.resilience.breaker import Breaker, Permit
from cort_desktop.resilience.breakers import Breakers

REF = ModelRef("srv/m")
START = datetime(2026, 1, 1, tzinfo=UTC)
FAULTS: list[ErrorKind] = [
    "unreachable",
    "timeout",
    "unavailable",
    "interrupted",
    "crashed",
    "tls",
    "not_an_api",
]
NOT_COUNTED: list[ErrorKind] = [
    "bad_request", "not_found", "context_too_long", "moderated", "unsupported", "throttled", "no_content",
    "looping", "cut_by_limit", "over_budget", "circuit_open", "model_file",
]  # fmt: skip


class HandClock:
    """Stands still until it is moved; the wall may jump on its own."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.jump = timedelta()

    def now(self) -> datetime:
        return START + self.jump + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nothing here waits")


def error(kind: ErrorKind = "unavailable", **facts: Any) -> ProviderError:
    return ProviderError(f"srv is {kind}.", kind=kind, **facts)


def made() -> tuple[Breaker, HandClock]:
    clock = HandClock()
    return Breaker(clock), clock


def state(breaker: Breaker) -> str:
    return breaker.state


def ask(breaker: Breaker, outcome: BaseException | None = None) -> bool:
    """One request from beginning to end; whether it was sent."""
    permit = breaker.enter()
    if permit is None:
        return False
    end(permit, outcome)
    return True


def end(permit: Permit, outcome: BaseException | None) -> None:
    if outcome is None:
        permit.content()
    permit.__exit__(None, outcome, None)


def fail(breaker: Breaker, times: int, kind: ErrorKind = "unavailable") -> list[bool]:
    return [ask(breaker, error(kind)) for _ in range(times)]


@pytest.mark.reliability(33)
@pytest.mark.parametrize("kind", FAULTS)
def test_row_33_five_faults_in_a_row_open_it(kind: ErrorKind) -> None:
    breaker, _ = made()
    assert fail(breaker, 8, kind) == [True] * 5 + [False] * 3
    assert state(breaker) == "open"
    told = breaker.refusal(REF)
    assert (told.kind, told.sent, told.final()) == ("circuit_open", False, told)
    assert (
        str(told) == f"srv/m was not asked, for it keeps failing: try again in 5 s. Last time: srv is {kind}."
    )


def test_a_success_in_between_begins_the_count_anew() -> None:
    breaker, _ = made()
    for _ in range(6):
        assert ask(breaker)
    fail(breaker, 4)
    assert ask(breaker)
    fail(breaker, 1)
    assert state(breaker) == "closed"


def test_half_of_at_least_five_in_a_minute_opens_it() -> None:
    breaker, clock = made()
    for outcome in (None, error(), None, error()):
        ask(breaker, outcome)
        clock.seconds += 5
    assert state(breaker) == "closed"  # four are too few
    ask(breaker, error())
    assert state(breaker) == "open"


def test_what_is_older_than_a_minute_is_forgotten() -> None:
    breaker, clock = made()
    for outcome in (error(), error(), error(), None):
        ask(breaker, outcome)
    clock.seconds = 61
    for outcome in (None, None, None, error(), None, error()):
        ask(breaker, outcome)
    assert state(breaker) == "closed"
    looked = breaker.health(REF, "")
    assert (looked.requests, looked.failures) == (6, 2)


@pytest.mark.parametrize("kind", NOT_COUNTED)
def test_what_is_the_callers_or_the_limiters_counts_neither_way(kind: ErrorKind) -> None:
    breaker, _ = made()
    assert all(fail(breaker, 30, kind))
    fail(breaker, 4)
    assert all(fail(breaker, 30, kind))
    fail(breaker, 1)
    assert state(breaker) == "open"


@pytest.mark.reliability(35)
def test_row_35_a_cancelled_request_is_neither_success_nor_failure() -> None:
    breaker, clock = made()
    fail(breaker, 4)
    for _ in range(10):
        assert ask(breaker, KeyboardInterrupt())  # any end that is no answer and no ProviderError
    fail(breaker, 1)
    assert state(breaker) == "open"
    clock.seconds += 5
    probe = breaker.enter()
    assert probe is not None
    end(probe, KeyboardInterrupt())
    assert state(breaker) == "half_open"
    assert ask(breaker)  # the next one is the probe
    assert state(breaker) == "closed"


@pytest.mark.reliability(34)
def test_row_34_of_twenty_that_wait_exactly_one_is_let_through() -> None:
    breaker, clock = made()
    fail(breaker, 5)
    clock.seconds += 4.999
    assert [breaker.enter() for _ in range(20)] == [None] * 20
    clock.seconds += 0.001
    let_in = [permit for permit in (breaker.enter() for _ in range(20)) if permit is not None]
    assert len(let_in) == 1
    assert state(breaker) == "half_open"
    assert "one request is trying" in str(breaker.refusal(REF))
    let_in[0].content()
    assert state(breaker) == "closed"
    assert breaker.enter() is not None


def test_a_probe_that_fails_pauses_twice_as_long_up_to_two_minutes() -> None:
    breaker, clock = made()
    fail(breaker, 5)
    pauses = []
    for _ in range(8):
        began = clock.seconds
        while breaker.refuses():
            clock.seconds += 0.5
        pauses.append(clock.seconds - began)
        assert ask(breaker, error())
    assert pauses == [5, 10, 20, 40, 80, 120, 120, 120]
    clock.seconds += 120
    assert ask(breaker)
    fail(breaker, 5)
    clock.seconds += 5
    assert not breaker.refuses()


@pytest.mark.parametrize("kind", ["bad_request", "throttled"])
def test_a_probe_that_says_nothing_leaves_room_for_another(kind: ErrorKind) -> None:
    breaker, clock = made()
    fail(breaker, 5)
    clock.seconds += 5
    assert ask(breaker, error(kind))
    assert state(breaker) == "half_open"
    assert ask(breaker)
    assert state(breaker) == "closed"


def test_requests_from_before_it_turned_say_nothing_about_after() -> None:
    breaker, clock = made()
    early = [breaker.enter() for _ in range(6)]
    fail(breaker, 5)
    clock.seconds += 5
    probe = breaker.enter()
    assert probe is not None
    for permit, outcome in zip(early, [None, error(), error("auth"), None, error(), None], strict=True):
        assert permit is not None
        permit.__exit__(None, outcome, None)
    assert state(breaker) == "half_open"
    assert breaker.refuses()
    end(probe, None)
    assert state(breaker) == "closed"


@pytest.mark.reliability(7, 33)
def test_an_overloaded_service_is_a_fault_and_one_that_counts_requests_is_none() -> None:
    breaker, _ = made()
    for _ in range(20):
        assert ask(breaker, error("throttled", status=429))
    assert state(breaker) == "closed"
    for _ in range(5):
        assert ask(breaker, error("throttled", status=529))
    assert state(breaker) == "open"


MENDED = "Once that is mended, try again: then it is asked."


@pytest.mark.reliability(5, 9)
@pytest.mark.parametrize("kind", ["auth", "no_credit"])
def test_rows_5_9_a_key_or_credit_holds_it_until_somebody_does_something(kind: ErrorKind) -> None:
    breaker, clock = made()
    assert ask(breaker, error(kind, status=402))
    clock.seconds += 100_000
    assert not ask(breaker)
    told = breaker.refusal(REF)
    assert (told.kind, str(told)) == ("circuit_open", f"srv/m was not asked again: srv is {kind}. {MENDED}")
    final = told.final()
    assert (final.kind, final.status, final.sent) == (kind, 402, False)
    breaker.reset()
    assert ask(breaker)


def test_a_key_that_was_never_sent_holds_nothing() -> None:
    breaker, _ = made()
    assert ask(breaker, error("auth", sent=False))
    assert state(breaker) == "closed"


@pytest.mark.reliability(2)
def test_row_2_offline_opens_with_the_second_look_up_and_never_waits_long() -> None:
    breaker, clock = made()
    assert fail(breaker, 4, "offline") == [True, True, False, False]
    for _ in range(6):
        clock.seconds += 5
        assert fail(breaker, 3, "offline") == [True, False, False]
    clock.seconds += 5
    assert ask(breaker)
    assert state(breaker) == "closed"


@pytest.mark.reliability(36)
def test_row_36_a_wall_clock_that_jumps_changes_nothing() -> None:
    breaker, clock = made()
    fail(breaker, 5)
    for hours in (1, -1):
        clock.jump += timedelta(hours=hours)
        assert breaker.refuses()
    clock.seconds += 5
    clock.jump = timedelta(hours=-1)
    assert not breaker.refuses()


def test_the_group_shows_each_model_with_each_key_and_keeps_them_apart() -> None:
    clock = HandClock()
    group = Breakers(clock)
    other = ModelRef("srv/other")
    clock.seconds = 100
    fail(group.of(REF, "a1"), 5)
    ask(group.of(other, "a1"), error("auth"))
    assert ask(group.of(REF, "b2"))
    clock.seconds = 102
    first, second, third = group.health()
    assert (first.model, first.key, first.state) == (REF, "a1", "open")
    assert (first.since, first.next_probe) == (START + timedelta(seconds=100), START + timedelta(seconds=105))
    assert (first.requests, first.failures, first.reason) == (5, 5, "srv is unavailable.")
    assert (second.model, second.key, second.state, second.reason) == (REF, "b2", "closed", "")
    assert (third.model, third.state, third.next_probe) == (other, "held", None)
    group.reset(REF)
    assert [each.state for each in group.health()] == ["closed", "closed", "held"]


Move = tuple[str, float]
MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("pass"), st.floats(0, 130)),
        st.tuples(st.sampled_from(["begin", "good", "fault", "user", "cancel", "content"]), st.just(0.0)),
    ),
    max_size=120,
)


@given(MOVES)
def test_laws_for_any_course_of_things(moves: Sequence[Move]) -> None:
    """At most one request is on its way in half open, none leaves before its time, and a pause is never
    longer than two minutes.
    """
    breaker, clock = made()
    on_their_way: list[Permit] = []
    for what, seconds in moves:
        before = state(breaker)
        if what == "pass":
            clock.seconds += seconds
            assert state(breaker) == before  # time alone only allows
        elif what == "begin":
            refused = breaker.refuses()
            permit = breaker.enter()
            assert (permit is None) == refused
            if permit is not None:
                on_their_way.append(permit)
                assert state(breaker) in ("closed", "half_open")
            if state(breaker) == "half_open":
                assert breaker.enter() is None
        elif what == "content" and on_their_way:
            on_their_way[0].content()
        elif on_their_way:
            outcome = {"good": None, "fault": error(), "user": error("bad_request")}.get(
                what, KeyboardInterrupt()
            )
            on_their_way.pop(0).__exit__(None, outcome, None)
        looked = breaker.health(REF, "")
        assert 0 <= looked.failures <= looked.requests
        if looked.next_probe is not None:
            assert (looked.next_probe - clock.now()).total_seconds() <= 120
    clock.seconds += 121
    if state(breaker) == "open":
        assert breaker.enter() is not None
