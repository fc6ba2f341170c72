"""What a command line asks of the window. Apart from the other options: a window needs none."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class GuiOptions:
    """``gui``. files: to be imported and shown. is_default: nothing was asked for, so without a screen it is
    ``chat``.
    """

    conversation: str | None = None
    files: tuple[str, ...] = ()
    is_default: bool = False
