"""Resident memory of the idle window: at most 2.2 times that of a bare QMainWindow.

Ours is read when all of it has been made and nothing is left to do; off screen, with an empty library.
"""

from bench._window import library, off_screen, opened
from devtools.bench import Result

BOUND = 2.2


def measure() -> Result:
    """Mebibytes of the window, beside those of the bare one."""
    with off_screen() as screen, library() as home:
        with opened("bare", home, screen) as bare:
            bare.settle()
            reference = bare.resident()
        with opened("ours", home, screen) as ours:
            ours.settle()
            return Result(ours.resident(), reference, "MiB")
