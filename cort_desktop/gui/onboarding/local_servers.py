"""Servers with models that run on this computer, offered where the small built-in model would answer.

They are looked for by themselves, only at this computer's own ports, once the window is there; nothing is
chosen without a click. Setting one up with all its settings is the settings window's.
"""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cort_desktop.domain.ids import ModelRef, provider_of
from cort_desktop.errors import CortError
from cort_desktop.gui.notices import Offer
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import PlainLabel, button, set_role
from cort_desktop.services.local_models import FoundServer
from cort_desktop.telling import figures
from cort_desktop.telling.safe import one_line

_NOT_CHATTING = ("embed", "rerank", "whisper")


class LocalServers(QWidget):
    """A line for each server that was found; hidden without one, and where another model answers already."""

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("localServers")
        self._ui = ui
        self._found: tuple[FoundServer, ...] = ()
        self._lines: list[QWidget] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 4, 0, 4)
        self._column.setSpacing(4)
        self.hide()

    def look(self) -> None:
        """Look for servers, when the model of new conversations is the built-in one."""
        if provider_of(self._ui.app.preferences.settings.defaults.model) == "builtin":
            self._ui.tasks.start(self._look(), name="look for local servers")

    def show_for(self, model: ModelRef) -> None:
        """Show what was found where ``model`` would answer: nothing for one that was chosen."""
        self.setVisible(bool(self._lines) and provider_of(model) == "builtin")

    async def _look(self) -> None:
        found = tuple(each for each in await self._ui.app.preferences.find_local() if _usable(each))
        if found != self._found:
            self._found = found
            for line in self._lines:
                line.hide()
                line.deleteLater()
            self._lines = [self._line(each) for each in found]
            for line in self._lines:
                self._column.addWidget(line)
        self.show_for(self._ui.app.preferences.settings.defaults.model)

    def _line(self, found: FoundServer) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        words = self.tr("{server} runs on this computer and has {models}.").format(
            server=_title(found), models=figures.count(len(found.server.models), "model")
        )
        label = PlainLabel(words)
        label.setWordWrap(True)
        use = button(self.tr("Use it"))
        set_role(use, "primary")
        use.setAccessibleName(self.tr("Use {server}").format(server=_title(found)))
        use.setAccessibleDescription(self.tr("Answers come from {model} then").format(model=_model(found)))
        use.clicked.connect(lambda _on: self._use(found))
        row.addWidget(label, 1)
        row.addWidget(use)
        return line

    def _use(self, found: FoundServer) -> None:
        self._ui.tasks.start(self._set_up(found), name="use a local server", failed=self._failed)

    async def _set_up(self, found: FoundServer) -> None:
        """Set it up where it isn't yet, and have its first model answer; both can be undone."""
        preferences = self._ui.app.preferences
        before = preferences.settings.defaults.model
        if found.added_as is None:
            await preferences.set_provider(found.provider)
        ref = ModelRef(f"{found.added_as or found.provider.name}/{_model(found)}")
        await preferences.change({("defaults", "model"): ref})
        self.hide()
        words = self.tr("{model} answers from now on.").format(model=one_line(ref))
        self._ui.notices.say(
            words, "good", Offer(text=self.tr("Undo"), call=lambda: self._undo(found, before)), 30.0
        )

    def _undo(self, found: FoundServer, before: ModelRef) -> None:
        self._ui.tasks.start(self._put_back(found, before), name="undo a local server", failed=self._failed)

    async def _put_back(self, found: FoundServer, before: ModelRef) -> None:
        preferences = self._ui.app.preferences
        await preferences.change({("defaults", "model"): before})
        if found.added_as is None:
            await preferences.remove_provider(found.provider.name, forget_key=False)
        self.show_for(before)

    def _failed(self, error: CortError) -> None:
        self._ui.notices.say(str(error), "bad")


def _usable(found: FoundServer) -> bool:
    return bool(_model(found)) and not found.server.wants_key


def _model(found: FoundServer) -> str:
    """The first model that can answer; empty when it has none."""
    models = (name for name in found.server.models if not any(w in name.lower() for w in _NOT_CHATTING))
    return next(models, "")


def _title(found: FoundServer) -> str:
    title = one_line(found.server.title)
    return title[:1].upper() + title[1:]
