"""Failures read into kinds, waits and sentences."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cort_desktop.errors import ErrorKind, ProviderError
from cort_desktop.providers.causes import Cause, ExchangeError
from cort_desktop.providers.faults import Faults, Service
from cort_desktop.providers.limits import Limits
from cort_desktop.providers.reports import plain, read_report, retry_after_s
from cort_desktop.providers.troubles import trouble_of
from tests.fakes.loops import EPOCH

KEY = "my-local-key-123"
SERVICE = Service(provider="my-server", url="http://10.0.0.5:8080/v1/chat/completions", model="fast", key=KEY)


def faults(service: Service = SERVICE) -> Faults:
    return Faults(service, Limits(), EPOCH)


def of(status: int, body: str = "", **headers: str) -> ProviderError:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return faults().of_reply(status, named, body.encode())


RETRIED = (408, 409, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529)
KINDS: dict[int, ErrorKind] = {
    400: "bad_request",
    401: "auth",
    402: "no_credit",
    403: "auth",
    404: "not_found",
    405: "bad_request",
    408: "timeout",
    413: "bad_request",
    415: "bad_request",
    418: "bad_request",
    422: "bad_request",
    429: "throttled",
    500: "unavailable",
    501: "unavailable",
    503: "unavailable",
    529: "throttled",
}


@pytest.mark.reliability(5, 6, 7)
@pytest.mark.parametrize("status", sorted({*RETRIED, *KINDS, 451, 501, 505, 525}))
def test_rows_5_6_7_what_may_be_sent_again(status: int) -> None:
    error = of(status, '{"error": {"message": "told so"}}')
    assert error.retryable == (status in RETRIED)
    assert error.status == status
    assert error.kind == KINDS.get(status, error.kind)
    assert "my-server" in str(error)
    assert "told so" in str(error)


DATE = (EPOCH + timedelta(seconds=90)).strftime("%a, %d %b %Y %H:%M:%S GMT")
PAST = (EPOCH - timedelta(seconds=90)).strftime("%a, %d %b %Y %H:%M:%S GMT")


@pytest.mark.reliability(8)
@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "2"}, 2.0),
        ({"retry-after": "2.5"}, 2.5),
        ({"retry-after": DATE}, 90.0),
        ({"retry-after": PAST}, None),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9.0),
        ({"retry-after": "0"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "1e308"}, 1e308),
        ({"retry-after": "1e999"}, None),
        ({"retry-after": "1_0"}, None),
        ({"retry-after": "٣"}, None),
        ({"retry-after": "1.2.3"}, None),
        ({"retry-after": "+5"}, None),
        ({"retry-after": "NaN"}, None),
        ({"retry-after": "Fri, 99 Xyz"}, None),
        ({"retry-after": "Fri, 02 Jan 2026 00:00:00 -0000"}, None),
        ({"retry-after": ""}, None),
        ({}, None),
    ],
)
def test_row_8_every_form_of_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_s(headers, EPOCH) == seconds
    error = faults().of_reply(429, headers, b"")
    assert error.retry_after_s == seconds
    assert ("It asks to wait" in str(error)) == (seconds is not None)


@pytest.mark.reliability(8)
def test_row_8_a_long_wait_is_told_with_its_end() -> None:
    assert "wait 3600 s, until 2026-01-01 01:00:00 UTC" in str(of(429, retry_after="3600"))
    assert "longer than a year" in str(of(429, retry_after="1e308"))


@pytest.mark.reliability(9)
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (429, '{"error": {"message": "m", "type": "insufficient_quota", "code": "insufficient_quota"}}'),
        (429, '{"error": {"code": "enforced_spend_limit_reached"}}'),
        (429, '{"error": {"message": "enforced_spend_limit_reached: see your plan"}}'),
        (402, ""),
        (402, '{"error": {"message": "Insufficient Balance", "code": "invalid_request_error"}}'),
        (402, '{"error": {"message": "Insufficient credits. Add more", "code": 402}}'),
        (400, '{"type": "error", "error": {"message": "Your credit balance is too low to access the API"}}'),
    ],
)
def test_row_9_money_is_never_asked_for_twice(status: int, body: str) -> None:
    error = of(status, body, x_should_retry="true", retry_after="1")
    assert (error.kind, error.retryable) == ("no_credit", False)
    assert "Add credit" in str(error)


@pytest.mark.reliability(10)
def test_row_10_a_402_for_calls_in_flight_is_a_wait() -> None:
    error = of(
        402, '{"error": {"code": 402, "metadata": {"reason": "in_flight_budget_exhausted"}}}', retry_after="3"
    )
    assert (error.kind, error.retryable, error.retry_after_s) == ("throttled", True, 3.0)


@pytest.mark.reliability(11)
@pytest.mark.parametrize(
    ("told", "kind", "status"),
    [
        ({"error": {"code": 429, "message": "slow"}}, "throttled", 429),
        ({"error": {"code": "429", "message": "slow"}}, "throttled", 429),
        ({"error": {"code": "rate_limit_exceeded"}}, "throttled", 429),
        ({"error": {"code": 502, "message": "upstream"}}, "unavailable", 502),
        ({"error": {"code": 401, "message": "who"}}, "auth", 401),
        ({"error": {"type": "invalid_request_error", "code": "model_not_found"}}, "not_found", 404),
        ({"error": {"type": "invalid_request_error", "message": "no"}}, "bad_request", 400),
        ({"error": {"type": "overloaded_error", "message": "Overloaded"}, "type": "error"}, "throttled", 529),
        ({"object": "error", "message": "bad", "code": 400}, "bad_request", 400),
        ({"error": {"code": 402, "message": "none left"}}, "no_credit", 402),
        ({"error": {"code": "insufficient_quota"}}, "no_credit", None),
        ({"error": "something broke"}, "unavailable", None),
        ({"error": {"code": 7}}, "unavailable", None),
        ([{"error": {"code": 503, "message": "Gemini's list"}}], "unavailable", 503),
    ],
)
def test_row_11_an_error_inside_a_200_counts_as_its_code(told: Any, kind: str, status: int | None) -> None:
    error = faults().of_report(read_report(told), {})
    assert (error.kind, error.status) == (kind, status)


@pytest.mark.reliability(6)
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, '{"error": {"code": "context_length_exceeded", "message": "m"}}'),
        (400, '{"error": {"message": "This model\'s maximum context length is 4096 tokens"}}'),
        (400, '{"error": {"message": "the request exceeds the available context size", "code": 400}}'),
        (413, '{"error": {"message": "prompt is too long: 210000 tokens"}}'),
        (500, '{"error": {"message": "the request exceeds the available context size"}}'),
    ],
)
def test_row_6_too_long_says_what_to_do(status: int, body: str) -> None:
    error = of(status, body)
    assert (error.kind, error.retryable) == ("context_too_long", False)
    assert "less text" in str(error)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (
            403,
            '{"error": {"code": 403, "message": "Input was flagged", "metadata": {"reasons": ["violence"]}}}',
        ),
        (400, '{"error": {"code": "content_filter", "message": "m"}}'),
        (400, '{"error": {"code": "content_policy_violation"}}'),
    ],
)
def test_refused_content_is_no_question_of_the_key(status: int, body: str) -> None:
    assert of(status, body).kind == "moderated"


@pytest.mark.reliability(7)
def test_row_7_the_service_may_overrule_the_table() -> None:
    assert not of(503, x_should_retry="false").retryable
    assert of(501, x_should_retry="true").retryable


@pytest.mark.reliability(5, 6)
@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 413, 415, 422])
def test_rows_5_6_what_is_never_sent_again_is_not_for_a_header_either(status: int) -> None:
    assert not of(status, x_should_retry="true").retryable


@pytest.mark.reliability(5, 27)
@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize(
    ("body", "content"),
    [
        ("<p>Log in", "text/html; charset=utf-8"),
        ("\n<!DOCTYPE html><title>Blocked</title>", "text/plain"),
    ],
)
def test_row_27_a_page_says_nothing_about_the_key(status: int, body: str, content: str) -> None:
    error = of(status, body, content_type=content)
    assert (error.kind, error.status, error.retryable) == ("not_an_api", status, False)
    assert f"a page came ({status})" in str(error)
    assert "key" not in str(error)
    assert trouble_of(error) == "page"


def test_what_a_service_refuses_in_the_middle_of_an_answer_stays_what_it_is() -> None:
    late = faults().broken_off(of(429, retry_after="300"))
    assert (late.kind, late.retryable, late.retry_after_s) == ("throttled", True, 300)
    assert "broke off" in str(late)
    assert "wait 300 s" in str(late)
    for status in (401, 402, 400):
        late = faults().broken_off(of(status))
        assert (late.kind, late.retryable) == (of(status).kind, False)
    for again in (True, False):
        late = faults().broken_off(of(500, x_should_retry=str(again)))
        assert (late.kind, late.retryable) == ("interrupted", again)


@pytest.mark.reliability(5)
def test_row_5_the_sentence_says_what_helps_in_no_front_ends_words() -> None:
    assert "did not accept the key (401). Enter one that is valid there." in str(of(401))
    keyless = Faults(Service(provider="my-server", url="http://h/v1"), Limits(), EPOCH)
    assert "wants a key and there is none (401)" in str(keyless.of_reply(401, {}, b""))


@pytest.mark.reliability(28)
def test_row_28_a_redirect_names_its_target_and_nothing_of_the_rest() -> None:
    error = of(307, location="https://user:pw@evil.test:444/take?d=1")
    assert (error.kind, error.retryable) == ("not_an_api", False)
    assert "https://evil.test:444 (307), which is not followed" in str(error)
    assert "pw" not in str(error)


@pytest.mark.reliability(60)
def test_row_60_no_sentence_holds_a_key() -> None:
    said = f'{{"error": {{"message": "Incorrect key {KEY}, also sk-proj-abcdefgh1234 and Bearer abc.def"}}}}'
    for error in (of(401, said), of(400, said), of(503, f"<html>{KEY}")):
        assert KEY not in str(error)
        assert "sk-proj" not in str(error)
        assert "abc.def" not in str(error)
    assert KEY not in str(faults().of_exchange(ExchangeError("dropped", f"with {KEY}", sent=True)))


def test_quotes_are_plain_and_bounded() -> None:
    error = of(400, '{"error": {"message": "a\\u001b[31mred\\u0007\\nb\\u202e' + "x" * 10_000 + '"}}')
    quoted = str(error).partition("“")[2].removesuffix("”")
    assert quoted.startswith("a red b x")
    assert len(quoted) == 2000
    assert len(str(of(502, "<html>" + "y" * 5000, content_type="text/html"))) < 500


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\0b\x9bc", "a b c"),
        ("\x1b]0;title\x07x", "x"),
        ("one\r\ntwo\u2028three", "one two three"),
        ("\ud83d", ""),
        ("x" * 30, "x" * 9 + "…"),
    ],
)
def test_plain(text: str, shown: str) -> None:
    assert plain(text, 10 if "x" * 30 in text else 100) == shown


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"3",
        b'""',
        b'{"error": []}',
        b'{"error": 5}',
        b"[" * 60_000,
        b"\xff\xfe",
        b'{"detail": [{}]}',
    ],
)
def test_any_body_makes_a_sentence(body: bytes) -> None:
    assert faults().of_reply(500, {}, body).kind == "unavailable"


EXCHANGES: list[tuple[Cause, ErrorKind, bool]] = [
    ("address", "bad_request", False),
    ("offline", "offline", True),
    ("refused", "unreachable", True),
    ("connect_timeout", "timeout", True),
    ("tls", "tls", False),
    ("dropped", "unreachable", True),
    ("not_http", "not_an_api", False),
    ("encoded", "not_an_api", False),
    ("too_large", "cut_by_limit", False),
    ("writing", "timeout", True),
    ("first_event", "timeout", True),
    ("bytes_idle", "timeout", True),
    ("content_idle", "timeout", True),
]


@pytest.mark.parametrize(("cause", "kind", "retryable"), EXCHANGES)
def test_every_cause_has_a_kind_and_a_sentence(cause: Cause, kind: ErrorKind, retryable: bool) -> None:
    error = faults().of_exchange(ExchangeError(cause, "detail", sent=False, seconds=7))
    assert (error.kind, error.retryable, error.sent) == (kind, retryable, False)
    assert "my-server" in str(error) or "10.0.0.5" in str(error)
    assert "{" not in str(error)
