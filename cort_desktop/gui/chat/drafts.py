"""What was written but not sent, and what was picked, for each conversation, as long as the window lives."""

from __future__ import annotations

from dataclasses import dataclass

from cort_desktop.domain.ids import ConversationId, ModelRef, TurnId
from cort_desktop.services.attachments import AttachmentInfo

Key = ConversationId | None
"""Where a draft belongs; None is the conversation that has no question yet."""
NEW_TEMPORARY = ConversationId("temporary")
"""Where one belongs that is written for a temporary conversation without a question yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thinking:
    """How to think, as it is picked: a preset or a plain strategy; neither is what the settings say."""

    preset: str | None = None
    strategy: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a conversation asks with. None: what the settings say."""

    thinking: Thinking = Thinking()
    model: ModelRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An unsent question. ``edits`` is the turn beside which it is to stand."""

    text: str = ""
    files: tuple[AttachmentInfo, ...] = ()
    edits: TurnId | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to lose."""
        return not self.text.strip() and not self.files and self.edits is None


class PerConversation:
    """One draft and one choice for each conversation."""

    def __init__(self) -> None:
        self._drafts: dict[Key, Draft] = {}
        self._choices: dict[Key, Choice] = {}

    def draft(self, key: Key) -> Draft:
        """The draft of a conversation; an empty one where nothing was written."""
        return self._drafts.get(key, Draft())

    def keep_draft(self, key: Key, draft: Draft) -> None:
        """Remember a draft in the place of the last one."""
        if draft.is_empty:
            self._drafts.pop(key, None)
        else:
            self._drafts[key] = draft

    @property
    def drafts(self) -> dict[Key, Draft]:
        """What was written, by its conversation."""
        return dict(self._drafts)

    def choice(self, key: Key) -> Choice | None:
        """What was picked in a conversation; None while nothing was."""
        return self._choices.get(key)

    def keep_choice(self, key: Key, choice: Choice | None) -> None:
        """Remember what was picked; None forgets it."""
        if choice is None:
            self._choices.pop(key, None)
        else:
            self._choices[key] = choice
