"""The frozen program without the offline model, unpacked: at most 190 MB. What is measured is what
`dev.py build bundle` left in dist/work; the reference is that bound itself.
"""

from devtools.bench import Result
from devtools.building.bundle import MOST_BYTES
from devtools.building.places import BuildPlaces
from devtools.building.tree import bytes_of
from devtools.console import MEGABYTE, Refusal
from devtools.places import here

BOUND = 1.0


def measure() -> Result:
    """Megabytes of all files of the bundle."""
    bundle = BuildPlaces(here().top).bundle
    if not bundle.is_dir():
        raise Refusal("There is no bundle to measure: run `dev.py build bundle` first.")
    return Result(bytes_of(bundle) / MEGABYTE, MOST_BYTES / MEGABYTE, "MB")
