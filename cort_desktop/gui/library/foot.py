"""The foot of the pane: the way to the settings, and the menu of everything else."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QWidget

from cort_desktop.gui.library.search_field import keys_of
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import IconButton, PlainLabel, button
from cort_desktop.gui.widgets.basics import ICON_PX


class Foot(QWidget):
    """``menu`` has the ways to the archive and the bin, and the window's menus."""

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self.settings = self._make_settings()
        self._keys = PlainLabel(role="small", parent=self.settings)
        self._keys.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        inside = QHBoxLayout(self.settings)
        inside.setContentsMargins(8, 0, 8, 0)
        inside.addWidget(self._keys, 0, Qt.AlignmentFlag.AlignRight)
        self.menu = QMenu(self)
        for shelf in ("library.archived", "library.bin"):
            self.menu.addAction(ui.actions[shelf])
        self.more = IconButton(ui.theme, "ellipsis", self.tr("More"), self)
        self.more.clicked.connect(self._pop_up)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 8, 8, 8)
        row.setSpacing(4)
        row.addWidget(self.settings, 1)
        row.addWidget(self.more)
        ui.actions.changed.connect(self._draw)
        ui.theme.changed.connect(self._draw)
        self._draw()

    def add_menus(self, menu: QMenu) -> None:
        """Offer the window's menus, too."""
        self.menu.addSeparator()
        for each in menu.actions():
            self.menu.addAction(each)

    def _make_settings(self) -> QPushButton:
        made = button(self.tr("Settings"), "flat", self)
        made.setIconSize(QSize(ICON_PX, ICON_PX))
        made.clicked.connect(self._ui.actions["app.settings"].trigger)
        return made

    def _pop_up(self) -> None:
        height = self.menu.sizeHint().height()
        self.menu.popup(self.more.mapToGlobal(QPoint(0, -height)))

    def _draw(self) -> None:
        self.settings.setIcon(self._ui.theme.icon("settings"))
        self._keys.setText(keys_of(self._ui.actions["app.settings"]))
