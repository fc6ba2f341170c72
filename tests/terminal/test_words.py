"""Questions as they are typed and piped, and JSON that is made harmless."""

from __future__ import annotations

import io
import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cort_desktop.errors import UsageError
from cort_desktop.terminal.question import as_question, decode, find_question
from cort_desktop.terminal.safe import neutral_json


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

    def test_from_a_terminal_whose_letters_are_not_utf_8(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("locale.getencoding", lambda: "iso-8859-1")
        assert find_question("-", io.TextIOWrapper(io.BytesIO(b"Gr\xfc\xdfe?"))) == "Grüße?"
        assert find_question("-", io.TextIOWrapper(io.BytesIO("Grüße?".encode()))) == "Grüße?"

    def test_nothing_given_and_no_pipe(self) -> None:
        with pytest.raises(UsageError, match="no question"):
            find_question(None, None)
