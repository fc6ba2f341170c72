"""From the start of the process until the composer takes a key and the first page of the library is painted:
at most 2.5 times a bare QMainWindow, with an empty library and with 2,000 conversations of 20 turns, off
screen and on a virtual screen. The figure is the worst of the four.
"""

import shutil
import statistics
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench._window import Kind, library, off_screen, opened, virtual_screen
from devtools.bench import Result
from devtools.console import say

BOUND = 2.5
TIMES = 9
LIBRARIES = {"no conversations": (0, 0), "2,000 conversations": (2000, 20)}


def measure() -> Result:
    """Seconds of the window beside those of the bare one; in turn, so that both see the same noise."""
    results = []
    with screens() as found:
        for words, (conversations, turns) in LIBRARIES.items():
            with library(conversations=conversations, turns=turns) as home:
                for name, screen in found.items():
                    result = _measured(home, screen)
                    say(f"  {words}, {name}: {result.measured:.3f} s, {result.ratio:.2f} times as long")
                    results.append(result)
    return max(results, key=lambda result: result.ratio)


@contextmanager
def screens() -> Iterator[dict[str, Mapping[str, str]]]:
    """Where windows are opened: off screen, and on a virtual screen where there is a server for one."""
    with ExitStack() as held:
        found = {"off screen": held.enter_context(off_screen())}
        if shutil.which("Xvfb") is None:
            say("  There is no Xvfb here: measured off screen only.")
        else:
            found["on a virtual screen"] = held.enter_context(virtual_screen())
        yield found


def _measured(home: Path, screen: Mapping[str, str]) -> Result:
    seconds: dict[Kind, list[float]] = {"bare": [], "ours": []}
    for _ in range(TIMES + 1):
        for kind, measured in seconds.items():
            with opened(kind, home, screen, typed=True) as window:
                measured.append(window.seconds)
    # The first of each compiles what is new and makes the database; it doesn't count.
    return Result(statistics.median(seconds["ours"][1:]), statistics.median(seconds["bare"][1:]), "s")
