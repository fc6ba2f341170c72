"""Nothing may run by itself in the environment (RELIABILITY row 68).

Python executes the lines of every `.pth` file in site-packages at each start, which makes one the
favourite place of a poisoned package. The environment is made so that it has none; a package that
brings one is looked at by a person and listed with the reason (`places`), or it isn't used.
"""

from collections.abc import Collection
from pathlib import Path

from devtools.console import Refusal

ALSO_RUN_BY_THEMSELVES = frozenset({"sitecustomize.py", "usercustomize.py"})


def check(site_packages: Path, expected: Collection[str] = ()) -> None:
    """Refuse an environment in which something unexpected runs at Python's start; `expected`: file names."""
    try:
        names = sorted(entry.name for entry in site_packages.iterdir())
    except FileNotFoundError:
        return
    for name in names:
        if name in expected or not (name.endswith(".pth") or name in ALSO_RUN_BY_THEMSELVES):
            continue
        folders = [each.name for each in site_packages.parents]
        environment = next((folder for folder in folders if "venv" in folder), site_packages.name)
        raise Refusal(
            f"The file {name} in {environment} would run by itself at each start, and no known package "
            f"brings it, so nothing is started: find out which package it came from, then delete "
            f"{environment} and try again."
        )
