"""Where a question belongs, and what it is told of the turns before it.

A stored conversation is read from the database; one that is not to be stored is remembered here, as long as
the program runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cort_desktop.domain.ids import ConversationId, TurnId
from cort_desktop.domain.library import Turn
from cort_desktop.domain.messages import Message, assistant, user
from cort_desktop.domain.run import RunState
from cort_desktop.domain.settings import Settings
from cort_desktop.engine.context import ContextView
from cort_desktop.errors import UsageError
from cort_desktop.services.planning import Ask
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

    def find(self, ask: Ask, files: tuple[tuple[str, str], ...]) -> Place:
        """The conversation and turn of ``ask``, found or named anew. Reads the database; blocks.

        Raises UsageError when there is no such conversation, or no such turn on its active path.
        """
        if ask.conversation is None:
            return self._new_place(ask, files)
        if ask.conversation in self._unstored:
            return self._unstored_place(ask, ask.conversation, files)
        conversations = self._open_store().conversations
        conversation = conversations.get(conversations.find_conversation(ask.conversation))
        path = conversations.path(conversation.id)
        again = next((turn for turn in path if turn.id == ask.again), None)
        if ask.again is not None and again is None:
            raise UsageError(
                f"There is no turn {ask.again} on the path of conversation {conversation.id} that is shown."
            )
        before = path[: path.index(again)] if again is not None else path
        return Place(
            conversation=conversation.id,
            turn=again.id if again is not None else TurnId(self._new_id()),
            parent=before[-1].id if before else None,
            view=self._view(ask, files, ask.system or conversation.system, self._messages(before)),
        )

    def remember(self, place: Place, state: RunState) -> None:
        """What is not stored is still known to the next question of the same conversation."""
        said = [*place.view.turns, user(place.view.question)]
        if state.finished is not None and state.finished.answer is not None:
            said.append(assistant(state.finished.answer))
        self._unstored.setdefault(place.conversation, {})[place.turn] = (place.view.turns, tuple(said))

    def _unstored_place(
        self, ask: Ask, conversation: ConversationId, files: tuple[tuple[str, str], ...]
    ) -> Place:
        """The next turn of a conversation that is kept in memory only, or the same one once more."""
        known = self._unstored[conversation]
        if ask.again in known:
            turn, turns = ask.again, known[ask.again][0]
        else:
            turn, turns = TurnId(self._new_id()), list(known.values())[-1][1]
        return Place(
            conversation=conversation,
            turn=turn,
            parent=None,
            view=self._view(ask, files, ask.system, turns),
        )

    def _new_place(self, ask: Ask, files: tuple[tuple[str, str], ...]) -> Place:
        return Place(
            conversation=ConversationId(self._new_id()),
            turn=TurnId(self._new_id()),
            parent=None,
            view=self._view(ask, files, ask.system, ()),
        )

    def _view(
        self, ask: Ask, files: tuple[tuple[str, str], ...], system: str | None, turns: Messages
    ) -> ContextView:
        return ContextView(
            system=system or self._settings().defaults.system,
            turns=turns,
            question=ask.question,
            attachments=files,
        )

    def _messages(self, turns: list[Turn]) -> Messages:
        """The earlier turns as they were asked and answered; a turn without an answer is only its
        question.
        """
        messages: list[Message] = []
        for turn in turns:
            messages.append(user(turn.question))
            row = self._open_store().conversations.run(turn.active) if turn.active is not None else None
            if row is not None and row.answer:
                messages.append(assistant(row.answer))
        return tuple(messages)
