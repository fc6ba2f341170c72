"""What was built, by name, size and SHA-256: `dist/SHA256SUMS` and the table that is printed."""

from pathlib import Path

from devtools.building.places import BuildPlaces
from devtools.console import MEGABYTE
from devtools.stamp import digest

SUMS = "SHA256SUMS"


def build(places: BuildPlaces) -> list[Path]:
    """Write the sums of everything in `dist/`, as `sha256sum --check` reads them."""
    path = places.dist / SUMS
    path.write_text("".join(f"{digest(each)}  {each.name}\n" for each in made(places)), encoding="ascii")
    return [path]


def made(places: BuildPlaces) -> list[Path]:
    """Everything in `dist/` that people may download."""
    if not places.dist.is_dir():
        return []
    return sorted(path for path in places.dist.iterdir() if path.is_file() and path.name != SUMS)


def rows(paths: list[Path]) -> list[list[str]]:
    """A table's lines: name, size in MB, SHA-256."""
    return [[path.name, f"{path.stat().st_size / MEGABYTE:.1f} MB", digest(path)] for path in paths]
