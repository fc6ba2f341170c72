"""The pane in the centre: header, transcript or welcome, composer; wired to each other and to the controller.

It decides nothing: what a person does goes to the controller, what the controller tells is shown. What an
empty conversation shows stands at once; the transcript and all that asks is made in ``rest``, so that a
window can be painted and typed into before.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from cort_desktop.domain.ids import ConversationId, NodeName, RunId
from cort_desktop.gui.chat.foot import Foot
from cort_desktop.gui.chat.header import Header
from cort_desktop.gui.chat.message_edit import local_files
from cort_desktop.gui.chat.welcome import Welcome
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import hline

if TYPE_CHECKING:
    from pathlib import Path

    from cort_desktop.domain.library import ConversationView, Hit, RunRow
    from cort_desktop.gui.chat.keeping import Keeping
    from cort_desktop.gui.chat.look import Problem
    from cort_desktop.gui.onboarding.recording import Recording
    from cort_desktop.gui.run_feed import RunFeed


class ChatPane(QWidget):
    """``run_shown`` has the feed of the run that is looked at, or None; ``node_wanted`` a feed and a node of
    it, ``words_wanted`` words besides that are to be marked there; ``why_wanted`` a feed whose answer is to
    be explained, ``worth_wanted`` one of which is to be told what thinking harder brought,
    ``rank_wanted`` one whose candidates are to be ranked;
    ``conversation_shown`` the ConversationView, or None; ``working_changed`` conversation ids with words.
    """

    run_shown = Signal(object)
    node_wanted = Signal(object, object)
    words_wanted = Signal(object, object, str)
    why_wanted = Signal(object)
    worth_wanted = Signal(object)
    rank_wanted = Signal(object)
    conversation_shown = Signal(object)
    working_changed = Signal(object)

    def __init__(self, ui: Ui, parent: QWidget | None = None, *, at_once: bool = True) -> None:
        """``at_once``: make all of it now; else ``rest`` or ``complete`` does."""
        super().__init__(parent)
        self._ui = ui
        self._last_key: ConversationId | None = None
        self._keeping: Keeping | None = None
        self.setAcceptDrops(True)
        self.header = Header(ui)
        self.welcome = Welcome(ui)
        self.foot = Foot(ui)
        self.composer = self.foot.composer
        self._build()
        self.welcome.show_model(ui.app.settings.now.defaults.model, is_temporary=False)
        self.welcome.example_chosen.connect(self._take_example)
        self.composer.submitted.connect(self._submit)
        self.rest: Iterator[None] = self._made()
        """The making of the rest, in steps that each take a moment."""
        if at_once:
            self.complete()

    def complete(self) -> None:
        """Make what is left of it now."""
        for _ in self.rest:
            pass

    # -- what the window asks for --------------------------------------------------------------------

    @property
    def run_in_view(self) -> RunFeed | None:
        """The run that is looked at."""
        return self._watch.seen

    @property
    def conversation(self) -> ConversationId | None:
        """The conversation that is looked at."""
        return self.controller.conversation.key

    @property
    def is_untouched(self) -> bool:
        """Whether nothing was asked, written or opened yet."""
        at, questions = self.controller.conversation, self.controller.questions
        is_new = at.view is None and not at.is_temporary and not questions.is_starting
        return is_new and not self.composer.edit.toPlainText()

    def open(
        self, conversation: ConversationId, run: RunId | None = None, node: NodeName | None = None
    ) -> None:
        """Show a conversation; with a run and a node, the turn they belong to."""
        self._arriving.open(conversation, run, node)

    def open_hit(self, hit: Hit) -> None:
        """Show a place that a search found, in the version of the question it is in, its words marked."""
        self._arriving.open_hit(hit)

    def keep_in(self, folder: Path) -> None:
        """Keep what is written and not sent over a restart, in a file of that folder."""
        from cort_desktop.gui.chat.keeping import Keeping

        self._keeping = Keeping(self._ui, self.controller.desk, folder, self)
        self._keeping.begin()

    def finish(self) -> None:
        """Keep what waits to be kept; the window closes."""
        if self._keeping is not None:
            self._keeping.finish()

    def forget(self, conversation: ConversationId) -> None:
        """A conversation is gone for good, with what was written in it."""
        self.controller.desk.forget(conversation)

    def new(self, *, temporary: bool = False) -> None:
        """Show a conversation without a question."""
        self.controller.new(temporary=temporary)
        self.focus_composer()

    def begin_with(self, question: str) -> None:
        """Show a conversation without a question, and this one written but not sent."""
        self.new()
        self._take_example(question)

    def show_recording(self, recording: Recording) -> None:
        """Show a recorded run as it is played."""
        recording.player.feed_changed.connect(self._take_feed)
        self.controller.conversation.show_recording(recording.view)
        self.recording_bar.show_recording(recording)

    def reload(self) -> None:
        """Something of what is shown was changed elsewhere."""
        self.controller.reload()

    def resume(self, run: RunRow) -> None:
        """Go on with an interrupted run."""
        self.controller.questions.resume(run.id)

    def focus_composer(self) -> None:
        """Let the next key be a letter of a question."""
        self.composer.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- drops ---------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if local_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        files = local_files(event.mimeData())
        if files:
            event.acceptProposedAction()
            self.composer.take_files(files)

    # -- parts and wires -----------------------------------------------------------------------------

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.welcome)
        self._bars = QVBoxLayout()
        column.addWidget(self.header)
        column.addWidget(hline())
        column.addLayout(self._bars)
        column.addWidget(self._stack, 1)
        column.addWidget(hline())
        column.addWidget(self.foot)

    def _made(self) -> Iterator[None]:
        from cort_desktop.gui.chat.controller import ChatController
        from cort_desktop.gui.chat.turn_feeds import TurnFeeds
        from cort_desktop.gui.chat.watch import Watch

        yield
        from cort_desktop.gui.chat.transcript import Transcript

        yield
        from cort_desktop.gui.chat.arriving import Arriving
        from cort_desktop.gui.chat.commands import ChatCommands
        from cort_desktop.gui.chat.composer_desk import ComposerDesk
        from cort_desktop.gui.chat.finding import Finding
        from cort_desktop.gui.chat.left_at_work import LeftAtWork
        from cort_desktop.gui.chat.wishes import Wishes
        from cort_desktop.gui.onboarding.recording_bar import RecordingBar

        yield
        ui = self._ui
        self.controller = ChatController(ui, self)
        self._feeds = TurnFeeds(ui, self)
        self._watch = Watch(self.controller)
        yield
        self.transcript = Transcript(ui, self._problem)
        self.recording_bar = RecordingBar(ui)
        self.finding = Finding(ui, self.transcript)
        self._arriving = Arriving(ui, self.controller, self.transcript, self.finding, self._watch)
        self.foot.complete()
        self._stack.addWidget(self.transcript)
        self._bars.addWidget(self.recording_bar)
        self._bars.addWidget(self.finding)
        for one, other in pairwise((*self.composer.tab_order(), self.transcript, self.header)):
            QWidget.setTabOrder(one, other)
        yield
        self._desk = ComposerDesk(ui, self.controller, self.composer, self)
        LeftAtWork(ui, self.controller, self.open, self)
        self._wishes = Wishes(ui, self.controller, self._feeds, self.transcript)
        self.commands = ChatCommands(ui, self)
        self._wire()
        self._show_view(None)
        self.composer.written.emit()  # what was typed before there was anybody to hear of it

    def _wire(self) -> None:
        controller, composer, transcript = self.controller, self.composer, self.transcript
        controller.conversation.shown.connect(self._show_view)
        controller.questions.state_changed.connect(self._watch.update)
        self._watch.state_changed.connect(self._show_state)
        self._watch.progressed.connect(self.foot.line.show_feed)
        self._watch.announced.connect(self._announce)
        self._watch.looked_at.connect(self.run_shown)
        controller.asking.working_changed.connect(self.working_changed)
        controller.asking.ended.connect(lambda feed: transcript.made.redraw(feed.run))
        self._feeds.ready.connect(self._take_feed)
        transcript.made.feed_wanted.connect(self._feeds.fetch)
        transcript.made.wished.connect(self._wishes.take)
        transcript.seen.connect(lambda _turn: self._tell_run())
        transcript.escaped.connect(self._escape)
        self._wishes.why.connect(self.why_wanted)
        self._wishes.worth.connect(self.worth_wanted)
        self._wishes.rank.connect(self.rank_wanted)
        self._wishes.edit.connect(self.commands.edit)
        composer.stopped.connect(controller.questions.stop)
        composer.escaped.connect(self._escape)
        composer.edit_last.connect(self.commands.edit_last)
        composer.attach_wanted.connect(self.commands.choose_files)
        composer.written.connect(self.commands.update)
        self.foot.line.enough.clicked.connect(controller.questions.enough)
        self.foot.line.pause.clicked.connect(controller.questions.pause_or_go_on)
        self.header.origin_wanted.connect(self.open)
        self._arriving.node_wanted.connect(self.node_wanted)
        self._arriving.words_wanted.connect(self.words_wanted)
        controller.conversation.left_temporary.connect(
            lambda conversation: self._arriving.offer_back(conversation, self.open)
        )
        controller.conversation.left_recording.connect(self.recording_bar.leave)
        self.recording_bar.asked.connect(self.begin_with)
        self.recording_bar.left.connect(self.new)
        self.finding.closed.connect(self.focus_composer)
        controller.desk.choice_changed.connect(self._show_model)
        controller.desk.files_changed.connect(self.commands.update)

    def _problem(self, run: RunId) -> Problem | None:
        return self.controller.asking.problems.get(run)

    def _submit(self, thinking: bool) -> None:
        """A question that came before anything could be asked makes the rest at once."""
        self.complete()
        self.controller.questions.ask(with_thinking=thinking)

    def _announce(self, words: str) -> None:
        from cort_desktop.gui.chat.announcing import announce

        announce(self.transcript, words)

    # -- what the controller tells -------------------------------------------------------------------

    def _show_view(self, view: ConversationView | None) -> None:
        at = self.controller.conversation
        key = None if view is None else view.conversation.id
        is_other = key != self._last_key
        self._last_key = key
        self.header.show_view(view, is_temporary=at.is_temporary)
        self._stack.setCurrentWidget(self.welcome if view is None else self.transcript)
        if is_other:
            self.finding.leave()
        self.transcript.show_turns(() if view is None else view.turns, from_the_end=is_other)
        self.finding.look_again()
        self._show_model()
        self.conversation_shown.emit(view)
        self._tell_run()
        self._watch.update()

    def _show_state(self) -> None:
        """Send or Stop, and what else can be done now."""
        questions = self.controller.questions
        self.composer.set_state(working=questions.working is not None, starting=questions.is_starting)
        self.commands.update()

    def _take_feed(self, feed: RunFeed) -> None:
        self.transcript.made.take_feed(feed)
        last = self.controller.conversation.last
        if last is not None and last.turn.active == feed.run:
            self.controller.desk.follow(feed)
            self.commands.update()
        self._tell_run()

    def _tell_run(self) -> None:
        """Say which run is looked at, once it is read."""
        turn = self.transcript.middle if self.controller.conversation.view is not None else None
        feed = None
        if turn is not None and turn.turn.active is not None:
            feed = self._ui.feeds.known(turn.turn.active)
            if feed is None:
                return
        self._watch.look_at(feed)

    def _show_model(self) -> None:
        at = self.controller.conversation
        self.welcome.show_model(self.controller.desk.model, is_temporary=at.is_temporary)

    def _take_example(self, text: str) -> None:
        self.composer.edit.setPlainText(text)
        self.focus_composer()
        self.composer.edit.moveCursor(self.composer.edit.textCursor().MoveOperation.End)

    def _escape(self) -> None:
        """The innermost first: the find bar, then the run."""
        if self.finding.isVisible():
            self.finding.close_bar()
        else:
            self.controller.questions.stop()
