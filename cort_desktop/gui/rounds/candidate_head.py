"""What stands above a node's text: name, state, figures, and its verbs as a small row of buttons."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from cort_desktop.gui.actions import Actions
from cort_desktop.gui.rounds.candidate_facts import Facts, Trouble
from cort_desktop.gui.theme import Theme
from cort_desktop.gui.widgets import FlowLayout, PlainLabel, plain_tooltip, set_role
from cort_desktop.telling import figures
from cort_desktop.telling.told import Tone

VERBS = ("tree.override", "tree.copy", "tree.branch", "tree.retry", "tree.cancel", "tree.inspect")
_ICON_PX = 16
_ROLES: dict[Tone, str] = {
    "plain": "chip",
    "quiet": "chip",
    "good": "badge-good",
    "bad": "badge-bad",
    "warn": "badge-warn",
    "running": "badge",
}


class CandidateHead(QFrame):
    """Follows the actions of the registry: a verb that means nothing here isn't shown."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 12, 12, 4)
        row.setSpacing(8)
        words = QVBoxLayout()
        words.setSpacing(4)
        line = FlowLayout(gap=8)
        self._name = PlainLabel("", "mono")
        self._label = PlainLabel("", "strong")
        self._badge = PlainLabel("", "chip")
        for each in (self._name, self._label, self._badge):
            line.addWidget(each)
        words.addLayout(line)
        self._figures = PlainLabel("", "small")
        self._figures.setWordWrap(True)
        self._figures.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words.addWidget(self._figures)
        row.addLayout(words, 1)
        row.addWidget(self._verbs(), 0, Qt.AlignmentFlag.AlignTop)

    def show_facts(self, facts: Facts) -> None:
        """Tell about a node."""
        told = facts.told
        self._name.setText(told.name)
        self._name.show()
        self._label.setText(told.label)
        self._badge.setText(told.badge or (told.words if told.words == "answered" else ""))
        self._badge.setVisible(bool(self._badge.text()))
        set_role(self._badge, _ROLES[told.tone])
        line = " · ".join(part for part in (facts.model, *facts.figures) if part)
        self._figures.setText(figures.unbroken(line))
        self._figures.setVisible(bool(self._figures.text()))
        self._figures.setAccessibleName(
            self.tr("Model and figures: {figures}").format(figures=self._figures.text())
        )
        self.setAccessibleName(told.spoken)

    def show_run(self, title: str) -> None:
        """Tell that no node is looked at."""
        self._name.hide()
        self._badge.hide()
        self._figures.hide()
        self._label.setText(title)
        self.setAccessibleName(title)

    def _verbs(self) -> QWidget:
        holder = QFrame()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._buttons: dict[str, QToolButton] = {}
        for verb in VERBS:
            action = self._actions[verb]
            each = QToolButton()
            each.setDefaultAction(action)
            each.setIconSize(QSize(_ICON_PX, _ICON_PX))
            each.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            each.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            self._buttons[verb] = each
            row.addWidget(each)
            action.changed.connect(self._show_verbs)
        self._show_verbs()
        return holder

    def _show_verbs(self) -> None:
        for verb, each in self._buttons.items():
            action = self._actions[verb]
            keys = self._actions.keys_text(verb)
            each.setVisible(action.isEnabled())
            each.setAccessibleName(action.text())
            plain_tooltip(each, f"{action.text()} ({keys})" if keys else action.text())


class TroubleCard(QFrame):
    """What went wrong, in words; its tries; what to do next."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shown: Trouble | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 8, 12, 8)
        self._column.setSpacing(4)
        self.hide()

    def show_trouble(self, trouble: Trouble | None) -> None:
        """Show it, or nothing."""
        self.setVisible(trouble is not None)
        if trouble == self._shown:
            return
        self._shown = trouble
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        if trouble is None:
            return
        set_role(self, "trouble" if trouble.is_error else "card")
        self._say(trouble.words, "bad" if trouble.is_error else "")
        for each in trouble.tries:
            self._say(each, "small")
        self._say(trouble.advice, "muted")
        self.setAccessibleName(
            ". ".join(part for part in (trouble.words, *trouble.tries, trouble.advice) if part)
        )

    def _say(self, words: str, role: str) -> None:
        if words:
            label = PlainLabel(words, role)
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._column.addWidget(label)
