"""The settings window: pages by name on the left, found by any of their words; the page on the right.

Not modal: what is changed shows in the main window at once. Pages are made when they are first shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from cort_desktop.gui.preferences.appearance_page import AppearancePage
from cort_desktop.gui.preferences.budget_page import BudgetPage
from cort_desktop.gui.preferences.cache_page import CachePage
from cort_desktop.gui.preferences.data_page import DataPage
from cort_desktop.gui.preferences.known_models import KnownModels
from cort_desktop.gui.preferences.network_page import NetworkPage
from cort_desktop.gui.preferences.pays_page import PaysPage
from cort_desktop.gui.preferences.privacy_page import PrivacyPage
from cort_desktop.gui.preferences.providers_page import ProvidersPage
from cort_desktop.gui.preferences.rows import Page, icon_px
from cort_desktop.gui.preferences.saver import Saver
from cort_desktop.gui.preferences.shortcuts_page import ShortcutsPage
from cort_desktop.gui.preferences.spending_page import SpendingPage
from cort_desktop.gui.preferences.thinking_page import ThinkingPage
from cort_desktop.gui.preferences.worth_page import WorthPage
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import PlainLabel, plain_tooltip, set_role

_SIZE = QSize(1000, 800)
_SMALLEST = QSize(440, 240)
_NARROW_PX = 640
"""Below it the list of pages shows its icons alone."""
_SIDE_SPARE_PX, _ICON_SPARE_PX = 60, 44
_PAGE = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A page in the list: its id, its name, its icon, how it is made."""

    id: str
    title: str
    icon: str
    make: Callable[[], Page]


