"""Lines of JSON out of bytes in any pieces."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cort_desktop.providers.limits import Limits
from cort_desktop.providers.lines import LineDecoder
from cort_desktop.providers.sse import EventTooLargeError

TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=6)


def decoded(data: bytes, cuts: list[int], limits: Limits | None = None) -> list[str]:
    decoder = LineDecoder(limits or Limits())
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    pieces = [data[start:end] for start, end in pairwise(places)]
    events = [event for piece in pieces for event in decoder.feed(piece)] + decoder.close()
    return [event.data for event in events]


@pytest.mark.reliability(19, 20)
@given(TEXTS, st.lists(st.integers(0, 400), max_size=12), st.sampled_from(["\n", "\r\n", "\n\n"]))
def test_rows_19_20_pieces_make_no_difference(texts: list[str], cuts: list[int], end: str) -> None:
    """U+2028 and its kind stand inside a line, as they are."""
    lines = [json.dumps(text, ensure_ascii=False) for text in texts]
    data = "".join(line + end for line in lines).encode()
    assert decoded(data, cuts) == lines
    assert decoded(data, []) == lines


def test_a_byte_order_mark_and_a_last_line_without_an_end() -> None:
    assert decoded(b"\xef\xbb\xbf{}\n{\xc2\xa0}", [2, 4, 7]) == ["{}", "{\xa0}"]
    assert decoded(b"", []) == []


@pytest.mark.reliability(21)
def test_row_21_bytes_that_are_no_characters() -> None:
    decoder = LineDecoder(Limits())
    assert [event.data for event in decoder.feed(b'"\xff"\n')] == ['"�"']
    assert decoder.replaced


@pytest.mark.reliability(23)
@pytest.mark.parametrize("cuts", [[], list(range(0, 200, 3))])
def test_row_23_a_line_or_too_many_of_them_end_it(cuts: list[int]) -> None:
    with pytest.raises(EventTooLargeError, match="a line of more than 100 bytes"):
        decoded(b"x" * 101 + b"\n", cuts, Limits(line_bytes=100))
    decoder = LineDecoder(Limits(line_bytes=100))
    assert [event.data for event in decoder.feed(b"{}\n" + b"x" * 101)] == ["{}"]
    with pytest.raises(EventTooLargeError):
        decoder.close()
    with pytest.raises(EventTooLargeError, match="more than 5 lines"):
        decoded(b"1\n" * 7, cuts, Limits(events=5))
