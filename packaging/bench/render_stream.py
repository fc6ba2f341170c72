"""Rendering a streamed answer of 24,000 characters: at most 0.05 times `setMarkdown` at every token.

Both on an off-screen window that follows the end of the text, in seconds of the processor.
"""

from bench._rendering import answer, ours, reference
from devtools.bench import Result

BOUND = 0.05
LENGTH = 24_000


def measure() -> Result:
    """Seconds for ours beside those of Qt's own."""
    text = answer(LENGTH)
    ours(text[:1000])  # fonts and lexers are loaded once
    return Result(min(ours(text) for _ in range(2)), reference(text), "s")
