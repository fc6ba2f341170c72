"""The table of a round as Qt sees it: contestants by criteria or by judges, and what is read aloud."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from cort_desktop.gui.rounds.why_values import Table, TableRow
from cort_desktop.gui.widgets import tooltip_text
from cort_desktop.telling import why

HEAT = Qt.ItemDataRole.UserRole + 1
"""How warm a cell is, 0 to 1; None for one without a ground."""
SHORT = Qt.ItemDataRole.UserRole + 2
"""A contestant's name without what is said of it, for where there is little room."""
_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_LOWEST, _HIGHEST = 1, 10


class TableModel(QAbstractTableModel):
    """A ``Table`` by criteria, or by judges. The last column is the rank over all judges."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.table: Table | None = None
        self.by_judge = False

    def show(self, table: Table | None, *, by_judge: bool) -> None:
        """Show another table."""
        self.beginResetModel()
        self.table = table
        self.by_judge = by_judge
        self.endResetModel()

    @property
    def heads(self) -> tuple[str, ...]:
        """The heads of the columns but the last: criteria, or judges."""
        if self.table is None:
            return ()
        return self.table.judges if self.by_judge else self.table.criteria

    def rowCount(self, parent: _Index = _ROOT) -> int:
        return 0 if self.table is None or parent.isValid() else len(self.table.rows)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        return 0 if self.table is None or parent.isValid() else len(self.heads) + 2

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if self.table is None or not index.isValid():
            return None
        row, column = self.table.rows[index.row()], index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(row, column)
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._spoken(row, column)
            case Qt.ItemDataRole.ToolTipRole:  # criteria are words of others
                return tooltip_text(self._spoken(row, column))
            case Qt.ItemDataRole.TextAlignmentRole:
                side = Qt.AlignmentFlag.AlignLeft if column == 0 else Qt.AlignmentFlag.AlignHCenter
                return side | Qt.AlignmentFlag.AlignVCenter
            case _ if role == SHORT and column == 0:
                return _name(row)
            case _ if role == HEAT and 0 < column <= len(self.heads):
                return self._heat(row, column - 1)
            case _:
                return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal or self.table is None:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole and section == 0:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        if section == 0:
            return ""
        if section > len(self.heads):
            return self.tr("Rank") if role == Qt.ItemDataRole.DisplayRole else self.tr("Place by all judges")
        head = self.heads[section - 1]
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip_text(head.replace("_", " "))
        return self._judge_head(head) if self.by_judge else self._criterion_head(head)

    def _judge_head(self, judge: str) -> str:
        dissents = self.table is not None and judge in self.table.dissenters
        return judge.rpartition(".")[2] + ("!" if dissents else "")

    def _criterion_head(self, criterion: str) -> str:
        known = {
            "correctness": self.tr("Correct"),
            "completeness": self.tr("Complete"),
            "instruction_following": self.tr("On task"),
            "clarity": self.tr("Clear"),
        }
        words = criterion.replace("_", " ")
        return known.get(criterion, words[:1].upper() + words[1:])

    def _text(self, row: TableRow, column: int) -> str:
        if column == 0:
            return _name(row) + (f" ({row.note})" if row.note else "")
        if column > len(self.heads):
            return row.rank
        if self.by_judge:
            return row.ranks[column - 1]
        return why.score_words(row.scores[column - 1]) or "–"

    def _spoken(self, row: TableRow, column: int) -> str:
        if column == 0:
            said = [row.node, self.tr("winner of the round") if row.is_winner else "", row.note]
            if row.preference is not None:
                said.append(self.tr("judges’ preference {score}").format(score=f"{row.preference:.2f}"))
            return ", ".join(part for part in said if part)
        if column > len(self.heads):
            return self.tr("{node}, rank {rank}").format(node=row.node, rank=row.rank)
        head = self.heads[column - 1]
        if self.by_judge:
            words = self.tr("{node}, rank {rank} by {judge}")
            return words.format(node=row.node, rank=row.ranks[column - 1], judge=head)
        score = why.score_words(row.scores[column - 1])
        if not score:
            return self.tr("{node}, {criterion}: not scored").format(
                node=row.node, criterion=head.replace("_", " ")
            )
        by = self.table.scored_by if self.table is not None else 1
        words = (
            self.tr("{node}, {criterion}: {score} of 10")
            if by == 1
            else self.tr("{node}, {criterion}: {score} of 10, the mean of {count} judges")
        )
        return words.format(node=row.node, criterion=head.replace("_", " "), score=score, count=by)

    def _heat(self, row: TableRow, at: int) -> float | None:
        if not self.by_judge:
            score = row.scores[at]
            return None if score is None else (score - _LOWEST) / (_HIGHEST - _LOWEST)
        rank = row.ranks[at].removesuffix("=")
        most = max(1, self.rowCount() - 1)
        return 1 - (int(rank) - 1) / most if rank.isdigit() else None


def _name(row: TableRow) -> str:
    return f"{row.node} ★" if row.is_winner else str(row.node)
