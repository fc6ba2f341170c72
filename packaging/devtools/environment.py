"""One question, asked at every start: is the environment as it must be? Only if not, it is made so.

The quick way compares a stamp and looks for files that would run by themselves; it starts no other program.
"""

from devtools import pth, stamp
from devtools.console import Refusal
from devtools.places import Places


def make_ready(places: Places, *, dev: bool = False) -> None:
    """Return with a sound environment, or raise a Refusal that says what is in the way."""
    if places.venv.is_symlink():  # made anew, it would be emptied, and it is somebody else's
        raise Refusal(
            f"{places.venv.name} is a link to another folder: remove the link, and the next start "
            "makes its own."
        )
    if stamp.gap(places, dev=dev) is not stamp.Gap.NONE:
        from devtools.installer import install

        install(places, dev=dev)
    pth.check(places.site_packages, places.expected_pth)
