"""One line above the composer while a run works: what it does, how much of the budget is spent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QSizePolicy, QWidget
from shiboken6 import isValid

from cort_desktop.domain.ids import RunId
from cort_desktop.gui.chat.progress import badge_words, progress_words, stage_words
from cort_desktop.gui.chat.streamed_tokens import StreamedTokens
from cort_desktop.gui.run_feed import RunFeed
from cort_desktop.gui.widgets import ElidedLabel, PlainLabel, button, plain_tooltip, set_role
from cort_desktop.telling.summary import budget_parts, budget_share

_STEPS = 1000
_NEARLY = 0.9
_NARROW_PX, _TIGHT_PX = 480, 360
_TOKENS, _MONEY = 1, 2
_TICK_MS = 1_000


class RunningLine(QWidget):
    """Shows a feed; hidden without one. ``count_tokens``: about how many tokens a text has."""

    def __init__(self, count_tokens: Callable[[str], int], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._streamed = StreamedTokens(count_tokens)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 4)
        row.setSpacing(8)
        self._words = ElidedLabel("", "small")
        self._words.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._bar = QProgressBar()
        self._bar.setObjectName("budgetBar")
        self._bar.setAccessibleName(self.tr("Budget"))
        self._bar.setTextVisible(False)
        self._bar.setRange(0, _STEPS)
        self._bar.setMinimumWidth(48)
        self._spent = PlainLabel("", "small")
        self.enough = button(self.tr("Good enough"), "link")
        plain_tooltip(self.enough, self.tr("End the run now with the best so far as its answer"))
        self.pause = button(self.tr("Pause after this round"), "link")
        row.addWidget(self._words)
        row.addWidget(self._bar, 1)
        row.addWidget(self._spent)
        row.addWidget(self.pause)
        row.addWidget(self.enough)
        self._measured: tuple[RunId, float, datetime] | None = None
        self._feed: RunFeed | None = None
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._draw)
        self.hide()

    def show_feed(self, feed: RunFeed | None) -> None:
        """Show how far the run is, and its seconds as they pass; None hides the line."""
        self._feed = feed
        if feed is None or not feed.is_working:
            self._tick.stop()
        elif not self._tick.isActive():
            self._tick.start()
        self._draw()

    def _draw(self) -> None:
        feed = self._feed if self._feed is not None and isValid(self._feed) else None
        is_shown = feed is not None and feed.state.started is not None
        self.setVisible(is_shown)
        if feed is None or not is_shown:
            self._tick.stop()
            return
        is_narrow = self.width() <= _NARROW_PX
        words = progress_words(feed.state, feed.texts)
        if is_narrow:
            words = f"{badge_words(feed.state)} · {stage_words(feed.state, feed.texts)}"
        seconds = self._seconds(feed)
        streamed = self._streamed.of(feed)
        parts = budget_parts(feed.state, seconds, streamed_tokens=streamed)
        share = budget_share(feed.state, seconds, streamed_tokens=streamed)
        self._words.setText(words)
        self._words.setMaximumWidth(self._words.fontMetrics().horizontalAdvance(words) + 8)
        width = self.width()
        self._bar.setVisible(share is not None and width > _TIGHT_PX)
        self._bar.setValue(round((share or 0.0) * _STEPS))
        set_role(self._bar, "full" if (share or 0.0) >= _NEARLY else "")
        plain_tooltip(self._bar, " · ".join(parts))
        shown = parts if width > 2 * _NARROW_PX else parts[_TOKENS : _MONEY + 1]
        self._spent.setText(" · ".join(parts[_MONEY : _MONEY + 1] if is_narrow else shown))
        self._spent.setVisible(width > _TIGHT_PX)
        can_end = feed.state.answer_node is not None and not feed.state.is_closing
        self.enough.setVisible(can_end)
        self.pause.setText(self.tr("Go on") if feed.state.paused else self.tr("Pause after this round"))
        self.pause.setAccessibleName(self.pause.text())
        plain_tooltip(
            self.pause,
            self.tr("Nothing new starts once the round is decided; the time of a pause doesn’t count"),
        )
        self.pause.setVisible(not feed.state.is_closing and not is_narrow)

    def _seconds(self, feed: RunFeed) -> float:
        """How long the run was worked on, with the time since its last event."""
        active, now = feed.state.active_seconds, feed.now()
        if now is None or feed.state.is_held:
            self._measured = None
            return active
        if self._measured is None or self._measured[:2] != (feed.run, active):
            self._measured = (feed.run, active, now)
        return active + max(0.0, (now - self._measured[2]).total_seconds())
