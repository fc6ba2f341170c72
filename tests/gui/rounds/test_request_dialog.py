"""The exact request in a dialog: messages by who speaks, raw JSON, copies, what was not stored."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from cort_desktop.gui.rounds.request_dialog import RequestDialog, facts_words
from cort_desktop.gui.rounds.text_dialog import TextDialog
from cort_desktop.gui.ui import Ui
from cort_desktop.services.planning import Ask
from tests.fakes.looking import beat, on_screen, words
from tests.fakes.story import n
from tests.fakes.window import Gui

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # the platform without a screen has no frames

SENT = {
    "model": "my-server/big",
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "<b>Why?</b>\x1b[2J"},
    ],
    "max_tokens": 2048,
    "temperature": 0.7,
    "seed": 5,
    "reply_schema": {"name": "verdict", "schema": {}},
    "context": {"messages_sent": 2, "messages_left_out": 3},
}


def press(dialog: RequestDialog | TextDialog, text: str) -> None:
    button = next(b for b in dialog.findChildren(QPushButton) if b.text() == text)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_messages_stand_under_the_name_of_who_speaks(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        dialog = RequestDialog(ui.theme, "R1.A1", json.dumps(SENT))
        with on_screen(dialog):
            assert dialog.windowTitle() == "The exact request of R1.A1"
            assert dialog.readable.toPlainText() == "System\nBe brief.\n\nUser\n<b>Why?</b>␛[2J"
            assert words(dialog)[0] == (
                "my-server/big · temperature 0.7 · at most 2,048 tokens · seed 5 · reply must fit “verdict”"
                " · 3 earlier messages left out to fit"
            )
            assert json.loads(dialog.raw.toPlainText()) == SENT
            press(dialog, "Copy the JSON")
            assert QGuiApplication.clipboard().text() == json.dumps(SENT)

    gui.run(main)


def test_one_that_was_not_stored_says_so(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        dialog = RequestDialog(
            ui.theme, "R1.A1", None, why_not="This conversation is temporary; nothing is stored."
        )
        with on_screen(dialog):
            assert words(dialog) == ["This conversation is temporary; nothing is stored."]
            assert [b.text() for b in dialog.findChildren(QPushButton)] == ["Close"]
        plain = RequestDialog(ui.theme, "R1.A1", None)
        with on_screen(plain):
            assert words(plain) == ["The request of R1.A1 was not stored."]

    gui.run(main)


@pytest.mark.parametrize("sent", ["no JSON at all", "[1, 2]", '{"messages": "odd"}', '{"messages": [3, {}]}'])
def test_a_request_of_another_shape_is_shown_as_it_is(gui: Gui, sent: str) -> None:
    async def main(ui: Ui) -> None:
        dialog = RequestDialog(ui.theme, "R1.A1", sent)
        with on_screen(dialog):
            assert "".join(dialog.raw.toPlainText().split()) == "".join(sent.split())

    gui.run(main)


def test_a_huge_request_is_cut_on_the_screen_and_whole_in_the_copy(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        sent = json.dumps({"messages": [{"role": "user", "content": "x" * 900_000}]})
        dialog = RequestDialog(ui.theme, "R1.A1", sent)
        with on_screen(dialog):
            assert any("Only the beginning" in each for each in words(dialog))
            assert max(map(len, dialog.readable.toPlainText().split("\n"))) <= 2000
            press(dialog, "Copy the JSON")
            assert QGuiApplication.clipboard().text() == sent

    gui.run(main)


def test_it_is_gone_when_it_is_closed(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        from PySide6.QtWidgets import QWidget

        parent = QWidget()
        with on_screen(parent):
            dialog = RequestDialog(ui.theme, "R1.A1", json.dumps(SENT), parent)
            dialog.open()
            press(dialog, "Close")
            beat(ui)
            assert parent.findChild(RequestDialog) is None

    gui.run(main)


def test_the_request_of_a_real_run_is_readable(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        outcome = await ui.app.chat.ask(Ask(question="Why is the sky blue?"), lambda _event: None)
        sent = await ui.app.library.request(outcome.run, n("D"))
        dialog = RequestDialog(ui.theme, "D", sent)
        with on_screen(dialog):
            assert "User\n" in dialog.readable.toPlainText()
            assert "Why is the sky blue?" in dialog.readable.toPlainText()

    gui.run(main)


def test_facts_that_are_not_there_are_not_told() -> None:
    assert facts_words({}) == ""
    assert facts_words({"model": "a/b", "seed": None, "context": {"messages_left_out": 0}}) == "a/b"


def test_a_raw_text_is_copied_as_it_is(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        raw = "a\x1b\u202eb" + "y" * 500_000
        dialog = TextDialog(ui.theme, "Raw reply", "As it came.", raw)
        with on_screen(dialog):
            press(dialog, "Copy")
            assert QGuiApplication.clipboard().text() == raw
            assert any("Only the beginning" in each for each in words(dialog))

    gui.run(main)


def test_it_says_of_which_parts_it_was_made_and_what_is_not_in_it(gui: Gui) -> None:
    context = {
        "messages_sent": 8,
        "messages_left_out": 28,
        "parts": [
            {"part": "system"},
            {"part": "summary", "version": 3, "turns": [[1, 14]], "model": "my-server/big"},
            {"part": "recent", "turns": [[20, 24]]},
            {"part": "question"},
        ],
        "left_out": [{"why": "no_room", "turns": [[15, 19]]}],
    }

    async def main(ui: Ui) -> None:
        dialog = RequestDialog(ui.theme, "D", json.dumps(SENT | {"context": context}))
        with on_screen(dialog):
            told = words(dialog)
            assert any("Sent: system text · summary v3 of turns 1–14" in each for each in told)
            assert any("Not word for word: turns 15–19 (no room)" in each for each in told)

    gui.run(main)


def test_what_another_program_wrote_into_a_request_is_told_as_far_as_it_can_be() -> None:
    request = {
        "model": "m",
        "temperature": "warm",
        "max_tokens": "many",
        "seed": [1],
        "context": {"messages_left_out": "two"},
    }
    assert facts_words(request).startswith("m")
