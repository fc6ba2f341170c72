"""What macOS hands over when files are double-clicked: real events, sent through the real application."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QUrl
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from cort_desktop.domain.ids import ConversationId
from cort_desktop.gui.opened_files import OpenedFiles
from cort_desktop.gui.single_instance import Wanted
from cort_desktop.gui.ui import Ui
from tests.fakes.opened_window import opened
from tests.fakes.whole_window import ask, at_rest
from tests.fakes.window import Gui, until
from tests.gui.chat.chatting import quick_model


class Heard:
    """An OpenedFiles and what it has told."""

    def __init__(self, app: QApplication, *named: Path, platform: str = "darwin") -> None:
        self.files = OpenedFiles(app, named, platform=platform)
        self.told: list[object] = []
        self.files.asked.connect(self.told.append)


@pytest.fixture
def app(qapp: QApplication) -> Iterator[QApplication]:
    """The application, with no filter left on it afterwards."""
    yield qapp
    for each in qapp.findChildren(OpenedFiles):
        qapp.removeEventFilter(each)
        each.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def double_click(app: QApplication, *files: Path | str) -> list[bool]:
    """Whether each event was taken."""
    return [app.sendEvent(app, QFileOpenEvent(str(each))) for each in files]


def test_files_that_come_before_the_window_are_kept_until_it_is_there(app: QApplication) -> None:
    heard = Heard(app)
    assert double_click(app, "/a b/ü.cort", "/c.cort") == [True, True]
    app.processEvents()
    assert heard.told == []
    heard.files.listen()
    app.processEvents()
    assert heard.told == [Wanted(files=(Path("/a b/ü.cort"), Path("/c.cort")))]


def test_files_in_a_row_are_opened_together_and_each_once(app: QApplication) -> None:
    heard = Heard(app)
    heard.files.listen()
    app.processEvents()
    assert heard.told == []
    double_click(app, "/a.cort", "/b.cort")
    app.processEvents()
    double_click(app, "/c.cort")
    app.processEvents()
    assert heard.told == [Wanted(files=(Path("/a.cort"), Path("/b.cort"))), Wanted(files=(Path("/c.cort"),))]


def test_what_the_command_line_named_is_not_opened_twice(app: QApplication) -> None:
    heard = Heard(app, Path("/a.cort"))
    assert double_click(app, "/a.cort", "/b.cort") == [True, True]
    heard.files.listen()
    app.processEvents()
    double_click(app, "/a.cort")  # later it is a person who opens it again
    app.processEvents()
    assert heard.told == [Wanted(files=(Path("/b.cort"),)), Wanted(files=(Path("/a.cort"),))]


def test_an_address_and_other_events_go_on_their_way(app: QApplication) -> None:
    heard = Heard(app)
    heard.files.listen()
    address = QFileOpenEvent(QUrl("https://example.org/a.cort"))
    assert not heard.files.eventFilter(app, address)
    assert not heard.files.eventFilter(app, QEvent(QEvent.Type.ApplicationActivate))
    app.processEvents()
    assert heard.told == []


def test_elsewhere_no_event_is_looked_at(app: QApplication) -> None:
    heard = Heard(app, platform="linux")
    heard.files.listen()
    double_click(app, "/a.cort")
    app.processEvents()
    assert heard.told == []


def test_a_double_clicked_file_shows_its_conversation(app: QApplication, gui: Gui, tmp_path: Path) -> None:
    async def main(ui: Ui) -> None:
        async with opened(ui, tmp_path) as opening:
            window = opening.window
            await ask(ui, window, "Why is the sky blue?")
            asked = window.chat.conversation
            assert asked is not None
            file = tmp_path / "ä sky.cort"
            await ui.app.exchange.export([ConversationId(asked)], file)
            heard = Heard(app)
            heard.files.asked.connect(opening.come_forward)
            double_click(app, file)
            heard.files.listen()
            await until(lambda: window.chat.conversation not in (None, asked), "it is shown")
            await at_rest(ui)

    gui.run(main, quick_model())
