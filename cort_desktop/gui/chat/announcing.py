"""What a screen reader is told while a run works: once a round, never more, and how it ended."""

from __future__ import annotations

from PySide6 import QtGui
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QWidget

from cort_desktop.domain import events as ev
from cort_desktop.domain.run import RunState
from cort_desktop.gui.run_feed import Changes
from cort_desktop.telling.summary import why_no_answer, winner_words


def words_for(state: RunState, changes: Changes) -> list[str]:
    """What to say of these changes; mostly nothing."""
    words = []
    for event in changes.events:
        body = event.body
        if isinstance(body, ev.RoundFinished) and body.winner is not None:
            text = QCoreApplication.translate(
                "Announcing", "Round {number} ended: {name} is the best so far."
            )
            words.append(text.format(number=body.round, name=body.winner))
        elif isinstance(body, ev.RunFinished):
            answer = winner_words(state)
            words.append(
                QCoreApplication.translate("Announcing", "The answer is there: {words}.").format(words=answer)
                if answer
                else why_no_answer(state)
            )
    return words[-1:]


def announce(widget: QWidget, text: str) -> None:
    """Have a screen reader say it when it has a moment."""
    event_class = getattr(QtGui, "QAccessibleAnnouncementEvent", None)  # NOTE: Qt 6.8 and newer
    if event_class is not None and QAccessible.isActive():
        QAccessible.updateAccessibility(event_class(widget, text))