class SettingsWindow(QDialog):
    """Opened with ``show``; ``show_page`` takes "models", "thinking", "budget", "spending", "worth", "pays",
    "cache", "network", "appearance", "shortcuts", "privacy" or "data".
    """

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("settingsWindow")
        self.setWindowTitle(self.tr("Settings"))
        self._ui = ui
        self._saver = Saver(ui.app.preferences, ui.tasks, self)
        self._models = KnownModels(ui.app.preferences, ui.tasks, self)
        self._entries = {entry.id: entry for entry in self._table()}
        self._pages: dict[str, Page] = {}
        self._is_narrow = False
        self._make_list()
        self._stack = QStackedWidget()
        self._stack.setObjectName("settingsStack")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._side())
        row.addWidget(self._stack, 1)
        self.setMinimumSize(_SMALLEST)
        self._fit()
        ui.theme.changed.connect(self._draw)
        self._draw()
        self.show_page("models")

    def show_page(self, page: str) -> None:
        """Bring a page to the front. An id that is unknown changes nothing."""
        for row in range(self._list.count()):
            item = self._list.item(row)
            if item.data(_PAGE) == page:
                item.setHidden(False)
                self._list.setCurrentItem(item)

    @property
    def page(self) -> Page:
        """The page in front."""
        found = self._stack.currentWidget()
        if not isinstance(found, Page):
            raise TypeError("a settings window shows a page")
        return found

    def showEvent(self, event: QShowEvent) -> None:
        """The page in front may have grown old while the window was away."""
        super().showEvent(event)
        self.page.entered()
        self._list.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._is_narrow != (self.width() < _NARROW_PX):
            self._is_narrow = self.width() < _NARROW_PX
            self._draw()

    def done(self, result: int) -> None:
        """Close; a field that is being edited is left first, so that it is written."""
        focused = self.focusWidget()
        if focused is not None:
            focused.clearFocus()
        super().done(result)
        for page in self._pages.values():
            page.left()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """In the search field the arrows go through the list."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                self._list.keyPressEvent(event)
                return True
            if event.key() == Qt.Key.Key_Escape and self._search.text():
                self._search.clear()
                return True
        return False

    def _table(self) -> tuple[Entry, ...]:
        ui, saver, models = self._ui, self._saver, self._models
        tr = self.tr
        return (
            Entry(
                id="models",
                title=tr("Models & providers"),
                icon="server",
                make=lambda: ProvidersPage(ui, saver, models),
            ),
            Entry(
                id="thinking",
                title=tr("Thinking"),
                icon="sliders-horizontal",
                make=lambda: ThinkingPage(ui, saver, models),
            ),
            *self._what_it_takes(),
            Entry(
                id="network",
                title=tr("Network"),
                icon="waypoints",
                make=lambda: NetworkPage(ui.theme, saver),
            ),
            Entry(
                id="appearance",
                title=tr("Appearance"),
                icon="contrast",
                make=lambda: AppearancePage(saver),
            ),
            Entry(
                id="shortcuts",
                title=tr("Shortcuts"),
                icon="keyboard",
                make=lambda: ShortcutsPage(ui, saver),
            ),
            Entry(id="privacy", title=tr("Privacy"), icon="shield", make=lambda: PrivacyPage(ui, saver)),
            Entry(id="data", title=tr("Data"), icon="database", make=lambda: DataPage(ui)),
        )

    def _what_it_takes(self) -> tuple[Entry, ...]:
        """Money and answers: what may be spent, what was, and what it brought."""
        ui, saver, models, tr = self._ui, self._saver, self._models, self.tr
        return (
            Entry(id="budget", title=tr("Budget"), icon="wallet", make=lambda: BudgetPage(saver)),
            Entry(id="spending", title=tr("Spending"), icon="coins", make=lambda: SpendingPage(ui, saver)),
            Entry(id="worth", title=tr("Was it worth it?"), icon="git-compare", make=lambda: WorthPage(ui)),
            Entry(
                id="pays",
                title=tr("Does it pay?"),
                icon="gauge",
                make=lambda: PaysPage(ui, saver, models),
            ),
            Entry(id="cache", title=tr("Kept answers"), icon="archive", make=lambda: CachePage(ui, saver)),
        )

    def _side(self) -> QWidget:
        side = QWidget()
        set_role(side, "panel")
        side.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._nothing = PlainLabel(self.tr("Nothing found."), "small")
        self._nothing.hide()
        column = QVBoxLayout(side)
        column.setContentsMargins(12, 16, 12, 12)
        column.setSpacing(12)
        column.addWidget(self._search)
        column.addWidget(self._nothing)
        column.addWidget(self._list, 1)
        self._side_panel = side
        return side

    def _make_list(self) -> None:
        self._search = QLineEdit()
        self._search.setObjectName("settingsSearch")
        self._search.setAccessibleName(self.tr("Search settings"))
        self._search.setPlaceholderText(self.tr("Search settings"))
        self._search.setClearButtonEnabled(True)
        self._search.textChanged.connect(self._filter)
        self._search.installEventFilter(self)
        self._list = QListWidget()
        self._list.setObjectName("settingsPages")
        self._list.setAccessibleName(self.tr("Pages"))
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for entry in self._entries.values():
            item = QListWidgetItem(entry.title, self._list)
            item.setData(_PAGE, entry.id)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, entry.title)
        self._list.currentItemChanged.connect(self._turn)

    def _turn(self, item: QListWidgetItem | None) -> None:
        if item is None:
            return
        page = self._page(item.data(_PAGE))
        if self._stack.currentWidget() is page:
            return
        self._stack.setCurrentWidget(page)
        if self.isVisible():
            page.entered()
        if not self._search.hasFocus():  # Qt would pass it on to the first control of the page
            self._list.setFocus()
        self._reveal()

    def _page(self, page_id: str) -> Page:
        if page_id not in self._pages:
            page = self._entries[page_id].make()
            page.setObjectName(f"settings-{page_id}")
            self._pages[page_id] = page
            self._stack.addWidget(page)
        return self._pages[page_id]

    def _filter(self, text: str) -> None:
        """Only pages that hold all the words; the first of them, scrolled to the first row that does."""
        words = text.casefold().split()
        first: QListWidgetItem | None = None
        for row in range(self._list.count()):
            item = self._list.item(row)
            page = self._page(item.data(_PAGE))
            told = page.words.casefold()
            found = all(word in told for word in words)
            item.setHidden(not found)
            if found and first is None:
                first = item
        self._nothing.setVisible(first is None)
        has_current = self._list.currentRow() >= 0 and not self._list.currentItem().isHidden()
        if first is not None and not has_current:
            self._list.setCurrentItem(first)
        self._reveal()

    def _reveal(self) -> None:
        words = self._search.text().casefold().split()
        if not words:
            return
        page = self.page
        for row in page.rows():
            if all(word in row.words.casefold() for word in words):
                page.reveal(row)
                return

    def _fit(self) -> None:
        """As large as is comfortable, never larger than the screen."""
        screen = self.screen().availableGeometry().size()
        size = _SIZE * max(1.0, self._ui.app.preferences.settings.appearance.text_size / 100)
        self.resize(size.boundedTo(screen * 0.95).expandedTo(_SMALLEST.boundedTo(screen)))

    def _draw(self) -> None:
        self._list.setIconSize(QSize(icon_px(self), icon_px(self)))
        for row in range(self._list.count()):
            item = self._list.item(row)
            entry = self._entries[item.data(_PAGE)]
            item.setIcon(self._ui.theme.icon(entry.icon))
            item.setText("" if self._is_narrow else entry.title)
            plain_tooltip(item, entry.title if self._is_narrow else "")
            height = self.fontMetrics().height() + 14
            item.setSizeHint(QSize(0, height))
        widest = max(self.fontMetrics().horizontalAdvance(each.title) for each in self._entries.values())
        widest = 0 if self._is_narrow else widest
        self._search.setVisible(not self._is_narrow)
        self._side_panel.setFixedWidth(
            widest + icon_px(self) + (_ICON_SPARE_PX if self._is_narrow else _SIDE_SPARE_PX)
        )
