"""The rounds in the window: they stand as they stood, and what they put to work is told as questions are."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMessageBox, QPushButton
from shiboken6 import isValid

from cort_desktop.domain.calls import ChatRequest
from cort_desktop.domain.ids import ConversationId
from cort_desktop.gui.rounds.rounds_pane import COLUMNS, COMPARE, OUTLINE, WHY
from cort_desktop.gui.ui import Ui
from tests.fakes.models import Reply, ScriptedModel, good_model
from tests.fakes.whole_window import ask, main_window
from tests.fakes.window import Gui, until

QUICK_S = 0.01


def failing_once() -> ScriptedModel:
    """The third call fails; asked again, it answers, after a while."""
    good = good_model(seconds=QUICK_S)

    def script(request: ChatRequest, nth: int) -> Reply:
        if nth == 3:
            return Reply(error="unavailable", seconds=QUICK_S)
        reply = good.script(request, nth)
        return Reply(text=reply.text, seconds=0.3) if nth > 7 else reply

    return ScriptedModel(script)


def test_the_rounds_stand_as_the_last_time(gui: Gui) -> None:
    kept: list[int] = []

    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            await ask(ui, window, "Why?")
            rounds = window.rounds
            assert rounds.segments.index == OUTLINE
            assert rounds.tabs.isVisible()
            rounds.show_view(COLUMNS)
            rounds.splitter.setSizes([10, 500, 10])
            kept.extend(rounds.splitter.sizes())
            ui.actions["view.inspector"].trigger()

    async def again(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            await ask(ui, window, "And why?")
            rounds = window.rounds
            assert rounds.views.currentIndex() == COLUMNS
            assert not rounds.tabs.isVisible()
            assert not ui.actions["view.inspector"].isChecked()
            ui.actions["view.inspector"].trigger()
            assert rounds.tabs.isVisible()
            assert rounds.splitter.sizes() == kept

    gui.run(main, good_model(seconds=QUICK_S))
    gui.run(again, good_model(seconds=QUICK_S))


def test_a_call_tried_again_in_the_background_is_told_while_it_works_and_no_longer(gui: Gui) -> None:
    async def main(ui: Ui) -> None:
        told: list[dict[ConversationId, str]] = []
        async with main_window(ui, gui.home) as window:
            await ask(ui, window, "Why?")
            feed = window.selection.feed
            assert feed is not None
            assert feed.state.started is not None
            conversation = feed.state.started.conversation
            failed = next(node.name for node in feed.state.nodes.values() if node.status == "failed")
            window.chat.working_changed.connect(lambda words: told.append(dict(words)))
            window.selection.select(failed)
            ui.actions["tree.retry"].trigger()
            await until(lambda: window.findChild(QMessageBox, "roundsQuestion"))
            box = window.findChild(QMessageBox, "roundsQuestion")
            assert box is not None
            window.chat.new()
            next(each for each in box.findChildren(QPushButton) if each.text() == "Try again").click()
            await until(lambda: conversation in window.library.controller.work.working)
            await until(lambda: not feed.is_working)
            await until(lambda: conversation not in window.library.controller.work.working)
            assert told
            assert told[-1] == {}
            assert feed.state.nodes[failed].status == "finished"

    gui.run(main, failing_once())


def test_whatever_a_view_was_given_is_owned_by_qt(gui: Gui) -> None:
    """A model, a head or a painter of rows that only a Python name holds is gone with the name, and Qt would
    go on to paint or to read aloud with it.
    """

    async def main(ui: Ui) -> None:
        async with main_window(ui, gui.home) as window:
            await ask(ui, window, "Why?")
            for tab in (WHY, COMPARE):
                window.rounds.show_tab(tab)
                await until(lambda: not ui.pulse._asked, "the pane to rest")
            gc.collect()
            found = window.findChildren(QAbstractItemView)
            views = [view for view in found if not isinstance(view, QHeaderView)]
            kinds = {type(view).__name__ for view in views}
            assert kinds >= {"OutlineView", "TimelineView", "HeatTable", "ConversationList"}
            for view in views:
                given: list[QObject | None] = [view.model(), view.itemDelegate(), view.selectionModel()]
                given += [head for head in view.findChildren(QHeaderView) if head.parent() is view]
                for each in given:
                    assert each is not None, view
                    assert isValid(each), view
                    assert each.parent() is not None, (view, each)

    gui.run(main, good_model(seconds=QUICK_S))
