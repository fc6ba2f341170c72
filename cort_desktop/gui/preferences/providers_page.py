"""Settings › Models & providers: all of them with their state, the built-in model, each one's page."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from cort_desktop.domain.health import ProviderHealth
from cort_desktop.domain.settings import ProviderSettings
from cort_desktop.gui.preferences.found_servers import FoundServers
from cort_desktop.gui.preferences.known_models import KnownModels
from cort_desktop.gui.preferences.offline_view import OfflineView
from cort_desktop.gui.preferences.own_files import OwnFiles
from cort_desktop.gui.preferences.provider_editor import ProviderEditor
from cort_desktop.gui.preferences.rows import Page, line_of
from cort_desktop.gui.preferences.saver import Saver
from cort_desktop.gui.preferences.tables import Table
from cort_desktop.gui.theme import Colour
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import PlainLabel, button
from cort_desktop.services.provider_views import ProviderView
from cort_desktop.telling import figures

_ROWS = 8


class ProvidersPage(Page):
    """A list; what is chosen in it takes its place."""

    def __init__(self, ui: Ui, saver: Saver, models: KnownModels) -> None:
        super().__init__(
            self.tr("Models & providers"),
            self.tr(
                "Where models are asked. A service on the network is contacted only once you gave it a key, "
                "chose one of its models, or test it here."
            ),
        )
        self._ui = ui
        self._models = models
        self._saver = saver
        self._views: dict[str, ProviderView] = {}
        self._health: dict[str, ProviderHealth] = {}
        self.editor = ProviderEditor(ui, saver, models)
        self.editor.left.connect(self.show_all)
        self._all = self._overview()
        self.add(self._all, self.editor)
        self.editor.hide()
        self.finish()
        self._fill()
        saver.changed.connect(lambda _settings: self._refresh())
        models.changed.connect(self._fill)
        ui.theme.changed.connect(self._fill)

    def entered(self) -> None:
        """What runs on this computer is asked, so that the list says what is running."""
        self._refresh()
        self._offline.refresh()
        self._own.refresh()
        self._found.look()
        self._models.ask_local()

    def left(self) -> None:
        """A key that was typed and not kept doesn't stay."""
        self.editor.forget_typed()
        self.editor.hide()
        self._all.show()

    def open(self, name: str | None) -> None:
        """Show the page of one provider; None: a new one."""
        self._all.hide()
        self.editor.open(name)
        self.editor.show()
        self.verticalScrollBar().setValue(0)

    def show_all(self) -> None:
        """Show the list again."""
        self.editor.hide()
        self._all.show()
        self._refresh()
        self._table.setFocus()

    def _overview(self) -> QWidget:
        self._table = Table(
            "settingsProviders",
            self.tr("Providers"),
            [self.tr("Provider"), self.tr("State"), self.tr("Key"), self.tr("Address")],
            stretch=3,
        )
        self._table.itemActivated.connect(lambda *_: self._open_chosen())
        self._table.itemClicked.connect(lambda *_: self._open_chosen())
        add = button(self.tr("Add provider…"), "primary")
        add.setObjectName("settingsAddProvider")
        add.clicked.connect(lambda: self.open(None))
        self._ask = button(self.tr("Ask all for their models"))
        self._ask.setObjectName("settingsAskAll")
        self._ask.clicked.connect(self._models.ask_all)
        self._offline = OfflineView(self._ui)
        self._own = OwnFiles(self._ui, self._models)
        self._found = FoundServers(self._ui)
        self._found.added.connect(self.open)
        overview = QWidget()
        column = QVBoxLayout(overview)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self._table)
        column.addWidget(line_of(add, self._ask))
        column.addSpacing(12)
        column.addWidget(PlainLabel(self.tr("On this computer"), "strong"))
        column.addWidget(self._found)
        column.addSpacing(12)
        column.addWidget(PlainLabel(self.tr("Without a key and without a network"), "strong"))
        column.addWidget(self._offline)
        column.addWidget(self._own)
        return overview

    def _open_chosen(self) -> None:
        key = self._table.key()
        if isinstance(key, str):
            self.open(key)

    def _refresh(self) -> None:
        self._ui.tasks.start(self._look(), name="look at providers")

    async def _look(self) -> None:
        preferences = self._ui.app.preferences
        self._views = {view.name: view for view in await preferences.providers()}
        self._health = {each.provider: each for each in preferences.health()}
        self._fill()

    def _fill(self) -> None:
        """Show what is configured at once; what is known of the keys follows."""
        chosen = self._table.key()
        self._table.clear()
        for provider in self._saver.settings.providers.values():
            view = self._views.get(provider.name)
            icon, colour, words = self._state(provider, view)
            address = provider.base_url or self.tr("this computer")
            row = self._table.put(provider.name, [provider.name, words, self._key(view), address])
            row.setIcon(0, self._ui.theme.icon(icon, colour))
        self._table.fit(_ROWS)
        self._table.choose(chosen)
        self._ask.setEnabled(not self._models.is_asking)

    def _key(self, view: ProviderView | None) -> str:
        if view is None:
            return "…"
        if not view.takes_key:
            return self.tr("needs none")
        if view.key_place == "session":
            return self.tr("this session only")
        if view.has_key:
            return self.tr("set")
        return self.tr("missing") if view.needs_key else self.tr("none")

    def _state(self, provider: ProviderSettings, view: ProviderView | None) -> tuple[str, Colour, str]:
        """Icon, colour, words. What questions met there comes before what its list says."""
        health = self._health.get(provider.name)
        if health is not None and health.trouble:
            return "circle-alert", "bad", self.tr("resting after failures: open it")
        listed = self._models.lists.get(provider.name)
        if listed is None:
            if provider.needs_key and (view is None or not view.has_key):
                return "key-round", "faint", self.tr("not set up")
            return "circle-dashed", "faint", self.tr("not asked yet")
        if listed.error is not None and listed.reachable is None:
            return "key-round", "faint", self.tr("not set up")
        if listed.error is not None:
            if provider.is_local:
                return "circle", "faint", self.tr("not running")
            return "circle-alert", "bad", self.tr("trouble: open it and test")
        words = figures.count(len(listed.models), "model")
        return "circle-check", "good", words
