"""How much of a text is laid out at once. Every limit cuts what is shown, never what is kept or copied."""

from __future__ import annotations

MARKDOWN_CHARACTERS = 256 * 1024
"""Above this a text is shown as it is written."""
PREVIEW_FROM = 1024 * 1024
"""Above this only its beginning is shown."""
PREVIEW_CHARACTERS = 64 * 1024
DEPTH = 50
"""Open lists and quotes around a line; deeper ones are shown as they are written."""
LINKS = 200
"""Links a person can follow in one text; the others are words with their address."""
BOXES = 1000
"""Code blocks, tables and formulas in one text; what follows the last one is shown as it is written."""
TABLE_ROWS = 500
"""Rows of a table before "Show all"."""
RUN = 2000
"""Characters in a row without a line break; longer lines are broken on the screen."""
PARAGRAPH = 8 * 1024
"""Longest paragraph whose emphasis, links and formulas are looked for."""
PLAIN_PIECE = 4000
"""Characters of plain text laid out in one go."""
OPEN_TAIL = 4 * 1024
"""A streamed block longer than this is read again only when it has grown by a part of itself."""
SLICE = 12 * 1024
"""Characters read in one turn of the loop."""
SIGN_LETTERS = 60
"""Hidden letters spelled out in one sign."""
CONSTRUCT = 32 * 1024
"""A list item or quote longer than this, and all after it, is shown as it is written."""
FORMULA_COST = 2500
"""Letters of a formula, each counted double for every brace around it: typesetting takes that shape of
time."""
