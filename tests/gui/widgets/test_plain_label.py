from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from cort_desktop.gui.widgets import PlainLabel
from cort_desktop.gui.widgets.plain_label import breakable
from tests.fakes.window import Gui, gone, shown

ADDRESS = "https://example.org/" + "a1" * 400


def test_a_long_word_makes_a_wrapped_label_no_wider(gui: Gui) -> None:
    label = PlainLabel(f"Not found: {ADDRESS}.")
    wide = label.minimumSizeHint().width()
    label.setWordWrap(True)
    assert label.minimumSizeHint().width() < wide / 20
    label.setText(f"Moved to {ADDRESS}.")
    assert label.minimumSizeHint().width() < wide / 20
    assert label.text() == f"Moved to {ADDRESS}."
    gone(label)
    assert gui is not None


def test_what_is_copied_is_what_was_said(gui: Gui) -> None:
    label = PlainLabel(ADDRESS)
    label.setWordWrap(True)
    flags = Qt.TextInteractionFlag
    label.setTextInteractionFlags(flags.TextSelectableByMouse | flags.TextSelectableByKeyboard)
    shown(label, 300, 300)
    label.setSelection(0, len(breakable(ADDRESS)))
    QTest.keySequence(label, QKeySequence(QKeySequence.StandardKey.Copy))
    assert QApplication.clipboard().text() == ADDRESS
    gone(label)
    assert gui is not None


def test_short_words_are_left_alone() -> None:
    for text in ("", "a few plain words", "x" * 23, "漢字 " * 50):
        assert breakable(text) == text
