"""What a text is read as."""

from __future__ import annotations

import pytest

from cort_desktop.gui.markdown.assembly import read_all
from cort_desktop.gui.markdown.blocks import spans_of
from cort_desktop.gui.markdown.tables import aligns_of, cells_of
from cort_desktop.gui.markdown.values import Code, Formula, Heading, Mark, Paragraph, Rule, Table


def words(text: str) -> str:
    return "".join(span.text for span in spans_of(text))


def test_html_is_words() -> None:
    (paragraph,) = read_all("a <b>bold</b> <script>alert(1)</script> <think>hm</think>")
    assert isinstance(paragraph, Paragraph)
    assert (
        "".join(s.text for s in paragraph.spans)
        == "a <b>bold</b> <script>alert(1)</script> <think>hm</think>"
    )
    assert words("one<br>two<BR/>three") == "one\ntwo\nthree"


def test_lists_keep_numbers_marks_and_depth() -> None:
    blocks = read_all("3. three\n4. four\n   - [x] done\n   - [ ] open\n\n   more of four\n7. five")
    assert [(b.frame.bullet, b.frame.within) for b in blocks] == [
        ("3.", "l"), ("4.", "l"), ("[x]", "ll"), ("[ ]", "ll"), ("", "l"), ("5.", "l"),
    ]  # fmt: skip
    assert [b.frame.is_tight for b in blocks] == [False, True, True, True, False, True]


def test_quotes_and_what_is_in_them() -> None:
    blocks = read_all("> said\n> - a\n>\n>   ```py\n>   x\n>   ```\n\nafter")
    assert [(type(b), b.frame.within) for b in blocks] == [
        (Paragraph, "q"), (Paragraph, "ql"), (Code, "ql"), (Paragraph, ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "language", "code", "is_closed"),
    [
        ("```python\nx\n```", "python", "x", True),
        ("```{.rust}\nx", "rust", "x", False),
        ("```\n", "", "", False),
        ("~~~ C++ extra\nx\n\ny\n~~~", "c++", "x\n\ny", True),
        ("    indented\n      more", "", "indented\n  more", True),
    ],
)
def test_code(text: str, language: str, code: str, is_closed: bool) -> None:
    (block,) = read_all(text)
    assert isinstance(block, Code)
    assert (block.language, block.text, block.is_closed) == (language, code, is_closed)


@pytest.mark.parametrize(
    ("text", "tex", "is_closed"),
    [
        ("$$x$$", "x", True),
        ("$$\nx\n+ y\n$$", "x\n+ y", True),
        ("\\[ x \\].", "x", True),
        ("\\begin{align}\na&=b\n\\end{align}", "\\begin{align}\na&=b\n\\end{align}", True),
        ("$$\nx +", "", False),
    ],
)
def test_formulas(text: str, tex: str, is_closed: bool) -> None:
    (block,) = read_all(text)
    assert isinstance(block, Formula)
    assert (block.tex, block.is_closed, block.source) == (tex, is_closed, text)


def test_dollar_signs_that_are_no_formula_are_words() -> None:
    blocks = read_all("$$ is what it costs\n\n**then**")
    assert [type(block) for block in blocks] == [Paragraph, Paragraph]
    for text in ("$5 and $10", "US$5-$10", "$HOME/x and $USER", "a $ b $ c", r"\$5$", "cost: $5, then $6"):
        assert not any(Mark.MATH in span.marks for span in spans_of(text)), text


@pytest.mark.parametrize(
    "text", ["so $x^2$ is", "so $$x^2$$ is", r"so \(x^2\) is", r"so \[x^2\] is", r"so $x^2\$$ is"]
)
def test_formulas_in_a_line(text: str) -> None:
    spans = spans_of(text)
    assert Mark.MATH in spans[1].marks
    assert "".join(span.copied for span in spans) == text


def test_tables_keep_their_lines() -> None:
    (table,) = read_all("| a | b \\| c |\n|:--|--:|\n| 1 | 2 | 3 |\n| x |")
    assert isinstance(table, Table)
    assert table.head == ("a", "b | c")
    assert table.aligns == ("left", "right")
    assert [cells_of(row, 2) for row in table.rows] == [("1", "2"), ("x", "")]


def test_what_is_a_ruler() -> None:
    assert aligns_of("|---|:-:|") == ("", "center")
    assert aligns_of("---|---") == ("", "")
    assert aligns_of("---") is None
    assert aligns_of("| a |") is None


def test_a_rule_and_headings() -> None:
    assert [type(block) for block in read_all("# A\n\nB\n===\n\n***")] == [Heading, Heading, Rule]


def test_marks_are_joined_and_kept() -> None:
    spans = spans_of("a ***b*** ~~c~~ `d`")
    assert [(span.text, span.marks) for span in spans] == [
        ("a ", Mark.NONE), ("b", Mark.BOLD | Mark.ITALIC), (" ", Mark.NONE), ("c", Mark.STRIKE),
        (" ", Mark.NONE), ("d", Mark.CODE),
    ]  # fmt: skip


def test_a_very_long_paragraph_is_not_searched_for_marks() -> None:
    assert spans_of("**b** " * 2000)[0].marks == Mark.NONE
