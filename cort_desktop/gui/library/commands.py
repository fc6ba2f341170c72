"""The commands of the library: whom each concerns now, whether it can be done, what its words are.

Menus and keys come from the window's one registry; the menu of a row has the same words for what was
selected. What a command does is ``verbs.py``; what it asks first is ``questions.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QMenu

from cort_desktop.domain.library import Conversation
from cort_desktop.gui.library import questions
from cort_desktop.gui.library.controller import LibraryController
from cort_desktop.gui.library.verbs import Verbs
from cort_desktop.gui.ui import Ui

if TYPE_CHECKING:
    from cort_desktop.gui.library.library_pane import LibraryPane


_MANY = 2


class LibraryCommands(QObject):
    """Connects the registry's ``library.*`` and the way to the neighbours; belongs to a pane."""

    def __init__(self, ui: Ui, pane: LibraryPane, controller: LibraryController, verbs: Verbs) -> None:
        super().__init__(pane)
        self._ui = ui
        self._pane = pane
        self._controller = controller
        self._verbs = verbs
        for name, call in {
            "library.rename": self.rename,
            "library.pin": self.pin,
            "library.archive": self.archive,
            "library.duplicate": self.duplicate,
            "library.export": self.export,
            "library.import": pane.exchange.choose,
            "library.delete": self.delete,
            "library.archived": self.show_archive,
            "library.bin": self.show_bin,
            "library.restore": self.restore,
            "library.delete_for_good": self.delete_for_good,
            "library.empty_bin": self.empty_bin,
            "library.undo": ui.undo.undo,
            "library.search": pane.search,
            "chat.previous": lambda: pane.step(-1),
            "chat.next": lambda: pane.step(1),
        }.items():
            ui.actions.on(name, call)
        ui.undo.changed.connect(self.update)
        controller.changed.connect(self.update)
        controller.work_changed.connect(lambda _ids: self.update())
        self.update()

    def targets(self) -> list[Conversation]:
        """Whom a command concerns: what is selected in the list, else the open conversation."""
        controller = self._controller
        if controller.shelf != "bin":
            selected = [controller.known(each) for each in self._pane.selected]
            if found := [each for each in selected if each is not None]:
                return found
        current = controller.open_conversation
        return [] if current is None or current.deleted is not None else [current]

    def update(self) -> None:
        """Look again whom the commands concern."""
        targets = self.targets()
        actions = self._ui.actions
        for name in ("library.pin", "library.archive", "library.export", "library.delete"):
            actions[name].setEnabled(bool(targets))
        for name in ("library.rename", "library.duplicate"):
            actions[name].setEnabled(len(targets) == 1)
        actions["library.pin"].setText(self._pin_words(targets))
        actions["library.archive"].setText(self._archive_words(targets))
        many = self.tr("Export {number} conversations…").format(number=len(targets))
        actions["library.export"].setText(self.tr("Export conversation…") if len(targets) < _MANY else many)
        self._update_shelves()
        last = self._ui.undo.last
        actions["library.undo"].setEnabled(last is not None)
        actions["library.undo"].setText(self.tr("Undo the last change") if last is None else last.words)

    def _update_shelves(self) -> None:
        actions, shelf = self._ui.actions, self._controller.shelf
        actions["library.archived"].setText(
            self.tr("Back from the archive") if shelf == "archived" else self.tr("Show the archive")
        )
        actions["library.bin"].setText(
            self.tr("Back from the bin") if shelf == "bin" else self.tr("Show the bin")
        )
        for name in ("library.restore", "library.delete_for_good"):
            actions[name].setEnabled(bool(self._binned()))
        actions["library.empty_bin"].setEnabled(shelf == "bin" and bool(self._controller.conversations))

    def rename(self) -> None:
        """Edit the title in its row; in a dialog when it has none in sight."""
        for target in self.targets()[:1]:
            if not self._pane.edit_title(target.id):
                questions.ask_title(self._pane.window(), target, partial(self._verbs.rename, target.id))

    def pin(self) -> None:
        """Keep on top; what is on top already, no longer."""
        targets = self.targets()
        self._verbs.pin(targets, pinned=not _all_pinned(targets))

    def archive(self) -> None:
        """Into the archive, or out of it."""
        targets = self.targets()
        self._verbs.archive(targets, archived=not _all_archived(targets))

    def duplicate(self) -> None:
        """A copy of the one conversation."""
        for target in self.targets()[:1]:
            self._verbs.duplicate(target)

    def export(self) -> None:
        """Into a file."""
        if targets := self.targets():
            self._pane.exchange.export(targets)

    def delete(self) -> None:
        """Into the bin at once; asked first only when a run has to be stopped for it."""
        targets = self.targets()
        working = sum(each.id in self._controller.work.working for each in targets)
        if working:
            questions.ask_to_stop(
                self._ui, self._pane.window(), targets, working, lambda: self._verbs.delete(targets)
            )
        elif targets:
            self._verbs.delete(targets)

    def show_archive(self) -> None:
        """Show what is archived, or come back from it."""
        self._pane.show_shelf("all" if self._controller.shelf == "archived" else "archived")

    def show_bin(self) -> None:
        """Show the bin, or come back from it."""
        self._pane.show_shelf("all" if self._controller.shelf == "bin" else "bin")

    def restore(self) -> None:
        """Take what is selected out of the bin."""
        if binned := self._binned():
            self._verbs.restore(binned)

    def delete_for_good(self) -> None:
        """Destroy what is selected in the bin, after asking."""
        if binned := self._binned():
            questions.ask_to_destroy(
                self._ui, self._pane.window(), binned, lambda: self._verbs.delete_for_good(binned)
            )

    def empty_bin(self) -> None:
        """Destroy all in the bin, after asking."""
        if self._controller.shelf == "bin" and self._controller.conversations:
            questions.ask_to_empty(
                self._ui, self._pane.window(), self._controller.conversations, self._verbs.empty_bin
            )

    def menu_at(self, place: QPoint) -> None:
        """Show the menu of what is selected."""
        menu = QMenu(self._pane)
        menu.aboutToHide.connect(menu.deleteLater)
        if self._controller.shelf == "bin":
            self._fill_for_bin(menu)
        else:
            self._fill(menu)
        if menu.isEmpty():
            menu.deleteLater()
        else:
            menu.popup(place)

    def _fill(self, menu: QMenu) -> None:
        targets = self.targets()
        if not targets:
            return
        if len(targets) == 1:
            self._add(menu, self.tr("Open"), "message-square", lambda: self._pane.open(targets[0].id))
            self._add(menu, self.tr("Rename"), "pencil", self.rename, "library.rename")
        is_pinned, is_archived = _all_pinned(targets), _all_archived(targets)
        pin = self.tr("Unpin") if is_pinned else self.tr("Pin")
        self._add(menu, pin, "pin-off" if is_pinned else "pin", self.pin)
        archive = self.tr("Take out of the archive") if is_archived else self.tr("Archive")
        self._add(menu, archive, "archive", self.archive)
        if len(targets) == 1:
            self._add(menu, self.tr("Duplicate"), "copy", self.duplicate)
        self._add(menu, self.tr("Export…"), "download", self.export, "library.export")
        menu.addSeparator()
        many = self.tr("Delete {number} conversations").format(number=len(targets))
        self._add(menu, self.tr("Delete") if len(targets) == 1 else many, "trash-2", self.delete)

    def _fill_for_bin(self, menu: QMenu) -> None:
        if self._binned():
            self._add(menu, self.tr("Restore"), "undo-2", self.restore)
            menu.addSeparator()
            self._add(menu, self.tr("Delete for good…"), "trash-2", self.delete_for_good)

    def _add(self, menu: QMenu, words: str, icon: str, call: Callable[[], object], keys_of: str = "") -> None:
        made = menu.addAction(self._ui.theme.icon(icon), words)
        made.triggered.connect(lambda _on=False: call())
        if keys_of:
            made.setShortcut(self._ui.actions[keys_of].shortcut())
            made.setShortcutVisibleInContextMenu(True)

    def _binned(self) -> list[Conversation]:
        found = [self._controller.known(each) for each in self._pane.selected]
        return [each for each in found if each is not None and each.deleted is not None]

    def _pin_words(self, targets: Sequence[Conversation]) -> str:
        if _all_pinned(targets):
            return self.tr("Unpin conversation") if len(targets) == 1 else self.tr("Unpin conversations")
        return self.tr("Pin conversations") if len(targets) > 1 else self.tr("Pin conversation")

    def _archive_words(self, targets: Sequence[Conversation]) -> str:
        if _all_archived(targets):
            return self.tr("Take out of the archive")
        return self.tr("Archive conversations") if len(targets) > 1 else self.tr("Archive conversation")


def _all_pinned(targets: Sequence[Conversation]) -> bool:
    return bool(targets) and all(each.pinned for each in targets)


def _all_archived(targets: Sequence[Conversation]) -> bool:
    return bool(targets) and all(each.archived for each in targets)
