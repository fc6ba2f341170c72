"""Two ways to every command: the palette (type and run) and the shortcut sheet (look it up)."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QSize, Qt
from PySide6.QtGui import QAction, QIcon, QKeyEvent, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QStyle,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from cort_desktop.gui.action_spec import Menu
from cort_desktop.gui.actions import Actions
from cort_desktop.gui.menus import menu_title
from cort_desktop.gui.widgets import PlainLabel

_SIZE = QSize(560, 520)
_OF_SCREEN = 0.92
"""The frame of a window takes some of it, too."""
_MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class _CommandList(QDialog):
    """A filter over a two-column list of commands and their keys."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.filter = QLineEdit(self)
        self.filter.setPlaceholderText(self.tr("Type to find a command"))
        self.filter.setAccessibleName(self.tr("Find a command"))
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._filter)
        self.filter.installEventFilter(self)
        self.list = QTreeWidget(self)
        self.list.setColumnCount(2)
        self.list.setHeaderLabels([self.tr("Command"), self.tr("Keys")])
        self.list.setAccessibleName(title)
        self.list.setUniformRowHeights(True)
        self.list.setAllColumnsShowFocus(True)
        column = self.column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(self.filter)
        column.addWidget(self.list, 1)
        self.nothing = PlainLabel("", "muted")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.nothing.setWordWrap(True)
        self.nothing.hide()
        column.addWidget(self.nothing, 1)
        self.resize(size_on(self.screen().availableGeometry().size()))

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in _MOVES:
            self.list.setFocus()
            self.list.keyPressEvent(event)
            self.filter.setFocus()
            return True
        return False

    def _rows(self) -> list[QTreeWidgetItem]:
        raise NotImplementedError

    def _no_match(self) -> str:
        raise NotImplementedError

    def _filter(self, text: str) -> None:
        words = text.casefold().split()
        first = None
        for row in self._rows():
            shown = all(word in f"{row.text(0)} {row.text(1)}".casefold() for word in words)
            row.setHidden(not shown)
            first = first or (row if shown else None)
        for group in {parent for row in self._rows() if (parent := row.parent()) is not None}:
            group.setHidden(all(row.isHidden() for row in _children(group)))
        if first is not None:
            self.list.setCurrentItem(first)
        self.list.setVisible(first is not None)
        self.nothing.setVisible(first is None)
        self.nothing.setText("" if first is not None else self._no_match())


class Palette(_CommandList):
    """Every command that can be done now; Enter does it."""

    def __init__(self, actions: Actions, parent: QWidget) -> None:
        super().__init__(QCoreApplication.translate("Palette", "All commands"), parent)
        self.setObjectName("palette")
        self.list.setRootIsDecorated(False)
        self.list.setHeaderHidden(True)
        no_icon = _blank(self.style().pixelMetric(QStyle.PixelMetric.PM_SmallIconSize))
        for action in actions:
            if action.isEnabled() and action.objectName() != "help.palette":
                row = QTreeWidgetItem(self.list, [action.text(), actions.keys_text(action.objectName())])
                row.setIcon(0, no_icon if action.icon().isNull() else action.icon())
                row.setData(0, Qt.ItemDataRole.UserRole, action)
        self.list.resizeColumnToContents(0)
        self.list.itemActivated.connect(self._do)
        self.filter.returnPressed.connect(lambda: self._do(self.list.currentItem()))
        self._filter("")

    def _rows(self) -> list[QTreeWidgetItem]:
        return _children(self.list.invisibleRootItem())

    def _no_match(self) -> str:
        return self.tr("No command that can be done now has these words. F1 shows every command.")

    def _do(self, row: QTreeWidgetItem | None) -> None:
        if row is None or row.isHidden():
            return
        action: QAction = row.data(0, Qt.ItemDataRole.UserRole)
        self.close()
        action.trigger()


class ShortcutSheet(_CommandList):
    """All commands with their keys, by menu."""

    def __init__(self, actions: Actions, parent: QWidget) -> None:
        super().__init__(QCoreApplication.translate("ShortcutSheet", "Keyboard shortcuts"), parent)
        self.setObjectName("shortcutSheet")
        groups: dict[Menu, QTreeWidgetItem] = {}
        for action_id, spec in actions.specs.items():
            if spec.menu is None:
                continue
            if spec.menu not in groups:
                groups[spec.menu] = QTreeWidgetItem(self.list, [menu_title(spec.menu)])
                groups[spec.menu].setFirstColumnSpanned(True)
            QTreeWidgetItem(groups[spec.menu], [spec.text(), actions.keys_text(action_id)])
        words = PlainLabel(
            self.tr(
                "Enter sends, Shift+Enter starts a new line, Esc stops a run. "
                "Keys are changed in Settings › Shortcuts."
            ),
            "small",
        )
        words.setWordWrap(True)
        self.column.addWidget(words)
        self.list.expandAll()
        self.list.resizeColumnToContents(0)

    def _rows(self) -> list[QTreeWidgetItem]:
        return [row for group in _children(self.list.invisibleRootItem()) for row in _children(group)]

    def _no_match(self) -> str:
        return self.tr("No command has these words.")


def size_on(screen: QSize) -> QSize:
    """How large a list of commands is on a screen with so much room."""
    return _SIZE.boundedTo(screen * _OF_SCREEN)


def _blank(side_px: int) -> QIcon:
    """Nothing, as wide as an icon: the words of all rows begin at one place."""
    picture = QPixmap(side_px, side_px)
    picture.fill(Qt.GlobalColor.transparent)
    return QIcon(picture)


def _children(item: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    return [child for at in range(item.childCount()) if (child := item.child(at)) is not None]
