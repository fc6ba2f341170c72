"""What the window says besides its content: bars that stay until they are settled, toasts that pass.

Only the words and their order are here; ``notice_widgets.py`` shows them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QObject, Signal

from cort_desktop.domain.ids import ConversationId
from cort_desktop.errors import CortError

Kind = Literal["info", "good", "warn", "bad"]
TOAST_S = 6.0
UNDO_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Something a person may do about it. ``stands``: whether it still can be done; None: always."""

    text: str
    call: Callable[[], object]
    stands: Callable[[], bool] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A sentence with its offers. ``key``: a bar's name, empty for a toast. ``seconds``: how long it stays;
    None: until it is closed. ``about``: the conversation in which alone it makes sense.
    """

    text: str
    kind: Kind = "info"
    key: str = ""
    offers: tuple[Offer, ...] = ()
    seconds: float | None = None
    about: ConversationId | None = None

    def stands(self, conversation: ConversationId | None) -> bool:
        """Whether it makes sense while that conversation is shown."""
        is_here = self.about is None or self.about == conversation
        return is_here and all(each.stands is None or each.stands() for each in self.offers)


class Notices(QObject):
    """``said`` has a new toast, ``bars_changed`` follows a change of the bars; ``stale_wanted``: what makes
    no sense any more is to go.
    """

    said = Signal(object)
    stale_wanted = Signal()
    bars_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.bars: dict[str, Notice] = {}
        self.conversation: ConversationId | None = None

    def say(
        self,
        text: str,
        kind: Kind = "info",
        offer: Offer | None = None,
        seconds: float = TOAST_S,
        *,
        about: ConversationId | None = None,
    ) -> None:
        """Show a toast; one ``about`` a conversation goes when another is shown."""
        offers = () if offer is None else (offer,)
        self.said.emit(Notice(text=text, kind=kind, offers=offers, seconds=seconds, about=about))

    def turn_to(self, conversation: ConversationId | None) -> None:
        """Another conversation is shown, or none."""
        self.conversation = conversation
        self.stale_wanted.emit()

    def look_again(self) -> None:
        """What was offered may have been done by other means."""
        self.stale_wanted.emit()

    def error(self, error: CortError) -> None:
        """Tell a failure that has no place of its own; it stays until it is closed."""
        self.bar(f"error:{error}", str(error), "bad")

    def bar(self, key: str, text: str, kind: Kind = "info", offers: tuple[Offer, ...] = ()) -> None:
        """Show a bar above the conversation, or change the one of that key."""
        self.bars[key] = Notice(text=text, kind=kind, key=key, offers=offers)
        self.bars_changed.emit()

    def clear(self, key: str) -> None:
        """Take a bar away."""
        if self.bars.pop(key, None) is not None:
            self.bars_changed.emit()
