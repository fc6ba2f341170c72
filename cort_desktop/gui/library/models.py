"""The list of conversations as Qt sees it, by date; places that a search found are ``hit_model.py``.

It answers for words (shown, read aloud, as tooltips); delegates paint by the row itself, under ``ROW_ROLE``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QCoreApplication, QLocale, QObject, Qt, Signal

from cort_desktop.gui.library.dates import long_date
from cort_desktop.gui.library.keyed_list import Index, KeyedListModel
from cort_desktop.gui.library.rows import Condition, Entry, Heading, Row, local

ROW_ROLE = Qt.ItemDataRole.UserRole
HEADING = Qt.ItemFlag.ItemNeverHasChildren
CHOOSABLE = HEADING | Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class ConversationListModel(KeyedListModel[Row]):
    """``renamed`` has (ConversationId, the new title) after a person edited one; ``wanted`` asks for more."""

    renamed = Signal(object, str)
    wanted = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.has_more = False
        self.may_edit = True

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.row_at(index)
        if isinstance(row, Heading):
            return {
                Qt.ItemDataRole.DisplayRole: row.words,
                Qt.ItemDataRole.AccessibleTextRole: row.words,
                ROW_ROLE: row,
            }.get(Qt.ItemDataRole(role))
        return None if row is None else _of_entry(row, role)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not isinstance(self.row_at(index), Entry):
            return HEADING if index.isValid() else Qt.ItemFlag.NoItemFlags
        return CHOOSABLE | Qt.ItemFlag.ItemIsEditable if self.may_edit else CHOOSABLE

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        row = self.row_at(index)
        title = " ".join(str(value).split())
        if role != Qt.ItemDataRole.EditRole or not isinstance(row, Entry) or not title:
            return False
        if title != row.conversation.title:
            # Shown at once; the list that is read after the change, or after its failure, has the last word.
            self.replace(replace(row, conversation=replace(row.conversation, title=title)))
            self.renamed.emit(row.conversation.id, title)
        return True

    def canFetchMore(self, parent: Index) -> bool:
        return self.has_more and not parent.isValid()

    def fetchMore(self, parent: Index) -> None:
        if self.canFetchMore(parent):
            self.has_more = False  # until the answer is here, which says it anew
            self.wanted.emit()


def plain(text: str) -> str:
    """``text`` as a tooltip that shows it as it is, whatever looks like HTML in it."""
    from html import escape

    return f"<span>{escape(text)}</span>"


def _of_entry(row: Entry, role: int) -> Any:
    match role:
        case Qt.ItemDataRole.DisplayRole:
            return row.title
        case Qt.ItemDataRole.EditRole:
            return row.conversation.title
        case Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join([row.title, *_states(row)])
        case Qt.ItemDataRole.ToolTipRole:
            moment = long_date(local(row.conversation.updated), QLocale())
            return plain(f"{row.title}\n{moment}").replace("\n", "<br>")
        case _:
            return row if role == ROW_ROLE else None


def _states(row: Entry) -> list[str]:
    """What the row shows besides its title, in words."""
    words: dict[Condition, str] = {
        "working": QCoreApplication.translate("Library", "working"),
        "stopping": QCoreApplication.translate("Library", "stopping"),
        "finished": QCoreApplication.translate("Library", "finished, not looked at yet"),
    }
    states = [words[row.condition]] if row.condition in words else []
    if row.word:
        states.append(_round_in_words(row.word))
    if row.conversation.pinned:
        states.append(QCoreApplication.translate("Library", "pinned"))
    if row.conversation.archived:
        states.append(QCoreApplication.translate("Library", "archived"))
    return states


def _round_in_words(word: str) -> str:
    return (
        QCoreApplication.translate("Library", "round {number}").format(number=word[1:])
        if word[:1] == "R" and word[1:].isdigit()
        else word
    )
