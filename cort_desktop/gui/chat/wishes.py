"""What a person asks for at a turn, passed on to whoever can do it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, SignalInstance

from cort_desktop.domain.ids import RunId
from cort_desktop.domain.search import Attachment
from cort_desktop.errors import CortError
from cort_desktop.gui.chat.agreeing import ask_consent
from cort_desktop.gui.chat.controller import ChatController
from cort_desktop.gui.chat.price_question import ask_price, price_words
from cort_desktop.gui.chat.text_window import open_text
from cort_desktop.gui.chat.transcript import Transcript
from cort_desktop.gui.chat.turn import Wish
from cort_desktop.gui.chat.turn_feeds import TurnFeeds
from cort_desktop.gui.ui import Ui


class Wishes(QObject):
    """``why`` has the feed whose answer is to be explained, ``worth`` the one of which it is to be told what
    thinking harder brought, ``rank`` the one whose candidates are to be ranked, ``edit`` the TurnView whose
    question is to be written anew.
    """

    why = Signal(object)
    worth = Signal(object)
    rank = Signal(object)
    edit = Signal(object)

    def __init__(self, ui: Ui, controller: ChatController, feeds: TurnFeeds, transcript: Transcript) -> None:
        super().__init__(transcript)
        self._ui = ui
        self._controller = controller
        self._feeds = feeds
        self._transcript = transcript
        controller.questions.priced.connect(lambda priced: ask_price(priced, transcript.window()))
        asking = controller.asking
        asking.consent_wanted.connect(lambda wanted: ask_consent(wanted, ui.theme, transcript.window()))
        self._verbs: dict[str, Callable[[Wish], object]] = {
            "edit": lambda wish: self.edit.emit(wish.turn),
            "again": lambda wish: controller.questions.again(wish.turn),
            "price": lambda wish: ui.tasks.start(self._tell_price(wish), name="price", failed=_nobody),
            "turn": lambda wish: controller.choose_sibling(wish.turn, wish.place),
            "run": lambda wish: controller.choose_run(wish.turn, wish.place),
            "resume": self._resume,
            "raise": self._raise,
            "settings": lambda _wish: ui.actions["app.providers"].trigger(),
            "reload": self._look_again,
            "file": self._read_file,
            "pin": lambda wish: controller.pin_turn(wish.turn),
            "why": lambda wish: self._explain(wish, self.why),
            "worth": lambda wish: self._explain(wish, self.worth),
            "rank": lambda wish: self._explain(wish, self.rank),
            "look": self._look,
        }

    def take(self, wish: Wish) -> None:
        """Do it."""
        self._verbs[wish.verb](wish)

    def _look(self, wish: Wish) -> None:
        if wish.run is not None:
            self._ui.veil.lift(wish.run)

    def _explain(self, wish: Wish, wanted: SignalInstance) -> None:
        feed = None if wish.run is None else self._ui.feeds.known(wish.run)
        if feed is not None and feed.state.answer_node is not None:
            wanted.emit(feed)

    def _resume(self, wish: Wish) -> None:
        if wish.run is not None:
            self._controller.questions.resume(wish.run)

    def _raise(self, wish: Wish) -> None:
        """Ask what the run may spend in all, and go on with that."""
        feed = None if wish.run is None else self._ui.feeds.known(wish.run)
        if feed is None or feed.is_working:
            return
        from cort_desktop.gui.chat.caps_dialog import CapsDialog

        dialog = CapsDialog(feed.state, self._transcript.window())
        dialog.chosen.connect(lambda caps: self._controller.questions.resume(feed.run, caps))
        dialog.settings_wanted.connect(self._ui.actions["app.budget"].trigger)
        dialog.open()

    def _look_again(self, wish: Wish) -> None:
        self._feeds.forget(wish.turn)
        self._controller.reload()

    async def _tell_price(self, wish: Wish) -> None:
        if not self._controller.conversation.is_recording:
            found = await self._controller.questions.price_again(wish.turn)
            widget = self._transcript.made.get(wish.turn.turn.id)
            if widget is not None:
                widget.answer.show_price(price_words(found))

    def _read_file(self, wish: Wish) -> None:
        if isinstance(wish.file, Attachment) and wish.run is not None:
            self._ui.tasks.start(self._show_file(wish.file, wish.run), name="read attachment")

    async def _show_file(self, file: Attachment, run: RunId) -> None:
        """Files are told apart by their place: two of them may have one name."""
        feed = await self._ui.feeds.read(run)
        there = () if feed.state.started is None else feed.state.started.attachments
        files = self._controller.asking.unstored_files(run)
        if feed.is_stored:
            files = await self._ui.app.attachments.of_run(run)
        for known, each in zip(there, files, strict=False):
            if known == file:
                open_text(self._ui.theme, each.name, each.text, self._transcript, is_code=True)
                return


def _nobody(_error: CortError) -> None:
    """A price that nobody asked for by a click; what is wrong is told when it is pressed."""
