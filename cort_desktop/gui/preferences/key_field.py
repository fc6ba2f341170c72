"""The key of a provider: its field, and where it lives or will live, for which address alone.

The key itself is never shown, and gone from the field as soon as it is kept.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from cort_desktop.gui.preferences.provider_templates import Template
from cort_desktop.gui.widgets import button
from cort_desktop.services.preferences import KeyStoreInfo
from cort_desktop.services.provider_views import ProviderView


class KeyField(QWidget):
    """A key on its way in. ``kept`` has it."""

    kept = Signal(str)
    forgotten = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.line = QLineEdit()
        self.line.setObjectName("settingsKey")
        self.line.setAccessibleName(self.tr("Key"))
        self.line.setEchoMode(QLineEdit.EchoMode.Password)
        self.line.setPlaceholderText(self.tr("Paste the key here"))
        self.save = button(self.tr("Keep it"))
        self.save.setObjectName("settingsSaveKey")
        self.forget = button(self.tr("Forget it"))
        self.forget.setObjectName("settingsForgetKey")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.line, 1)
        row.addWidget(self.save)
        row.addWidget(self.forget)
        self.setFocusProxy(self.line)
        self.line.textChanged.connect(lambda text: self.save.setEnabled(bool(text.strip())))
        self.line.returnPressed.connect(self._keep)
        self.save.clicked.connect(self._keep)
        self.forget.clicked.connect(self.forgotten)
        self.save.setEnabled(False)

    def _keep(self) -> None:
        key = self.line.text()
        if key.strip():
            self.kept.emit(key)

    def words(
        self, view: ProviderView, store: KeyStoreInfo | None, note: str, service: Template | None
    ) -> str:
        """Where the key of a provider is, or would be kept. ``note``: what was said when it was."""
        said = note or view.note
        if store is not None and said.rstrip(".").casefold() == store.problem.casefold():
            said = ""  # it is part of what is said of where a key would be kept
        if not view.has_key:
            wants = "" if service is None else service.key_told()
            return " ".join(filter(None, (said, wants, self._will_be_kept(view, store))))
        if view.key_place == "environment":
            place = self.tr("It is in the %1.").replace("%1", view.key)
        elif view.key_place == "session":
            place = self.tr("It is known for this session only, and gone when the program ends.")
        else:
            place = self.tr("It is in the system key store%1.").replace("%1", _store_name(store))
        goes = self.tr("It goes to %1 alone.").replace("%1", view.key_origin)
        if view.key_place == "session" and note:
            return f"{note} {goes}"
        return " ".join(filter(None, (place, goes, said)))

    def new_words(self, store: KeyStoreInfo | None, service: Template | None) -> str:
        """What is said of the key of a provider that is about to be added."""
        wants = "" if service is None else service.key_told()
        if service is not None and service.is_local:
            return wants
        use = self.tr("Used for the test, and kept when the provider is added.")
        return " ".join(filter(None, (wants, use, self._place(store))))

    def _will_be_kept(self, view: ProviderView, store: KeyStoreInfo | None) -> str:
        words = self._place(store)
        if store is not None and store.name is None and view.key_variable:
            keep = self.tr("To keep it, set the environment variable %1.")
            return f"{words} {keep.replace('%1', view.key_variable)}"
        return words

    def _place(self, store: KeyStoreInfo | None) -> str:
        if store is None:
            return ""
        if store.name is None:
            words = self.tr(
                "It will be known for this session only, for the system key store can’t be used: %1."
            )
            return words.replace("%1", store.problem)
        words = self.tr("It will be kept in the system key store%1, for this address alone.")
        return words.replace("%1", _store_name(store))


def _store_name(store: KeyStoreInfo | None) -> str:
    return "" if store is None or store.name is None else f" ({store.name})"
