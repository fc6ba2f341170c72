"""What a copy of selected text gets: the true characters behind signs, formulas and broken long lines."""

from __future__ import annotations

from PySide6.QtGui import QTextBlock, QTextCharFormat, QTextCursor, QTextFormat

from cort_desktop.domain.texts import clean

TRUTH = int(QTextFormat.Property.UserProperty) + 1
"""Property of a character format: what stands behind these letters."""
MARK = int(QTextFormat.Property.UserProperty) + 2
"""Property of a block format: the bullet or number before it."""
FORMULA = int(QTextFormat.Property.UserProperty) + 3
"""Property of a character format: TeX of a drawn formula."""
RULE = int(QTextFormat.Property.UserProperty) + 4
"""Property of a block format: it is a line across."""
BULLET = int(QTextFormat.Property.UserProperty) + 6
"""Property of a block format: the bullet or number to paint before it."""
BARS = int(QTextFormat.Property.UserProperty) + 5
"""Property of a block format: where its quote bars stand, pixels with commas between."""


def true_text(cursor: QTextCursor) -> str:
    """The true text of a selection."""
    start, end = cursor.selectionStart(), cursor.selectionEnd()
    block = cursor.document().findBlock(start)
    lines = []
    while block.isValid() and block.position() <= end:
        lines.append(_line(block, start, end))
        block = block.next()
    return clean("\n".join(lines))


def _line(block: QTextBlock, start: int, end: int) -> str:
    mark = block.blockFormat().property(MARK)
    made = [str(mark)] if mark and start <= block.position() else []
    at = block.begin()
    while not at.atEnd():
        fragment = at.fragment()
        low = max(start, fragment.position())
        high = min(end, fragment.position() + fragment.length())
        if low < high:
            made.append(
                _fragment(fragment.text(), fragment.charFormat(), low - fragment.position(), high - low)
            )
        at += 1
    return "".join(made)


def _fragment(text: str, look: QTextCharFormat, start: int, length: int) -> str:
    if look.hasProperty(TRUTH):
        return str(look.property(TRUTH))
    if text.isascii():
        part = text[start : start + length]
    else:
        wide = text.encode("utf-16-le", "surrogatepass")
        part = wide[2 * start : 2 * (start + length)].decode("utf-16-le", "replace")
    return part.replace("\u2028", "\n")
