"""Every command of the window, once: menus, palette, shortcut sheet, settings and tests are fed from here.

An action is a ``QAction`` whose object name is its dotted id. What it does is said by the part it belongs
to, through ``on``; the table of all commands is ``action_table.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from cort_desktop.gui.action_spec import ActionSpec, Scope
from cort_desktop.gui.action_table import ACTIONS
from cort_desktop.gui.theme import Theme
from cort_desktop.gui.widgets.basics import plain_tooltip


class Actions(QObject):
    """The registry. ``changed`` follows a rebinding."""

    changed = Signal()

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.specs: Mapping[str, ActionSpec] = {spec.id: spec for spec in ACTIONS}
        self._actions = {spec.id: self._make(spec) for spec in ACTIONS}
        self._connected: set[str] = set()
        self._chosen: Mapping[str, Sequence[str]] = {}
        theme.changed.connect(self._draw)
        self._draw()

    def __getitem__(self, action_id: str) -> QAction:
        return self._actions[action_id]

    def __iter__(self) -> Iterator[QAction]:
        return iter(self._actions.values())

    def on(self, action_id: str, call: Callable[[], object]) -> QAction:
        """Say what an action does. It is disabled until somebody has."""
        action = self._actions[action_id]
        action.triggered.connect(lambda _checked=False: call())
        self._connected.add(action_id)
        action.setEnabled(True)
        return action

    def without_effect(self) -> list[str]:
        """Ids of actions that nobody has connected; none once the window stands."""
        return [each for each in self._actions if each not in self._connected]

    def put(self, widget: QWidget, scope: Scope) -> None:
        """Make the keys of a scope work in ``widget`` and what is inside it."""
        for action_id, spec in self.specs.items():
            if spec.scope == scope:
                widget.addAction(self._actions[action_id])

    def rebind(self, shortcuts: Mapping[str, Sequence[str]]) -> None:
        """Set the keys that a person chose; every other action has its own again. Unknown ids are ignored."""
        if shortcuts == self._chosen:
            return
        self._chosen = dict(shortcuts)
        for action_id, spec in self.specs.items():
            keys = shortcuts.get(action_id, spec.keys)
            self._actions[action_id].setShortcuts([QKeySequence(key) for key in keys])
        self.changed.emit()

    def conflicts(self) -> list[tuple[str, str, str]]:
        """(key, id, id) of actions that share a key where both can be meant."""
        found = []
        owners: dict[str, list[tuple[str, Scope | None]]] = {}
        for action_id, spec in self.specs.items():
            for keys in self._fixed(spec):
                owners.setdefault(keys.toString(), []).append((action_id, None))
            for keys in self._actions[action_id].shortcuts():
                owners.setdefault(keys.toString(), []).append((action_id, spec.scope))
        for key, ones in owners.items():
            for place, (one, scope) in enumerate(ones):
                found += [
                    (key, one, other)
                    for other, where in ones[place + 1 :]
                    if one != other and _can_both_be_meant(scope, where)
                ]
        return found

    def would_clash(self, one: str, other: str, keys: QKeySequence) -> bool:
        """Whether ``other`` has these keys where ``one`` could be meant by them, too."""
        if keys in self._fixed(self.specs[other]):
            return True
        mine, theirs = self.specs[one].scope, self.specs[other].scope
        return keys in self._actions[other].shortcuts() and _can_both_be_meant(mine, theirs)

    def fixed_text(self, action_id: str) -> str:
        """The keys of an action that can't be changed, as people read them; empty without."""
        return _told(self._fixed(self.specs[action_id]))

    def keys_text(self, action_id: str) -> str:
        """The keys of an action as people read them, those of the message field first; empty without."""
        return _told([*self._fixed(self.specs[action_id]), *self._actions[action_id].shortcuts()])

    @staticmethod
    def _fixed(spec: ActionSpec) -> list[QKeySequence]:
        return [QKeySequence(key) for key in spec.shown_keys]

    def _make(self, spec: ActionSpec) -> QAction:
        action = QAction(spec.text(), self)
        action.setObjectName(spec.id)
        action.setShortcuts([QKeySequence(key) for key in spec.keys])
        action.setCheckable(spec.is_switch)
        # Qt would move some of them by their words alone ("Settings") into the application menu of macOS.
        action.setMenuRole(spec.role)
        if spec.scope != "window":
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.setEnabled(False)
        if spec.shown_keys:
            plain_tooltip(action, f"{spec.text()} ({_told(self._fixed(spec))})")
        return action

    def _draw(self) -> None:
        for action_id, spec in self.specs.items():
            if spec.icon:
                self._actions[action_id].setIcon(self._theme.icon(spec.icon))


def _told(keys: Sequence[QKeySequence]) -> str:
    return ", ".join(each.toString(QKeySequence.SequenceFormat.NativeText) for each in keys)


def _can_both_be_meant(one: Scope | None, other: Scope | None) -> bool:
    """None: in the message field."""
    return one == other or "window" in (one, other)
