"""What an empty conversation shows: what this is for, questions to begin with, and who would answer."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from cort_desktop.domain.ids import ModelRef, model_of, provider_of
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import FlowLayout, PlainLabel, button, set_role
from cort_desktop.telling.safe import one_line

if TYPE_CHECKING:
    from cort_desktop.gui.onboarding.local_servers import LocalServers

_WIDEST_PX = 560


class ExampleButton(QPushButton):
    """A button whose words wrap, which Qt's own can't."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "example")
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 10, 14, 10)
        self._label = PlainLabel()
        self._label.setWordWrap(True)
        self._label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        row.addWidget(self._label)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    @property
    def words(self) -> str:
        """What it says."""
        return self._label.text()

    def say(self, words: str) -> None:
        """Say other words."""
        self._label.setText(words)
        self.setAccessibleName(words)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(200, self.heightForWidth(max(200, self.width())))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.fontMetrics().lineSpacing() + 20)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        layout = self.layout()
        return layout.heightForWidth(width) if layout is not None else super().heightForWidth(width)


class Welcome(QScrollArea):
    """``example_chosen`` has the text of a question."""

    example_chosen = Signal(str)

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._buttons: list[ExampleButton] = []
        self._servers: LocalServers | None = None
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inner = QWidget()
        row = QHBoxLayout(inner)
        row.setContentsMargins(24, 24, 24, 24)
        sheet = QWidget()
        sheet.setMaximumWidth(_WIDEST_PX)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHorizontalStretch(10)
        policy.setHeightForWidth(True)
        sheet.setSizePolicy(policy)
        row.addStretch(1)
        row.addWidget(sheet, 10)
        row.addStretch(1)
        self._fill(QVBoxLayout(sheet))
        self.setWidget(inner)

    def show_model(self, model: ModelRef, *, is_temporary: bool) -> None:
        """Say who would answer, and what to expect of it."""
        name = one_line(model_of(model))
        if provider_of(model) == "builtin":
            words = self.tr(
                "{name} answers, the small model that comes along. It works offline and at no cost, and "
                "shows how the rounds work, not how good an answer can be."
            )
        else:
            words = self.tr("Answers come from {name}.")
        self._model.setText(words.format(name=name))
        is_small = provider_of(model) == "builtin"
        self._providers.setVisible(is_small)
        if self._servers is not None:
            self._servers.show_for(model)
        for made, example in zip(self._buttons, self._examples(is_small=is_small), strict=True):
            made.say(example)
        self._temporary.setVisible(is_temporary)

    def look_around(self) -> None:
        """Look for servers with models on this computer, which may answer in place of the built-in one."""
        from cort_desktop.gui.onboarding.local_servers import LocalServers

        if self._servers is None:
            self._servers = LocalServers(self._ui)
            self._column.insertWidget(self._column.indexOf(self._buttons[0]), self._servers)
        self._servers.look()

    def _fill(self, column: QVBoxLayout) -> None:
        self._column = column
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addStretch(2)
        column.addWidget(PlainLabel(self.tr("Ask something hard"), "heading"))
        column.addWidget(
            self._words(
                self.tr(
                    "Several answers are written, judges compare them, and the best one goes on to the next "
                    "round. You see every alternative, why one won, and what it cost."
                )
            )
        )
        column.addSpacing(8)
        for _ in self._examples(is_small=False):
            made = ExampleButton()
            made.clicked.connect(partial(self._choose, made))
            column.addWidget(made)
            self._buttons.append(made)
        column.addSpacing(8)
        self._temporary = self._words(
            self.tr("This conversation is temporary: nothing of it is written to the disk.")
        )
        self._model = self._words("")
        column.addWidget(self._temporary)
        column.addWidget(self._model)
        column.addWidget(self._links())
        column.addStretch(3)

    def _choose(self, chosen: ExampleButton) -> None:
        self.example_chosen.emit(chosen.words)

    def _words(self, text: str) -> PlainLabel:
        label = PlainLabel(text, "muted")
        label.setWordWrap(True)
        return label

    def _links(self) -> QWidget:
        links = QWidget()
        flow = FlowLayout(links, gap=8)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        links.setSizePolicy(policy)
        self._providers = button(self.tr("Add a provider"), "link")
        demo = button(self.tr("Watch a recorded run"), "link")
        self._providers.clicked.connect(self._ui.actions["app.providers"].trigger)
        demo.clicked.connect(self._ui.actions["help.demo"].trigger)
        flow.addWidget(self._providers)
        flow.addWidget(demo)
        return links

    def _examples(self, *, is_small: bool) -> tuple[str, ...]:
        """Questions whose contest is worth watching; a small model gets some that it can answer."""
        if is_small:
            return (
                self.tr("Which is heavier, a kilogram of feathers or a pound of lead?"),
                self.tr("What makes bread rise? Answer in one sentence."),
                self.tr("Explain to a ten-year-old why the sky is blue, in three sentences."),
            )
        return (
            self.tr(
                "A bat and a ball cost 1.10; the bat costs 1.00 more than the ball. What does the ball cost?"
            ),
            self.tr("Why does my SQL query get slower as the table grows, although it only returns 50 rows?"),
            self.tr("Explain to a ten-year-old why the sky is blue, in three sentences."),
        )
