"""What an answer is, however its first bytes are cut."""

from __future__ import annotations

import pytest

from cort_desktop.providers.opening import Shape, shape_of
from tests.fakes.asking import Notices, remote, request
from tests.fakes.loops import run_virtual
from tests.fakes.replies import DONE, LAST, Reply, Send, Wait, event, framed, head, piece
from tests.fakes.scripted_server import ScriptedServer

BOM = b"\xef\xbb\xbf"


@pytest.mark.parametrize(
    ("opening", "shape"),
    [
        (b"data: {", "events"),
        (b"\n\n: busy", "events"),
        (BOM + b"event: ", "events"),
        (b"retry: 3", "events"),
        (b'{"a"', "json"),
        (BOM + b" [", "json"),
        (b"<html>", "other"),
        (b"date", "other"),
        (b"idle", "other"),
    ],
)
def test_a_shape_is_told_once_it_can_be_and_not_before(opening: bytes, shape: Shape) -> None:
    told = [shape_of(opening[:end]) for end in range(1, len(opening) + 1)]
    assert told[-1] == shape
    assert set(told) <= {None, shape}


WHOLE = b'{"choices":[{"message":{"content":"Yes."},"finish_reason":"stop"}]}'
EVENTS = b"".join([event(piece("Yes.")), event(piece(finish="stop")), DONE])


@pytest.mark.reliability(19)
@pytest.mark.parametrize("body", [WHOLE, BOM + WHOLE, EVENTS, BOM + EVENTS, b"\n\n" + EVENTS])
@pytest.mark.parametrize("content", ["text/plain", "application/json"])
def test_row_19_a_byte_at_a_time_is_read_as_one_piece(body: bytes, content: str) -> None:
    start = Send(head(200, {"Content-Type": content, "Transfer-Encoding": "chunked"}))
    bytes_apart = [step for byte in body[:12] for step in (framed(bytes([byte])), Wait(0.01))]
    reply: Reply = [start, *bytes_apart, framed(body[12:]), LAST]

    async def main() -> None:
        async with ScriptedServer([reply]) as server, remote(server.base_url) as model:
            assert (await model.complete(request(), Notices())).text == "Yes."

    run_virtual(main())
