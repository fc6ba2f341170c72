"""From the start of the process until its window is on the screen: the frozen program at most 1.3 times the
one from source, on the same virtual screen, with an empty library. The bundle comes of `dev.py build bundle`.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping

from bench._window import library, virtual_screen
from devtools.bench import Result
from devtools.building.places import NAME, BuildPlaces
from devtools.console import Refusal
from devtools.places import here

BOUND = 1.3
TIMES = 5
_LONGEST_S = 60.0
_LOOK_S = 0.01
_LOOK = ["xdotool", "search", "--onlyvisible", "--name", "CoRT Desktop"]


def measure() -> Result:
    """Seconds of the frozen one beside those from source; in turn, so that both see the same noise."""
    frozen = BuildPlaces(here().top).bundle / NAME
    if not frozen.is_file():
        raise Refusal("There is no bundle to start: run `dev.py build bundle` first.")
    commands = {
        "frozen": [str(frozen), "gui"],
        "source": [sys.executable, "-P", "-m", "cort_desktop", "gui"],
    }
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    with virtual_screen() as screen, library(conversations=0, turns=0) as home:
        environment = {**os.environ, **screen, "CORT_DESKTOP_HOME": str(home)}
        for _ in range(TIMES + 1):
            for name, command in commands.items():
                seconds[name].append(_seconds(command, environment))
    # The first of each reads files that aren't in memory yet; it doesn't count.
    return Result(statistics.median(seconds["frozen"][1:]), statistics.median(seconds["source"][1:]), "s")


def _seconds(command: list[str], environment: Mapping[str, str]) -> float:
    started = time.perf_counter()
    with subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL) as process:
        try:
            while not _is_shown(environment):
                if process.poll() is not None or time.perf_counter() - started > _LONGEST_S:
                    raise Refusal(f"{command[0]} showed no window.")
                time.sleep(_LOOK_S)
            return time.perf_counter() - started
        finally:
            process.terminate()


def _is_shown(environment: Mapping[str, str]) -> bool:
    found = subprocess.run(_LOOK, env=environment, capture_output=True, check=False)
    return bool(found.stdout.strip())
