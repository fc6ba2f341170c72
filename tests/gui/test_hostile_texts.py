"""Hostile texts in every place of the real window that shows foreign words: nothing is opened, fetched or
followed, nothing acts, and what is copied is what came.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, QModelIndex, Qt, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QDialog,
    QLabel,
    QLineEdit,
    QWidget,
)

from cort_desktop.domain.calls import AttemptFailure, AttemptStart, ChatRequest, Completion, Delta, Notify
from cort_desktop.domain.texts import clean
from cort_desktop.errors import ProviderError, UsageError
from cort_desktop.gui.main_window import MainWindow
from cort_desktop.gui.ui import Ui
from cort_desktop.telling.safe import ACTING
from tests.fakes.hostile import LINKS, Bait
from tests.fakes.models import Reply, ScriptedModel, is_judge, longest_wins
from tests.fakes.whole_window import ask, at_rest, close_dialogs, main_window
from tests.fakes.window import CONFIG, Gui, until

pytestmark = [
    pytest.mark.reliability(52, 53, 54, 55),
    pytest.mark.qt_log_ignore("propagateSizeHints", "does not support"),  # what the off-screen platform says
]


@pytest.fixture
def bait(tmp_path: Path) -> Iterator[Bait]:
    """Files that nobody may open, and a listening address that nobody may ask."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        made = Bait(tmp_path / "b", f"http://127.0.0.1:{server.getsockname()[1]}")
        with made.watched():
            yield made
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[QUrl]:
    """What was given to the desktop to be opened."""
    urls: list[QUrl] = []
    monkeypatch.setattr("PySide6.QtGui.QDesktopServices.openUrl", urls.append)
    return urls


class Nasty(ScriptedModel):
    """Says the worst in answers, in reasoning, as a judge and when it fails."""

    def __init__(self, words: str) -> None:
        super().__init__(self._say)
        self.words = words
        self._answers = 0

    def _say(self, request: ChatRequest, _nth: int) -> Reply:
        if is_judge(request):
            return Reply(text=self._verdict(request), seconds=0)
        if request.reply_schema is not None:
            return Reply(text="2", seconds=0)
        self._answers += 1
        if self._answers == 2:
            return Reply(text=self.words, error="unavailable", seconds=0)
        return Reply(text=f"Try {self._answers}.\n\n{self.words}", seconds=0)

    def _verdict(self, request: ChatRequest) -> str:
        said = json.loads(longest_wins(request))
        for each in said["analysis"]:
            each["notes"] = each["fatal_flaw"] = self.words
        return json.dumps({**said, "reason": self.words, "critique": self.words})

    async def _attempt(self, request: ChatRequest, reply: Reply, notify: Notify) -> Completion:
        if reply.error is None:
            notify(Delta(text=self.words, channel="reasoning"))
            return await super()._attempt(request, reply, notify)
        notify(AttemptStart(attempt=1, model=request.model, why="first"))
        error = ProviderError(self.words, kind=reply.error, partial=reply.text)
        notify(AttemptFailure(attempt=1, model=request.model, error=error, next="give_up", usage=reply.usage))
        raise error


def test_foreign_words_do_nothing_wherever_they_are_shown(gui: Gui, bait: Bait, opened: list[QUrl]) -> None:
    words = bait.text()
    model = Nasty(clean(words))  # halves of characters are joined where a service's bytes come in
    named = CONFIG.replace('"model"]', f'"model", {json.dumps("m" + bait.line())}]')

    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            attached = gui.home / "<img src=x>\u202e&[x](y).txt"
            attached.write_text(words.replace("\0", "").replace("\ud800", ""), encoding="utf-8")
            window.chat.composer.dropped.emit([attached])
            await at_rest(ui)
            await ask(ui, window, words, anew=False)
            conversation = window.chat.conversation
            assert conversation is not None
            await ui.app.library.rename(conversation, bait.line()[:200])
            window.chat.reload()
            window.library.refresh()
            await at_rest(ui)
            look_harmless(window)
            await look_at_every_node(ui, window)
            await look_for(ui, window, "secret")
            for key, kind in (("one", "bad"), ("two", "info")):
                ui.notices.bar(key, words, kind)  # type: ignore[arg-type]
            ui.notices.say(words)
            look_harmless(window)
            ui.notices.clear("one")
            ui.notices.clear("two")
            turn = window.chat.transcript.last_made
            assert turn is not None
            turn.answer.copy()
            assert QApplication.clipboard().text() == turn.answer.look.text
            assert clean(words) in turn.answer.look.text

    gui.run(main, model, named)
    assert opened == []


async def look_at_every_node(ui: Ui, window: MainWindow) -> None:
    """Every node in every view and every tab, with what can be opened from there."""
    feed = window.selection.feed
    assert feed is not None
    assert {node.status for node in feed.state.nodes.values()} >= {"finished", "failed"}
    for name, node in feed.state.nodes.items():
        window.selection.select(name)
        window.selection.mark(next(other for other in feed.state.nodes if other != name))
        for tab in range(window.rounds.tabs.count()):
            window.rounds.tabs.setCurrentIndex(tab)
            await at_rest(ui)
            look_harmless(window)
        if node.request is not None:
            ui.actions["tree.inspect"].trigger()
            await until(lambda: QApplication.activeModalWidget() is not None, "the request")
            look_harmless(window)
            close_dialogs()
            await asyncio.sleep(0)
    for view in ("view.map", "view.columns", "view.outline"):
        ui.actions[view].trigger()
        await at_rest(ui)
        look_harmless(window)


