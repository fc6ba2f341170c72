"""The frozen program without the offline model, as xz: at most 65 MB. What is measured is the archive that
`dev.py build tarball` left in dist; the reference is that bound itself.
"""

from devtools.bench import Result
from devtools.building.places import NAME, BuildPlaces
from devtools.building.tarball import MOST_BYTES
from devtools.console import MEGABYTE, Refusal
from devtools.places import here

BOUND = 1.0


def measure() -> Result:
    """Megabytes of the archive."""
    places = BuildPlaces(here().top)
    archives = list(places.dist.glob(f"{NAME}-{places.version}-linux-*.tar.xz"))
    if not archives:
        raise Refusal("There is no archive to measure: run `dev.py build bundle tarball` first.")
    return Result(archives[0].stat().st_size / MEGABYTE, MOST_BYTES / MEGABYTE, "MB")
