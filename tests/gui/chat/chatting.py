"""A chat pane for tests: shown off screen, written into and asked with as a person would."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox, QWidget

from cort_desktop.domain.calls import (
    AttemptFirstContent,
    AttemptStart,
    ChatRequest,
    Completion,
    Delta,
    Notify,
)
from cort_desktop.domain.ids import ConversationId
from cort_desktop.gui.chat.chat_pane import ChatPane
from cort_desktop.gui.chat.turn import TurnWidget
from cort_desktop.gui.ui import Ui
from cort_desktop.services import attachments
from tests.fakes.models import Reply, ScriptedModel, good_model, is_judge
from tests.fakes.window import gone, shown, until

FAST_S = 0.002
HELD_S = 3_600.0


@asynccontextmanager
async def chat_pane(ui: Ui, width: int = 760, height: int = 700) -> AsyncIterator[ChatPane]:
    """A pane that is shown, and gone afterwards."""
    window = QWidget()  # without a layout: a top-level one would tell the screen its least size
    pane = ChatPane(ui, window)
    pane.setGeometry(0, 0, width, height)
    shown(window, width, height)
    pane.focus_composer()
    try:
        yield pane
    finally:
        pane.controller.questions.stop()
        await until(lambda: pane.controller.questions.working is None and not ui.tasks.names)
        gone(window)


def write(pane: ChatPane, text: str) -> None:
    """Type into the composer."""
    QTest.keyClicks(pane.composer.edit, text)


def press(
    pane: ChatPane, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    """Press a key in the composer."""
    QTest.keyClick(pane.composer.edit, key, modifier)


async def ask(pane: ChatPane, text: str) -> TurnWidget:
    """Ask and wait for the answer; the last turn."""
    pane.composer.edit.setPlainText(text)
    press(pane, Qt.Key.Key_Return)
    await rest(pane)
    return last(pane)


async def rest(pane: ChatPane) -> None:
    """Wait until nothing works in the conversation and all of it is shown."""
    await until(
        lambda: not pane.controller.questions.is_starting and pane.controller.questions.working is None
    )
    await until(lambda: not pane._ui.tasks.names)
    await until(lambda: pane.transcript.last_made is not None and pane.transcript.last_made.feed is not None)


async def confirm_price(pane: ChatPane) -> str:
    """Press Enter where the price of another answer is asked about; what was said there."""
    await until(lambda: pane.window().findChild(QMessageBox, "priceQuestion"))
    box = pane.window().findChild(QMessageBox, "priceQuestion")
    assert isinstance(box, QMessageBox)
    said: str = box.informativeText()
    QTest.keyClick(box, Qt.Key.Key_Return)
    return said


def last(pane: ChatPane) -> TurnWidget:
    """The last turn's widget."""
    widget = pane.transcript.last_made
    assert widget is not None
    return widget


def quick_model() -> ScriptedModel:
    """Good answers in next to no time."""
    return good_model(seconds=FAST_S)


class HeldModel(ScriptedModel):
    """Writes half of a reply that takes an hour at once."""

    async def _attempt(self, request: ChatRequest, reply: Reply, notify: Notify) -> Completion:
        if reply.seconds < HELD_S:
            return await super()._attempt(request, reply, notify)
        notify(AttemptStart(attempt=1, model=request.model, why="first"))
        notify(AttemptFirstContent(attempt=1))
        notify(Delta(text=reply.text[: len(reply.text) // 2]))
        await asyncio.sleep(reply.seconds)
        raise AssertionError("nobody waits that long")


def held_model(after: int) -> ScriptedModel:
    """Answers the first ``after`` answers, then writes half of each and waits to be stopped."""
    good = good_model(seconds=FAST_S)
    seen = [0]

    def script(request: ChatRequest, nth: int) -> Reply:
        if is_judge(request) or request.reply_schema is not None:
            return good.script(request, nth)
        seen[0] += 1
        reply = good.script(request, nth)
        return reply if seen[0] <= after else Reply(text=reply.text, seconds=HELD_S)

    return HeldModel(script)


def failing_model() -> ScriptedModel:
    """Refuses the key."""
    return ScriptedModel(lambda _request, _nth: Reply(error="auth", seconds=FAST_S))


async def two_asked(pane: ChatPane) -> tuple[ConversationId, ConversationId]:
    """Two conversations of a question each; the second is looked at."""
    await ask(pane, "Why?")
    first = pane.conversation
    pane.new()
    await ask(pane, "How?")
    second = pane.conversation
    assert first is not None
    assert second is not None
    return first, second


def reading_waits(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Files that are attached are read when the event is set."""
    may_read = threading.Event()
    read = attachments.read_text_file

    def slowly(path: Path) -> str:
        may_read.wait(20)
        return read(path)

    monkeypatch.setattr(attachments, "read_text_file", slowly)
    return may_read
