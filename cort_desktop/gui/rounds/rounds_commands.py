"""What the commands of the rounds do, which of them make sense now, their menu, and the questions they ask.

Connected to the registry of actions once, for one pane; what a verb asks of the services is the controller's.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu, QMessageBox
from shiboken6 import isValid

from cort_desktop.domain.ids import DRAFT, ModelRef, NodeName, RunId
from cort_desktop.domain.run import RunState
from cort_desktop.domain.search import Criterion
from cort_desktop.gui.rounds import verb_words, walk, wish_words
from cort_desktop.gui.rounds.request_dialog import RequestDialog
from cort_desktop.gui.rounds.rounds_controller import Question, RoundsController
from cort_desktop.gui.rounds.wish_controller import WishController
from cort_desktop.gui.rounds.wish_forms import AlternativeForm, OwnForm, RankForm, RejudgeForm, ranked_round
from cort_desktop.gui.run_feed import RunFeed
from cort_desktop.gui.ui import Ui
from cort_desktop.gui.widgets import set_role
from cort_desktop.services.wishes import added_alternative, judged_again, own_candidate, was_it_worth_it

if TYPE_CHECKING:
    from cort_desktop.gui.rounds.rounds_pane import RoundsPane

_CANDIDATE, _WHY, _COMPARE = range(3)
_OUTLINE, _MAP, _COLUMNS = range(3)
MENU = (
    ("tree.show", "tree.why"),
    ("tree.override", "tree.retry", "tree.cancel", "tree.drop"),
    ("tree.add", "tree.add_round", "tree.own", "tree.rejudge", "tree.rank", "tree.worth"),
    ("tree.mark", "tree.compare", "tree.diff"),
    ("tree.continue", "tree.branch", "tree.copy", "tree.inspect"),
)
_OF_NODES = (
    *(verb for group in MENU for verb in group),
    "tree.parent",
    "tree.child",
    "tree.previous",
    "tree.next",
)


class RoundsCommands(QObject):
    """The commands of one ``RoundsPane``."""

    def __init__(self, ui: Ui, pane: RoundsPane, controller: RoundsController) -> None:
        super().__init__(pane)
        self._ui = ui
        self._pane = pane
        self._selection = pane.selection
        self._followed: RunFeed | None = None
        self._own_texts: dict[RunId, str] = {}
        ui.actions.put(pane, "rounds")
        # Not a key of the action: in the library and the find bar Esc means something else.
        stop = QShortcut(QKeySequence(Qt.Key.Key_Escape), pane)
        stop.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        stop.activated.connect(ui.actions["chat.stop"].trigger)
        self._connect_views()
        self._connect_nodes(controller)
        for view in (pane.outline, pane.map):
            view.menu_wanted.connect(self.open_menu)
        pane.map.show_wanted.connect(lambda: pane.show_tab(_CANDIDATE))
        pane.outline.doubleClicked.connect(lambda _index: pane.show_tab(_CANDIDATE))
        controller.inspected.connect(self._show_request)
        controller.question.connect(self._ask)
        self._selection.changed.connect(self._follow)
        self._follow()

    def _connect_views(self) -> None:
        on, pane = self._ui.actions.on, self._pane
        on("view.outline", lambda: pane.show_view(_OUTLINE))
        on("view.map", lambda: pane.show_view(_MAP))
        on("view.columns", lambda: pane.show_view(_COLUMNS))
        inspector = on("view.inspector", pane.toggle_inspector)
        inspector.setChecked(pane.has_inspector)
        pane.inspector_wanted.connect(inspector.setChecked)
        on("tree.fit", self._fit)
        on("tree.blind", lambda: self._ui.veil.set_on(not self._ui.veil.is_on))
        self._ui.veil.changed.connect(self._veil_changed)
        on("tree.look", self._look)

    def _connect_nodes(self, controller: RoundsController) -> None:
        on, pane = self._ui.actions.on, self._pane
        on("tree.show", lambda: pane.show_tab(_CANDIDATE))
        on("tree.why", lambda: pane.show_tab(_WHY))
        on("tree.mark", lambda: self._selection.mark(self._selection.node))
        on("tree.compare", self._compare)
        on("tree.diff", self._compare_with_winner)
        on("tree.parent", lambda: self._walk(walk.parent))
        on("tree.child", lambda: self._walk(self._child))
        on("tree.previous", lambda: self._walk(lambda state, name: walk.beside(state, name, -1)))
        on("tree.next", lambda: self._walk(lambda state, name: walk.beside(state, name, 1)))
        on("tree.continue", controller.continue_here)
        self._connect_wishes(pane.wishes)
        for verb in ("override", "retry", "cancel", "branch", "copy", "inspect"):
            on(f"tree.{verb}", getattr(controller, verb))

    def _connect_wishes(self, wishes: WishController) -> None:
        on = self._ui.actions.on
        on("tree.add", lambda: self._form(lambda feed: self._alternative(wishes, feed)))
        on("tree.add_round", wishes.add_round)
        on("tree.own", lambda: self._form(lambda feed: self._own(wishes, feed)))
        on("tree.rejudge", lambda: self._form(lambda feed: self._rejudge(wishes, feed)))
        on("tree.rank", lambda: self._form(lambda feed: self._rank(wishes, feed)))
        on("tree.worth", self._worth)
        on("tree.drop", wishes.take_out_or_put_back)
        wishes.question.connect(self._ask)

    def _form(self, open_: Callable[[RunFeed], None]) -> None:
        """What is filled in is about the run that is looked at now, whatever is looked at by then."""
        if self._selection.feed is not None:
            open_(self._selection.feed)

    def _alternative(self, wishes: WishController, feed: RunFeed) -> None:
        def done(move: str | None, model: ModelRef | None) -> None:
            wishes.ask(lambda: added_alternative(move, model), feed=feed)

        AlternativeForm(feed.state, done, self._pane).open()

    def _own(self, wishes: WishController, feed: RunFeed) -> None:
        """What was written stays until it is a candidate: neither Esc nor a price takes it away."""
        begun = self._own_texts.get(feed.run, "")
        if any(node.role == "person" and node.text == begun for node in feed.state.nodes.values()):
            begun = ""
        form = OwnForm(lambda text: wishes.ask(lambda: own_candidate(text), feed=feed), self._pane, begun)
        form.finished.connect(lambda _result: self._own_texts.update({feed.run: form.text}))
        form.open()

    def _rejudge(self, wishes: WishController, feed: RunFeed) -> None:
        state = feed.state

        def done(
            number: int | None, models: tuple[ModelRef, ...], criteria: tuple[Criterion, ...], judges: int
        ) -> None:
            further = partial(judged_again, number, models=models, criteria=criteria, judges=judges)
            wishes.ask(further, feed=feed)

        node = state.nodes.get(self._selection.node) if self._selection.node is not None else None
        RejudgeForm(state, node.round if node is not None else None, done, self._pane).open()

    def _rank(self, wishes: WishController, feed: RunFeed) -> None:
        number = ranked_round(feed.state, self._selection.node)
        if number is None:
            self._ui.notices.say(self.tr("There are not two answers to rank yet."))
            return
        RankForm(feed.state, number, partial(wishes.rank, feed), self._pane).open()

    def _veil_changed(self) -> None:
        self._ui.actions["tree.blind"].setChecked(self._ui.veil.is_on)
        self._enable()

    def _look(self) -> None:
        """Show how the run came out, although it was not ranked."""
        if self._selection.feed is not None:
            self._ui.veil.lift(self._selection.feed.run)

    def _worth(self) -> None:
        """Show what is known of it, and tell the price of asking judges."""
        self._pane.show_worth()
        self._pane.wishes.ask(was_it_worth_it, about=wish_words.worth_about(self._selection.feed))

    # Which of them make sense

    def _follow(self) -> None:
        feed = self._selection.feed
        if feed is not self._followed:
            if self._followed is not None and isValid(self._followed):
                self._followed.changed.disconnect(self._changed)
            self._followed = feed
            if feed is not None:
                feed.changed.connect(self._changed)
        self._enable()

    def _changed(self, _changes: object) -> None:
        self._enable()

    def _enable(self) -> None:
        feed = self._selection.feed
        is_real = feed is not None and feed.origin == "run"
        allowed = verb_words.verbs(feed, self._selection.node, is_real=is_real)
        allowed |= wish_words.allowed(feed, self._selection.node, is_real=is_real)
        is_hidden = self._ui.veil.hides(feed)
        if is_hidden:
            allowed &= {"tree.rank"}
        self._ui.actions["tree.look"].setEnabled(is_hidden)
        for verb in _OF_NODES:
            self._ui.actions[verb].setEnabled(verb in allowed)

    def open_menu(self, at: QPoint) -> None:
        """The verbs of the chosen node, at a place on the screen."""
        menu = QMenu(self._pane)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setAccessibleName(
            self.tr("What can be done with {node}").format(node=self._selection.node or "")
        )
        for group in MENU:
            actions = [self._ui.actions[verb] for verb in group if self._ui.actions[verb].isEnabled()]
            menu.addActions(actions)
            menu.addSeparator()
        if menu.isEmpty():
            menu.deleteLater()
            return
        menu.popup(at)

    # Looking

    def _fit(self) -> None:
        self._pane.show_view(_MAP)
        self._pane.map.fit()

    def _compare(self) -> None:
        if self._selection.marked is None:
            self._ui.notices.say(self.tr("Mark another candidate first (Space), then compare."))
            return
        self._pane.show_tab(_COMPARE)

    def _compare_with_winner(self) -> None:
        """The chosen one beside the answer; the answer itself beside the draft."""
        feed, node = self._selection.feed, self._selection.node
        if feed is None:
            return
        answer = feed.state.answer_node
        other = answer if answer != node else DRAFT if DRAFT in feed.state.nodes and node != DRAFT else None
        if other is None:
            self._ui.notices.say(self.tr("There is no other answer to compare this one with."))
            return
        if self._selection.marked != other:
            self._selection.mark(other)
        self._pane.show_tab(_COMPARE)

    def _walk(self, way: Callable[[RunState, NodeName], NodeName | None]) -> None:
        feed, node = self._selection.feed, self._selection.node
        found = way(feed.state, node) if feed is not None and node is not None else None
        if found is not None:
            self._selection.select(found)

    def _child(self, state: RunState, name: NodeName) -> NodeName | None:
        return walk.likely_child(state, name, self._selection.last_visited_child(name))

    # Asking and showing

    def _ask(self, question: Question) -> None:
        box = QMessageBox(self._pane)
        box.setObjectName("roundsQuestion")
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setWindowTitle(question.title)
        box.setText(question.title)
        box.setInformativeText(question.text)
        yes = box.addButton(question.yes, QMessageBox.ButtonRole.AcceptRole)
        set_role(yes, "primary")
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(yes)
        box.buttonClicked.connect(lambda button: question.go() if button is yes else None)
        box.open()

    def _show_request(self, node: NodeName, sent: str) -> None:
        RequestDialog(self._ui.theme, node, sent, self._pane).open()
