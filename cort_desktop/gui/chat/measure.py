"""How wide the text of the conversation is: at most 78 letters a line, as wide as letters are on average."""

from __future__ import annotations

from PySide6.QtGui import QFontMetrics

LETTERS = 78
_SAMPLE = "The quick brown fox jumps over the lazy dog, and nobody asks the dog what it thinks of that."


def text_width(metrics: QFontMetrics) -> int:
    """The widest line, in pixels."""
    return round(metrics.horizontalAdvance(_SAMPLE) / len(_SAMPLE) * LETTERS)
