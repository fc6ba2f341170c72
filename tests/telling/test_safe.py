"""Foreign text that is shown acts on nothing, and stays readable."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cort_desktop.telling.safe import neutral, one_line

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
