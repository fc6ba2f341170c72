"""Settings › Data: where everything lies and how much it is, the bin, the settings file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QLocale, Qt, QUrl
from PySide6.QtGui import QDesktopServices

from cort_desktop.gui.preferences.rows import Beside, Page, StateLine, line_of
from cort_desktop.gui.preferences.tables import Table
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import PlainLabel, button
from cort_desktop.services.doctor import StorageFact
from cort_desktop.services.preferences import OfflineModel
from cort_desktop.telling import figures


class DataPage(Page):
    """Folders and files of this program."""

    def __init__(self, ui: Ui) -> None:
        super().__init__(
            self.tr("Data"),
            self.tr("Everything is in ordinary folders of yours, readable by you alone."),
        )
        self._ui = ui
        self._add_folders()
        self._add_bin()
        self._add_file()
        self.finish()
        self._show_file()

    def _add_folders(self) -> None:
        self.section(self.tr("Folders"))
        self._folders = Table(
            "settingsFolders",
            self.tr("Folders"),
            [self.tr("What"), self.tr("Where"), self.tr("Size"), self.tr("Files")],
            stretch=1,
            figures=(2, 3),
        )
        self._folders.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # both ends of a path tell something
        self._open = button(self.tr("Open the folder"))
        self._open.setObjectName("settingsOpenFolder")
        self._open.clicked.connect(self._open_folder)
        self._folders.itemActivated.connect(lambda *_: self._open_folder())
        self._folders.currentItemChanged.connect(lambda *_: self._enable())
        self._total = Beside("", "small")
        self.add(self._folders, line_of(self._open, self._total))

    def _add_bin(self) -> None:
        self.section(self.tr("Bin"))
        bin_words = PlainLabel(
            self.tr(
                "Deleted conversations stay in the bin until you delete them for good or take them out again."
            ),
            "muted",
        )
        bin_words.setWordWrap(True)
        self._bin = button(self.tr("Show the bin"))
        self._bin.setObjectName("settingsShowBin")
        self._bin.clicked.connect(self._show_bin)
        self.add(bin_words, line_of(self._bin))

    def _add_file(self) -> None:
        self.section(self.tr("Settings file"))
        self._file = PlainLabel("", "mono")
        self._file.setWordWrap(True)
        self._file.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._state = StateLine(self._ui.theme)
        self._state.setObjectName("settingsFileState")
        again = button(self.tr("Read it again"))
        again.setObjectName("settingsReload")
        again.clicked.connect(self._reload)
        words = PlainLabel(
            self.tr("It may be edited by hand; comments stay when this window writes to it."), "small"
        )
        words.setWordWrap(True)
        self.add(self._file, self._state, words, line_of(again))

    def entered(self) -> None:
        """Measure anew; in a thread, for there may be many files."""
        self._bin.setEnabled(self._ui.actions["library.bin"].isEnabled())
        self._show_file()
        self._ui.tasks.start(self._measure(), name="measure folders")

    async def _measure(self) -> None:
        facts = await self._ui.app.doctor.storage_facts()
        models = await self._ui.app.preferences.offline_models()
        self._show_folders(facts, models)

    def _show_folders(self, facts: tuple[StorageFact, ...], models: list[OfflineModel]) -> None:
        names = self._names()
        chosen = self._folders.key()
        self._folders.clear()
        locale = QLocale()
        for fact in facts:
            size = figures.size(fact.bytes) if fact.exists else self.tr("none yet")
            texts = [
                names.get(fact.name, fact.name),
                str(fact.path),
                size,
                locale.toString(fact.files) if fact.exists else "",
            ]
            self._folders.put(fact.path, texts)
        homes = {fact.path for fact in facts}
        beside = False
        for model in models:  # one that came with the program lies beside it, in none of these folders
            if model.path is not None and homes.isdisjoint(model.path.parents):
                name = self.tr("Built-in model, came with the program")
                size = figures.size(model.bytes)
                self._folders.put(model.path.parent, [name, str(model.path), size, "1"])
                beside = True
        self._folders.fit()
        self._folders.choose(chosen)
        if self._folders.key() is None and facts:
            self._folders.choose(facts[0].path)
        total = figures.size(sum(fact.bytes for fact in facts))
        words = self.tr("%1 in all, beside what came with the program") if beside else self.tr("%1 in all")
        self._total.setText(words.replace("%1", total))
        self._enable()

    def _names(self) -> dict[str, str]:
        return {
            "settings": self.tr("Settings"),
            "data": self.tr("Conversations and runs"),
            "cache": self.tr("Cache"),
            "logs": self.tr("Log and crash reports"),
            "models": self.tr("Models fetched or put here"),
        }

    def _enable(self) -> None:
        path = self._folders.key()
        self._open.setEnabled(isinstance(path, Path) and path.is_dir())

    def _open_folder(self) -> None:
        """Only a folder of our own is ever opened."""
        path = self._folders.key()
        if isinstance(path, Path) and path.is_dir():
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

    def _show_bin(self) -> None:
        """It is in the main window, which comes to the front."""
        self._ui.actions["library.bin"].trigger()
        main = self.window().parentWidget()
        if main is not None:
            main.raise_()
            main.activateWindow()

    def _reload(self) -> None:
        self._ui.tasks.start(self._read_again(), name="read settings")

    async def _read_again(self) -> None:
        await self._ui.app.preferences.reload()
        self._show_file()

    def _show_file(self) -> None:
        loaded = self._ui.app.preferences.loaded
        self._file.setText(str(loaded.path))
        if loaded.problems:
            words = self.tr("Mistakes, in whose place the defaults hold:")
            self._state.show_state("bad", "\n".join([words, *loaded.problems, *loaded.warnings]))
        elif loaded.warnings:
            self._state.show_state("doubt", "\n".join(loaded.warnings))
        else:
            self._state.show_state("good", self.tr("No mistakes in it."))
