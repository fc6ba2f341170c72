"""The recordings to choose from: a card for each, that plays it when it is clicked or entered."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from cort_desktop.gui.onboarding.demos import Demo
from cort_desktop.gui.onboarding.words import facts
from cort_desktop.gui.theme import Theme
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import PlainLabel, button, set_role

_WIDTH_PX, _NARROWEST_PX = 560, 320
_ICON_PX = 18


class DemoChooser(QDialog):
    """``chosen`` has the Demo to play. Deleted when it is closed; show it by ``open()``."""

    chosen = Signal(object)

    def __init__(self, ui: Ui, demos: Sequence[Demo], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("demoChooser")
        self.setWindowTitle(self.tr("Recorded runs"))
        self.finished.connect(self.deleteLater)
        self.setMinimumWidth(_NARROWEST_PX)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(PlainLabel(self.tr("Watch how an answer comes about"), "heading"))
        column.addWidget(_wrapped(self._introduction(), "muted"))
        self.cards = [DemoCard(ui.theme, demo) for demo in demos]
        for card in self.cards:
            card.clicked.connect(partial(self._choose, card.demo))
            column.addWidget(card)
        column.addStretch(1)
        close = button(self.tr("Close"))
        close.clicked.connect(self.reject)
        column.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
        self.resize(min(_WIDTH_PX, max(_NARROWEST_PX, parent.width() - 64)), 0)
        if self.cards:
            self.cards[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down go through the cards, as in a list."""
        if event.key() == Qt.Key.Key_Down:
            self.focusNextChild()
        elif event.key() == Qt.Key.Key_Up:
            self.focusPreviousChild()
        else:
            super().keyPressEvent(event)

    def _fit(self) -> None:
        """A dialog asks its layout for the least height at no width in particular; text wraps at this one."""
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.setMinimumHeight(layout.totalHeightForWidth(self.width()))

    def _introduction(self) -> str:
        return self.tr(
            "Real runs of the small built-in model, played again at the speed they had. Nothing is asked or "
            "stored, and it costs nothing. A larger model answers better; the rounds are the same."
        )

    def _choose(self, demo: Demo) -> None:
        self.accept()
        self.chosen.emit(demo)


class DemoCard(QPushButton):
    """A recording: its title, a word about it, its facts."""

    def __init__(self, theme: Theme, demo: Demo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.demo = demo
        told = facts(demo)
        set_role(self, "example")
        self.setAccessibleName(demo.title)
        self.setAccessibleDescription(f"{demo.words} {told}")
        self.setAutoDefault(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 12, 16, 12)
        row.setSpacing(12)
        sign = PlainLabel()
        sign.setPixmap(theme.icon("play", "accent").pixmap(_ICON_PX, _ICON_PX))
        row.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(4)
        for text, role in ((demo.title, "strong"), (demo.words, ""), (told, "small")):
            column.addWidget(_wrapped(text, role))
        row.addLayout(column, 1)
        for label in (sign, *self.findChildren(PlainLabel)):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH_PX, self.heightForWidth(max(_NARROWEST_PX, self.width())))

    def minimumSizeHint(self) -> QSize:
        return QSize(_NARROWEST_PX - 48, self.fontMetrics().lineSpacing() * 3)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        layout = self.layout()
        return layout.heightForWidth(width) if layout is not None else super().heightForWidth(width)


def _wrapped(text: str, role: str) -> PlainLabel:
    label = PlainLabel(text, role)
    label.setWordWrap(True)
    return label
