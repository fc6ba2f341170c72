"""Where a question belongs, and what it is told of the turns before it.

A stored conversation is read from the database; one that is not to be stored is remembered here, as long as
the program runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from cort_desktop.domain.ids import Blob, ConversationId, TurnId
from cort_desktop.domain.library import Said
from cort_desktop.domain.messages import Message, assistant, user
from cort_desktop.domain.run import RunState
from cort_desktop.domain.settings import Settings
from cort_desktop.engine.context import ContextView
from cort_desktop.errors import UsageError
from cort_desktop.services.contexts import Files, messages_of, path_names
from cort_desktop.services.planning import Ask
from cort_desktop.services.rolling_summaries import summary_text
from cort_desktop.services.store import OpenStore

Messages = tuple[Message, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a run belongs: its conversation and turn, and its view of the turns before."""

    conversation: ConversationId
    turn: TurnId
    parent: TurnId | None
    view: ContextView


class Places:
    """Finds the place of each question."""

    def __init__(self, store: OpenStore, settings: Callable[[], Settings], new_id: Callable[[], str]) -> None:
        self._open_store = store
        self._settings = settings
        self._new_id = new_id
        # Of each turn that is not stored: what was said before it, and what was said up to its end.
        self._unstored: dict[ConversationId, dict[TurnId, tuple[Messages, Messages]]] = {}

    def find(self, ask: Ask, files: Files) -> Place:
        """The conversation and turn of ``ask``, found or named anew. Reads the database; blocks.

        ``files`` were read for it; what ``ask`` has attached comes after them. Raises UsageError when there
        is no such conversation, when it is in the bin, or when the turn that ``ask`` names is not in it.
        """
        _check_one_place(ask)
        files = (*files, *((file.name, file.text) for file in ask.attached))
        if ask.conversation is None:
            return self._new_place(ask, files)
        if ask.conversation in self._unstored:
            return self._unstored_place(ask, ask.conversation, files)
        return self._stored_place(ask, ask.conversation, files)

    def remember(self, place: Place, state: RunState) -> None:
        """What is not stored is still known to the next question of the same conversation."""
        said = [*place.view.turns, user(place.view.question_text)]
        if state.answer is not None:
            said.append(assistant(state.answer))
        self._unstored.setdefault(place.conversation, {})[place.turn] = (place.view.turns, tuple(said))

    def forget(self, conversation: ConversationId) -> None:
        """Let go of a conversation that is not stored."""
        self._unstored.pop(conversation, None)

    def _stored_place(self, ask: Ask, named: ConversationId, files: Files) -> Place:
        conversations = self._open_store().conversations
        conversation = conversations.get(conversations.find_conversation(named))
        if conversation.deleted is not None:
            raise UsageError(f"“{conversation.title}” is in the bin. Restore it to go on with it.")
        at = ask.again or ask.instead_of or ask.after
        last = at or conversations.leaf(conversation.id)
        path = [] if last is None else conversations.said(last)
        if at is not None and (not path or path[-1].conversation != conversation.id):
            raise UsageError(f"There is no turn {at} in conversation {conversation.id}.")
        before = path if ask.again is None and ask.instead_of is None else path[:-1]
        if ask.again is not None:
            _check_same_question(ask, path[-1])
            files = files or self._texts(path[-1])
        turns = messages_of(before, self._open_store().log.blob, files)
        view = self._view(ask, files, conversation.system, turns)
        ready = self._open_store().summaries.ready(conversation.id, path_names(before))
        return Place(
            conversation=conversation.id,
            turn=ask.again or TurnId(self._new_id()),
            parent=before[-1].turn if before else None,
            view=replace(
                view,
                pinned=tuple(number for number, said in enumerate(before, 1) if said.pinned),
                summary=None if ready is None else summary_text(ready),
            ),
        )

    def _unstored_place(self, ask: Ask, conversation: ConversationId, files: Files) -> Place:
        """A turn of a conversation that is kept in memory only: the next one, or another one."""
        known = self._unstored[conversation]
        at = ask.again or ask.instead_of or ask.after
        if at is not None and at not in known:
            raise UsageError(f"There is no turn {at} in conversation {conversation}.")
        before, up_to_its_end = known[at or next(reversed(known))]
        return Place(
            conversation=conversation,
            turn=ask.again or TurnId(self._new_id()),
            parent=None,
            view=self._view(ask, files, None, before if ask.again or ask.instead_of else up_to_its_end),
        )

    def _new_place(self, ask: Ask, files: Files) -> Place:
        if ask.again or ask.instead_of or ask.after:
            raise UsageError("A turn was named without its conversation; name both.")
        return Place(
            conversation=ConversationId(self._new_id()),
            turn=TurnId(self._new_id()),
            parent=None,
            view=self._view(ask, files, None, ()),
        )

    def _view(self, ask: Ask, files: Files, own_system: str | None, turns: Messages) -> ContextView:
        """The system text is the question's, else the conversation's, else that of the settings; an empty one
        is a choice too.
        """
        said = (ask.system, own_system, self._settings().defaults.system)
        return ContextView(
            system=next((text for text in said if text is not None), None),
            turns=turns,
            question=ask.question,
            attachments=files,
        )

    def _texts(self, said: Said) -> Files:
        log = self._open_store().log
        return tuple((file.name, log.blob(Blob(file.blob))) for file in said.attachments)


def _check_one_place(ask: Ask) -> None:
    if sum(place is not None for place in (ask.again, ask.instead_of, ask.after)) > 1:
        raise UsageError("A question has one place: again, instead of a turn, or after one.")


def _check_same_question(ask: Ask, said: Said) -> None:
    if ask.question != said.question:
        raise UsageError("Asking again keeps the question. To change it, ask instead of it.")
