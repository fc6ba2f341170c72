"""Every adapter: answers that break, stall, never end or are none."""

from __future__ import annotations

import asyncio

import pytest

from cort_desktop.domain.budget import Usage
from cort_desktop.domain.calls import BilledError
from cort_desktop.domain.models import ModelProfile
from cort_desktop.providers.limits import MIB, Limits
from tests.fakes.loops import run_virtual
from tests.fakes.replies import (
    LAST,
    Close,
    Hang,
    Reply,
    Reset,
    Send,
    Step,
    Wait,
    body_reply,
    framed,
)
from tests.fakes.scripted_server import ScriptedServer
from tests.providers.conformance.calls import ask, ask_all, asking
from tests.providers.conformance.wire import Wire
from tests.providers.conformance.wires import WIRES

pytestmark = pytest.mark.parametrize("wire", WIRES, ids=lambda wire: wire.name)


# answers that are none


@pytest.mark.reliability(25)
@pytest.mark.parametrize("said", ["nothing", "blanks", "thoughts"])
def test_row_25_an_empty_answer(wire: Wire, said: str) -> None:
    texts = [" \n"] if said == "blanks" else []
    thoughts = ["only thoughts"] if said == "thoughts" else []
    asked = ask(wire, wire.answer(*texts, thoughts=thoughts, usage=Usage(input=9, output=1)))
    assert (asked.failed.kind, asked.failed.retryable) == ("no_content", True)
    assert getattr(asked.failed, "usage", None) == Usage(input=9, output=1)


def test_thoughts_that_ate_all_tokens_are_not_asked_for_again(wire: Wire) -> None:
    asked = ask(wire, wire.answer(thoughts=["long"], finish="length"))
    assert (asked.failed.kind, asked.failed.retryable) == ("no_content", False)
    assert "allow a longer answer" in str(asked.failed)


@pytest.mark.reliability(12)
@pytest.mark.parametrize("position", [0, 1, 7])
def test_row_12_an_error_inside_the_stream(wire: Wire, position: int) -> None:
    said = [f"word{number} " for number in range(position)]
    events = [*wire.opening(), *map(wire.text, said), wire.failure("it broke"), *wire.events("never")]
    asked = ask(wire, wire.stream(events))
    assert asked.failed.retryable
    assert asked.failed.kind in ("interrupted" if position else "unavailable", "throttled")
    assert asked.failed.partial == "".join(said)
    assert "it broke" in str(asked.failed)


@pytest.mark.reliability(16)
@pytest.mark.parametrize("chunked", [True, False], ids=["chunked", "closed"])
@pytest.mark.parametrize("said", [["half ", "an answer"], []], ids=["begun", "not begun"])
def test_row_16_an_end_without_a_reason_is_no_end(wire: Wire, said: list[str], *, chunked: bool) -> None:
    events = [*wire.opening(), *map(wire.text, said)]
    sent: list[Step] = [framed(one) if chunked else Send(one) for one in events]
    ends: list[Step] = [LAST, Close()] if chunked else [Close()]
    for end in ends:
        asked = ask(wire, [wire.head(chunked=chunked), *sent, end])
        assert (asked.failed.kind, asked.failed.retryable) == ("interrupted" if said else "unreachable", True)
        assert asked.failed.partial == "".join(said)


@pytest.mark.reliability(18)
def test_row_18_a_reset_at_every_byte_keeps_whole_characters(wire: Wire) -> None:
    """Characters of 2, 3 and 4 bytes and an escaped pair; the reset comes after each byte of a piece."""
    pieces = [wire.text("é€😀漢"), wire.text("字😀", ascii_only=True)]
    before = b"".join(wire.opening())
    data = b"".join(pieces)
    replies: list[Reply] = [
        [wire.head(chunked=False), Send(before + data[:cut]), Wait(0.001), Reset()]
        for cut in range(1, len(data), 2)
    ]
    kept = []
    for asked in ask_all(wire, replies):
        assert asked.failed.kind == ("interrupted" if asked.notices.text else "unreachable")
        kept.append(asked.failed.partial)
    assert [*dict.fromkeys(kept)] in (["", "é€😀漢"], ["", "é€😀漢", "é€😀漢字😀"])


@pytest.mark.reliability(37)
@pytest.mark.parametrize("said", [[], ["half"]], ids=["before", "after"])
def test_row_37_what_breaks_inside_an_answer_is_never_booked_as_nothing(wire: Wire, said: list[str]) -> None:
    """The status that its error names is none of HTTP's."""
    asked = ask(wire, wire.stream([*wire.opening(), *map(wire.text, said), wire.failure("it broke")]))
    assert isinstance(asked.failed, BilledError)
    assert asked.failed.usage != Usage()
    assert asked.failed.cost_microusd is None


