"""What `dev.py test` runs: style, types, layers, then the tests, whose own summary comes last."""

import subprocess
import time

from devtools.console import say
from devtools.places import Places

WORKERS = ["-n", "3", "--dist", "worksteal"]
"""The end-to-end tests wait more than they work: a third process uses what two leave idle of two cores."""
CHOOSES_WORKERS = ("-n", "--numprocesses", "--dist", "--pdb")


def run_all(places: Places, arguments: list[str]) -> int:
    """Every step, also after one failed; the worst exit code. With `arguments`, pytest alone."""
    worst = 0
    if not arguments:
        for name, command in steps(places).items():
            worst = max(worst, _step(places, name, command))
    if worst:
        say("A check above failed; the tests run all the same.")
    begin = [str(places.python), "-P", "-m", "pytest", *workers(arguments), *arguments]
    return max(worst, _call(places, begin))


def steps(places: Places) -> dict[str, list[str]]:
    """The checks before the tests: name → command."""
    ruff = str(places.script("ruff"))
    return {
        "ruff check": [ruff, "check"],
        "ruff format": [ruff, "format", "--check"],
        "mypy": [str(places.python), "-m", "mypy"],
        "import-linter": [str(places.script("lint-imports"))],
    }


def workers(arguments: list[str]) -> list[str]:
    """Three test processes, unless the person chose otherwise."""
    chosen = any(argument.startswith(CHOOSES_WORKERS) for argument in arguments)
    without = "no:xdist" in " ".join(arguments)
    return [] if chosen or without else WORKERS


def _step(places: Places, name: str, command: list[str]) -> int:
    say(f"── {name}")
    started = time.monotonic()
    code = _call(places, command)
    say(f"── {name}: {'ok' if code == 0 else 'FAILED'} in {time.monotonic() - started:.1f} s")
    return code


def _call(places: Places, command: list[str]) -> int:
    code = subprocess.run(command, cwd=places.top, env=places.child_environment(), check=False).returncode
    return abs(code)
