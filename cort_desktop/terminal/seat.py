"""Where a person sits in ``chat``: a source of lines and a place to show a run; and which there is here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from cort_desktop.terminal.interrupts import Interrupts
from cort_desktop.terminal.streams import Streams
from cort_desktop.terminal.views import View


class Seat(Protocol):
    """Where a person sits: a source of lines and a place to show a run."""

    takes_lines_while_working: bool
    """Whether a person sits here, whose lines are read while a run works."""

    has_typed: bool
    """Whether something was typed since the last line, or Ctrl-C, was read."""

    async def read(self) -> str | None:
        """The next line; None at the end of input. Raises KeyboardInterrupt for Ctrl-C at an idle prompt."""
        ...

    def interrupts(self) -> Interrupts:
        """What listens for the wish to stop the next run."""
        ...

    def view(self, interrupts: Interrupts) -> View:
        """A place to show the next run."""
        ...

    async def above(self, action: Callable[[], None]) -> None:
        """Do something that prints, without tearing the line that is being typed."""
        ...

    def close(self) -> None:
        """Read no more."""
        ...


def choose_seat(streams: Streams) -> Seat:
    """A seat at a terminal that can be painted on, or a plain one."""
    if streams.in_is_terminal and streams.is_lively:
        from cort_desktop.terminal.painted_seat import PaintedSeat

        return PaintedSeat(streams)
    from cort_desktop.terminal.plain_seat import PlainSeat

    return PlainSeat(streams)
