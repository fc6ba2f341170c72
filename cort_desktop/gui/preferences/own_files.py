"""A person's own model files (GGUF): which are used, which can't be and why, adding one, taking one out.

A file stays where it is; the settings name it. Those in the models folder are found by themselves.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from cort_desktop.errors import CortError
from cort_desktop.gui.preferences.known_models import KnownModels
from cort_desktop.gui.preferences.rows import StateLine, line_of
from cort_desktop.gui.preferences.tables import Table
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import PlainLabel, button
from cort_desktop.services.local_models import OwnModelFile
from cort_desktop.telling import figures

_ENDING = ".gguf"


class OwnFiles(QWidget):
    """A table, a way to add, a way to take out that can be undone."""

    def __init__(self, ui: Ui, models: KnownModels) -> None:
        super().__init__()
        self._ui = ui
        self._models = models
        self._files: dict[Path, OwnModelFile] = {}
        self._words = PlainLabel(
            self.tr("Model files of your own (GGUF) run in the same way; a file stays where it is."), "small"
        )
        self._words.setWordWrap(True)
        self._table = Table(
            "settingsOwnFiles",
            self.tr("Model files of your own"),
            [self.tr("Model"), self.tr("File"), self.tr("Context"), self.tr("Size"), self.tr("Memory")],
            stretch=1,
            figures=(2, 3, 4),
        )
        self._table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self._table.currentItemChanged.connect(lambda *_: self._enable())
        self._add = button(self.tr("Add file…"))
        self._add.setObjectName("settingsAddFile")
        self._add.clicked.connect(self._choose)
        self._out = button(self.tr("Take it out"))
        self._out.setObjectName("settingsRemoveFile")
        self._out.clicked.connect(self._take_out)
        self._said = StateLine(ui.theme)
        self._said.setObjectName("settingsOwnFilesSaid")
        self._said.show_state("unasked", "")
        self._back = button(self.tr("Undo"), "link")
        self._back.setObjectName("settingsUndoRemoveFile")
        self._back.clicked.connect(self._put_back)
        self._back.hide()
        self._taken: Path | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for each in (self._words, self._table, line_of(self._add, self._out, self._back), self._said):
            column.addWidget(each)
        self._show([])

    def refresh(self) -> None:
        """Look at the files again."""
        self._ui.tasks.start(self._look(), name="look at own model files")

    def add(self, path: Path) -> None:
        """Use a file from now on."""
        self._back.hide()
        self._said.show_state("busy", self.tr("Looking into %1 …").replace("%1", path.name))
        self._ui.tasks.start(self._add_file(path), name="add a model file", failed=self._failed)

    async def _look(self) -> None:
        self._show(await self._ui.app.preferences.own_models())

    def _show(self, files: list[OwnModelFile]) -> None:
        chosen = self._table.key()
        self._files = {file.path: file for file in files}
        self._table.clear()
        for file in files:
            if file.problem:
                facts = ["", "", ""]
            else:
                context = file.context_tokens
                facts = [
                    self.tr("unknown") if context is None else figures.tokens(context),
                    figures.size(file.bytes),
                    figures.size(file.memory_bytes),
                ]
            row = self._table.put(file.path, [file.ref, str(file.path), *facts])
            icon, colour = ("circle-alert", "bad") if file.problem else ("circle-check", "good")
            row.setIcon(0, self._ui.theme.icon(icon, colour))  # type: ignore[arg-type]  # names of the theme
        self._table.fit()
        self._table.choose(chosen)
        self._table.setVisible(bool(files))
        self._enable()

    def _enable(self) -> None:
        file = self._chosen()
        self._out.setVisible(bool(self._files))
        self._out.setEnabled(file is not None and file.is_listed)
        if file is not None and file.problem:
            words = self.tr("%1 can’t be used: %2.").replace("%1", file.path.name)
            self._said.show_state("bad", words.replace("%2", file.problem))
        elif file is not None and not file.has_template:
            words = self.tr("%1 has no chat template of its own; a common one is used.")
            self._said.show_state("doubt", words.replace("%1", file.path.name))
        elif file is not None:
            self._said.show_state("unasked", "")

    def _chosen(self) -> OwnModelFile | None:
        path = self._table.key()
        return self._files.get(path) if isinstance(path, Path) else None

    def _choose(self) -> None:
        dialog = QFileDialog(self.window(), self.tr("Add a model file"))
        dialog.setObjectName("settingsModelFile")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([self.tr("Models (%1)").replace("%1", f"*{_ENDING}"), self.tr("All files (*)")])
        dialog.fileSelected.connect(lambda name: self.add(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _take_out(self) -> None:
        file = self._chosen()
        if file is not None:
            self._ui.tasks.start(self._remove(file.path), name="remove a model file", failed=self._failed)

    def _put_back(self) -> None:
        if self._taken is not None:
            self.add(self._taken)

    async def _add_file(self, path: Path) -> None:
        ref = await self._ui.app.preferences.install_model(str(path), _untold)
        await self._look()
        self._said.show_state("good", self.tr("%1 can be chosen now.").replace("%1", ref))
        self._models.ask("builtin")

    async def _remove(self, path: Path) -> None:
        await self._ui.app.preferences.remove_model_file(path)
        await self._look()
        self._taken = path
        words = self.tr("%1 is no longer used; the file itself is where it was.")
        self._said.show_state("good", words.replace("%1", path.name))
        self._back.show()
        self._models.ask("builtin")

    def _failed(self, error: CortError) -> None:
        self._said.show_state("bad", str(error))


def _untold(_done: int, _total: int) -> None:
    """A file that stays where it is has no progress."""
