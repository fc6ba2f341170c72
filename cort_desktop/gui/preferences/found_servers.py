"""Servers with models that were found on this computer and are not set up yet: a line and a button each."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cort_desktop.gui.preferences.rows import Beside, StateLine, line_of
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import button
from cort_desktop.services.local_models import FoundServer
from cort_desktop.telling import figures
from cort_desktop.telling.safe import one_line


class FoundServers(QWidget):
    """``added`` has the name of a provider that was set up from one."""

    added = Signal(str)

    def __init__(self, ui: Ui) -> None:
        super().__init__()
        self.setObjectName("settingsFound")
        self._ui = ui
        self._shown: tuple[FoundServer, ...] = ()
        self._lines: list[QWidget] = []
        self._said = StateLine(ui.theme)
        self._said.setObjectName("settingsFoundSaid")
        self._said.show_state("unasked", "")
        self._look_again = button(self.tr("Look for servers on this computer"))
        self._look_again.setObjectName("settingsFindLocal")
        self._look_again.clicked.connect(self.look)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._column.addWidget(self._said)
        self._column.addWidget(line_of(self._look_again))

    def look(self) -> None:
        """Look at the ports they usually have; takes a second at most."""
        self._look_again.setEnabled(False)
        self._ui.tasks.start(self._look(), name="look for local servers")

    async def _look(self) -> None:
        found = await self._ui.app.preferences.find_local()
        self._look_again.setEnabled(True)
        self._show(tuple(each for each in found if each.added_as is None), known=len(found))

    def _show(self, found: tuple[FoundServer, ...], *, known: int) -> None:
        if found != self._shown:
            self._shown = found
            for line in self._lines:
                line.hide()
                line.deleteLater()
            self._lines = [self._line(each) for each in found]
            for place, line in enumerate(self._lines):
                self._column.insertWidget(place, line)
        words = self.tr("Looked just now: no other server with models answers on this computer.")
        if not known:
            words = self.tr("Looked just now: no server with models answers on this computer.")
        self._said.show_state("unasked", "" if found else words)

    def _line(self, found: FoundServer) -> QWidget:
        server = found.server
        has = figures.count(len(server.models), "model")
        if server.wants_key:
            has = self.tr("wants a key")
        elif not server.models:
            has = self.tr("no model loaded")
        words = self.tr("%1 answers at %2: %3.")
        for mark, text in (("%1", server.title), ("%2", server.base_url), ("%3", has)):
            words = words.replace(mark, one_line(text))
        add = button(self.tr("Add it"))
        add.setAccessibleName(self.tr("Add %1").replace("%1", server.title))
        add.clicked.connect(lambda _on: self._add(found))
        return line_of(Beside(words[:1].upper() + words[1:]), add)

    def _add(self, found: FoundServer) -> None:
        self._ui.tasks.start(self._set_up(found), name="add a local server", failed=self._failed)

    async def _set_up(self, found: FoundServer) -> None:
        await self._ui.app.preferences.set_provider(found.provider)
        self.added.emit(found.provider.name)
        await self._look()

    def _failed(self, error: Exception) -> None:
        self._said.show_state("bad", str(error))