@pytest.mark.reliability(22)
@pytest.mark.parametrize(
    "data",
    ["{broken", '{"a":' * 100_000, '{"a":1,"a":2}', '{"a":' + "9" * 5000 + "}"],
    ids=["broken", "depth", "keys", "number"],
)
def test_row_22_garbage_ends_the_stream_and_keeps_the_text(wire: Wire, data: str) -> None:
    events = [*wire.opening(), wire.text("kept"), wire.raw(data), *wire.events("never")]
    asked = ask(wire, wire.stream(events))
    assert (asked.failed.kind, asked.failed.partial) == ("interrupted", "kept")


@pytest.mark.reliability(23)
def test_row_23_an_oversized_line_is_cut(wire: Wire) -> None:
    steps: list[Step] = [wire.head(), *map(framed, [*wire.opening(), wire.text("kept")])]
    flood = framed(wire.raw('"' + "x" * (2 * MIB)))
    asked = ask(wire, [*steps, flood, Hang()])
    assert (asked.failed.kind, asked.failed.retryable) == ("cut_by_limit", False)
    assert asked.failed.partial == "kept"


@pytest.mark.reliability(23)
def test_row_23_an_endless_answer_is_cut(wire: Wire) -> None:
    events = [*wire.opening(), wire.text("12345"), wire.text("67890"), *wire.events("never")]
    asked = ask(wire, wire.stream(events), limits=Limits(answer_bytes=7))
    assert (asked.failed.kind, asked.failed.partial) == ("cut_by_limit", "1234567")


@pytest.mark.reliability(26)
def test_row_26_a_loop_is_stopped_at_a_hundred(wire: Wire) -> None:
    asked = ask(wire, wire.stream([*wire.opening(), *[wire.text("again ")] * 1000]))
    assert (asked.failed.kind, asked.failed.retryable) == ("looping", False)
    assert asked.failed.partial == "again " * 99


@pytest.mark.reliability(27)
@pytest.mark.parametrize("body", ["<!DOCTYPE html><title>Log in</title>", "", "OK", '{"status": "ok"}'])
def test_row_27_what_is_no_answer_at_all(wire: Wire, body: str) -> None:
    asked = ask(wire, body_reply(body, content_type="text/html"))
    assert (asked.failed.kind, asked.failed.retryable) == ("not_an_api", False)


# time


def ticking(line: bytes, every_s: float, times: int) -> list[Step]:
    return [step for _ in range(times) for step in (Wait(every_s), framed(line))]


@pytest.mark.reliability(13)
def test_row_13_signs_of_life_keep_the_line_open(wire: Wire) -> None:
    opening, said = wire.opening(), wire.events("here")[len(wire.opening()) :]
    steps = [*map(framed, opening), *ticking(wire.idle, 10.0, 5), *map(framed, said)]
    asked = ask(wire, [wire.head(), *steps, LAST])
    assert (asked.done.text, asked.done.first_content_seconds) == ("here", 50.0)


@pytest.mark.reliability(14)
@pytest.mark.parametrize(("reasoning", "limit_s"), [(None, 60.0), (True, 180.0)])
def test_row_14_signs_of_life_are_no_content(wire: Wire, reasoning: bool | None, limit_s: float) -> None:
    profile = ModelProfile(ref=wire.ref, reasoning=reasoning)
    steps = [*map(framed, wire.opening()), *ticking(wire.idle, 7.0, 100)]
    asked = ask(wire, [wire.head(), *steps], profile=profile)
    assert (asked.failed.kind, asked.failed.retryable) == ("timeout", True)
    assert asked.seconds == pytest.approx(limit_s)


@pytest.mark.reliability(15)
def test_row_15_a_stall_in_the_middle_is_interrupted(wire: Wire) -> None:
    steps = [framed(one) for one in [*wire.opening(), wire.text("begun")]]
    asked = ask(wire, [wire.head(), *steps, *ticking(wire.idle, 20.0, 30)])
    assert (asked.failed.kind, asked.failed.partial) == ("interrupted", "begun")
    assert asked.seconds == pytest.approx(90.0)


@pytest.mark.reliability(31)
def test_row_31_cancelling_closes_the_connection(wire: Wire) -> None:
    async def main() -> None:
        begun_only: list[Step] = [framed(one) for one in [*wire.opening(), wire.text("begun")]]
        reply: Reply = [wire.head(), *begun_only, Hang()]
        async with ScriptedServer([reply]) as server, wire.opened(server.base_url) as model:
            begun = asyncio.Event()
            call = asyncio.create_task(model.complete(asking(wire), lambda _: begun.set()))
            await begun.wait()
            assert server.open_connections == 1
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            async with asyncio.timeout(0.2):
                await server.connections[0].gone.wait()

    run_virtual(main())
