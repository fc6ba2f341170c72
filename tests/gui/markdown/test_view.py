"""The view as a person has it: what it shows, what a copy gets, what a click does."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt, QUrl
from PySide6.QtGui import (
    QDesktopServices,
    QGuiApplication,
    QImage,
    QMouseEvent,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QTextBrowser,
    QWidget,
)

from cort_desktop.gui.markdown import limits
from cort_desktop.gui.markdown.code import FOLDED_LINES, CodeBlock
from cort_desktop.gui.markdown.formula import FormulaBlock
from cort_desktop.gui.markdown.grid import GridBlock
from cort_desktop.gui.markdown.prose import Prose, ReadingText
from cort_desktop.gui.markdown.table import TableBlock
from tests.gui.markdown.viewing import Shown, shown

GALLERY = """# Head

Words **bold**, `code` and a [link](https://example.com/a?b=c).

- one
  1. two
- [x] done

> quoted

```python
def f():
    return 1
```

| a | b |
|---|--:|
| 1 | [l](https://example.org) |

$$
x^2
$$

So $y_1$ it is.

---

End.
"""


@pytest.fixture(autouse=True)
def _app(qt_app: QApplication) -> None:
    """All of these want an application."""


def parts(it: Shown, kind: Any = QWidget) -> list[Any]:
    return [part for part in it.view._flow.parts() if isinstance(part, kind)]


def test_everything_has_its_widget_and_its_place() -> None:
    with shown(GALLERY) as it:
        kinds = [type(part) for part in it.view._flow.parts()]
        assert kinds == [Prose, CodeBlock, TableBlock, FormulaBlock, Prose]
        tops = [slot.top for slot in it.view._flow.slots]
        bottoms = [slot.top + slot.height for slot in it.view._flow.slots]
        assert all(bottom < top for bottom, top in zip(bottoms, tops[1:], strict=False))
        assert it.view.height() == it.view.heightForWidth(it.view.width()) == bottoms[-1]
        assert parts(it, FormulaBlock)[0].drawing is not None
        assert "\ufffc" in parts(it, Prose)[1].text.document().firstBlock().text()


@pytest.mark.parametrize("width", [360, 1200])
def test_prose_is_at_most_78_characters_wide(width: int) -> None:
    with shown("many words of prose in a line " * 40, width) as it:
        text = parts(it, Prose)[0].text
        block = text.document().firstBlock()
        lines = [block.layout().lineAt(at).textLength() for at in range(block.layout().lineCount())]
        assert max(lines) <= 78 + 1  # the blank at the end hangs out
        assert text.width() <= it.view.width()


def test_a_streamed_text_ends_as_the_whole_one() -> None:
    with shown() as it, shown(GALLERY) as whole:
        for end in range(0, len(GALLERY), 5):
            it.view.stream(GALLERY[:end])
            it.turn()
        it.view.stream(GALLERY)
        it.view.finish()
        it.rest()
        documents = [
            [part.text.document().toPlainText() for part in parts(each, Prose | TableBlock)]
            for each in (it, whole)
        ]
        assert documents[0] == documents[1]
        assert it.view.height() == whole.view.height()
        assert it.view.plain_text() == whole.view.plain_text()
        assert [part.blocks for part in it.view._flow.parts()] == [
            part.blocks for part in whole.view._flow.parts()
        ]


PIECES = st.sampled_from(
    [
        "word ",
        "**b** ",
        "\n",
        "\n\n",
        "- x\n",
        "> q\n",
        "`c`",
        "```\n",
        "# h\n",
        "| a | b |\n|---|---|\n",
        "| 1 |\n",
        "$x$ ",
        "1. ",
    ]
)


@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PIECES, max_size=20).map("".join), st.lists(st.integers(0, 80), max_size=6))
def test_documents_follow_whatever_arrives(text: str, cuts: list[int]) -> None:
    """Adding, replacing and removing blocks leaves the same document as writing it at once."""
    with shown() as it, shown(text) as whole:
        for cut in sorted(min(cut, len(text)) for cut in cuts):
            it.view.stream(text[:cut])
            it.turn()
        it.view.set_text(text)
        it.rest()
        for one, other in zip(parts(it, Prose), parts(whole, Prose), strict=True):
            assert one.text.document().toPlainText() == other.text.document().toPlainText()
            assert _formats(one.text.document()) == _formats(other.text.document())


def _formats(document: QTextDocument) -> list[tuple[float, int, float, str]]:
    found, block = [], document.begin()
    while block.isValid():
        form = block.blockFormat()
        found.append((form.topMargin(), form.indent(), form.leftMargin(), str(form.property(0x100002))))
        block = block.next()
    return found


def test_a_growing_answer_keeps_its_widgets_and_the_selection() -> None:
    text = "First words.\n\n" + "More words come. " * 40
    with shown() as it:
        it.view.stream(text[:100])
        it.rest()
        first = parts(it, Prose)[0]
        cursor = first.text.textCursor()
        cursor.setPosition(0)
        cursor.setPosition(5, QTextCursor.MoveMode.KeepAnchor)
        first.text.setTextCursor(cursor)
        for end in range(100, len(text), 20):
            it.view.stream(text[:end])
            it.turn()
        assert parts(it, Prose)[0] is first
        assert it.view.selected_text() == "First"


def test_a_long_text_rests_between_beats_and_loses_nothing() -> None:
    text = "word " * 4000
    with shown() as it:
        for end in range(0, len(text), 100):
            it.view.stream(text[:end])
            it.turn()
        it.view.stream(text)
        it.rest()
        assert it.view.plain_text().split() == text.split()


def test_theme_changes_keep_words_and_selection() -> None:
    with shown(GALLERY) as it:
        first = parts(it, Prose)[0]
        first.select(2, 12)
        before = [part.text.document().toPlainText() for part in parts(it, Prose | TableBlock)]
        chosen = it.view.selected_text()
        it.theme.use(mode="dark")
        it.rest()
        assert [part.text.document().toPlainText() for part in parts(it, Prose | TableBlock)] == before
        assert it.view.selected_text() == chosen
        colour = parts(it, Prose)[0].text.document().firstBlock().charFormat().foreground().color()
        assert colour == it.theme.colour("text")


def test_raw_shows_the_text_as_it_is_written() -> None:
    with shown(GALLERY) as it:
        it.view.set_raw(True)
        it.rest()
        assert (
            "".join(part.text.document().toPlainText() for part in parts(it, Prose)).strip()
            == GALLERY.strip()
        )
        it.view.set_raw(False)
        it.rest()
        assert len(parts(it, CodeBlock)) == 1


def test_select_all_and_copy_get_true_words() -> None:
    text = "A\u202eB and $x^2$.\n\n- item\n  1. two\n\n```sh\nrm\u200b x\n```\n\n"
    text += "| a | b |\n|---|---|\n| 1 | 2 |\n"
    with shown(text) as it:
        it.view.select_all()
        assert it.view.copy()
        copied = QGuiApplication.clipboard().text()
        assert copied == "A\u202eB and $x^2$.\n- item\n  1. two\n\nrm\u200b x\n\na\tb\n1\t2"
        it.view.copy_all()
        assert QGuiApplication.clipboard().text() == text


def test_a_drag_over_parts_selects_in_all_of_them() -> None:
    with shown("First paragraph.\n\n```\ncode one\ncode two\n```\n\nLast paragraph.") as it:
        first, code, last = parts(it)
        start = first.text.viewport()
        _mouse(start, QEvent.Type.MouseButtonPress, first.text.cursorRect(_at(first.text, 6)).center())
        target = last.text.cursorRect(_at(last.text, 4)).center()
        there = start.mapFromGlobal(last.text.viewport().mapToGlobal(target))
        _mouse(start, QEvent.Type.MouseMove, there)
        assert it.view.selected_text() == "paragraph.\n\ncode one\ncode two\n\nLast"
        back = start.mapFromGlobal(
            code.text.viewport().mapToGlobal(code.text.cursorRect(_at(code.text, 4)).center())
        )
        _mouse(start, QEvent.Type.MouseMove, back)
        assert it.view.selected_text() == "paragraph.\n\ncode"
        _mouse(start, QEvent.Type.MouseButtonRelease, back)
        _mouse(last.text.viewport(), QEvent.Type.MouseButtonPress, target)
        _mouse(last.text.viewport(), QEvent.Type.MouseButtonRelease, target)
        assert not it.view.selected_text()


def _at(edit: Any, place: int) -> QTextCursor:
    cursor = QTextCursor(edit.document())
    cursor.setPosition(place)
    return cursor


def _mouse(widget: QWidget, kind: QEvent.Type, at: QPoint) -> None:
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    button = none if kind == QEvent.Type.MouseMove else left
    held = none if kind == QEvent.Type.MouseButtonRelease else left
    where = QPointF(widget.mapToGlobal(at))
    event = QMouseEvent(kind, QPointF(at), where, button, held, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(widget, event)


def test_finding_counts_colours_and_goes_there() -> None:
    text = (
        "needle in **a** Needle\n\n"
        + "words\n\n" * 300
        + "```\nthe needle\n```\n\n| needle | b |\n|---|---|\n| x | need**le** |"
    )
    with shown(text) as it:
        places: list[QRect] = []
        it.view.reveal.connect(places.append)
        assert it.view.find("needle") == 5
        rect = it.view.go_to(2)
        assert rect is not None
        assert places == [rect]
        assert rect.top() > 2000
        code = parts(it, CodeBlock)[0]
        assert [s.cursor.selectedText() for s in code.text.extraSelections()] == ["needle"]
        first = parts(it, Prose)[0]
        assert [s.cursor.selectedText() for s in first.text.extraSelections()] == ["needle", "Needle"]
        it.view.go_to(4)
        table = parts(it, TableBlock)[0]
        assert [s.cursor.selectedText() for s in table.text.extraSelections()] == ["needle", "needle"]
        assert it.view.find("") == 0
        assert not first.text.extraSelections()


def test_finding_behind_wide_characters_and_formulas() -> None:
    with shown("😀😀 and $\\frac{a}{b}$ then\u200b target here") as it:
        assert it.view.find("target") == 1
        (selection,) = parts(it, Prose)[0].text.extraSelections()
        assert selection.cursor.selectedText() == "target"
        assert it.view.find("frac") == 1
        (selection,) = parts(it, Prose)[0].text.extraSelections()
        assert selection.cursor.selectedText() == "\ufffc"


@pytest.mark.reliability(54)
def test_a_link_is_opened_only_after_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    with shown("[bank](https://b\u00fccher.example/\u00e4?q=1)") as it:
        text = parts(it, Prose)[0].text
        QTest.mouseClick(
            text.viewport(), Qt.MouseButton.LeftButton, pos=text.cursorRect(_at(text, 2)).center()
        )
        dialog = it.view.findChild(QDialog, "linkDialog")
        assert dialog is not None
        assert dialog.isVisible()
        assert not it.opened
        host, address = dialog.findChild(QLabel, "linkHost"), dialog.findChild(QPlainTextEdit, "linkAddress")
        assert host is not None
        assert address is not None
        assert host.text() == "xn--bcher-kva.example"
        assert address.toPlainText() == "https://xn--bcher-kva.example/%C3%A4?q=1"
        for label in dialog.findChildren(QLabel):
            assert label.textFormat() is Qt.TextFormat.PlainText
        button = dialog.findChild(QPushButton, "openLink")
        assert button is not None
        button.click()
        assert [url.toEncoded().data() for url in it.opened] == [b"https://xn--bcher-kva.example/%C3%A4?q=1"]
    assert not opened


@pytest.mark.reliability(54)
@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "file:///etc/passwd", "smb://h/s", "ms-msdt:/x", "data:text/html,x"]
)
def test_other_links_do_nothing(address: str) -> None:
    with shown(f"[words]({address}) <{address}>") as it:
        text = parts(it, Prose)[0].text
        assert address in text.toPlainText()
        assert not any(text.anchorAt(QPoint(x, 8)) for x in range(0, 300, 4))
        it.view.follow(address)
        assert it.view.findChild(QDialog) is None
        assert not it.opened


@pytest.mark.reliability(52)
def test_images_are_named_and_nothing_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    real = ReadingText.loadResource

    def watching(self: ReadingText, kind: int, name: object) -> object:
        asked.append(name)
        return real(self, kind, name)  # type: ignore[arg-type]

    monkeypatch.setattr(ReadingText, "loadResource", watching)
    text = "![a](file:///etc/passwd) ![b](//host/share/x.png) ![c](http://127.0.0.1:9/x) "
    text += "<img src='file:///etc/x'> ![d](data:image/svg+xml,x)"
    with shown(text) as it:
        said = parts(it, Prose)[0].text.toPlainText()
        assert said.count("image not shown") == 4
        assert "<img src='file:///etc/x'>" in said
    assert not asked
    with shown("x") as it:
        answer = parts(it, Prose)[0].text.loadResource(
            QTextDocument.ResourceType.ImageResource.value, QUrl("file:///etc/passwd")
        )
        assert isinstance(answer, QImage)
        assert answer.isNull()


def test_code_is_copied_whole_and_coloured() -> None:
    with shown("```python\nimport os  # why\nx = 'a\u202eb'\n```") as it:
        code = parts(it, CodeBlock)[0]
        code._copy.click()
        assert QGuiApplication.clipboard().text() == "import os  # why\nx = 'a\u202eb'"
        assert "⟦U+202E⟧" in code.text.toPlainText()
        it.until(lambda: code.text.document().firstBlock().layout().formats())
        colours = {
            each.format.foreground().color().name()
            for each in code.text.document().firstBlock().layout().formats()
        }
        assert it.theme.palette["syntax_keyword"] in colours
        assert it.theme.palette["syntax_comment"] in colours


def test_streamed_code_ends_with_the_colours_of_the_whole() -> None:
    source = 'def f():\n    """A string\n    over lines."""\n    return {"a": 1}\n' * 3
    text = f"```python\n{source}```\n"
    with shown() as it, shown(text) as whole:
        for end in range(0, len(text), 3):
            it.view.stream(text[:end])
            it.turn()
        it.view.set_text(text)
        it.rest()
        lines = [parts(each, CodeBlock)[0].text._colours._lines for each in (it, whole)]
        assert {at: runs for at, runs in lines[0].items() if runs} == {
            at: runs for at, runs in lines[1].items() if runs
        }
        assert any(lines[1].values())


def test_long_code_is_folded_until_asked_for() -> None:
    text = "```\n" + "\n".join(f"line {number}" for number in range(1000)) + "\n```"
    with shown(text) as it:
        code = parts(it, CodeBlock)[0]
        assert code.text.lines == FOLDED_LINES
        height = it.view.height()
        assert it.view.find("line 999") == 1
        it.view.go_to(0)
        it.rest()
        assert code.text.lines == 1000
        assert it.view.height() > 5 * height
        assert code.truth().endswith("line 999")


def test_long_code_in_a_long_text_is_folded_too() -> None:
    text = "Words.\n\n```python\n" + "x = 1  # a line of code\n" * 1500 + "```\n\nMore words."
    with shown(text) as it:
        assert len(text) > 2 * limits.SLICE
        assert parts(it, CodeBlock)[0].text.lines == FOLDED_LINES


def test_code_that_was_seen_growing_is_not_folded() -> None:
    text = "```\n" + "\n".join(f"line {number}" for number in range(600))
    with shown() as it:
        for end in range(0, len(text), 400):
            it.view.stream(text[:end])
            it.turn()
        it.view.set_text(text + "\n```")
        it.rest()
        assert parts(it, CodeBlock)[0].text.lines == 600


def test_a_large_table_is_a_grid_with_all_its_rows() -> None:
    text = "| a | b |\n|---|--:|\n" + "".join(f"| **{n}** | x\u202e |\n" for n in range(5000))
    with shown(text) as it:
        grid = parts(it, GridBlock)[0]
        assert grid._model.rowCount() == limits.TABLE_ROWS
        assert grid._model.data(grid._model.index(3, 0)) == "3"
        assert "⟦U+202E⟧" in grid._model.data(grid._model.index(3, 1))
        assert (
            grid._model.data(grid._model.index(3, 1), Qt.ItemDataRole.TextAlignmentRole)
            & Qt.AlignmentFlag.AlignRight
        )
        assert it.view.find("4999") == 1
        it.view.go_to(0)
        assert grid._model.rowCount() == 5000
        assert grid.truth().endswith("**4999**\tx\u202e")


def test_the_grid_model_holds_to_the_rules() -> None:
    from cort_desktop.gui.markdown.assembly import read_all
    from cort_desktop.gui.markdown.grid import GridModel
    from tests.fakes.item_models import under_tester

    model = GridModel()
    tester = under_tester(model, GridModel)
    for rows in (3, 10, 900, 2):
        (table,) = read_all("| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * rows)
        model.show_table(table)  # type: ignore[arg-type]
        assert model.rowCount() == min(rows, limits.TABLE_ROWS)
    model.show_all()
    tester.deleteLater()
    model.deleteLater()


def test_unfinished_and_wrong_formulas_show_their_source() -> None:
    with shown("Wrong $\\frac{a}{$ here.\n\n$$\n\\frac{\n$$\n\n$$\nx +") as it:
        assert "$\\frac{a}{$" in parts(it, Prose)[0].text.toPlainText()
        first, second = parts(it, FormulaBlock)
        assert first.text.toPlainText() == "$$\n\\frac{\n$$"
        assert second.text.toPlainText() == "$$\nx +"
        assert first.text.isVisible()


def test_tab_reaches_links_and_copy_buttons_from_the_top_down() -> None:
    with shown("[one](https://a.example)\n\n```\nx\n```\n\n[two](https://b.example)") as it:
        first, code, last = parts(it)
        first.text.setFocus()
        seen: list[QWidget | None] = []
        for _ in range(5):
            QTest.keyClick(QApplication.focusWidget() or first.text, Qt.Key.Key_Tab)
            seen.append(QApplication.focusWidget())
        assert seen.index(code._copy) < seen.index(code.text) < seen.index(last.text)


def test_a_screen_reader_reads_the_words() -> None:
    from PySide6.QtGui import QAccessible

    with shown(GALLERY) as it:
        for part in parts(it, Prose | CodeBlock | TableBlock):
            interface = QAccessible.queryAccessibleInterface(part.text)
            words = interface.textInterface()
            assert words is not None
            said = words.text(0, words.characterCount())
            assert said.strip()
            assert interface.text(QAccessible.Text.Name)
            if part is parts(it)[0]:
                assert "Words bold, code" in said


def test_more_than_a_mebibyte_is_shown_in_part_and_reachable_whole() -> None:
    text = "A line of words\n" * 80_000
    with shown(text) as it:
        assert len(it.view.plain_text()) <= limits.PREVIEW_CHARACTERS + 100
        assert it.view._shortened.isVisible()
        it.view._shortened.copy.click()
        assert QGuiApplication.clipboard().text() == text
        it.view._shortened.open.click()
        window = it.view.findChild(QDialog, "textWindow")
        assert window is not None
        edit = window.findChild(QPlainTextEdit)
        assert edit is not None
        it.until(lambda: edit.document().blockCount() == 80_001)
        window.close()


def test_the_menu_offers_the_link_under_the_pointer() -> None:
    from cort_desktop.gui.markdown.context_menu import context_menu

    with shown("[bank](https://a.example/x)") as it:
        text = parts(it, Prose)[0].text
        at = text.viewport().mapToGlobal(text.cursorRect(_at(text, 2)).center())
        menu = context_menu(it.view, at)
        names = [action.text() for action in menu.actions()]
        assert names[:2] == ["Open link…", "Copy link"]
        assert "Copy all as Markdown" in names
        menu.deleteLater()


def test_no_text_widget_is_editable_or_rich_by_accident() -> None:
    with shown(GALLERY) as it:
        for browser in it.view.findChildren(QTextBrowser):
            assert browser.isReadOnly()
            assert not browser.openLinks()
        for edit in it.view.findChildren(QPlainTextEdit):
            assert edit.isReadOnly()
        for label in it.view.findChildren(QLabel):
            assert label.textFormat() is Qt.TextFormat.PlainText
