"""The rounds as an outline: the view that does everything, by keyboard alone.

It draws its rows itself (``row_paint.py``), keeps rounds open as they come and follows the selection that all
views share. What verbs do is the controller's; they reach it through the registry of actions.
"""

from __future__ import annotations

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QPainter, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from cort_desktop.domain.ids import RunId
from cort_desktop.gui.rounds.marks import Marks
from cort_desktop.gui.rounds.model import RunTreeModel
from cort_desktop.gui.rounds.row_columns import PRICE, SCORE, TIME, TOKENS, WHAT
from cort_desktop.gui.rounds.row_paint import RowPaint
from cort_desktop.gui.selection import Selection
from cort_desktop.gui.theme import Theme
from cort_desktop.telling.run_tree import RUN
from cort_desktop.telling.told import Told

_DEPTH_OF_ROUNDS = 1
_DROP_ORDER = (TOKENS, PRICE, TIME)
"""Which column goes first when the names get too little room: money matters more than tokens, and a free run
has no prices.
"""
_NAMES_NEED = 29
"""Room for the names, in characters of mean width."""
_USUAL = {SCORE: "0.00", TOKENS: "000", PRICE: "$0.000", TIME: "0.0 s"}
"""A column is never narrower, so that a run that has just begun doesn't widen it at every step."""
_MEASURED_ROWS = 120
_GAP = 14
_Index = QModelIndex | QPersistentModelIndex


