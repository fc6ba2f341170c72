"""Sizes, fonts and colours of the conversation, worked out once from the theme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtGui import QColor, QFont, QFontMetricsF

from cort_desktop.gui.theme import Colour, Theme

if TYPE_CHECKING:
    from cort_desktop.gui.markdown.values import Block, Frame

COLUMN_CHARACTERS = 78
LINE_HEIGHT = 1.45
_SAMPLE = "The filter on status has no index that also covers the sort, so the database sorts all of it. "
_HEADINGS = (1.4, 1.22, 1.08, 1.0, 1.0, 1.0)
_MONO_IN_TEXT = 0.93
CODE_CHARACTERS = 80
_AROUND_CODE_PX = 28
_LARGE_HEADINGS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look. ``em`` is the size of body text in pixels, as are all widths.

    ``column`` is as wide as prose gets, ``wide`` as code and tables do: the usual 80 characters of a line of
    code fit, which is more room than 78 of prose need.
    """

    theme: Theme
    body: QFont
    mono: QFont
    em: float
    line_percent: float
    column: int
    wide: int
    indent: int
    quote: int

    @staticmethod
    def of(theme: Theme) -> Look:
        """The look of the theme as it is now."""
        body = theme.font("body")
        metrics = QFontMetricsF(body)
        em = max(1.0, metrics.height() / 1.21 if metrics.height() > 0 else body.pointSizeF())
        mono = theme.font("mono")
        mono.setPointSizeF(body.pointSizeF() * _MONO_IN_TEXT)
        for ligature in ("calt", "liga"):
            mono.setFeature(QFont.Tag(ligature), 0)  # "->" is two characters, and is shown as two
        column = round(metrics.horizontalAdvance(_SAMPLE) / len(_SAMPLE) * COLUMN_CHARACTERS)
        return Look(
            theme=theme,
            body=body,
            mono=mono,
            em=em,
            line_percent=LINE_HEIGHT * em / metrics.height() * 100,
            column=column,
            wide=max(
                column, round(QFontMetricsF(mono).horizontalAdvance("m") * CODE_CHARACTERS) + _AROUND_CODE_PX
            ),
            indent=round(1.75 * em),
            quote=round(1.1 * em),
        )

    def colour(self, name: Colour) -> QColor:
        return self.theme.colour(name)

    def heading(self, level: int) -> QFont:
        """The font of a heading, level 1 to 6."""
        font = QFont(self.body)
        font.setPointSizeF(self.body.pointSizeF() * _HEADINGS[level - 1])
        font.setWeight(QFont.Weight.DemiBold)
        return font

    def inset(self, frame: Frame) -> int:
        """How far a block stands in from the left."""
        return sum(self.quote if each == "q" else self.indent for each in frame.within)

    def bars(self, frame: Frame) -> list[int]:
        """Where the bars of the quotes around a block stand."""
        found, at = [], 0
        for each in frame.within:
            if each == "q":
                found.append(at)
            at += self.quote if each == "q" else self.indent
        return found

    def gap(self, block: Block, before: Block | None) -> int:
        """The room above a block."""
        from cort_desktop.gui.markdown.values import Heading, Paragraph, Plain, Rule

        if before is None:
            return 0
        if isinstance(block, Plain) and isinstance(before, Plain):
            return 0
        if isinstance(block, Heading):
            return round((1.35 if block.level <= _LARGE_HEADINGS else 1.1) * self.em)
        if isinstance(before, Heading):
            return round(0.45 * self.em)
        if isinstance(block, Rule) or isinstance(before, Rule):
            return round(0.9 * self.em)
        in_list = "l" in block.frame.within and "l" in before.frame.within
        if (
            in_list
            and block.frame.is_tight
            and isinstance(block, Paragraph)
            and isinstance(before, Paragraph)
        ):
            return round(0.28 * self.em)
        return round((0.6 if in_list else 0.78) * self.em)
