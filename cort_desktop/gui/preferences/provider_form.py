"""The fields that say which service a provider is: its name, what it speaks, its address with live words."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from cort_desktop.domain.settings import KIND_ADDRESSES, ProviderSettings
from cort_desktop.gui.preferences.controls import Choice, ChoiceBox
from cort_desktop.gui.preferences.provider_control import ProviderControl
from cort_desktop.gui.preferences.provider_templates import TEMPLATES, Template, template_at
from cort_desktop.gui.preferences.rows import Row
from cort_desktop.gui.widgets import set_role

_ADDRESS_LINES = 2


class ProviderForm(QWidget):
    """Tells the control each change. ``retyped`` follows every change of what a test would ask; ``known`` has
    the name of a provider that is there already and was chosen.
    """

    retyped = Signal()
    known = Signal(str)

    def __init__(self, control: ProviderControl) -> None:
        super().__init__()
        self._control = control
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(16)
        self._add_service()
        self._add_identity()
        self._add_address()

    def _add_service(self) -> None:
        here = self.tr("%1 (this computer)")
        titles = [
            Choice(value=each, text=here.replace("%1", each.title) if each.is_local else each.title)
            for each in TEMPLATES
        ]
        other = Choice(value=None, text=self.tr("Any OpenAI-compatible address"))
        self._template = ChoiceBox("settingsTemplate", [other, *titles])
        self.template_row = Row(
            self.tr("Service"), self._template, self.tr("Fills in what is known of it to begin with.")
        )
        self._template.chosen.connect(self._fill_in)
        self._column.addWidget(self.template_row)

    def _add_identity(self) -> None:
        tr, control = self.tr, self._control
        self._name = QLineEdit()
        self._name.setObjectName("settingsProviderName")
        self._name.setMaxLength(64)
        self.name_row = Row(
            tr("Name"), self._name, tr("Its models are called NAME/MODEL. Letters, digits, dots and dashes.")
        )
        self._name.textEdited.connect(lambda text: control.change(self.name_row.say, name=text.strip()))
        self._name.textEdited.connect(lambda _text: self.retyped.emit())
        kinds = {
            "openai": tr("OpenAI-compatible"),
            "openrouter": tr("OpenRouter"),
            "anthropic": tr("Anthropic"),
            "ollama": tr("Ollama"),
        }
        self._kind = ChoiceBox(
            "settingsKind", [Choice(value=value, text=text) for value, text in kinds.items()]
        )
        self._kind_row = Row(tr("Kind"), self._kind, tr("What it speaks; nearly all speak as OpenAI does."))
        self._kind.chosen.connect(self._choose_kind)
        for row in (self.name_row, self._kind_row):
            self._column.addWidget(row)

    def _add_address(self) -> None:
        self._address = QLineEdit()
        self._address.setObjectName("settingsAddress")
        self._address.setPlaceholderText("https://…/v1")
        self.address_row = Row(self.tr("Address"), self._address, lines_below=_ADDRESS_LINES)
        self._address.textEdited.connect(self._written)
        self._address.editingFinished.connect(self._take_address)
        self._column.addWidget(self.address_row)

    @property
    def service(self) -> Template | None:
        """The service whose address stands there, when it is one that is known."""
        return template_at(self._control.draft.base_url)

    def show_provider(self, provider: ProviderSettings, *, is_new: bool, is_standard: bool) -> None:
        """Show a provider; a field that is being written in stays as it is."""
        self.template_row.setVisible(is_new)
        self.name_row.setVisible(is_new)
        self._kind_row.setVisible(provider.kind != "builtin" and not is_standard)
        self.address_row.setVisible(provider.kind != "builtin")
        self._kind.show_value(provider.kind)
        for field, text in ((self._name, provider.name), (self._address, provider.base_url)):
            if not field.hasFocus() or is_new:
                field.setText(text)
        if is_new and not provider.name:
            self._template.show_value(None)
        self._check(self._address.text())

    def _fill_in(self, template: object) -> None:
        """A service that is set up already is shown; another one begins with what is known of it."""
        if not isinstance(template, Template):
            return
        there = self._control.provider_at(template.address)
        if there is not None:
            self.known.emit(there)
            return
        self._control.change(
            self.name_row.say,
            name=self._control.free_name(template.name),
            kind=template.kind,
            base_url=template.address,
        )
        self.show_provider(self._control.draft, is_new=True, is_standard=False)
        self.retyped.emit()

    def _choose_kind(self, kind: object) -> None:
        changes: dict[str, object] = {"kind": kind}
        if not self._address.text().strip() and str(kind) != "openai":
            changes["base_url"] = KIND_ADDRESSES[str(kind)]
            self._address.setText(KIND_ADDRESSES[str(kind)])
            self._check(self._address.text())
        self._control.change(self._kind_row.say, **changes)
        self.retyped.emit()

    def _written(self, text: str) -> None:
        """A new provider is tested and added as it stands in the form, so it takes each good address."""
        if self._control.is_new:
            check = self._control.check_address(text)
            self._control.change(self.address_row.say, base_url=check.url)
        self._check(text)

    def _check(self, text: str) -> None:
        """Say what an address means while it is written; only what is wrong is red, and only when left."""
        check = self._control.check_address(text)
        self.address_row.say(None)
        if not text.strip():
            words = self.tr("Where it answers, up to /v1 as a rule.")
        elif check.problem:
            words = self.tr("The address %1.").replace("%1", check.problem)
        elif check.warning:
            words = self.tr("Careful: it %1.").replace("%1", check.warning)
        elif check.url.startswith("https:"):
            words = self.tr("Encrypted.")
        else:
            words = self.tr("On this computer.")
        self.address_row.set_hint(words)
        set_role(self.address_row.hint, "warn" if check.warning else "small")
        self.retyped.emit()

    def _take_address(self) -> None:
        text = self._address.text().strip()
        check = self._control.check_address(text)
        if text and check.problem:
            self.address_row.say(self.tr("The address %1.").replace("%1", check.problem))
        elif text:
            self._control.change(self.address_row.say, base_url=check.url)
