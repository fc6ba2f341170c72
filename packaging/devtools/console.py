"""How dev.py talks: on standard error only, because standard output belongs to the program it runs.

A `Refusal` carries the one sentence a person gets when something in the world is in the way.
"""

import os
import sys
import time
from pathlib import Path

MEGABYTE = 1_000_000
BAR_CELLS = 24


class Refusal(Exception):  # noqa: N818 - it is an answer, not an error of ours
    """The world is in the way: one sentence on what happened, to which thing, and what to do next."""


def say(words: str) -> None:
    """Print one line for the person, if standard error is open."""
    write(f"{words}\n")


def write(text: str) -> None:
    """Text as it is, if standard error is open: `print` would take standard output in its place."""
    if sys.stderr is not None:
        sys.stderr.write(text)
        sys.stderr.flush()


def megabytes(count: int) -> str:
    """A size as people read it."""
    return f"{count / MEGABYTE:.0f} MB"


def size_of(folder: Path) -> int:
    """Bytes of all files below `folder`, as far as they hold still while one looks."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.stat(os.path.join(place, name)).st_size  # noqa: PTH116, PTH118 - five times a second
            except OSError:
                continue
    return total


class Progress:
    """One step that takes a while: a moving bar on a terminal, else a line at its start and one at its end.

    How far it is is read off `folder`, where pip keeps what it has fetched so far.
    """

    def __init__(self, title: str, folder: Path, total_bytes: int | None = None) -> None:
        self.title = title
        self.folder = folder
        self.total_bytes = total_bytes
        self.moving = sys.stderr is not None and sys.stderr.isatty()
        self.started = time.monotonic()
        self.most_bytes = 0
        if not self.moving:
            size = f" ({megabytes(total_bytes)})" if total_bytes else ""
            say(f"{title}{size} …")

    def paint(self) -> None:
        """Show how far it is."""
        if self.moving:
            # pip deletes what it has fetched once it is unpacked: the bar stays where it was.
            self.most_bytes = max(self.most_bytes, size_of(self.folder))
            write(f"\r{self.title}  {self._measure(self.most_bytes)}\x1b[K")

    def close(self, *, done: bool) -> None:
        """Leave one finished line behind, or none when it failed: the failure has its own."""
        seconds = time.monotonic() - self.started
        if self.moving:
            write("\r\x1b[K")
        if done:
            say(f"{self.title}: done in {seconds:.1f} s")

    def _measure(self, have: int) -> str:
        if self.total_bytes is None:
            return f"{megabytes(have)}, {time.monotonic() - self.started:.0f} s"
        part = min(1.0, have / self.total_bytes)
        cells = "#" * int(part * BAR_CELLS)
        done = megabytes(min(have, self.total_bytes))
        return f"[{cells:.<{BAR_CELLS}}] {done} of {megabytes(self.total_bytes)}"
