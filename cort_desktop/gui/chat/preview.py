"""What is being written beside the answer so far: which calls write, and the last words of one of them.

It is a glimpse: the answer itself changes only when a round ends. Pure; ``preview_line.py`` draws it.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.nodes import Node
from cort_desktop.domain.search import ANSWER_ROLES
from cort_desktop.gui.run_feed import RunFeed
from cort_desktop.telling.safe import one_line

TAIL_CHARACTERS = 160
_WORD_CHARACTERS = 24
_MOST_NAMES = 3
_MARKS = str.maketrans("", "", "*`#|")
"""What Markdown is written with, and nobody reads."""
_NEAR = 0.8
"""One that has so much of the longest text stays in sight: else two that write equally fast would take turns
with every word.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """``words`` say who writes; ``tail`` are the last words of ``node``, on one line, empty before there are
    any.
    """

    words: str
    node: NodeName | None = None
    tail: str = ""
    is_among_several: bool = False


def preview_of(feed: RunFeed) -> Preview | None:
    """What the calls in flight write; None while none does."""
    state = feed.state
    writers = [
        node
        for node in state.running.values()
        if node.role in ANSWER_ROLES and node.name in feed.texts and feed.texts[node.name].characters
    ]
    if not writers or state.is_closing:
        return None
    telling = [node for node in writers if feed.text(node.name).strip()]
    if not telling:
        return Preview(words=_words(writers, has_words=False))
    shown = _in_sight(feed, telling)
    return Preview(
        words=_words(writers, has_words=True),
        node=shown.name,
        tail=last_words(feed.text(shown.name)),
        is_among_several=len(writers) > 1,
    )


def last_words(text: str) -> str:
    """The end of a text on one line, from the beginning of a word; ends with it."""
    tail = text[-TAIL_CHARACTERS:].translate(_MARKS)
    if len(text) > TAIL_CHARACTERS:
        blank = tail.find(" ", 0, _WORD_CHARACTERS)
        tail = f"…{tail[blank + 1 :]}"
    return one_line(tail)


def _in_sight(feed: RunFeed, telling: list[Node]) -> Node:
    """The one that is furthest, or nearly so and was begun before."""
    lengths = {node.name: len(feed.text(node.name)) for node in telling}
    far = _NEAR * max(lengths.values())
    return next(node for node in sorted(telling, key=lambda each: each.ordinal) if lengths[node.name] >= far)


def _words(writers: list[Node], *, has_words: bool) -> str:
    """``R1.A1, R1.A2 and 2 more are writing``."""
    names = [node.name for node in sorted(writers, key=lambda each: each.ordinal)]
    listed, more = ", ".join(names[:_MOST_NAMES]), len(names) - _MOST_NAMES
    if more > 0:
        listed = QCoreApplication.translate("Preview", "{names} and {count} more").format(
            names=listed, count=more
        )
    if len(names) == 1:
        words = (
            QCoreApplication.translate("Preview", "{names} is writing")
            if has_words
            else QCoreApplication.translate("Preview", "{names} is reasoning")
        )
    else:
        words = (
            QCoreApplication.translate("Preview", "{names} are writing")
            if has_words
            else QCoreApplication.translate("Preview", "{names} are reasoning")
        )
    return words.format(names=listed)
