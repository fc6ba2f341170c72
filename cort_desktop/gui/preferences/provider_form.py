"""The fields of a provider: name, kind, address with live words, key, and what is rare."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from cort_desktop.domain.settings import KIND_ADDRESSES, MOST_CONCURRENT, ProviderSettings
from cort_desktop.gui.preferences.controls import Choice, ChoiceBox, WholeBox
from cort_desktop.gui.preferences.provider_control import ProviderControl
from cort_desktop.gui.preferences.provider_templates import TEMPLATES, Template
from cort_desktop.gui.preferences.rows import Row
from cort_desktop.gui.widgets import button, set_role

_MOST_CONTEXT = 100_000_000
_LEAST_CONTEXT = 512


class ProviderForm(QWidget):
    """Tells the control each change. ``retyped`` follows every change of what a test would ask."""

    retyped = Signal()

    def __init__(self, control: ProviderControl) -> None:
        super().__init__()
        self._control = control
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(16)
        self._add_identity()
        self._add_address()
        self.rare = QWidget()
        self._add_rare()

    def _add_identity(self) -> None:
        tr, control = self.tr, self._control
        self._template = ChoiceBox(
            "settingsTemplate",
            [
                Choice(value=None, text=tr("Another service")),
                *(Choice(value=each, text=each.title) for each in TEMPLATES),
            ],
        )
        self.template_row = Row(tr("Service"), self._template, tr("Fills in name and address to begin with."))
        self._template.chosen.connect(self._fill_in)
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
        for row in (self.template_row, self.name_row, self._kind_row):
            self._column.addWidget(row)

    def _add_address(self) -> None:
        self._address = QLineEdit()
        self._address.setObjectName("settingsAddress")
        self._address.setPlaceholderText("https://…/v1")
        self.address_row = Row(self.tr("Address"), self._address)
        self._address.textEdited.connect(self._written)
        self._address.editingFinished.connect(self._take_address)
        self._column.addWidget(self.address_row)

    def _add_rare(self) -> None:
        tr, control = self.tr, self._control
        self._env = QLineEdit()
        self._env.setObjectName("settingsKeyEnv")
        self._env_row = Row(
            tr("Environment variable"), self._env, tr("Looked at first for the key, like MY_SERVER_KEY.")
        )
        self._env.editingFinished.connect(
            lambda: control.change(self._env_row.say, key_env=self._env.text().strip() or None)
        )
        self._models = QLineEdit()
        self._models.setObjectName("settingsModelNames")
        self._models.setPlaceholderText(tr("those it lists"))
        self._models_row = Row(
            tr("Models"),
            self._models,
            tr("Only these, with commas between them, and the service isn't asked."),
        )
        self._models.editingFinished.connect(
            lambda: control.change(self._models_row.say, models=_names(self._models.text()))
        )
        self._context = WholeBox("settingsContext", _LEAST_CONTEXT, _MOST_CONTEXT, tr("as it tells"))
        self._context.setSingleStep(1024)
        context_row = Row(
            tr("Context"),
            self._context,
            tr("Tokens its models take with the answer, where it tells wrongly."),
        )
        self._context.chosen.connect(lambda number: control.change(context_row.say, context=number))
        self._places = WholeBox("settingsConcurrency", 1, MOST_CONCURRENT, tr("8"))
        places_row = Row(
            tr("Calls at once"), self._places, tr("Fewer, where a service or a computer is slow.")
        )
        self._places.chosen.connect(lambda number: control.change(places_row.say, max_concurrency=number))
        column = QVBoxLayout(self.rare)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        for row in (self._env_row, self._models_row, context_row, places_row):
            column.addWidget(row)

    def show_provider(self, provider: ProviderSettings, *, is_new: bool, is_standard: bool) -> None:
        """Show a provider; a field that is being written in stays as it is."""
        self.template_row.setVisible(is_new)
        self.name_row.setVisible(is_new)
        self._kind_row.setVisible(provider.kind != "builtin" and not is_standard)
        self.address_row.setVisible(provider.kind != "builtin")
        self._kind.show_value(provider.kind)
        for field, text in (
            (self._name, provider.name),
            (self._address, provider.base_url),
            (self._env, provider.key_env or ""),
            (self._models, ", ".join(provider.models)),
        ):
            if not field.hasFocus() or is_new:
                field.setText(text)
        self._context.show_number(provider.context)
        self._places.show_number(provider.max_concurrency)
        if is_new and not provider.name:
            self._template.show_value(None)
        self._check(self._address.text())

    def _fill_in(self, template: object) -> None:
        if isinstance(template, Template):
            self._control.change(
                self.name_row.say, name=template.name, kind=template.kind, base_url=template.address
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


class KeyField(QWidget):
    """A key on its way in: never shown, gone from the field when it is kept. ``kept`` has it."""

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


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
