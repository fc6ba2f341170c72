"""A real screen for the real program: Xvfb, a window manager, a session bus and its accessibility bus.

Keys and clicks are those of an X server (xdotool); what is on the screen is read as a screen reader reads it
(``at_spi``). Everything started here ends with the block.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.fakes.at_spi import Accessible, Desktop

LAUNCHER = "/usr/libexec/at-spi-bus-launcher"
CHECKOUT = Path(__file__).parents[2]
_TRIES = 3


@dataclass(frozen=True)
class Screen:
    """A screen with nothing on it but what a test starts."""

    environment: Mapping[str, str]
    desktop: Desktop

    @contextmanager
    def program(self, home: Path, *arguments: str) -> Iterator[Program]:
        """The program with its window, on a home of its own; killed at the end if it still runs."""
        environment = {**self.environment, "CORT_DESKTOP_HOME": str(home)}
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(
                [sys.executable, "-m", "cort_desktop", "gui", *arguments],
                cwd=CHECKOUT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )
            try:
                yield Program(self, process, environment)
            finally:
                if process.poll() is None:
                    process.kill()
                process.wait()
                said.seek(0)
                sys.stdout.write(said.read().decode(errors="replace"))

    def keys(self, *keys: str) -> None:
        """Press keys, by their names in X (``ctrl+t``, ``Return``)."""
        self._xdotool("key", "--delay", "30", *keys)

    def write(self, text: str) -> None:
        """Type a text."""
        self._xdotool("type", "--delay", "8", "--", text)

    def click(self, x: int, y: int) -> None:
        """Click somewhere."""
        self._xdotool("mousemove", str(x), str(y), "click", "1")

    def _xdotool(self, *words: str) -> None:
        subprocess.run(["xdotool", *words], env=dict(self.environment), check=True, timeout=60)


@dataclass(frozen=True)
class Program:
    """A running window."""

    screen: Screen
    process: subprocess.Popen[bytes]
    environment: Mapping[str, str]

    @property
    def root(self) -> Accessible:
        """Its entry on the accessibility bus, when it is there."""
        desktop = self.screen.desktop

        def mine() -> Accessible | None:
            assert self.process.poll() is None, "the program has ended"
            return next((each for each in desktop.applications() if "cort" in each.name.lower()), None)

        return desktop.wait_for(mine, "the program on the accessibility bus")

    def wait(self, name: str, role: str | None = None, patience_s: float = 30.0) -> Accessible:
        """The thing of that name, once it is on the screen."""
        root = self.root
        return self.screen.desktop.wait_for(lambda: root.find(name, role), f"{name!r}", patience_s)

    def wait_for(self, look: Callable[[], Any], what: str, patience_s: float = 30.0) -> Any:
        """Look again and again until something true comes back."""
        return self.screen.desktop.wait_for(look, what, patience_s)

    def ended(self, patience_s: float = 30.0) -> int:
        """Its exit code, once it has ended by itself."""
        return self.process.wait(patience_s)


@contextmanager
def real_screen(width: int = 1440, height: int = 900) -> Iterator[Screen]:
    """A screen of that size in pixels."""
    with ExitStack() as held:
        display = _xvfb(held, width, height)
        environment = {
            **os.environ,
            "DISPLAY": display,
            "QT_QPA_PLATFORM": "xcb",
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
            "NO_AT_BRIDGE": "0",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",  # a real one would ask for a password
        }
        for name in ("WAYLAND_DISPLAY", "QT_SCALE_FACTOR"):
            environment.pop(name, None)
        environment["DBUS_SESSION_BUS_ADDRESS"] = _session_bus(held, environment)
        _start(held, [LAUNCHER, "--launch-immediately"], environment)
        _window_manager(held, environment)
        desktop = Desktop(environment["DBUS_SESSION_BUS_ADDRESS"])
        held.callback(desktop.close)
        yield Screen(environment, desktop)


def _xvfb(held: ExitStack, width: int, height: int) -> str:
    """Start an X server on a free number; returns its name."""
    reader, writer = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp"],
        pass_fds=[writer],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    held.callback(_end, server)
    os.close(writer)
    with os.fdopen(reader) as told:
        return ":" + told.readline().strip()


def _session_bus(held: ExitStack, environment: Mapping[str, str]) -> str:
    bus = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address=1"],
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    held.callback(_end, bus)
    assert bus.stdout is not None
    with bus.stdout as told:
        return told.readline().strip()


def _window_manager(held: ExitStack, environment: Mapping[str, str]) -> None:
    """Start one and wait until it manages: a window that came before it would not be made active. It gives up
    at once where the screen has only just begun to listen, so it is asked for more than once.
    """
    assert any(_manages(held, environment) for _ in range(_TRIES)), "no window manager"


def _manages(held: ExitStack, environment: Mapping[str, str]) -> bool:
    manager = subprocess.Popen(
        ["openbox", "--startup", "echo ready"],
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert manager.stdout is not None
    held.callback(manager.stdout.close)  # after its end: it may have more to say
    held.callback(_end, manager)
    return b"ready\n" in iter(manager.stdout.readline, b"")


def _start(held: ExitStack, command: list[str], environment: Mapping[str, str]) -> None:
    process = subprocess.Popen(
        command, env=dict(environment), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    held.callback(_end, process)


def _end(process: subprocess.Popen[Any]) -> None:
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
