from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QApplication

from cort_desktop.gui.library.excerpts import Look, Marked, around_the_first, laid_out, safe


def found(marked: Marked) -> list[str]:
    return [marked.text[start:end] for start, end in marked.marks]


def test_marks_stay_on_their_words_where_characters_become_visible_names() -> None:
    text = "a\x1b[31mred\u202e word\nand a red one"
    marked = safe(text, ((6, 9), (22, 25)))
    assert found(marked) == ["red", "red"]
    assert "\x1b" not in marked.text
    assert "\u202e" not in marked.text
    assert "\n" not in marked.text


@given(st.text(max_size=60), st.integers(0, 60), st.integers(0, 60))
def test_no_text_loses_its_mark(text: str, one: int, other: int) -> None:
    start, end = sorted((min(one, len(text)), min(other, len(text))))
    marked = safe(text, ((start, end),))
    assert found(marked) == [safe(text[start:end], ((0, end - start),)).text]


def test_markup_is_not_read_in_an_excerpt() -> None:
    text = (
        "## Prove it\nIf the **plan** shows a `Sort`, a partial index removes it: ```sql CREATE INDEX x; ```"
    )
    start = text.index("partial index")
    marked = safe(text, ((start, start + 13),))
    assert found(marked) == ["partial index"]
    assert marked.text == "Prove it If the plan shows a Sort, a partial index removes it: CREATE INDEX x; "
    assert safe("17 * 23 is 391", ()).text == "17 * 23 is 391"


@pytest.mark.parametrize("place", [0, 3, 40, 90])
def test_the_found_word_stands_well_within_the_room(place: int) -> None:
    words = ["word"] * 100
    words[place] = "FOUND"
    text = " ".join(words)
    start = text.index("FOUND")
    marked = around_the_first(Marked(text=text, marks=((start, start + 5),)), len, 40)
    assert found(marked) == ["FOUND"]
    assert marked.marks[0][1] <= 40
    assert marked.text.startswith("…" if place > 3 else "word" if place else "FOUND")


def test_at_the_end_of_a_text_more_is_shown_of_what_stands_before() -> None:
    text = "one two three four five six seven FOUND"
    marked = around_the_first(Marked(text=text, marks=((34, 39),)), len, 30)
    assert marked.text == "…four five six seven FOUND"


def test_it_is_cut_to_its_lines_and_emoji_shift_no_mark(qt_app: QApplication) -> None:
    font = QFont()
    look = Look(font=font, strong=font, text=QColor("black"), found=QColor("yellow"))
    text = "👩‍👩‍👧‍👦🎉 before FOUND " + "after " * 50
    start = text.index("FOUND")
    layout = laid_out(Marked(text=text, marks=((start, start + 5),)), 200, 2, look)
    assert layout.lineCount() <= 2
    assert layout.text().endswith("…")
    (mark,) = layout.formats()
    units = layout.text().encode("utf-16-le")
    assert units[2 * mark.start : 2 * (mark.start + mark.length)].decode("utf-16-le") == "FOUND"


def test_a_short_text_is_left_as_it_is(qt_app: QApplication) -> None:
    font = QFont()
    look = Look(font=font, strong=font, text=QColor("black"), found=QColor("yellow"))
    layout = laid_out(Marked(text="just FOUND", marks=((5, 10),)), 400, 2, look)
    assert (layout.text(), layout.lineCount()) == ("just FOUND", 1)
