"""Whatever arrives in whatever pieces: the blocks are those of the whole text read in one go."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cort_desktop.gui.markdown import blocks, limits
from cort_desktop.gui.markdown.assembly import read_all
from cort_desktop.gui.markdown.stream import Stream
from cort_desktop.gui.markdown.values import Block, Code, Heading, Paragraph, Plain, Table

WORDS = st.sampled_from(
    [
        "word",
        "**bold**",
        "*it",
        "`code`",
        "a | b",
        "$x^2$",
        "$5",
        "[l](http://a.b/)",
        "![i](x)",
        "\\[ y \\]",
        "<br>",
        "~~s~~",
    ]
)
LINES = st.one_of(
    st.lists(WORDS, max_size=3).map(" ".join),
    st.sampled_from(
        [
            "", "", "", "# Head", "#", "===", "---", "-", "- item", "-  two", "* star", "+ plus", "1. one",
            "2. two", "10) ten",
            "  - nested", "   3. three", "    indented", "      deep", "\ttab", "> quote", ">",
            "> - in quote", ">> two", "> ```",
            "```", "```py", "````", "~~~", "  ```", "| a | b |", "|---|---|", "--|--", "| 1 | 2 |",
            "x | y", "|", "$$", "$$x$$",
            "$$x$$ words", "\\[", "\\]", "\\begin{align}", "\\end{align}", "***", "- [ ] task",
            "- [x] done", "- ", "1.", "- - a",
            "- a | b", "<div>", "</div>", "word  ", "\\", "   ", "- ```", "  ```py", "> | a |", "> |---|",
            "1) a", "-\tx",
        ]
    ),
)  # fmt: skip
TEXTS = st.lists(LINES, max_size=14).map("\n".join)
SLOW = settings(max_examples=400)


def streamed(text: str, cuts: list[int]) -> Stream:
    stream = Stream()
    for cut in [*sorted(min(cut, len(text)) for cut in cuts), len(text)]:
        stream.grow(text[:cut])
        while stream.advance():
            pass
        assert stream.blocks == read_all(text[:cut]), repr(text[:cut])
    return stream


def finished(stream: Stream) -> tuple[Block, ...]:
    stream.finish()
    while stream.advance():
        pass
    return stream.blocks


@SLOW
@given(TEXTS, st.lists(st.integers(0, 120), max_size=12))
@example("para\n-", [5, 6])
@example("- a\n- b | c\n--|--\n", [4, 8, 14])
@example("> q\nlazy\n\nx", [4, 6, 9])
def test_every_beginning_is_read_as_a_whole_text(text: str, cuts: list[int]) -> None:
    assert finished(streamed(text, cuts)) == read_all(text)


@pytest.mark.endurance
@SLOW
@given(TEXTS)
def test_letter_by_letter(text: str) -> None:
    streamed(text, list(range(len(text))))


@given(st.text(max_size=60), st.lists(st.integers(0, 60), max_size=6))
def test_any_characters(text: str, cuts: list[int]) -> None:
    finished(streamed(text, cuts))


REFERENCES = st.lists(
    st.one_of(
        LINES,
        st.sampled_from(
            [
                "[a]", "[words][b] and [a]", "[a]: http://a.example/", "[b]: <http://b.example> 'title'",
                "[a]: http://second.example", "[b]:", "'open title",
            ]
        ),
    ),
    max_size=12,
).map("\n".join)  # fmt: skip


@SLOW
@given(REFERENCES, st.lists(st.integers(0, 150), max_size=10))
@example("[a]: /u\n'title\nmore\nx\n\ny'\n", [8, 15, 20, 22])
@example("[a]\n# Head\n[a]: http://a.example/\n```\n\n", [])
@example("[a]: http://a.example/\n\\[\n```", [])
@example("[a]: http://a.example/\n\\[ [a]\n```", [])
@example("[a]\n# Head\n\n[a]: http://a.example/", [18])
def test_addresses_defined_anywhere_are_filled_in_at_the_end(text: str, cuts: list[int]) -> None:
    stream = Stream()
    for cut in [*sorted(min(cut, len(text)) for cut in cuts), len(text)]:
        stream.grow(text[:cut])
        while stream.advance():
            pass
    assert finished(stream) == read_all(text)


@settings(max_examples=60)
@given(TEXTS, st.lists(st.integers(0, 400), max_size=40))
def test_changed_names_the_first_block_that_differs(text: str, cuts: list[int]) -> None:
    stream = Stream()
    kept: list[Block] = []
    for cut in [*sorted(min(cut, len(text)) for cut in cuts), len(text)]:
        stream.grow(text[:cut])
        while stream.advance():
            pass
        first = stream.changed()
        assert list(stream.blocks[:first]) == kept[:first]
        kept = list(stream.blocks)


@settings(max_examples=40)
@given(
    st.lists(
        st.sampled_from(
            [
                "word " * 40,
                "- item " * 30,
                "| a | b |",
                "|---|---|",
                "```",
                "x = 1\n" * 90,
                "",
                "> q " * 99,
                "[",
                "# H",
            ]
        ),
        max_size=60,
    ).map("\n".join)
)
def test_small_slices_come_to_the_same(text: str) -> None:
    patch = pytest.MonkeyPatch()
    patch.setattr(limits, "SLICE", 700)
    patch.setattr(limits, "OPEN_TAIL", 300)
    patch.setattr(limits, "CONSTRUCT", 2500)
    patch.setattr(limits, "BOXES", 12)
    try:
        stream = Stream()
        for cut in range(0, len(text), 997):
            stream.grow(text[:cut])
            stream.advance()
        stream.grow(text)
        assert finished(stream) == read_all(text)
    finally:
        patch.undo()


def test_an_open_fence_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    real = blocks.read

    def counting(text: str, *rest: object) -> object:
        asked.append(len(text))
        return real(text, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr("cort_desktop.gui.markdown.stream.read", counting)
    text = "Look:\n\n```python\n" + "print('a line of the program')\n" * 800
    stream = Stream()
    for cut in range(0, len(text), 40):
        stream.grow(text[:cut])
        stream.advance()
    assert sum(asked) < 5000
    assert isinstance(stream.open[0], Code)


def test_the_work_is_in_proportion_to_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Characters read for a text twice as long are at most 2.3 times as many (an exponent of 1.2)."""
    counts = []
    real = blocks.read
    kinds = {
        "prose": "Some words **of weight** and `code` in them. " * 6 + "\n\n",
        "list": "- an item with several words in it\n",
        "table": "| a cell | another |\n",
        "one line": "words without any end ",
        "quote": "> said and said again\n",
    }
    for piece in kinds.values():
        read_characters = []
        for length in (3000, 6000, 12000):
            asked = 0

            def counting(text: str, *rest: object) -> object:
                nonlocal asked
                asked += len(text)
                return real(text, *rest)  # type: ignore[arg-type]

            monkeypatch.setattr("cort_desktop.gui.markdown.stream.read", counting)
            head = "| a | b |\n|---|---|\n" if piece.startswith("|") else ""
            text = (head + piece * (length // len(piece)))[:length]
            stream = Stream()
            for cut in range(0, length, 12):
                stream.grow(text[:cut])
                stream.advance()
            read_characters.append(asked)
        counts.append(read_characters)
    for kind, (short, middle, long) in zip(kinds, counts, strict=True):
        assert long / middle < 2.5, (kind, short, middle, long)


def test_carriage_returns_may_be_cut_in_two() -> None:
    text = "a\r\n\r\n- b\r- c\r\n"
    stream = streamed(text, list(range(len(text))))
    assert stream.text == "a\n\n- b\n- c\n"


def test_a_text_that_starts_anew_is_read_anew() -> None:
    stream = streamed("# One\n\ntext", [3])
    stream.grow("other")
    stream.advance()
    assert stream.blocks == read_all("other")
    assert stream.changed() == 0


def test_above_a_quarter_mebibyte_markdown_is_off() -> None:
    text = "# Head\n\nwords\n" * 20000
    stream = Stream()
    for cut in (1000, limits.MARKDOWN_CHARACTERS, len(text)):
        stream.grow(text[:cut])
        while stream.advance():
            pass
        assert any(isinstance(block, Heading) for block in stream.blocks) is (
            cut <= limits.MARKDOWN_CHARACTERS
        )
    made = finished(stream)
    assert all(isinstance(block, Plain) for block in made)
    assert "".join(b.text + ("" if b.is_cut else "\n") for b in made if isinstance(b, Plain)).rstrip(
        "\n"
    ) == text.rstrip("\n")


def test_nesting_without_end_keeps_every_word() -> None:
    for text in (">" * 20000 + "words", "- " * 20000 + "words", "> - " * 9000 + "words"):
        made = read_all(text)
        assert max(len(block.frame.within) for block in made) <= limits.DEPTH
        assert "words" in str(made[-1])
        assert finished(streamed(text[:300], [100, 200])) == read_all(text[:300])


def test_too_many_fences_are_shown_as_they_are_written() -> None:
    text = "```\nx\n```\n" * 20000
    stream = Stream()
    stream.grow(text)
    made = finished(stream)
    assert sum(isinstance(block, Code) for block in made) == limits.BOXES
    assert isinstance(made[-1], Plain)
    assert made == read_all(text)


def test_a_table_of_many_rows_keeps_them_all() -> None:
    text = "| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 20000
    stream = Stream()
    stream.grow(text)
    (table,) = finished(stream)
    assert isinstance(table, Table)
    assert len(table.rows) == 20000


def test_only_so_many_links() -> None:
    made = read_all("[a](http://a.example/)\n\n" * 250)
    links = [span for block in made if isinstance(block, Paragraph) for span in block.spans if span.href]
    assert len(links) == limits.LINKS


def test_every_turn_reads_a_bounded_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    real = blocks.read

    def counting(text: str, *rest: object) -> object:
        asked.append(len(text))
        return real(text, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr("cort_desktop.gui.markdown.stream.read", counting)
    for text in ("> quote\n" * 10000, "word " * 16000, "# H\n\n" * 16000, "- a\n" * 20000, "```\n" * 20000):
        stream = Stream()
        stream.grow(text)
        finished(stream)
    assert max(asked) <= 2 * limits.CONSTRUCT


def test_blocks_that_are_done_are_the_same_objects() -> None:
    text = "one\n\ntwo\n\n```\ncode\n```\n\nthree\n\n- a\n- b\n\nfour\n\nfive\n"
    stream = Stream()
    seen: list[list[Block]] = []
    for cut in range(len(text)):
        stream.grow(text[:cut])
        stream.advance()
        seen.append(list(stream.done))
    for before, after in pairwise(seen):
        assert all(one is other for one, other in zip(before, after, strict=False))
