"""What the Shortcuts page does: which keys an action has, who else has them, and writing others.

Has no widgets.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtGui import QKeySequence

from cort_desktop.gui.actions import Actions
from cort_desktop.gui.preferences.saver import Saver, Say


class ShortcutControl:
    """Over the registry of actions and the settings."""

    def __init__(self, actions: Actions, saver: Saver) -> None:
        self._actions = actions
        self._saver = saver

    def is_changed(self, action_id: str) -> bool:
        """Whether a person chose the keys of an action."""
        return action_id in self._saver.settings.shortcuts

    @property
    def unknown(self) -> list[str]:
        """Ids in the settings that mean no action."""
        return [each for each in self._saver.settings.shortcuts if each not in self._actions.specs]

    def rivals(self, action_id: str) -> list[str]:
        """What else has one of the action's keys where both can be meant, in words."""
        found = []
        for _key, one, other in self._actions.conflicts():
            if action_id in (one, other):
                found.append(self._actions.specs[other if one == action_id else one].text())
        return list(dict.fromkeys(found))

    def holders(self, action_id: str, keys: QKeySequence) -> list[str]:
        """The ids of the other actions that have these keys where both can be meant."""
        return [
            each
            for each in self._actions.specs
            if each != action_id and self._actions.would_clash(action_id, each, keys)
        ]

    def move(self, action_id: str, keys: QKeySequence, holders: list[str], say: Say) -> None:
        """Give an action keys and take them from those that have them, all in one."""
        changes = self._bound(action_id, [keys])
        for each in holders:
            left = [other for other in self._actions[each].shortcuts() if other != keys]
            changes |= self._bound(each, left)
        self._saver.write(changes, say)

    def words(self, action_id: str) -> str:
        """What an action is called."""
        return self._actions.specs[action_id].text()

    def can_give_up(self, action_id: str, keys: QKeySequence) -> bool:
        """Whether keys can be taken from an action: those of the message field stay."""
        return keys in self._actions[action_id].shortcuts()

    def bind(self, action_id: str, keys: list[QKeySequence], say: Say) -> None:
        """Give an action these keys; none takes its shortcut away."""
        self._saver.write(self._bound(action_id, keys), say)

    def _bound(self, action_id: str, keys: list[QKeySequence]) -> dict[tuple[str, ...], Any]:
        texts = [each.toString(QKeySequence.SequenceFormat.PortableText) for each in keys]
        own = list(self._actions.specs[action_id].keys)
        value: object = texts[0] if len(texts) == 1 else texts
        changes = _removal(action_id)
        changes["shortcuts", action_id] = None if texts == own else (value or "")
        return changes

    def reset(self, action_id: str, say: Say) -> None:
        """Give an action its own keys again."""
        self._saver.write(_removal(action_id), say)

    def reset_all(self, say: Say) -> None:
        """Give every action its own keys again."""
        self._saver.write({("shortcuts",): None}, say)

    def drop_unknown(self, say: Say) -> None:
        """Take the ids that mean nothing out of the settings."""
        changes: dict[tuple[str, ...], Any] = {}
        for each in self.unknown:
            changes |= _removal(each)
        self._saver.write(changes, say)


def _removal(action_id: str) -> dict[tuple[str, ...], Any]:
    """An id may stand in quotes, or as tables in tables."""
    spellings: Mapping[tuple[str, ...], Any] = {
        ("shortcuts", action_id): None,
        ("shortcuts", *action_id.split(".")): None,
    }
    return dict(spellings)
