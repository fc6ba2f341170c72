"""The page of one provider: its form, its key, the test with its report, how it fares, its models, the rest.

What is asked before a provider goes is ``removal.py``'s.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cort_desktop.domain.settings import ProviderSettings
from cort_desktop.gui.preferences.connection_view import ConnectionView
from cort_desktop.gui.preferences.health_view import HealthView
from cort_desktop.gui.preferences.key_field import KeyField
from cort_desktop.gui.preferences.known_models import KnownModels
from cort_desktop.gui.preferences.models_control import ModelsControl
from cort_desktop.gui.preferences.models_view import ModelsView
from cort_desktop.gui.preferences.ollama_pull import OllamaPull
from cort_desktop.gui.preferences.provider_control import ProviderControl
from cort_desktop.gui.preferences.provider_form import ProviderForm
from cort_desktop.gui.preferences.provider_rare import RareSettings
from cort_desktop.gui.preferences.removal import confirm_removal
from cort_desktop.gui.preferences.rows import Beside, Row, line_of
from cort_desktop.gui.preferences.saver import Saver
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import PlainLabel, button, set_role
from cort_desktop.services.connections import ConnectionReport
from cort_desktop.services.provider_views import ProviderView

_KEY_LINES = 2


class ProviderEditor(QWidget):
    """``left`` asks for the list of all providers again."""

    left = Signal()

    def __init__(self, ui: Ui, saver: Saver, models: KnownModels) -> None:
        super().__init__()
        self._saver = saver
        self._models = models
        self._view: ProviderView | None = None
        self.control = ProviderControl(ui.app.preferences, ui.tasks, models, self)
        self._form = ProviderForm(self.control)
        self._rare = RareSettings(ui.theme, self.control, models)
        self._report = ConnectionView(ui.theme)
        self._health_title = PlainLabel(self.tr("How it fares"), "strong")
        self._health = HealthView(ui.theme, ui.app.preferences.health)
        models_control = ModelsControl(ui.app.preferences, ui.tasks, saver)
        self._table = ModelsView(ui.theme, models_control, self.control, models)
        self._pull = OllamaPull(ui, models)
        self._title = Beside("", "strong")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        for each in (
            self._head(),
            self._form,
            self._key(),
            self._verbs(),
            self._report,
            self._health_title,
            self._health,
            self._table,
            self._pull,
            self._rarely(),
            self._rare,
            self._out(),
        ):
            column.addWidget(each)
        self._wire(saver, models)

    def _wire(self, saver: Saver, models: KnownModels) -> None:
        self.control.view_changed.connect(self._show_view)
        self.control.reported.connect(self._reported)
        self.control.added.connect(self._added)
        self.control.keys.store_known.connect(self._enable)
        self._form.known.connect(self.open)
        self.control.removed.connect(lambda _name: self.left.emit())
        self._form.retyped.connect(self._enable)
        models.changed.connect(self._show_models)
        saver.changed.connect(lambda _settings: self._show_models())

    def open(self, name: str | None) -> None:
        """Show a provider, or an empty form for a new one."""
        provider = None if name is None else self._saver.settings.provider(name)
        self._view = None
        self.control.open(provider)
        self._report.clear()
        self._key_field.line.clear()
        for row in self.findChildren(Row):
            row.say(None)
        self._title.setText(provider.name if provider else self.tr("Add a provider"))
        self._health_title.setVisible(provider is not None)
        self._health.setVisible(provider is not None)
        self._health.show_provider(name or "")
        self._pull.show_provider(provider)
        self._show_form(self.control.draft)
        self._show_models()
        self._enable()
        if provider is None:
            self._form.template_row.control.setFocus()
        elif provider.is_local and name not in self._models.lists and name is not None:
            self._models.ask(name)

    def forget_typed(self) -> None:
        """Empty the field of the key."""
        self._key_field.line.clear()

    def _head(self) -> QWidget:
        back = button(self.tr("‹ All providers"), "link")
        back.setObjectName("settingsBack")
        back.setAccessibleName(self.tr("All providers"))
        back.clicked.connect(self.left)
        self._badge = PlainLabel("", "badge-good")
        self._badge.hide()
        framed = QWidget()
        frame = QVBoxLayout(framed)
        frame.setContentsMargins(0, 3, 0, 3)
        frame.addWidget(self._badge)
        return line_of(back, self._title, framed, gap=12)

    def _key(self) -> Row:
        self._key_field = KeyField()
        self._key_row = Row(self.tr("Key"), self._key_field, lines_below=_KEY_LINES)
        self._key_field.kept.connect(self._keep)
        self._key_field.forgotten.connect(
            lambda: self.control.keys.forget(self.control.draft.name, self._key_row.say)
        )
        return self._key_row

    def _verbs(self) -> QWidget:
        self._test = button(self.tr("Test connection"))
        self._test.setObjectName("settingsTest")
        self._test.clicked.connect(self._test_it)
        self._add = button(self.tr("Add provider"), "primary")
        self._add.setObjectName("settingsAdd")
        self._add.clicked.connect(lambda: self.control.add(self._form.name_row.say))
        return line_of(self._add, self._test, Beside(self.tr("costs nothing"), "small"))

    def _rarely(self) -> QWidget:
        self._more = button(self.tr("More settings"), "link")
        self._more.setObjectName("settingsMore")
        self._more.setCheckable(True)
        self._more.toggled.connect(self._rare.setVisible)
        self._rare.hide()
        return line_of(self._more)

    def _out(self) -> QWidget:
        self._remove = button(self.tr("Remove…"), "danger")
        self._remove.setObjectName("settingsRemove")
        self._remove.clicked.connect(self._confirm)
        return line_of(self._remove)

    def _show_view(self, view: ProviderView) -> None:
        self._view = view
        self._show_form(self.control.draft)
        self._enable()

    def _show_form(self, provider: ProviderSettings) -> None:
        is_standard = self._view is not None and self._view.is_standard
        self._form.show_provider(provider, is_new=self.control.is_new, is_standard=is_standard)
        self._rare.show_provider(provider, is_new=self.control.is_new)

    def _enable(self) -> None:
        """What can be done, and what is said of the key, for what the form holds now."""
        view, draft, is_new = self._view, self.control.draft, self.control.is_new
        self._add.setVisible(is_new)
        self._add.setEnabled(bool(draft.name and draft.base_url))
        self._test.setEnabled(draft.kind == "builtin" or bool(draft.base_url))
        self._key_row.setVisible(draft.takes_key)
        self._key_field.forget.setVisible(view is not None and view.has_key)
        self._key_field.save.setVisible(not is_new)
        self._key_row.set_hint(self._key_words())
        is_doubtful = view is not None and view.key_place == "session"
        set_role(self._key_row.hint, "warn" if is_doubtful else "small")
        self._show_badge()
        self._remove.setText(
            self.tr("Reset…") if view is not None and view.is_standard else self.tr("Remove…")
        )
        self._remove.setVisible(not is_new and view is not None and view.is_changed)

    def _show_badge(self) -> None:
        """The state of the key beside the name: kept, for this session, missing."""
        view = self._view
        self._badge.setVisible(view is not None and view.takes_key)
        if view is None:
            return
        if view.key_place == "session":
            words, role = self.tr("key for this session only"), "badge-warn"
        elif view.has_key:
            words, role = self.tr("key set"), "badge-good"
        else:
            words, role = self.tr("no key"), "badge-warn" if view.needs_key else "badge"
        self._badge.setText(words)
        set_role(self._badge, role)

    def _key_words(self) -> str:
        keys = self.control.keys
        if self.control.is_new:
            return self._key_field.new_words(keys.store, self._form.service)
        if self._view is None:
            return ""
        return self._key_field.words(self._view, keys.store, keys.note, self._form.service)

    def _test_it(self) -> None:
        draft = self.control.draft
        self._report.wait(draft.origin or draft.name)
        self._test.setEnabled(False)
        self.control.test(self._key_field.line.text(), self._not_tested)

    def _not_tested(self, problem: str | None) -> None:
        self._test.setEnabled(True)
        self._report.refuse(problem or "")

    def _reported(self, report: ConnectionReport) -> None:
        self._report.show_report(report)
        self._enable()
        if self.control.is_new:
            self._table.show_models(report.models, self._saver.settings.defaults.model)

    def _added(self, name: str) -> None:
        """The page of what was added opens; a key that was typed is kept now, or stays if it can't be."""
        typed = self._key_field.line.text()
        self.open(name)
        if typed.strip() and self.control.draft.takes_key:
            self._key_field.line.setText(typed)
            self.control.keys.keep(name, typed, self._kept)

    def _keep(self, key: str) -> None:
        """Enter in the field of a new provider adds it, and its key with it."""
        if not self.control.is_new:
            self.control.keys.keep(self.control.draft.name, key, self._kept)
        elif self._add.isEnabled():
            self._add.click()

    def _kept(self, problem: str | None) -> None:
        self._key_row.say(problem)
        if problem is None:
            self._key_field.line.clear()

    def _show_models(self) -> None:
        if not self.control.is_new:
            profiles = self._models.profiles(self.control.draft.name)
            self._table.show_models(profiles, self._saver.settings.defaults.model)
        elif not self._report.isVisible():
            self._table.show_models((), self._saver.settings.defaults.model)

    def _confirm(self) -> None:
        """Ask once; what goes along is said."""
        if self._view is not None:
            confirm_removal(
                self._view,
                self.window(),
                lambda *, forget_key: self.control.remove(self._form.address_row.say, forget_key=forget_key),
            )
