"""The pane "Candidate": one node to be read. Its head, what it took, what went wrong, its text, its verbs.

A judge shows its raw reply and what it saw. While a call runs its text streams; what came of a broken one is
kept and marked as interrupted. With no node selected the run itself is told in a few lines.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QDesktopServices, QHideEvent, QTextCursor
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from cort_desktop.domain.ids import NodeName, RunId
from cort_desktop.gui.markdown.view import MarkdownView
from cort_desktop.gui.rounds.candidate_facts import Facts, facts_of, run_lines
from cort_desktop.gui.rounds.candidate_head import CandidateHead, TroubleCard
from cort_desktop.gui.rounds.declared import declared_by
from cort_desktop.gui.rounds.fold import Fold
from cort_desktop.gui.rounds.moments import moment_of
from cort_desktop.gui.rounds.node_text import NodeText
from cort_desktop.gui.rounds.pane import Pane
from cort_desktop.gui.rounds.text_dialog import displayable, text_field
from cort_desktop.gui.rounds.why_values import Piece
from cort_desktop.gui.run_feed import Changes, RunFeed
from cort_desktop.gui.selection import Selection
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import PartsColumn, PlainLabel

TICK_MS = 500
"""How often the seconds of a running call are told anew."""


class CandidatePane(Pane):
    """Follows the selection."""

    def __init__(self, ui: Ui, selection: Selection, parent: QWidget | None = None) -> None:
        super().__init__(ui, selection, parent)
        self.setObjectName("readingPane")
        self.setAccessibleName(self.tr("Candidate"))
        self._facts: Facts | None = None
        self._for: tuple[RunId, NodeName | None] | None = None
        self._text: str | None = None
        self._streams = False
        self._to_mark: tuple[RunId, NodeName | None, str] | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.head = CandidateHead(ui.actions)
        column.addWidget(self.head)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(self._body())
        column.addWidget(self._area, 1)
        self._tick = QTimer(self)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(self.ask)
        ui.theme.changed.connect(self._restyle)
        self.follow()

    def refresh(self) -> None:
        """Show the selected node as it stands now."""
        feed, node = self.feed, self.selection.node
        at = None if feed is None else (feed.run, node)
        if at != self._for:
            self._for = at
            self._facts = None
            self._area.verticalScrollBar().setValue(0)
            self.text.find("")
        if feed is None or feed.state.started is None:
            self._show_nothing(self.tr("Nothing to read yet"))
        elif node is None:
            self._show_run(feed)
        elif node not in feed.state.nodes:
            self._show_nothing(self.tr("{node} has not begun at this moment").format(node=node))
        else:
            self._show_node(feed, node)
            self._show_marks()

    def mark(self, run: RunId, node: NodeName, words: str) -> None:
        """Mark words that a search found in a node, as soon as that is shown; they stay until another is."""
        self._to_mark = run, node, words
        self.ask()

    def concerns(self, changes: Changes) -> bool:
        grows = self.selection.node in changes.streamed
        if grows and not changes.has_facts and self._facts is not None and self.isVisible():
            self.ui.pulse.ask(self._grow)  # what is told of it above follows the clock, not every piece
            return False
        return grows or changes.has_facts

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._tick.stop()

    def _show_marks(self) -> None:
        if self._to_mark is None or self._to_mark[:2] != self._for:
            return
        words, self._to_mark = self._to_mark[2], None
        if self.raw.isVisibleTo(self):
            self.raw.moveCursor(QTextCursor.MoveOperation.Start)
            self.raw.find(words)
        elif self.text.find(words):
            place = self.text.go_to(0)
            top = 0 if place is None else self.text.y() + place.top()
            self._area.verticalScrollBar().setValue(max(0, top - self._area.height() // 3))

    def _restyle(self) -> None:
        if self._facts is not None:
            self._show_around(self._facts)

    def _body(self) -> QWidget:
        body = PartsColumn()
        column = QVBoxLayout(body)
        column.setContentsMargins(16, 4, 16, 16)
        column.setSpacing(8)
        theme = self.ui.theme
        self._trouble = TroubleCard(theme)
        self._saw = NodeText(theme, self.tr("Texts it was given"))
        self._saw.node_chosen.connect(self.selection.select)
        self._reasoning = Fold(theme, self.tr("Reasoning"))
        self._note = PlainLabel("", "warn")
        self._note.setWordWrap(True)
        self.text = MarkdownView(theme, self.ui.pulse, QDesktopServices.openUrl, body)
        self.raw = text_field(theme, self.tr("Raw reply"))
        self._lines = PlainLabel("", "muted")
        self._lines.setWordWrap(True)
        self._lines.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for each in (self._trouble, self._saw, self._reasoning, self._note, self._lines, self.text):
            column.addWidget(each)
        column.addWidget(self.raw, 1)
        column.addStretch(0)
        return body

    def _only(self, *shown: QWidget) -> None:
        """Show these of the body's texts, and none of the others."""
        for each in (self._saw, self._reasoning, self._note, self.text, self.raw, self._lines):
            each.setVisible(each in shown)

    def _show_nothing(self, title: str) -> None:
        self._tick.stop()
        self.head.show_run(title)
        self._trouble.show_trouble(None)
        self._only()
        self._facts = None

    def _show_run(self, feed: RunFeed) -> None:
        self._tick.stop()
        self.head.show_run(self.tr("The run"))
        self._trouble.show_trouble(None)
        self._lines.setText("\n".join(run_lines(moment_of(feed), declared_by(self.ui.app.chat))))
        self._only(self._lines)
        self._facts = None

    def _show_node(self, feed: RunFeed, name: NodeName) -> None:
        facts = facts_of(moment_of(feed), name)
        if facts != self._facts:
            is_same = self._facts is not None
            self._facts = facts
            self.head.show_facts(facts)
            self._trouble.show_trouble(facts.trouble)
            self._show_around(facts)
            if not is_same:
                self._text = None
        self._show_texts(feed, name, facts)
        if facts.is_running != self._tick.isActive():
            self._tick.start() if facts.is_running else self._tick.stop()

    def _grow(self) -> None:
        """Show what has come of the text."""
        feed, node = self.feed, self.selection.node
        if feed is None or node is None or self._facts is None or self._for != (feed.run, node):
            return  # something else is looked at by now, and drawn at this very beat
        self._show_texts(feed, node, self._facts)

    def _show_texts(self, feed: RunFeed, name: NodeName, facts: Facts) -> None:
        self._reasoning.show_text(feed.reasoning(name))
        if facts.is_judge:
            self._show_raw(self._reply(feed, name))
        else:
            self._show_text(feed.text(name), streams=facts.is_running)

    def _show_around(self, facts: Facts) -> None:
        note = self.tr("Interrupted: this is what had come.") if facts.interrupted else facts.cut
        if facts.is_running and not facts.told.tokens:
            note = ""
        self._note.setText(note)
        shown: list[QWidget] = [self.raw if facts.is_judge else self.text]
        if note:
            shown.append(self._note)
        if facts.saw:
            before = self.tr("Read, in this order: ") if facts.is_judge else self.tr("Was given: ")
            self._saw.say(((Piece(before), *facts.saw), "faint"))
            shown.append(self._saw)
        self._only(*shown)

    def _show_text(self, text: str, *, streams: bool) -> None:
        """Stream what grows; show the whole once it is there."""
        if streams:
            if text != self._text:
                self.text.stream(text)
            self._streams = True
        elif text != self._text or self._streams:
            if self._streams and text == self._text:
                self.text.finish()
            else:
                self.text.set_text(text)
            self._streams = False
        self._text = text

    def _show_raw(self, text: str) -> None:
        """A judge's reply, as it came; what grows is put at its end."""
        shown, before = displayable(text), self._text
        if shown == before:
            return
        if before and shown.startswith(before):
            cursor = QTextCursor(self.raw.document())
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.insertText(shown[len(before) :])
        else:
            self.raw.setPlainText(shown)
        self._text = shown

    def _reply(self, feed: RunFeed, name: NodeName) -> str:
        verdict = feed.state.verdict_of(name)
        return (verdict.raw if verdict is not None else None) or feed.text(name)