class OutlineView(QTreeView):
    """The tree ``roundTree``. ``menu_wanted`` has the global position to open the menu of verbs at."""

    menu_wanted = Signal(object)

    def __init__(
        self, theme: Theme, model: RunTreeModel, selection: Selection, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._model = model
        self._selection = selection
        self._is_following = False
        self._is_on_several = False
        self._run: RunId | None = None
        self._seen_at = 0
        self._fitted_for: Told | None = None
        self._widths: dict[int, int] = {}
        self._paint = RowPaint(theme, Marks(theme, self))
        self.setObjectName("roundTree")
        self.setAccessibleName(self.tr("Rounds"))
        self.setModel(model)
        self.setItemDelegate(_Heights(self._paint, self))
        self.setUniformRowHeights(True)
        self.setIndentation(self._paint.icon - 2)
        self.setExpandsOnDoubleClick(False)
        self.setAllColumnsShowFocus(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._set_up_header()
        model.replaced.connect(self._replaced)
        model.told_anew.connect(self._told_anew)
        selection.changed.connect(self._follow)
        theme.changed.connect(self._restyle)
        self._replaced()

    def _set_up_header(self) -> None:
        header = _Head(self._paint, self)
        self.setHeader(header)
        header.setStretchLastSection(False)
        header.setSectionsMovable(False)
        header.setMinimumSectionSize(24)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(WHAT, QHeaderView.ResizeMode.Stretch)
        header.setAccessibleName(self.tr("Columns of the rounds"))

    # Growing

    def rowsInserted(self, parent: _Index, start: int, end: int) -> None:
        super().rowsInserted(parent, start, end)
        place = self._model.place(parent)
        is_first = self._model.rowCount(parent) == end - start + 1
        if is_first and (place is None or place.kind in ("run", "round")):
            self.expand(self._model.index_at(RUN if place is None else place))

    def _replaced(self) -> None:
        """Another run; or the same one played again, where the place one looks at should not jump."""
        run = None if self._model.feed is None else self._model.feed.run
        at = self._seen_at if run == self._run else 0
        self._run = run
        self._widths.clear()
        self._is_on_several = False
        self.expandToDepth(_DEPTH_OF_ROUNDS)
        self._fit_columns()
        if at:
            self.executeDelayedItemsLayout()
            self.verticalScrollBar().setValue(at)
        self._follow()

    def reset(self) -> None:
        self._seen_at = self.verticalScrollBar().value()
        super().reset()

    def _told_anew(self) -> None:
        run = self._model.told(self._model.index_at(RUN))
        if run is not self._fitted_for:
            self._fitted_for = run
            self._fit_columns()
        if not self._is_on_several:
            self._follow()

    def _restyle(self) -> None:
        self._paint.restyle()
        self._widths.clear()
        self.setIndentation(self._paint.icon - 2)
        self._fit_columns()
        self.scheduleDelayedItemsLayout()

    # The one selection

    def currentChanged(self, current: _Index, previous: _Index) -> None:
        super().currentChanged(current, previous)
        if self._is_following or not current.isValid():
            return
        node = self._model.node(current)
        self._is_on_several = node is None
        if node is not None:
            self._selection.select(node)

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        """A screen reader selects a row without making it the current one: here they are the same."""
        super().selectionChanged(selected, deselected)
        rows = self.selectionModel().selectedRows()
        if len(rows) == 1 and rows[0] != self.currentIndex().siblingAtColumn(WHAT):
            self.selectionModel().setCurrentIndex(rows[0], QItemSelectionModel.SelectionFlag.NoUpdate)

    def _follow(self) -> None:
        """Go where the selection is, when that is elsewhere."""
        if self._selection.feed is not self._model.feed:
            return
        index = self._model.index_of(self._selection.node)
        if not index.isValid() or index == self.currentIndex().siblingAtColumn(WHAT):
            return
        self._is_following = True
        self._is_on_several = False
        self.setCurrentIndex(index)
        self.scrollTo(index)
        self._is_following = False

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.currentIndex().isValid():
            self.executeDelayedItemsLayout()
            self.scrollTo(self.currentIndex())

    # Columns

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_columns()
        if not self._selection.is_by_hand and self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())

    def _fit_columns(self) -> None:
        """Figures as wide as they need to be, and only as many as there is room for."""
        widths = {column: self._width_of(column) for column in _USUAL}
        state = None if self._model.feed is None else self._model.feed.state
        if state is None or state.spent.booked_microusd == 0:
            del widths[PRICE]
        needed = _NAMES_NEED * self.fontMetrics().averageCharWidth()
        for column in _DROP_ORDER:
            if self.viewport().width() - sum(widths.values()) < needed:
                widths.pop(column, None)
        for column in _USUAL:
            self.setColumnHidden(column, column not in widths)
            if column in widths and self.columnWidth(column) != widths[column]:
                self.setColumnWidth(column, widths[column])

    def _width_of(self, column: int) -> int:
        """Of what stands there, so that nothing is cut; it only grows while a run works."""
        texts = self._model.texts(column, _MEASURED_ROWS) if self._model.feed is not None else set()
        texts |= {_USUAL[column], str(self._model.headerData(column, Qt.Orientation.Horizontal))}
        is_strong = column == SCORE
        widest = max(self._paint.figure_width(text, is_strong=is_strong) for text in texts)
        self._widths[column] = max(self._widths.get(column, 0), round(widest + _GAP))
        return self._widths[column]

    # Painting

    def drawRow(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        told = self._model.told(index)
        if told is None:
            return
        row = option.rect
        is_selected = self.selectionModel().isSelected(index)
        is_current = is_selected and self.hasFocus()
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        self._paint.ground(painter, row, is_selected=is_selected, is_current=is_current, is_hovered=hovered)
        cell = self.visualRect(index)
        cell.setTop(row.top())
        cell.setHeight(row.height())
        if self._model.rowCount(index):
            self._paint.branch(painter, cell, is_open=self.isExpanded(index))
        figures = self._figures(told)
        if figures:
            cell.setRight(min(left for left, *_ in figures) - 1)
        else:
            cell.setRight(row.right())
        self._paint.what(painter, cell, told, is_marked=self._is_marked(index))
        for left, width, text, is_strong in figures:
            self._paint.figure(painter, row.top(), row.height(), left, width, text, is_strong=is_strong)

    def _figures(self, told: Told) -> list[tuple[int, int, str, bool]]:
        """Left, width and text of the figures a row has; its words may go on where it has none."""
        texts = {SCORE: told.score, TOKENS: told.tokens, PRICE: told.cost, TIME: told.seconds}
        return [
            (self.columnViewportPosition(column), self.columnWidth(column), text, column == SCORE)
            for column, text in texts.items()
            if text and not self.isColumnHidden(column)
        ]

    def _is_marked(self, index: _Index) -> bool:
        marked = self._selection.marked
        return marked is not None and self._model.node(index) == marked

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        at = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            at = self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).bottomLeft())
        self.menu_wanted.emit(at)


class _Head(QHeaderView):
    """Heads that stand exactly above their figures."""

    def __init__(self, paint: RowPaint, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._paint = paint

    def paintSection(self, painter: QPainter, rect: QRect, column: int) -> None:
        text = self.model().headerData(column, self.orientation())
        if text:
            self._paint.head(painter, rect, str(text), is_figure=column != WHAT)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self._paint.height)


class _Heights(QStyledItemDelegate):
    """Says how high a row is; the view draws it."""

    def __init__(self, paint: RowPaint, parent: QWidget) -> None:
        super().__init__(parent)
        self._paint = paint

    def sizeHint(self, _option: QStyleOptionViewItem, _index: _Index) -> QSize:
        return QSize(0, self._paint.height)
