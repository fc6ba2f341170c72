"""Every adapter: what a service refuses, and what is made of it; the key is in nothing that is told."""

from __future__ import annotations

from typing import Any

import pytest

from cort_desktop.errors import ProviderError
from tests.fakes.asking import KEY, Notices
from tests.fakes.loops import run_virtual
from tests.fakes.replies import (
    body_reply,
    json_reply,
)
from tests.fakes.scripted_server import ScriptedServer
from tests.providers.conformance.calls import ask, ask_all, asking
from tests.providers.conformance.wire import SCHEMA, Wire
from tests.providers.conformance.wires import WIRES

pytestmark = pytest.mark.parametrize("wire", WIRES, ids=lambda wire: wire.name)


STATUSES: list[tuple[int, str, bool, dict[str, Any]]] = [
    (400, "bad_request", False, {"type": "invalid_request_error"}),
    (401, "auth", False, {"type": "authentication_error"}),
    (402, "no_credit", False, {"type": "billing_error"}),
    (403, "auth", False, {"type": "permission_error"}),
    (404, "not_found", False, {"type": "not_found_error"}),
    (413, "bad_request", False, {"type": "request_too_large"}),
    (422, "bad_request", False, {}),
    (429, "throttled", True, {"type": "rate_limit_error"}),
    (500, "unavailable", True, {"type": "api_error"}),
    (503, "unavailable", True, {}),
    (529, "throttled", True, {"type": "overloaded_error"}),
]


@pytest.mark.reliability(5, 6, 7, 9)
@pytest.mark.parametrize(
    ("status", "kind", "retryable", "facts"), STATUSES, ids=[str(s[0]) for s in STATUSES]
)
def test_rows_5_to_9_what_a_status_means(
    wire: Wire,
    status: int,
    kind: str,
    retryable: bool,
    facts: dict[str, Any],
) -> None:
    asked = ask(wire, wire.status(status, "sorry", **facts))
    assert (asked.failed.kind, asked.failed.status) == (kind, status)
    assert asked.failed.retryable is retryable
    assert wire.name in str(asked.failed)


@pytest.mark.reliability(6)
@pytest.mark.parametrize(
    "words",
    [
        "prompt is too long: 250000 tokens > 200000 maximum",
        "This model's maximum context length is 8192 tokens.",
        "the request exceeds the available context size",
    ],
)
def test_row_6_a_request_over_the_context(wire: Wire, words: str) -> None:
    asked = ask(wire, wire.status(400, words))
    assert (asked.failed.kind, asked.failed.retryable) == ("context_too_long", False)


@pytest.mark.reliability(8)
@pytest.mark.parametrize("status", [429, 503, 529])
def test_row_8_the_time_a_service_asks_for(wire: Wire, status: int) -> None:
    asked = ask(wire, wire.status(status, headers={"Retry-After": "7"}))
    assert asked.failed.retry_after_s == 7.0


@pytest.mark.reliability(9)
def test_row_9_money_is_no_matter_of_waiting(wire: Wire) -> None:
    words = "Your credit balance is too low. You exceeded your current quota: insufficient_quota."
    for status in (400, 429):
        asked = ask(wire, wire.status(status, words))
        assert (asked.failed.kind, asked.failed.retryable) == ("no_credit", False)


@pytest.mark.reliability(11)
def test_row_11_an_error_in_place_of_an_answer(wire: Wire) -> None:
    asked = ask(wire, json_reply(wire.error("it broke")))
    assert asked.failed.kind in ("unavailable", "bad_request")
    assert "it broke" in str(asked.failed)


def test_a_refused_parameter_is_named_left_out_and_remembered(wire: Wire) -> None:
    for parameter, words in wire.refusals.items():
        replies = [wire.status(400, words, type="invalid_request_error"), wire.answer("a"), wire.answer("b")]
        refused, *asked = ask_all(wire, replies, seed=3, reply_schema=SCHEMA)
        assert (refused.failed.kind, refused.failed.retryable) == ("unsupported", True)
        assert parameter.split(".")[0] in str(refused.failed)
        assert [one.done.text for one in asked] == ["a", "b"]
        assert [wire.holds(sent, parameter) for sent in refused.requests] == [True, False, False]


@pytest.mark.reliability(28)
def test_row_28_a_redirect_is_not_followed(wire: Wire) -> None:
    async def main() -> None:
        async with ScriptedServer([]) as other:
            moved = wire.status(307, headers={"Location": other.origin + wire.path})
            async with ScriptedServer([moved]) as server, wire.opened(server.base_url) as model:
                with pytest.raises(ProviderError, match="redirects to"):
                    await model.complete(asking(wire), Notices())
            assert not other.connections

    run_virtual(main())


@pytest.mark.reliability(60)
@pytest.mark.parametrize("where", ["status", "stream", "page"])
def test_row_60_the_key_is_in_no_error(wire: Wire, where: str) -> None:
    echo = f"bad key {KEY} (x-api-key: {KEY}, Authorization: Bearer {KEY})"
    replies = {
        "status": wire.status(401, echo),
        "stream": wire.stream([*wire.opening(), wire.text("begun"), wire.failure(echo)]),
        "page": body_reply(f"<html>{echo}</html>", content_type="text/html"),
    }
    error = ask(wire, replies[where]).failed
    seen: BaseException | None = error
    while seen is not None:
        assert KEY not in f"{seen} {seen!r}"
        seen = seen.__cause__
    assert "[key]" in str(error)


@pytest.mark.reliability(60)
def test_row_60_the_key_is_in_no_repr(wire: Wire) -> None:
    async def main() -> None:
        async with ScriptedServer([]) as server, wire.opened(server.base_url) as model:
            assert KEY not in repr(model)

    run_virtual(main())
