"""Resident memory of the window with a conversation of 200 turns open: at most 1.5 times what it was."""

from bench._rendering import PIECE
from bench._window import library, off_screen, opened
from devtools.bench import Result

BOUND = 1.5
TURNS = 200


def measure() -> Result:
    """Mebibytes once the conversation is shown, beside those of the window that was idle."""
    with (
        off_screen() as screen,
        library(conversations=1, turns=TURNS, answer=PIECE) as home,
        opened("ours", home, screen) as window,
    ):
        window.settle()
        idle = window.resident()
        window.tell("open c00000")
        window.settle()
        return Result(window.resident(), idle, "MiB")
