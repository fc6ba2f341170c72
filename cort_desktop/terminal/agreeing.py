"""The question before a person's tests are run on this machine: shown with their text and with what holds
them in, answered by yes. Where nobody sits, nothing is asked here, and the services refuse to run them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cort_desktop.errors import UsageError
from cort_desktop.telling.safe import neutral, one_line
from cort_desktop.terminal.interrupts import ordinary_ctrl_c
from cort_desktop.terminal.streams import Streams

if TYPE_CHECKING:
    from cort_desktop.services.consents import Consents
    from cort_desktop.services.verifiers import Consent

_SHOWN_LINES = 60
_YES = ("y", "yes")


async def agree(consents: Consents, wanted: Consent | None, streams: Streams) -> None:
    """Ask for ``wanted`` where a person sits, and keep a yes. Raises UsageError for a no."""
    if wanted is None or streams.stdin is None or not (streams.in_is_terminal and streams.err_is_terminal):
        return
    for line in consent_lines(wanted):
        streams.say(line)
    streams.say(f"Run {one_line(wanted.name)} on the answers? Type yes to agree:")
    with ordinary_ctrl_c():
        said = streams.stdin.readline().strip().casefold()
    if said not in _YES:
        raise UsageError(f"Nothing was asked, because {one_line(wanted.name)} may not be run.")
    await consents.agree(wanted)


def consent_lines(wanted: Consent) -> list[str]:
    """What a person reads before saying yes."""
    name = one_line(wanted.name)
    text = neutral(wanted.text).splitlines()
    left = len(text) - _SHOWN_LINES
    return [
        f"{name} has changed since you agreed to it."
        if wanted.has_changed
        else f"{name} was never run here.",
        "Its tests, and the code that models write, would run on this machine:",
        "",
        *(f"    {line}" for line in text[:_SHOWN_LINES]),
        *([f"    … and {left} more {'line' if left == 1 else 'lines'}"] if left > 0 else []),
        "",
        f"What holds them in: {'; '.join(wanted.within)}.",
        *([f"What does NOT hold here: {'; '.join(wanted.without)}."] if wanted.without else []),
    ]
