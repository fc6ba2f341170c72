"""Which file conversations go to, and which they come from: two dialogs that return at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QStandardPaths
from PySide6.QtWidgets import QFileDialog, QWidget

from cort_desktop.domain.whole_conversation import ExportForm
from cort_desktop.telling.exporting import form_of
from cort_desktop.telling.safe import one_line

_SUFFIXES: dict[ExportForm, str] = {"cort": "cort", "markdown": "md", "json": "json"}


def documents() -> Path:
    """Where this system keeps a person's documents; their home where there is no such folder yet: asked for a
    folder that isn't there, a dialog shows the one the program was started in.
    """
    named = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation))
    return named if named.is_dir() else Path.home()


def ask_where(
    parent: QWidget, suggested: Path, what: str, take: Callable[[Path, ExportForm], object]
) -> QFileDialog:
    """Ask for a file to write; ``take`` gets it and the form it is to have: that of its name, else the chosen
    one. suggested: without an ending. Whether a file that is there may be replaced is not asked here.
    """
    title = QCoreApplication.translate("Exchange", "Export {what}").format(what=what)
    dialog = _dialog(parent, title, "exportDialog")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
    dialog.setLabelText(QFileDialog.DialogLabel.Accept, QCoreApplication.translate("Exchange", "Export"))
    filters = _filters()
    dialog.setNameFilters([words for words, _ in filters])
    dialog.setDirectory(str(suggested.parent))

    def form() -> ExportForm:
        chosen = dialog.selectedNameFilter()
        return next((form for words, form in filters if words == chosen), "cort")

    def use_form(*_filter: object) -> None:
        """The name gets the ending of the form that was chosen."""
        dialog.setDefaultSuffix(_SUFFIXES[form()])
        names = dialog.selectedFiles()
        name = Path(names[0]).name if names and not Path(names[0]).is_dir() else suggested.name
        known = form_of(name) is not None
        dialog.selectFile(f"{Path(name).stem if known else name}.{_SUFFIXES[form()]}")

    def selected(name: str) -> None:
        take(Path(name), form_of(name) or form())

    dialog.selectNameFilter(filters[0][0])
    dialog.setDefaultSuffix("cort")
    dialog.selectFile(f"{suggested.name}.cort")
    dialog.filterSelected.connect(use_form)
    dialog.fileSelected.connect(selected)
    dialog.open()
    return dialog


def ask_which(parent: QWidget, folder: Path, take: Callable[[list[Path]], object]) -> QFileDialog:
    """Ask for files to take in; ``take`` gets them."""
    dialog = _dialog(parent, QCoreApplication.translate("Exchange", "Import conversations"), "importDialog")
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    dialog.setLabelText(QFileDialog.DialogLabel.Accept, QCoreApplication.translate("Exchange", "Import"))
    dialog.setNameFilters([_filters()[0][0], QCoreApplication.translate("Exchange", "All files (*)")])
    dialog.setDirectory(str(folder))
    dialog.filesSelected.connect(lambda names: take([Path(name) for name in names]))
    dialog.open()
    return dialog


def _dialog(parent: QWidget, title: str, name: str) -> QFileDialog:
    dialog = QFileDialog(parent, one_line(title))
    dialog.setObjectName(name)
    dialog.finished.connect(dialog.deleteLater)
    return dialog


def _filters() -> list[tuple[str, ExportForm]]:
    return [
        (QCoreApplication.translate("Exchange", "CoRT Desktop conversation (*.cort)"), "cort"),
        (QCoreApplication.translate("Exchange", "Markdown, to be read (*.md)"), "markdown"),
        (QCoreApplication.translate("Exchange", "JSON, for programs (*.json)"), "json"),
    ]
