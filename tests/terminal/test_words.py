"""Numbers, questions and foreign text as words."""

from __future__ import annotations

import io
import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cort_desktop.errors import UsageError
from cort_desktop.terminal import figures
from cort_desktop.terminal.question import as_question, decode, find_question
from cort_desktop.terminal.safe import neutral, neutral_json, one_line


@pytest.mark.parametrize(
    ("microusd", "words"),
    [
        (None, "unknown price"),
        (0, "$0"),
        (5, "$0.000005"),
        (123, "$0.00012"),
        (1_500, "$0.0015"),
        (18_000, "$0.018"),
        (500_000, "$0.50"),
        (999_999, "$1.000"),
        (12_345_678, "$12.35"),
    ],
)
def test_money(microusd: int | None, words: str) -> None:
    assert figures.money(microusd) == words


@given(st.integers(min_value=1, max_value=10**12))
def test_money_that_was_spent_never_looks_free(microusd: int) -> None:
    assert float(figures.money(microusd).removeprefix("$")) > 0


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0"), (999, "999"), (1_000, "1.0k"), (999_949, "999.9k"), (999_950, "1.0M")]
)
def test_tokens(count: int, words: str) -> None:
    assert figures.tokens(count) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1, "0.0 s"),
        (0.84, "0.8 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 0 s"),
        (75, "1 min 15 s"),
        (7500, "2 h 5 min"),
    ],
)
def test_seconds(seconds: float, words: str) -> None:
    assert figures.seconds(seconds) == words


HOSTILE = "a\x1b[2J\x1b]0;title\x07b\x9b31mc\rd\x00e\u202ef\u2066g\U000e0041h\x7fi"


def test_nothing_that_acts_on_a_terminal_is_left() -> None:
    safe = neutral(HOSTILE)
    assert safe == ("a␛[2J␛]0;title␇b<U+009B>31mc␍d␀e<U+202E>f<U+2066>g<U+E0041>h<U+007F>i")


@given(st.text())
def test_neutral_text_holds_no_control_characters(text: str) -> None:
    assert all(
        character in "\n\t" or character.isprintable() or ord(character) > 0x9F for character in neutral(text)
    )
    assert "\n" not in one_line(text)


def test_ordinary_text_is_untouched() -> None:
    text = "Ünïcode 日本語 🎉 👨‍👩‍👧 עברית\n\tcode  "
    assert neutral(text) == text
    assert neutral("a\r\nb\u2028c") == "a\nb\nc"


@given(st.text())
def test_neutral_json_means_the_same(text: str) -> None:
    line = json.dumps({"text": text + "\U000e0041\x9b"}, ensure_ascii=False)
    safe = neutral_json(line)
    assert json.loads(safe) == json.loads(line)
    assert "\x9b" not in safe


class TestQuestion:
    @pytest.mark.parametrize(
        ("data", "text"),
        [
            (b"Why?\r\nNow?\r\n", "Why?\nNow?"),
            (b"\xef\xbb\xbfWhy?", "Why?"),
            ("Warum? Ä".encode("utf-16"), "Warum? Ä"),
            (b"Caf\xe9 or tea, and what is the difference?", "Caf\ufffd or tea, and what is the difference?"),
            (b"tab\there \x1b[31mred", "tab\there \x1b[31mred"),
        ],
    )
    def test_is_text_with_plain_newlines(self, data: bytes, text: str) -> None:
        assert as_question(decode(data)) == text

    @pytest.mark.parametrize(
        ("data", "said"),
        [
            (b"", "empty"),
            (b" \r\n\t ", "empty"),
            (b"\xef\xbb\xbf", "empty"),
            (b"Why\0?", "NUL at character 4"),
            (os.urandom(0) + bytes(range(1, 32)) * 10, "no text"),
            (b"\x89PNG\r\n\x1a\n\xff\xfe\xfd\xfc" * 50, "no text"),
        ],
    )
    def test_what_is_no_text_is_refused(self, data: bytes, said: str) -> None:
        with pytest.raises(UsageError, match=said):
            as_question(decode(data))

    def test_a_megabyte_is_a_question(self) -> None:
        assert len(as_question("word " * 200_000)) == 999_999

    def test_nine_megabytes_are_not(self) -> None:
        with pytest.raises(UsageError, match="longer than 8,000,000"):
            as_question("x" * 9_000_000)

    def test_an_argument_beats_a_pipe(self) -> None:
        assert find_question("Why?", io.TextIOWrapper(io.BytesIO(b"other"))) == "Why?"

    def test_a_dash_reads_standard_input(self) -> None:
        assert find_question("-", io.TextIOWrapper(io.BytesIO(b"From a pipe?"))) == "From a pipe?"

    def test_nothing_given_and_no_pipe(self) -> None:
        with pytest.raises(UsageError, match="no question"):
            find_question(None, None)
