"""The steps of `dev.py build`, in their order; runs in the build's own environment.

Without words it makes all that this machine can make. `compare` builds all of it twice.
"""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from devtools.building import (
    appimage,
    bill,
    bundle,
    compare,
    deb,
    flatpak,
    listing,
    python_packages,
    rpm,
    tarball,
    windows,
)
from devtools.building.places import ONLY, BuildPlaces
from devtools.console import Refusal, say
from devtools.discovery import table
from devtools.places import here

Step = Callable[[BuildPlaces], list[Path]]
PYTHON: dict[str, Step] = {"python": python_packages.build}
FROZEN: dict[str, Step] = {"bundle": bundle.build}
LINUX: dict[str, Step] = {
    "tarball": tarball.build,
    "deb": deb.build,
    "rpm": rpm.build,
    "flatpak": flatpak.build,
}
WINDOWS: dict[str, Step] = {"windows": windows.build}
PAPERS: dict[str, Step] = {"bill": bill.build, "sums": listing.build}
STEPS: dict[str, Step] = {**PYTHON, **FROZEN, **LINUX, **WINDOWS, **PAPERS}
OTHERS: dict[str, Step] = {"appimage": appimage.build, "compare": compare.build}
_ENVIRONMENT = "--environment-of"
_NEEDS_BUNDLE = (*LINUX, *WINDOWS, "bill")
_ELSEWHERE = {"linux": WINDOWS, "win32": LINUX, "darwin": {**LINUX, **WINDOWS}}


def plan(words: list[str], platform: str = sys.platform) -> list[str]:
    """The steps that `words` ask for, in their order. Raises Refusal for a word that is none."""
    known = {**STEPS, **OTHERS, "all": None}
    unknown = [word for word in words if word not in known]
    if unknown:
        raise Refusal(f"There is no step {unknown[0]}: there is {', '.join(known)}.")
    if not words or "all" in words:
        return [name for name in STEPS if name not in _ELSEWHERE.get(platform, {})]
    return [name for name in {**STEPS, **OTHERS} if name in words]


def main(arguments: list[str]) -> int:
    """Run the steps, print what was made; 3 when something is in the way."""
    try:
        places, words = _places(arguments)
        made = list(_run(places, plan(words)))
        if made:
            print(table(["file", "size", "SHA-256"], listing.rows(made)))
    except Refusal as refusal:
        say(str(refusal))
        return 3
    except KeyboardInterrupt:
        say("Stopped; the same command begins that step again.")
        return 130
    return 0


def _run(places: BuildPlaces, names: list[str]) -> Iterator[Path]:
    places.work.mkdir(parents=True, exist_ok=True)
    for name in names:
        if name in _NEEDS_BUNDLE and not places.bundle.is_dir():
            raise Refusal(f"The step {name} needs the bundle: run `dev.py build bundle {name}`.")
        say(f"building: {name} …")
        started = time.monotonic()
        for path in {**STEPS, **OTHERS}[name](places):
            if path.is_file():
                yield path
        say(f"building: {name}: done in {time.monotonic() - started:.0f} s")


def _places(arguments: list[str]) -> tuple[BuildPlaces, list[str]]:
    """The places of this checkout; a second build in a copy of it uses the environment of the first."""
    places = BuildPlaces(here().top)
    chosen = tuple(ONLY[word] for word in arguments if word in ONLY)
    places.variants = chosen or places.variants
    arguments = [word for word in arguments if word not in ONLY]
    if _ENVIRONMENT not in arguments:
        return places, arguments
    at = arguments.index(_ENVIRONMENT)
    places.site_packages = BuildPlaces(Path(arguments[at + 1])).site_packages
    return places, arguments[:at] + arguments[at + 2 :]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
