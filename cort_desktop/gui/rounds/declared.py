"""What the strategies and presets there are say of themselves, as the words of a run want it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cort_desktop.telling.strategies import Declared

if TYPE_CHECKING:
    from cort_desktop.services.chat import ChatService


def declared_by(chat: ChatService) -> Declared:
    """As of now: a person's own presets come and go."""
    return Declared(
        settings={each.name: each.settings for each in chat.strategies()},
        presets={each.name: each.title for each in chat.presets()},
    )
