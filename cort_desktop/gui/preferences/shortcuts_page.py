"""Settings › Shortcuts: every command with its keys, found by name, changed by pressing them."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QKeySequenceEdit, QLineEdit, QTreeWidgetItem, QWidget

from cort_desktop.gui.menus import menu_title
from cort_desktop.gui.preferences.questions import Question, ask
from cort_desktop.gui.preferences.rows import Page, Row, StateLine, line_of
from cort_desktop.gui.preferences.saver import Saver
from cort_desktop.gui.preferences.shortcut_control import ShortcutControl
from cort_desktop.gui.preferences.tables import KEY, Table
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import button

_ROWS = 11


class ShortcutsPage(Page):
    """The table of commands, and the keys of the one that is chosen."""

    def __init__(self, ui: Ui, saver: Saver) -> None:
        super().__init__(
            self.tr("Shortcuts"),
            self.tr(
                "Choose a command and press the keys it shall have. The keys of the message field stay as "
                "they are: Enter, Ctrl+Enter, Shift+Enter, Esc and Ctrl+Up."
            ),
        )
        self._ui = ui
        self._control = ShortcutControl(ui.actions, saver)
        self._filter = QLineEdit()
        self._filter.setObjectName("settingsShortcutFilter")
        self._filter.setAccessibleName(self.tr("Find a command"))
        self._filter.setPlaceholderText(self.tr("Find a command or keys"))
        self._filter.setClearButtonEnabled(True)
        self._filter.textChanged.connect(self._narrow)
        self._table = Table(
            "settingsShortcuts",
            self.tr("Shortcuts"),
            [self.tr("Command"), self.tr("Keys"), self.tr("Menu"), self.tr("Note")],
        )
        self._table.currentItemChanged.connect(lambda *_: self._chosen())
        self._keys = QKeySequenceEdit()
        self._keys.setObjectName("settingsKeys")
        self._keys.setClearButtonEnabled(True)
        self._keys.setMaximumSequenceLength(1)
        self._keys.editingFinished.connect(self._bind)
        self._row = Row(self.tr("Keys"), self._keys)
        self._clash = StateLine(ui.theme)
        self._clash.setObjectName("settingsClash")
        self._stray = StateLine(ui.theme)
        self.add(self._filter, self._table, self._row, self._clash, self._buttons(), self._stray)
        self.finish()
        self._fill()
        ui.actions.changed.connect(self._fill)
        saver.changed.connect(lambda _settings: self._fill())

    def _buttons(self) -> QWidget:
        self._none = button(self.tr("No keys"))
        self._none.setObjectName("settingsNoKeys")
        self._none.clicked.connect(lambda: self._control.bind(self._action, [], self._row.say))
        self._reset = button(self.tr("Its own keys"))
        self._reset.setObjectName("settingsResetKeys")
        self._reset.clicked.connect(lambda: self._control.reset(self._action, self._row.say))
        self._reset_all = button(self.tr("Reset all"))
        self._reset_all.setObjectName("settingsResetAllKeys")
        self._reset_all.clicked.connect(lambda: self._control.reset_all(self._row.say))
        self._drop = button(self.tr("Remove unknown ones"))
        self._drop.setObjectName("settingsDropUnknown")
        self._drop.clicked.connect(lambda: self._control.drop_unknown(self._row.say))
        return line_of(self._none, self._reset, self._reset_all, self._drop)

    @property
    def _action(self) -> str:
        """The id of the command that is chosen; empty without one."""
        key = self._table.key()
        return key if isinstance(key, str) else ""

    def _fill(self) -> None:
        chosen = self._action
        self._table.clear()
        actions = self._ui.actions
        for action_id, spec in actions.specs.items():
            if self._control.rivals(action_id):
                note = self.tr("shared")
            else:
                note = self.tr("changed") if self._control.is_changed(action_id) else self._fixed(action_id)
            menu = "" if spec.menu is None else menu_title(spec.menu).replace("&", "")
            row = self._table.put(action_id, [spec.text(), actions.keys_text(action_id), menu, note])
            if note == self.tr("shared"):
                row.setIcon(3, self._ui.theme.icon("triangle-alert", "warn"))
        self._table.fit(_ROWS)
        self._table.choose(chosen or next(iter(actions.specs)))
        self._narrow(self._filter.text())
        self._reset_all.setEnabled(any(map(self._control.is_changed, actions.specs)))
        self._show_stray()
        self._chosen()

    def _fixed(self, action_id: str) -> str:
        """Which of its keys can't be changed."""
        fixed = self._ui.actions.fixed_text(action_id)
        return self.tr("%1 stays").replace("%1", fixed) if fixed else ""

    def _show_stray(self) -> None:
        unknown = self._control.unknown
        words = self.tr("The settings file names commands that don’t exist: %1.")
        self._stray.show_state("doubt", words.replace("%1", ", ".join(unknown)) if unknown else "")
        self._drop.setVisible(bool(unknown))

    def _chosen(self) -> None:
        action = self._action
        if not action:
            return
        spec = self._ui.actions.specs[action]
        self._row.label.setText(self.tr("Keys of “%1”").replace("%1", spec.text()))
        self._row.say(None)
        self._chosen_keys(action)
        self._none.setEnabled(bool(self._ui.actions[action].shortcuts()))
        self._reset.setEnabled(self._control.is_changed(action))
        rivals = self._control.rivals(action)
        words = self.tr("Also the keys of “%1”: the first one that can be meant gets them. Choose others.")
        self._clash.show_state("doubt", words.replace("%1", "”, “".join(rivals)) if rivals else "")

    def _bind(self) -> None:
        action, pressed = self._action, self._keys.keySequence()
        if not action or pressed.isEmpty():
            return
        if pressed in self._ui.actions[action].shortcuts():
            return
        holders = self._control.holders(action, pressed)
        if holders:
            self._ask(action, pressed, holders)
        else:
            self._control.bind(action, [pressed], self._row.say)

    def _ask(self, action: str, pressed: QKeySequence, holders: list[str]) -> None:
        """The keys are taken: both commands are named, and the keys are moved if a person wants that."""
        name = pressed.toString(QKeySequence.SequenceFormat.NativeText)
        rival, mine = self._control.words(holders[0]), self._control.words(action)
        if not all(self._control.can_give_up(each, pressed) for each in holders):
            words = self.tr("%1 belongs to “%2” in the message field and stays there; press other keys.")
            self._row.say(words.replace("%1", name).replace("%2", rival))
            self._chosen_keys(action)
            return
        title = self.tr("%1 belongs to “%2”").replace("%1", name).replace("%2", rival)
        words = self.tr("Move it to “%1”? “%2” then has %3.")
        left = [
            each.toString(QKeySequence.SequenceFormat.NativeText)
            for each in self._ui.actions[holders[0]].shortcuts()
            if each != pressed
        ]
        for mark, text in (("%1", mine), ("%2", rival), ("%3", ", ".join(left) or self.tr("no keys"))):
            words = words.replace(mark, text)
        question = Question(
            name="settingsMoveKeys", title=title, words=words, verb=self.tr("Move it"), is_harmless=True
        )
        box = ask(
            question,
            self.window(),
            lambda: self._control.move(action, pressed, holders, self._row.say),
        )
        box.rejected.connect(lambda: self._chosen_keys(self._action))

    def _chosen_keys(self, action: str) -> None:
        """Show the keys that an action has now."""
        keys = self._ui.actions[action].shortcuts()
        was = self._keys.blockSignals(True)
        self._keys.setKeySequence(keys[0] if keys else QKeySequence())
        self._keys.blockSignals(was)

    def _narrow(self, text: str) -> None:
        words = text.casefold().split()
        first: QTreeWidgetItem | None = None
        for at in range(self._table.topLevelItemCount()):
            row = self._table.topLevelItem(at)
            if row is None:
                continue
            told = f"{row.text(0)} {row.text(1)} {row.text(2)} {row.data(0, KEY)}".casefold()
            found = all(word in told for word in words)
            row.setHidden(not found)
            first = first or (row if found else None)
        current = self._table.currentItem()
        if first is not None and (current is None or current.isHidden()):
            self._table.setCurrentItem(first)
        elif current is not None:
            self._table.scrollToItem(current)