async def look_for(ui: Ui, window: MainWindow, words: str) -> None:
    """The search over everything, and in the conversation."""
    ui.actions["library.search"].trigger()
    field = window.findChild(QLineEdit, "searchField")
    assert isinstance(field, QLineEdit)
    QTest.keyClicks(field, words)
    await until(lambda: window.library.searching.shown is not None, "hits")
    await at_rest(ui)
    look_harmless(window)
    QTest.keyClick(field, Qt.Key.Key_Escape)
    ui.actions["find.open"].trigger()
    await at_rest(ui)
    look_harmless(window)


def look_harmless(window: MainWindow) -> None:
    """Paint all there is; then nothing of it may be taken for HTML, and no letter may act unseen."""
    window.grab()
    wrong = []
    for widget in QApplication.allWidgets():
        wrong += [f"{_name(widget)}: {words!r}" for words in _acting(widget)]
        if isinstance(widget, QLabel) and widget.textFormat() != Qt.TextFormat.PlainText:
            wrong += [f"{_name(widget)} takes {widget.text()!r} for HTML"] * ("<" in widget.text())
        tips = [widget.toolTip()]
        if isinstance(widget, QAbstractItemView) and widget.model() is not None:
            tips += _told(widget.model(), Qt.ItemDataRole.ToolTipRole)
        wrong += [f"{_name(widget)}: tooltip {tip!r}" for tip in tips if _is_rendered(tip)]
    assert not wrong, "\n".join(sorted(set(wrong)))


def _acting(widget: QWidget) -> list[str]:
    said = [widget.toolTip()]
    if isinstance(widget, QLabel | QAbstractButton):
        said.append(widget.text())
    if widget.isWindow():
        said.append(widget.windowTitle())
    if isinstance(widget, QAbstractItemView) and widget.model() is not None:
        said += _told(widget.model(), Qt.ItemDataRole.DisplayRole)
        said += _told(widget.model(), Qt.ItemDataRole.AccessibleTextRole)
        said += _told(widget.model(), Qt.ItemDataRole.ToolTipRole)
    return [each[:120] for each in said if ACTING.search(each)]


def _told(model: QAbstractItemModel, role: int, parent: QModelIndex | None = None) -> list[str]:
    parent = QModelIndex() if parent is None else parent
    said = []
    for row in range(model.rowCount(parent)):
        columns = 1 if isinstance(model, QAbstractListModel) else model.columnCount(parent)
        for column in range(columns):
            index = model.index(row, column, parent)
            told = index.data(role)
            said += [told] if isinstance(told, str) else []
            if not column:
                said += _told(model, role, index)
    return said


def _is_rendered(tip: str) -> bool:
    return any(each in tip for each in ("<img", "<b>", "<link", "<script"))


def _name(widget: QWidget) -> str:
    return f"{type(widget).__name__}({widget.objectName() or widget.accessibleName()[:40]!r})"


def test_no_other_address_is_asked_about(gui: Gui, opened: list[QUrl]) -> None:
    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            await ask(ui, window, "Why?")
            turn = window.chat.transcript.last_made
            assert turn is not None
            for address in (*LINKS, "file:///etc/hostname", "/etc/hostname", "x" * 5_000):
                turn.answer.view.follow(address)
                await at_rest(ui)
                asked = [each for each in window.findChildren(QDialog) if each.isVisible()]
                assert not asked, address[:40]
                assert opened == [], address[:40]

    gui.run(main, ScriptedModel(lambda _r, _n: Reply(text="Yes.", seconds=0)), SINGLE)


def test_a_link_is_told_in_full_and_opened_only_then(gui: Gui, opened: list[QUrl]) -> None:
    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            await ask(ui, window, "Why?")
            turn = window.chat.transcript.last_made
            assert turn is not None
            turn.answer.view.follow("https://b\u0430nk.example/login")
            dialog = QApplication.activeModalWidget()
            assert isinstance(dialog, QDialog)
            host = dialog.findChild(QLabel, "linkHost")
            assert isinstance(host, QLabel)
            assert host.text().startswith("xn--")
            assert opened == []
            QTest.keyClick(dialog, Qt.Key.Key_Escape)
            assert opened == []

    gui.run(main, ScriptedModel(lambda _r, _n: Reply(text="Yes.", seconds=0)), SINGLE)
    assert opened == []


def test_a_title_is_shown_as_it_is_in_rows_and_frame_and_edited_as_it_was(gui: Gui, bait: Bait) -> None:
    title = bait.line()[:200]

    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            await ask(ui, window, "Why?")
            conversation = window.chat.conversation
            assert conversation is not None
            await ui.app.library.rename(conversation, title)
            window.chat.reload()
            await at_rest(ui)
            assert not ACTING.search(window.windowTitle())
            assert "[*][*]" in window.windowTitle()  # Qt takes a single one for its mark of what is unsaved
            ui.actions["library.rename"].trigger()
            await until(lambda: window.findChild(QLineEdit, "titleEditor"), "the editor")
            editor = window.findChild(QLineEdit, "titleEditor")
            assert isinstance(editor, QLineEdit)
            assert editor.text() == title
            QTest.keyClick(editor, Qt.Key.Key_Escape)
            await at_rest(ui)
            assert (await ui.app.library.get(conversation)).title == title
            with pytest.raises(UsageError):
                await ui.app.library.rename(conversation, "x" * 201)

    gui.run(main, ScriptedModel(lambda _r, _n: Reply(text="Yes.", seconds=0)), SINGLE)


SINGLE = CONFIG.replace('"cort"', '"single"')
