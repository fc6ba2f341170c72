"""What can't be seen is shown, what scripts need stays, and a copy gets every character."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cort_desktop.gui.markdown.safe_text import shown, shown_line, spans
from cort_desktop.gui.markdown.values import Mark


@pytest.mark.reliability(55)
@pytest.mark.parametrize(
    ("hidden", "sign"),
    [
        ("\u202e", "⟦U+202E⟧"),
        ("\u2066", "⟦U+2066⟧"),
        ("\u200b", "⟦U+200B⟧"),
        ("\u200b\u200b\u200b", "⟦U+200B ×3⟧"),
        ("\ufeff", "⟦U+FEFF⟧"),
        ("\x00", "⟦U+0000⟧"),
        ("\x1b", "⟦U+001B⟧"),
        ("\x9b", "⟦U+009B⟧"),
        ("\u2028", "⟦U+2028⟧"),
        ("\ufdd0", "⟦U+FDD0⟧"),
        ("\ufffc", "⟦U+FFFC⟧"),
        ("\ud800", "⟦U+D800⟧"),
        ("".join(chr(0xE0000 + ord(letter)) for letter in "ignore"), "⟦tags “ignore”⟧"),
        ("\u200e", "⟦U+200E⟧"),
        ("\u200d", "⟦U+200D⟧"),
    ],
)
def test_hidden_characters_become_signs(hidden: str, sign: str) -> None:
    assert shown(f"a{hidden}b") == f"a{sign}b"
    made = spans(f"a{hidden}b", Mark.BOLD)
    assert "".join(span.copied for span in made) == f"a{hidden}b"
    assert [Mark.SIGN in span.marks for span in made] == [False, True, False]
    assert all(Mark.BOLD in span.marks for span in made)


@pytest.mark.parametrize(
    "text",
    [
        "👨‍👩‍👧 👍🏽 ❤️",
        "می‌خواهم",
        "क्‍ष",
        "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        "שלום\u200f!",
        "a\tb\nc",
        "\ufffd",
        "naïve – “quoted” … 漢字",
    ],
)
def test_what_scripts_need_stays(text: str) -> None:
    assert shown(text) == text
    assert [span.truth for span in spans(text)] == [None]


def test_one_line_has_no_breaks() -> None:
    assert shown_line("a\nb\tc") == "a⟦U+000A⟧b⟦U+0009⟧c"


@given(st.text(st.characters(), max_size=40))
def test_a_copy_is_the_text_itself(text: str) -> None:
    made = spans(text)
    assert "".join(span.copied for span in made) == text
    assert shown(text) == "".join(span.text for span in made)
    assert not any(letter in shown(text) for letter in "\u202e\u2066\x00\x1b\ufdd0\u200b")
