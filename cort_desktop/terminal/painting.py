"""Styled lines as strings for one stream: with its colours on a terminal, bare for a pipe."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text


def rendered(lines: Sequence[Text], console: Console) -> list[str]:
    """Each line as a string with the console's control sequences. The lines fit their width already."""
    from rich.text import Text

    if not lines:
        return []
    if console.color_system is None:
        return [line.plain.rstrip() for line in lines]
    with console.capture() as captured:
        console.print(Text("\n").join(lines), soft_wrap=True, highlight=False, end="")
    return captured.get().split("\n")
