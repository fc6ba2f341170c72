"""The places that a search found as Qt sees them, each under the title of its conversation."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt

from cort_desktop.gui.library.hits import HitHeading, HitRow, HitsRow
from cort_desktop.gui.library.keyed_list import Index, KeyedListModel
from cort_desktop.gui.library.models import CHOOSABLE, HEADING, ROW_ROLE, plain

_WORDS = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)


class HitListModel(KeyedListModel[HitsRow]):
    """Headings with the conversation's title, and under each the places found in it."""

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.row_at(index)
        if row is None:
            return None
        if role == ROW_ROLE:
            return row
        if isinstance(row, HitHeading):
            return row.title if role in _WORDS else None
        if role == Qt.ItemDataRole.DisplayRole:
            return row.excerpt.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{row.place}: {row.excerpt.text}"
        return plain(row.excerpt.text) if role == Qt.ItemDataRole.ToolTipRole else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return CHOOSABLE if isinstance(self.row_at(index), HitRow) else HEADING
