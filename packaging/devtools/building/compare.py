"""Was the same built twice? What differs is named, down to the file inside the bundle.

Everything is built a second time in another folder of the same machine, from the same sources. With `--plain`
or `--with-model` it is one variant.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from devtools.building import listing
from devtools.building.places import ONLY, VARIANTS, BuildPlaces, epoch
from devtools.building.tree import files_of
from devtools.console import Refusal, say
from devtools.stamp import digest

_NOT_SOURCES = (".git", ".venv", ".build-venv", "dist", "__pycache__", ".*_cache", ".hypothesis")
REPORT = "comparison.txt"


def build(places: BuildPlaces) -> list[Path]:
    """Build again beside it, print what differs and write it to `dist/work/comparison.txt`."""
    if not places.bundle.is_dir():
        raise Refusal("There is nothing to compare with yet: run `dev.py build` first.")
    copy = places.work / "again"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(places.top, copy, ignore=shutil.ignore_patterns(*_NOT_SOURCES))
    again = BuildPlaces(copy)
    again.variants = places.variants
    say("Building everything a second time …")
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(copy), str(copy / "packaging")]),
        "SOURCE_DATE_EPOCH": str(epoch(places.top)),
    }
    command = [
        sys.executable,
        "-P",
        "-m",
        "devtools.building.command",
        "all",
        *(option for option, variant in ONLY.items() if places.variants == (variant,)),
        "--environment-of",
        str(places.top),
    ]
    done = subprocess.run(command, env=environment, cwd=copy, check=False)
    if done.returncode:
        raise Refusal("The second build failed; its reason is above.")
    lines = report(places, again)
    path = places.work / REPORT
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))
    return []


def report(places: BuildPlaces, again: BuildPlaces) -> list[str]:
    """A line for each file of the bundle and each package that differs, and the sum at the end."""
    inside = differences(sums(places.bundle), sums(again.bundle))
    first, second = compared(places), compared(again)
    packages = differences(first, second)
    total = f"{len(sums(places.bundle))} files in the bundle and {len(first)} packages"
    if not inside and not packages:
        return [f"{total}: the same in both builds, byte by byte."]
    return [*(f"bundle: {each}" for each in inside), *packages, f"{total}: compared; what differs is above."]


def compared(places: BuildPlaces) -> dict[str, str]:
    """SHA-256 of every package that is of the variants asked for, by its name; no AppImage is made twice."""
    left_out = tuple(
        begin
        for variant in VARIANTS
        if variant not in places.variants
        for begin in (f"{variant}-{places.version}-", f"{variant}-{places.package_version}-", f"{variant}_")
    )
    return {
        path.name: digest(path)
        for path in listing.made(places)
        if not path.name.startswith(left_out) and path.suffix != ".AppImage"
    }


def sums(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below a folder, by its place there."""
    return {str(path.relative_to(folder)): digest(path) for path in files_of(folder)}


def differences(first: Mapping[str, str], second: Mapping[str, str]) -> list[str]:
    """What is in one only, or not the same in both."""
    lines = []
    for name in sorted({*first, *second}):
        if name not in second:
            lines.append(f"{name}: only in the first build")
        elif name not in first:
            lines.append(f"{name}: only in the second build")
        elif first[name] != second[name]:
            lines.append(f"{name}: not the same")
    return lines
