"""A streaming service in another process, and a model's way to it. Shared by the figures of resilience."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cort_desktop.domain.calls import ChatModel
from cort_desktop.resilience.limiter import Limiter
from cort_desktop.resilience.resilient import Resilient
from tests.fakes.asking import resilient, states
from tests.fakes.asking import route as way
from tests.fakes.loops import LoopClock

SERVER = Path(__file__).with_name("_stream_server.py")
TOP = Path(__file__).parents[2]


@contextmanager
def served(*, tokens: int, delay_s: float = 0.0) -> Iterator[str]:
    """The base address of a service whose answers have so many tokens."""
    process = subprocess.Popen(
        [sys.executable, str(SERVER), str(tokens), str(delay_s)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(TOP)},
    )
    try:
        if process.stdout is None:
            raise RuntimeError("the server has no standard output")
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()


def around(model: ChatModel, *, places: int = 8) -> Resilient:
    """The retry loop around a model, with so many places from the beginning."""
    limiter = Limiter(places, clock=LoopClock(), start=places)
    return resilient(way(model, states=states(limiter=limiter)))
