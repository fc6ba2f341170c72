"""The page of one provider: its form, its key, the test with its report, its models, and the way out."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QMessageBox, QVBoxLayout, QWidget

from cort_desktop.domain.settings import ProviderSettings
from cort_desktop.gui.preferences.connection_view import ConnectionView
from cort_desktop.gui.preferences.known_models import KnownModels
from cort_desktop.gui.preferences.models_control import ModelsControl
from cort_desktop.gui.preferences.models_view import ModelsView
from cort_desktop.gui.preferences.provider_control import ProviderControl
from cort_desktop.gui.preferences.provider_form import KeyField, ProviderForm
from cort_desktop.gui.preferences.rows import Beside, Row, line_of
from cort_desktop.gui.preferences.saver import Saver
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import PlainLabel, button, set_role
from cort_desktop.services.connections import ConnectionReport
from cort_desktop.services.provider_views import ProviderView


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
        self._report = ConnectionView(ui.theme)
        self._table = ModelsView(ui.theme, ModelsControl(ui.app.preferences, ui.tasks, saver), self.control)
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
            self._table,
            self._rarely(),
            self._form.rare,
            self._out(),
        ):
            column.addWidget(each)
        self.control.view_changed.connect(self._show_view)
        self.control.reported.connect(self._reported)
        self.control.added.connect(self.open)
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
        self._key_row = Row(self.tr("Key"), self._key_field)
        self._key_field.kept.connect(lambda key: self.control.set_key(key, self._kept))
        self._key_field.forgotten.connect(lambda: self.control.delete_key(self._key_row.say))
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
        self._more.toggled.connect(self._form.rare.setVisible)
        self._form.rare.hide()
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
        self._badge.setVisible(view is not None and view.takes_key)
        if view is not None:
            self._badge.setText(self.tr("key set") if view.has_key else self.tr("no key"))
            good = "badge-good" if view.has_key else "badge-warn"
            set_role(self._badge, good if view.needs_key or view.has_key else "badge")
        self._remove.setText(
            self.tr("Reset…") if view is not None and view.is_standard else self.tr("Remove…")
        )
        self._remove.setVisible(not is_new and view is not None and view.is_changed)

    def _key_words(self) -> str:
        view = self._view
        if self.control.is_new:
            return self.tr("Used for the test; kept once the provider is added and the key is entered there.")
        if view is None:
            return ""
        if view.has_key:
            place = self.tr("It lives in: %1.").replace("%1", view.key)
            return f"{place} {view.note}".strip()
        store = self.control.key_store
        if store is not None and store.name is None:
            words = self.tr("It will be known for this session only: %1.").replace("%1", store.problem)
            if view.key_variable:
                keep = self.tr("To keep it, set the environment variable %1.")
                words = f"{words} {keep.replace('%1', view.key_variable)}"
            return words
        name = "" if store is None or store.name is None else store.name
        words = self.tr("It will be kept in the system key store (%1), for this address alone.")
        return f"{words.replace('%1', name)} {view.note}".strip()

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
        view = self._view
        if view is None:
            return
        box = QMessageBox(self.window())
        box.setObjectName("settingsConfirmRemove")
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setIcon(QMessageBox.Icon.NoIcon)
        title = self.tr("Reset %1?") if view.is_standard else self.tr("Remove %1?")
        box.setWindowTitle(title.replace("%1", view.name))
        box.setText(title.replace("%1", view.name))
        words = self.tr(
            "Defaults and prices that name its models go with it. Conversations stay as they are."
        )
        if view.is_standard:
            words = self.tr("Its address and the rest become what they were at first.")
        box.setInformativeText(words)
        forget = QCheckBox(self.tr("Also forget its key"))
        forget.setChecked(True)
        if view.has_key:
            box.setCheckBox(forget)
        do_it = box.addButton(self._remove.text().rstrip("…"), QMessageBox.ButtonRole.DestructiveRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        forgets = view.has_key
        do_it.clicked.connect(
            lambda: self.control.remove(self._form.address_row.say, forget_key=forgets and forget.isChecked())
        )
        box.open()
