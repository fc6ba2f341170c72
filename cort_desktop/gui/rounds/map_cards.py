"""What is on the map: a card for each candidate and one for the answer, in columns by round.

Pure: a run's state in, cards with places out. How they are drawn is ``map_paint.py``; where they stand
among each other is ``map_layout.py``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QCoreApplication

from cort_desktop.domain.ids import NodeName
from cort_desktop.domain.run import RunState
from cort_desktop.gui.rounds.map_layout import Spot, tidy
from cort_desktop.gui.rounds.walk import parent, path_to
from cort_desktop.telling.caps import end_words
from cort_desktop.telling.safe import one_line
from cort_desktop.telling.states import fault_words, round_name
from cort_desktop.telling.told import Told

WIDTH, HEIGHT = 190.0, 92.0
PITCH = 250.0
GAP = 24.0
EXCERPT_CHARACTERS = 600

Key = NodeName | None
"""A card's name: its node, or None for the answer's own card."""
Text = Callable[[NodeName], str]
Tell = Callable[[NodeName], Told | None]

_MARKUP = re.compile(r"^\s{0,3}(?:#{1,6} |```+\w*|~~~+\w*|> )|\*\*|`", re.MULTILINE)
"""Signs of Markdown that say nothing in an excerpt."""


@dataclass(slots=True, kw_only=True)
class Card:
    """One card: ``x`` is its left edge, ``y`` its middle; ``told`` and ``excerpt`` change as it streams."""

    key: Key
    parent: Key
    column: int
    told: Told
    excerpt: str = ""
    x: float = 0.0
    y: float = 0.0
    is_on_path: bool = False


@dataclass(slots=True)
class Cards:
    """All cards of a run. ``columns`` lists them top down; ``heads`` are the words above each column."""

    by_key: dict[Key, Card] = field(default_factory=dict)
    columns: list[list[Card]] = field(default_factory=list)
    heads: list[tuple[str, str]] = field(default_factory=list)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, width and height of all cards."""
        if not self.by_key:
            return 0.0, 0.0, WIDTH, HEIGHT
        middles = [card.y for card in self.by_key.values()]
        top, bottom = min(middles) - HEIGHT / 2, max(middles) + HEIGHT / 2
        return 0.0, top, (len(self.columns) - 1) * PITCH + WIDTH, bottom - top


def cards_of(state: RunState, tell: Tell, text: Text) -> Cards:
    """Every card in its place. tell: what is said of a node now; text: the best text there is of it.

    A node without a row has no card yet: both come with the next pulse.
    """
    numbers = [number for number in sorted(state.rounds) if state.rounds[number].candidates]
    column_of = {number: column for column, number in enumerate(numbers)}
    found = Cards()
    for number in numbers:
        for name in state.rounds[number].candidates:
            told = tell(name)
            if told is None:
                continue
            card = Card(key=name, parent=_parent(state, name), column=column_of[number], told=told)
            card.excerpt = excerpt(state, name, text(name))
            found.by_key[name] = card
    found.heads = [_head(state, number) for number in numbers]
    _add_answer(found, state)
    _place(found)
    for name in path_to(state, state.answer_node):
        if name in found.by_key:
            found.by_key[name].is_on_path = True
    return found


def refresh(cards: Cards, state: RunState, name: NodeName, tell: Tell, text: Text) -> None:
    """Say anew what one card shows, if the node has one."""
    card = cards.by_key.get(name)
    if card is not None:
        card.told = tell(name) or card.told
        card.excerpt = excerpt(state, name, text(name))


def excerpt(state: RunState, name: NodeName, text: str) -> str:
    """The first words of an answer, or why there is none."""
    node = state.nodes[name]
    if node.status == "failed":
        return one_line(fault_words(node))
    return one_line(_MARKUP.sub("", text[: 2 * EXCERPT_CHARACTERS]))[:EXCERPT_CHARACTERS]


def _parent(state: RunState, name: NodeName) -> NodeName | None:
    above = parent(state, name)
    return above if above is not None and state.nodes[above].round < state.nodes[name].round else None


def _head(state: RunState, number: int) -> tuple[str, str]:
    """The words above a column, long and short."""
    if number == 0:
        return QCoreApplication.translate("Map", "Draft"), "D"
    result = state.rounds[number].result
    agreement = result.agreement if result is not None else None
    if agreement is None:
        words = QCoreApplication.translate("Map", "{round} {number}").format(
            round=round_name(state), number=number
        )
    else:
        words = QCoreApplication.translate("Map", "{round} {number} · agreement {agreement}").format(
            round=round_name(state), number=number, agreement=f"{agreement:.2f}"
        )
    return words, f"R{number}"


def _add_answer(cards: Cards, state: RunState) -> None:
    """The last card: the answer of a finished run, and why it ended."""
    name = state.answer_node
    if state.finished is None or name not in cards.by_key:
        return
    rating = state.finished.scores.get(name) if name is not None else None
    note = ""
    if rating is not None and state.override is None:
        note = QCoreApplication.translate("Map", "rating {rating}").format(rating=f"{rating:.2f}")
    cards.by_key[None] = Card(
        key=None,
        parent=name,
        column=len(cards.heads),
        told=Told(
            mark="answer",
            name=name or "",
            label=QCoreApplication.translate("Map", "Answer")
            if state.override is None
            else QCoreApplication.translate("Map", "Your choice"),
            note=note,
        ),
        excerpt=end_words(state),
        is_on_path=True,
    )
    cards.heads.append(("", ""))


def _place(cards: Cards) -> None:
    """Give every card its place, and put the columns in order."""
    spots = [
        Spot(key=card.key or "", parent=card.parent, column=card.column, height=HEIGHT)
        for card in cards.by_key.values()
    ]
    middles = tidy(spots, GAP)
    cards.columns = [[] for _ in cards.heads]
    for card in cards.by_key.values():
        card.x, card.y = card.column * PITCH, middles[card.key or ""]
        cards.columns[card.column].append(card)
    for column in cards.columns:
        column.sort(key=lambda card: card.y)
