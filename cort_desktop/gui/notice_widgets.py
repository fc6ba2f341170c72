"""Notices as widgets: bars above the conversation, and one toast at a time at its foot."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from cort_desktop.gui.notices import Kind, Notice, Notices
from cort_desktop.gui.theme import Colour, Theme
from cort_desktop.gui.widgets import IconButton, PlainLabel, button, set_role
from cort_desktop.telling.safe import neutral

_ICONS: dict[Kind, tuple[str, Colour]] = {
    "info": ("info", "accent"),
    "good": ("circle-check", "good"),
    "warn": ("triangle-alert", "warn"),
    "bad": ("circle-alert", "bad"),
}
_MOST_BARS = 4
_MOST_CHARACTERS = 600
"""A service's message may have any length; more of it would leave no room for the conversation."""
_MARGIN = 16
_WIDEST_TOAST = 560


class NoticeBars(QWidget):
    """The bars that stand, one below the other, the latest few of them until all are wanted; nothing of
    height without any.
    """

    def __init__(self, notices: Notices, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._notices = notices
        self._theme = theme
        self._shown: dict[str, tuple[Notice, _Bar]] = {}
        self._is_open = False
        whole = QVBoxLayout(self)
        self._column = QVBoxLayout()
        for each in (whole, self._column):
            each.setContentsMargins(0, 0, 0, 0)
            each.setSpacing(0)
        whole.addLayout(self._column)
        self._more = button("", "link", self)
        self._more.clicked.connect(self._turn)
        whole.addWidget(self._more, 0, Qt.AlignmentFlag.AlignHCenter)
        notices.bars_changed.connect(self._draw)
        self._draw()

    def _draw(self) -> None:
        bars = self._notices.bars
        hidden = max(0, len(bars) - _MOST_BARS)
        self._is_open = self._is_open and hidden > 0
        wanted = dict(bars) if self._is_open else dict(list(bars.items())[hidden:])
        more = self.tr("{count} more").format(count=hidden)
        self._more.setText(self.tr("Show fewer") if self._is_open else more)
        self._more.setVisible(hidden > 0)
        for key in [key for key, (notice, _) in self._shown.items() if wanted.get(key) is not notice]:
            _, bar = self._shown.pop(key)
            self._column.removeWidget(bar)
            bar.hide()
            bar.deleteLater()
        for place, (key, notice) in enumerate(wanted.items()):
            if key not in self._shown:
                bar = _Bar(notice, self._notices, self._theme, self)
                self._shown[key] = (notice, bar)
                self._column.insertWidget(place, bar)
                QAccessible.updateAccessibility(QAccessibleEvent(bar, QAccessible.Event.Alert))
        self.setVisible(bool(self._shown))

    def _turn(self) -> None:
        self._is_open = not self._is_open
        self._draw()


class _Bar(QFrame):
    """One bar: icon, sentence, offers, close."""

    def __init__(self, notice: Notice, notices: Notices, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        set_role(self, f"notice-{notice.kind}")
        self.setAccessibleName(_shown(notice))
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 8, 8)
        row.setSpacing(8)
        icon, colour = _ICONS[notice.kind]
        sign = IconButton(theme, icon, notice.kind, self, colour=colour)
        sign.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        sign.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        row.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        words = PlainLabel(_shown(notice), parent=self)
        words.setWordWrap(True)
        words.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        row.addWidget(words, 1)
        for offer in notice.offers:
            each = button(offer.text, parent=self)
            each.clicked.connect(lambda _on=False, call=offer.call: call())
            row.addWidget(each, 0, Qt.AlignmentFlag.AlignTop)
        close = IconButton(theme, "x", self.tr("Close this notice"), self)
        close.clicked.connect(lambda: notices.clear(notice.key))
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)


class Toasts(QObject):
    """Shows the latest toast at the foot of ``place``, over its content; ``above`` what stands there."""

    def __init__(self, notices: Notices, place: QWidget, above: QWidget | None = None) -> None:
        super().__init__(place)
        self._place = place
        self._above = above
        self._toast: QFrame | None = None
        self._notices, self._notice = notices, Notice(text="")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        notices.said.connect(self.show)
        notices.stale_wanted.connect(self._drop_stale)
        for each in (place, above):
            if each is not None:
                each.installEventFilter(self)

    def show(self, notice: Notice) -> None:
        """Show it in the place of the one before."""
        self.hide()
        toast = QFrame(self._place)
        set_role(toast, "toast")
        toast.setAccessibleName(_shown(notice))
        row = QHBoxLayout(toast)
        row.setContentsMargins(16, 8, 12, 8)
        row.setSpacing(12)
        words = PlainLabel(_shown(notice), parent=toast)
        words.setWordWrap(True)
        row.addWidget(words, 1)
        for offer in notice.offers:
            each = button(offer.text, parent=toast)
            each.clicked.connect(self.hide)
            each.clicked.connect(lambda _on=False, call=offer.call: call())
            row.addWidget(each)
        self._toast, self._notice = toast, notice
        self._lay_out()
        toast.show()
        toast.raise_()
        QAccessible.updateAccessibility(QAccessibleEvent(toast, QAccessible.Event.Alert))
        self._timer.start(round((notice.seconds or 0) * 1000))

    def hide(self) -> None:
        """Take it away."""
        self._timer.stop()
        if self._toast is not None:
            self._toast.hide()
            self._toast.deleteLater()
            self._toast = None

    def _drop_stale(self) -> None:
        """An offer that can't be taken any more is none; nor is another conversation's of use here."""
        if self._toast is not None and not self._notice.stands(self._notices.conversation):
            self.hide()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move) and self._toast is not None:
            self._lay_out()
        return False

    def _lay_out(self) -> None:
        toast, place = self._toast, self._place
        if toast is None:
            return
        toast.setMaximumWidth(min(_WIDEST_TOAST, place.width() - 2 * _MARGIN))
        toast.adjustSize()
        width = min(toast.maximumWidth(), max(toast.sizeHint().width(), 240))
        height = toast.heightForWidth(width) if toast.hasHeightForWidth() else toast.sizeHint().height()
        floor = place.height() if self._above is None else self._above.mapTo(place, QPoint(0, 0)).y()
        toast.setGeometry((place.width() - width) // 2, max(0, floor - height - _MARGIN), width, height)


def _shown(notice: Notice) -> str:
    """Its words, of which none acts and which have an end."""
    is_long = len(notice.text) > _MOST_CHARACTERS
    return neutral(notice.text[:_MOST_CHARACTERS]) + (" …" if is_long else "")
