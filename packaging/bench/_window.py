"""The window as processes of their own, bare and ours, off screen or on a virtual one, over libraries of two
sizes. Shared by the figures of the window.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

import psutil

from tests.fakes.big_library import fill
from tests.fakes.library import shelf

CHILD = Path(__file__).with_name("_window_child.py")
PATIENCE_S = 30.0
QUIET_S = 1.5
"""A process that has used next to nothing of the processor for so long has settled."""
NOTHING_S = 0.02
WIDTH, HEIGHT = 1600, 1000
"""Of the screens, in pixels: room for all three panes."""
MEBIBYTE = 1024 * 1024

Kind = Literal["bare", "ours"]


class Open(NamedTuple):
    """A window that can be used. ``seconds``: from the start of its process until then."""

    seconds: float
    process: "subprocess.Popen[str]"

    def tell(self, words: str) -> None:
        """Tell it to do something: see ``_window_child.py``."""
        if self.process.stdin is None:
            raise RuntimeError("the window has no standard input")
        self.process.stdin.write(f"{words}\n")
        self.process.stdin.flush()

    def settle(self) -> None:
        """Wait until it has nothing to do."""
        watched = psutil.Process(self.process.pid)
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            before = sum(watched.cpu_times()[:2])
            time.sleep(QUIET_S)
            if sum(watched.cpu_times()[:2]) - before <= NOTHING_S:
                return
        raise RuntimeError("the window never comes to rest")

    def resident(self) -> float:
        """Mebibytes of memory, now."""
        bytes_: int = psutil.Process(self.process.pid).memory_info().rss
        return bytes_ / MEBIBYTE


@contextmanager
def opened(kind: Kind, home: Path, screen: Mapping[str, str], *, typed: bool = False) -> Iterator[Open]:
    """A window over a home folder, closed as a person would when the block ends. ``typed``: it can be used
    when it has also taken a key.
    """
    environment = {**os.environ, **screen, "CORT_DESKTOP_HOME": str(home)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program is compiled, too
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-P", str(CHILD), kind, *(["typed"] if typed else [])],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    impatience = threading.Timer(PATIENCE_S, process.kill)
    try:
        if process.stdout is None:
            raise RuntimeError("the window has no standard output")
        impatience.start()
        said = process.stdout.readline()
        impatience.cancel()
        if not said:
            raise RuntimeError(f"the {kind} window ended with {process.wait()} before it could be used")
        window = Open(float(said) - began, process)
        yield window
        window.tell("close")
        if code := process.wait(PATIENCE_S):
            raise RuntimeError(f"the {kind} window ended with {code}")
    finally:
        impatience.cancel()
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()


@contextmanager
def off_screen() -> Iterator[Mapping[str, str]]:
    """The environment of a program on Qt's own make-believe screen, as large as a real one."""
    screen = {"name": "screen", "x": 0, "y": 0, "width": WIDTH, "height": HEIGHT, "logicalDpi": 96, "dpr": 1}
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder, "screens.json")
        told.write_text(json.dumps({"screens": [screen]}), encoding="utf-8")
        yield {"QT_QPA_PLATFORM": f"offscreen:configfile={told}"}


@contextmanager
def virtual_screen() -> Iterator[Mapping[str, str]]:
    """The environment of a program on an X server without a screen. Needs Xvfb."""
    reader, writer = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp"],
        pass_fds=[writer],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    try:
        with os.fdopen(reader) as told:
            yield {"QT_QPA_PLATFORM": "xcb", "DISPLAY": f":{told.readline().strip()}"}
    finally:
        server.terminate()
        server.wait()


@contextmanager
def library(*, conversations: int = 0, turns: int = 0, answer: str | None = None) -> Iterator[Path]:
    """A home folder with conversations ``c00000`` … of so many turns each."""
    with tempfile.TemporaryDirectory() as folder:
        with shelf(Path(folder) / "data") as books:
            fill(books, conversations=conversations, turns=turns, answer=answer)
        yield Path(folder)
