"""Streams of real services, recorded by others (``tests/data/streams``), read by our adapters.

What each one says was counted without our code. Every stream is also read in pieces that nobody chose.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from cort_desktop.domain.budget import Usage
from cort_desktop.domain.calls import Completion, Finish
from cort_desktop.errors import ProviderError
from tests.fakes.asking import Notices
from tests.fakes.loops import run_virtual
from tests.fakes.replies import LAST, framed
from tests.fakes.scripted_server import ScriptedServer
from tests.providers.conformance.calls import asking
from tests.providers.conformance.wires import WIRES

STREAMS = Path(__file__).parents[2] / "data" / "streams"
_WIRES = {wire.name: wire for wire in WIRES}
_PIECES = (1 << 20, 1000, 7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a recording says. text and reasoning: how they begin, and their characters."""

    text: tuple[str, int]
    reasoning: tuple[str, int] = ("", 0)
    finish: Finish = "stop"
    usage: Usage | None


RECORDINGS: dict[str, Told] = {
    "anthropic-plain": Told(text=("Hello there!", 12), usage=Usage(input=11, output=6)),
    "anthropic-thinking": Told(
        text=("The letter 'r' appears 3 times", 56),
        reasoning=("Let me count the occurrences of the letter 'r'", 422),
        usage=Usage(input=52, output=216),
    ),
    "anthropic-cache-written": Told(
        text=("Here are concise summaries of the three articles:", 913),
        usage=Usage(input=1169, cache_write=1165, output=201),
    ),
    "anthropic-cache-read": Told(
        text=("Here are concise summaries of the three articles:", 1016),
        usage=Usage(input=1169, cached_input=1165, output=221),
    ),
    "anthropic-redacted-thinking": Told(
        text=("I notice you've sent what appears to be some kind of command", 396),
        usage=Usage(input=92, output=255),
    ),
    "anthropic-tool": Told(text=('{"location": "San Francisco, CA"}', 33), usage=Usage(input=567, output=57)),
    "anthropic-sdk-unknown-events": Told(text=("Hello there!", 12), usage=Usage(input=11, output=6)),
    "anthropic-sdk-message-delta-omitted-usage": Told(
        text=("Hello there!", 12), usage=Usage(input=40, cached_input=5, cache_write=10, output=8)
    ),
    "openai-plain": Told(text=("1, 2, 3, 4, 5", 13), usage=None),
    "openai-azure": Told(text=("Why did the Opentelemetry developer bring a ladder", 120), usage=None),
}


def read(name: str, piece: int) -> Completion:
    """A recording, asked for as its service is, sent in pieces of so many bytes."""
    wire = _WIRES["anthropic" if name.startswith("anthropic") else "openai"]
    data = (STREAMS / f"{name}.sse").read_bytes()
    pieces = [framed(data[at : at + piece]) for at in range(0, len(data), piece)]

    async def main() -> Completion:
        script = [[wire.head(), *pieces, LAST]]
        async with ScriptedServer(script) as server, wire.opened(server.base_url) as model:
            return await model.complete(asking(wire), Notices())

    return run_virtual(main())


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_recorded_answer_is_read_in_full(name: str) -> None:
    whole, *in_pieces = (read(name, piece) for piece in _PIECES)
    told = RECORDINGS[name]
    assert (whole.text[: len(told.text[0])], len(whole.text)) == told.text
    assert (whole.reasoning[: len(told.reasoning[0])], len(whole.reasoning)) == told.reasoning
    assert (whole.finish, whole.usage) == (told.finish, told.usage)
    for other in in_pieces:
        assert (other.text, other.reasoning, other.usage) == (whole.text, whole.reasoning, whole.usage)


def test_a_recorded_refusal_is_one() -> None:
    with pytest.raises(ProviderError, match="withheld") as refused:
        read("anthropic-sdk-refusal", 100)
    assert (refused.value.kind, refused.value.retryable) == ("moderated", False)


def test_every_recording_is_read() -> None:
    assert {path.stem for path in STREAMS.glob("*.sse")} == {*RECORDINGS, "anthropic-sdk-refusal"}
