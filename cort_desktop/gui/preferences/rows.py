"""The bricks of a page: a heading, sections, and rows of a label, a control and what is wrong.

A row names its control for screen readers and search, and shows the reason beside the control that was
refused. What a control means is not known here.
"""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from cort_desktop.gui.theme import Theme
from cort_desktop.gui.widgets import FlowLayout, PlainLabel, set_role

_CONTROL_SHARE = 3
_LABEL_SHARE = 2
_WIDEST_PX = 760
_SIDE_BY_SIDE_CHARACTERS = 62
_BUTTON_SPARE_PX = 10


class Row(QWidget):
    """A label with its hint, a control, and below it a sentence when something is wrong with it.

    lines_below: the hint stands below the control, in room for so many lines that is always kept; what is
    wrong is said in its place, so that nothing moves while a person writes.
    """

    def __init__(
        self, label: str, control: QWidget, hint: str = "", *, is_wide: bool = False, lines_below: int = 0
    ) -> None:
        super().__init__()
        self.control = control
        self.label = PlainLabel(label)
        self.label.setBuddy(control)
        self.label.setWordWrap(True)
        self.hint = PlainLabel(hint, "small")
        self.hint.setWordWrap(True)
        self.hint.setVisible(bool(hint))
        self.error = PlainLabel("", "bad")
        self.error.setWordWrap(True)
        self.error.hide()
        if not control.accessibleName():
            control.setAccessibleName(label)
        line = control.lineEdit() if isinstance(control, QComboBox) else None
        if line is not None:
            line.setAccessibleName(control.accessibleName())
        if hint:
            control.setAccessibleDescription(hint)
        self._words = QWidget()
        words = QVBoxLayout(self._words)
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(2)
        words.addWidget(self.label)
        if not lines_below:
            words.addWidget(self.hint)
        words.addStretch(1)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(4)
        self._is_wide = is_wide
        self._lines_below = lines_below
        self._is_stacked: bool | None = None
        self._arrange(is_stacked=True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Side by side where there is room, else one below the other."""
        super().resizeEvent(event)
        narrow = self.fontMetrics().averageCharWidth() * _SIDE_BY_SIDE_CHARACTERS
        self._arrange(is_stacked=self._is_wide or event.size().width() < narrow)

    def _arrange(self, *, is_stacked: bool) -> None:
        if is_stacked == self._is_stacked:
            return
        self._is_stacked = is_stacked
        grid = self._grid
        below = (self.hint, self.error) if self._lines_below else (self.error,)
        for each in (self._words, self.control, *below):
            grid.removeWidget(each)
        grid.addWidget(self._words, 0, 0)
        if is_stacked:
            grid.addWidget(self.control, 1, 0, 1, 2)
        else:
            grid.addWidget(self.control, 0, 1, Qt.AlignmentFlag.AlignTop)
        for each in below:
            each.setAlignment(Qt.AlignmentFlag.AlignTop)
            each.setMinimumHeight(self._lines_below * each.fontMetrics().lineSpacing())
            grid.addWidget(each, 2, 0, 1, 2)
        grid.setColumnStretch(0, 1 if is_stacked else _LABEL_SHARE)
        grid.setColumnStretch(1, 0 if is_stacked else _CONTROL_SHARE)

    def say(self, problem: str | None) -> None:
        """Show what is wrong with the control, or that nothing is."""
        self.error.setText(problem or "")
        self.error.setVisible(bool(problem))
        if self._lines_below:
            self.hint.setVisible(not problem)
        set_role(self.control, "bad" if problem else "", "state")

    def set_hint(self, words: str) -> None:
        """Show other words under the label."""
        self.hint.setText(words)
        self.hint.setVisible(bool(words) or (bool(self._lines_below) and not self.error.text()))
        self.control.setAccessibleDescription(words)

    @property
    def words(self) -> str:
        """What a search looks at."""
        return f"{self.label.text()} {self.hint.text()}"


class Page(QScrollArea):
    """One page, scrolled when the room is short. ``column`` takes what stands on it."""

    def __init__(self, title: str, words: str) -> None:
        super().__init__()
        self.title = title
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(title)
        inside = QWidget()
        outer = QHBoxLayout(inside)
        outer.setContentsMargins(28, 20, 28, 24)
        body = QWidget()
        body.setMaximumWidth(_WIDEST_PX)
        body.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        outer.addWidget(body)
        self.column = QVBoxLayout(body)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(16)
        heading = PlainLabel(title, "heading")
        self.column.addWidget(heading)
        lede = PlainLabel(words, "muted")
        lede.setWordWrap(True)
        self.column.addWidget(lede)
        self.setWidget(inside)

    def section(self, title: str) -> None:
        """Begin a section."""
        self.column.addSpacing(8)
        label = PlainLabel(title, "strong")
        self.column.addWidget(label)

    def add(self, *widgets: QWidget) -> None:
        """Put widgets below what there is."""
        for widget in widgets:
            self.column.addWidget(widget)

    def finish(self) -> None:
        """Nothing more follows: what there is stays at the top."""
        self.column.addStretch(1)

    def entered(self) -> None:
        """The page has come to the front."""

    def left(self) -> None:
        """The window was closed: what was half done is thrown away."""

    @property
    def words(self) -> str:
        """Everything that is written on it, for search."""
        labels = (label.text() for label in self.findChildren(QLabel))
        buttons = (button.text() for button in self.findChildren(QAbstractButton))
        return " ".join((self.title, *labels, *buttons))

    def rows(self) -> list[Row]:
        """Its rows, for search."""
        return self.findChildren(Row)

    def reveal(self, row: Row) -> None:
        """Scroll to a row."""
        self.ensureWidgetVisible(row, 0, 40)


class StateLine(QWidget):
    """An icon and a sentence, as states are shown everywhere: icon, then word, then colour."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._look: tuple[str, str] = ("circle-dashed", "faint")
        self.icon = PlainLabel()
        self.icon.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.words = PlainLabel()
        self.words.setWordWrap(True)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.icon)
        row.addWidget(self.words, 1)
        theme.changed.connect(self._draw)
        self._draw()

    def show_state(self, state: str, words: str) -> None:
        """Show a state (good, doubt, bad, busy, unasked) with its words; without words nothing."""
        self._look = _LOOKS[state]
        self.words.setText(words)
        self.words.setAccessibleName(words)
        self.setVisible(bool(words))
        self._draw()

    def _draw(self) -> None:
        name, colour = self._look
        drawn = self._theme.icon(name, colour)  # type: ignore[arg-type]  # names from the table below
        side = icon_px(self)
        self.icon.setFixedWidth(side + 4)
        self.icon.setPixmap(drawn.pixmap(side, side))


class Beside(PlainLabel):
    """A label in a line of buttons: as high as they are, so that the words stand on one line."""

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return hint.expandedTo(QSize(0, self.fontMetrics().height() + _BUTTON_SPARE_PX))


def icon_px(widget: QWidget) -> int:
    """The side of an icon beside the text of a widget: as high as the text, whatever its size."""
    return widget.fontMetrics().height() - 1


def line_of(*widgets: QWidget, gap: int = 8) -> QWidget:
    """Widgets side by side, going on in the next line where the room ends."""
    line = QWidget()
    flow = FlowLayout(line, gap)
    for widget in widgets:
        flow.addWidget(widget)
    policy = line.sizePolicy()
    policy.setHeightForWidth(True)
    line.setSizePolicy(policy)
    return line


_LOOKS = {
    "good": ("circle-check", "good"),
    "doubt": ("triangle-alert", "warn"),
    "bad": ("circle-alert", "bad"),
    "busy": ("loader-circle", "running"),
    "unasked": ("circle-dashed", "faint"),
}
