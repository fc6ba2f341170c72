"""Places the parts of one text under each other and builds them near what is seen.

A slot is a group of blocks and, once it was near the eye, the part that shows it; until then its height is a
guess. Says nothing to the outside: ``view`` asks, and tells its surroundings.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QWidget

from cort_desktop.gui.markdown import safe_text, words
from cort_desktop.gui.markdown.grouping import Group, Kind, effort_of, groups, length_of
from cort_desktop.gui.markdown.look import Look
from cort_desktop.gui.markdown.part import Part
from cort_desktop.gui.markdown.values import Block, Code, Table

_EM_A_LETTER = 0.5
_CODE_LINES_GUESSED = 400
_LOOKED_AT = 200
"""Characters of a text in which its direction is looked for."""
_NARROW = (Kind.PROSE, Kind.FORMULA)


@dataclass(slots=True)
class Slot:
    """``first``: number of its first block in the text; ``top`` and ``height`` in pixels of the view."""

    group: Group
    first: int
    part: Part | None = None
    top: int = 0
    height: int = 0
    is_stale: bool = False
    guessed_at: int = -1
    """The width its height was guessed for."""
    _words: str | None = None

    @property
    def end(self) -> int:
        """The number of the block after its last."""
        return self.first + len(self.group.blocks)

    def words(self) -> str:
        """The words it shows."""
        if self._words is None:
            self._words = "\n".join(words.shown(block) for block in self.group.blocks)
        return self._words

    def truth(self) -> str:
        """All of it, as a copy gets it."""
        return "\n\n".join(words.copied(block) for block in self.group.blocks)

    def change(self, group: Group) -> bool:
        """Take other blocks. Returns whether they differ."""
        if group == self.group:
            return False
        self.group, self._words, self.guessed_at = group, None, -1
        return True


Make = Callable[[Kind, Look], Part]


class Flow:
    """The slots of one text."""

    def __init__(self, host: QWidget, look: Look, make: Make) -> None:
        self.slots: list[Slot] = []
        self.look = look
        self.width = 0
        self._host = host
        self._make = make

    @property
    def height(self) -> int:
        """Of all slots."""
        return self.slots[-1].top + self.slots[-1].height if self.slots else 0

    def parts(self) -> Iterator[Part]:
        """The parts that are built, from the top down."""
        return (slot.part for slot in self.slots if slot.part is not None)

    def show(self, blocks_from: Callable[[int], Sequence[Block]], changed: int) -> int:
        """Show a text whose blocks changed from number ``changed`` on. Returns the first slot that
        changed.
        """
        at = next(
            (
                index
                for index in range(len(self.slots) - 1, -1, -1)
                if self.slots[index].first < max(1, changed)
            ),
            0,
        )
        first = self.slots[at].first if self.slots else 0
        fresh = groups(blocks_from(first))
        changed_slot = len(self.slots)
        for offset, group in enumerate(fresh):
            index = at + offset
            if index < len(self.slots) and self.slots[index].group.kind is group.kind:
                slot = self.slots[index]
                if slot.change(group):
                    changed_slot = min(changed_slot, index)
                    if slot.part is not None:
                        slot.part.show_blocks(group.blocks)
            else:
                changed_slot = min(changed_slot, index)
                self._drop(index, index + 1)
                self.slots.insert(index, Slot(group, first))
            self.slots[index].first = first
            first += len(group.blocks)
        if len(self.slots) > at + len(fresh):
            changed_slot = min(changed_slot, at + len(fresh))
            self._drop(at + len(fresh), len(self.slots))
        self.place(changed_slot)
        return changed_slot

    def clear(self) -> None:
        """Nothing is shown."""
        self._drop(0, len(self.slots))

    def let_go_beyond(self, rect: QRect) -> None:
        """Unmake the parts that don't touch ``rect``: at another width they would all be laid out at once.
        One that a person is in, or has selected from, stays.
        """
        near = range(self.slot_at(rect.top()), self.slot_at(rect.bottom()) + 1)
        for index, slot in enumerate(self.slots):
            if slot.part is not None and index not in near and not slot.part.is_in_use:
                _unmake(slot)

    def _drop(self, start: int, end: int) -> None:
        for slot in self.slots[start:end]:
            _unmake(slot)
        del self.slots[start:end]

    def build(self, index: int) -> Part:
        """Make the part of a slot that has none. Positions below it are wrong until ``place``."""
        slot = self.slots[index]
        if slot.part is None:
            slot.part = self._make(slot.group.kind, self.look)
            slot.part.prepare(self._room(slot))
            slot.part.show_blocks(slot.group.blocks)
            self._settle(slot)
            slot.part.show()
            self._chain_tabs(index)
        return slot.part

    def refresh(self, index: int) -> None:
        """Give a slot the look of now."""
        slot = self.slots[index]
        if slot.is_stale and slot.part is not None:
            slot.part.restyle(self.look)
        slot.is_stale = False

    def place(self, start: int = 0) -> None:
        """Work out the positions from slot ``start`` on."""
        for index in range(max(0, start), len(self.slots)):
            slot = self.slots[index]
            before = self.slots[index - 1] if index else None
            gap = self.look.gap(slot.group.blocks[0], before.group.blocks[-1]) if before else 0
            slot.top = before.top + before.height + gap if before else 0
            self._settle(slot)

    def _settle(self, slot: Slot) -> None:
        width = self._room(slot)
        if slot.part is None:
            if slot.guessed_at != width:
                slot.height, slot.guessed_at = self._guess(slot.group, width), width
            return
        slot.height = slot.part.height_at(width)
        slot.part.setGeometry(self._left(slot, width), slot.top, width, slot.height)

    def _left(self, slot: Slot, width: int) -> int:
        """Where a part stands: prose that is narrower than the text begins where its own reader begins."""
        is_prose = slot.group.kind is Kind.PROSE
        if is_prose and width < self.width and safe_text.begins_right_to_left(slot.words()[:_LOOKED_AT]):
            return self.width - width
        return self.inset(slot)

    def _room(self, slot: Slot) -> int:
        """The width of a slot's part."""
        room = min(self.width, self.look.column) if slot.group.kind in _NARROW else self.width
        return max(1, room - self.inset(slot))

    def inset(self, slot: Slot) -> int:
        """How far its part stands in; prose does that by itself."""
        return 0 if slot.group.kind is Kind.PROSE else self.look.inset(slot.group.blocks[0].frame)

    def in_reach(self, rect: QRect) -> list[int]:
        """The slots that touch ``rect``, from the top down."""
        first = self.slot_at(rect.top())
        if first < 0:
            return []
        found = []
        for index in range(first, len(self.slots)):
            if self.slots[index].top > rect.bottom():
                break
            found.append(index)
        return found

    def slot_at(self, y: int) -> int:
        """The slot at a height, or the last above it; -1 without any."""
        return max(0, bisect_right(self.slots, y, key=lambda slot: slot.top) - 1) if self.slots else -1

    def _guess(self, group: Group, width: int) -> int:
        look = self.look
        line = look.em * look.line_percent / 100 * 1.21
        letters = max(1.0, width / (look.em * _EM_A_LETTER))
        if group.kind is Kind.PROSE:
            lines = sum(max(1, -(-length_of(block) // int(letters))) for block in group.blocks)
            return round(lines * line + len(group.blocks) * 0.5 * look.em)
        (block,) = group.blocks
        if isinstance(block, Code):
            return round(
                min(block.text.count("\n") + 1, _CODE_LINES_GUESSED) * look.em * 1.25 + 3.6 * look.em
            )
        if isinstance(block, Table):
            return round(min(len(block.rows) + 1, 15 if group.kind is Kind.GRID else 1000) * look.em * 2.2)
        return round(3 * look.em)

    def _chain_tabs(self, index: int) -> None:
        """Tab goes from the top down, whatever was built first."""
        before = next((slot.part for slot in reversed(self.slots[:index]) if slot.part is not None), None)
        last: QWidget | None = before.stops()[-1] if before else None
        for slot in self.slots[index:]:
            for stop in slot.part.stops() if slot.part else ():
                if last is not None:
                    QWidget.setTabOrder(last, stop)
                last = stop


def _unmake(slot: Slot) -> None:
    if slot.part is not None:
        slot.part.hide()
        slot.part.deleteLater()  # its parent stays: without one all of it would be styled anew
        slot.part, slot.guessed_at = None, -1


def effort(slot: Slot) -> int:
    """About how much work it is to build a slot's part."""
    return effort_of(slot.group)
