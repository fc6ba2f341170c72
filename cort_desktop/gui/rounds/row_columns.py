"""The columns of the outline: which there are, what stands in each, what heads and figures explain."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QCoreApplication

from cort_desktop.telling.timing import SECONDS_MEAN
from cort_desktop.telling.told import Told

WHAT, SCORE, TOKENS, PRICE, TIME = range(5)
COLUMNS = 5


def text_of(told: Told, column: int) -> str:
    """What a row says in a column."""
    if column == WHAT:
        return " ".join(part for part in (told.name, told.label, told.note, told.badge) if part)
    return {SCORE: told.score, TOKENS: told.tokens, PRICE: told.cost, TIME: told.seconds}.get(column, "")


def tip_of(told: Told, column: int) -> str | None:
    """All words of a row, or what its figure is; what looks like HTML in them is shown as it is."""
    words = {
        WHAT: told.spoken,
        SCORE: told.score_means if told.score else "",
        TIME: f"{told.seconds}, {told.queued}" if told.seconds and told.queued else "",
    }.get(column)
    return f"<span>{escape(words)}</span>" if words else None


def head_of(column: int) -> str | None:
    """The head of a column of figures."""
    return {
        SCORE: QCoreApplication.translate("RunTreeModel", "Score"),
        TOKENS: QCoreApplication.translate("RunTreeModel", "Tokens"),
        PRICE: QCoreApplication.translate("RunTreeModel", "Price"),
        TIME: QCoreApplication.translate("RunTreeModel", "Time"),
    }.get(column)


def head_tip_of(column: int) -> str | None:
    """What the figures of a column are."""
    seconds = QCoreApplication.translate(
        "RunTreeModel", "Of a call: {meaning}. Of a round: from its first call to its last end."
    )
    return {
        SCORE: QCoreApplication.translate(
            "RunTreeModel", "The judges’ preference within the round, 0 to 1; not a measure of quality"
        ),
        TIME: seconds.format(meaning=SECONDS_MEAN),
    }.get(column)
