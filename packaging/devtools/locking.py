"""Writes the lock files: every version and hash for every system, and no address of any index.

The locks of the tests and of `dev.py build` hold everything of the runtime lock in the same versions. The
offline models come last: uv can't resolve them without their dependencies, which are not wanted.
"""

import os
import subprocess

from devtools import model
from devtools.console import Refusal
from devtools.places import Places

NO_ADDRESSES = ["--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"]


def write_locks(places: Places, options: list[str]) -> int:
    """Resolve anew; versions stay where they can, unless `options` has --upgrade."""
    pins = "".join(each.pin for each in model.known(places))
    _compile(places, places.runtime_lock.name, pins, options)
    for group, lock in (("dev", places.dev_lock), ("build", places.build_lock)):
        same = ["--group", group, "-c", "packaging/requirements.lock"]
        _compile(places, lock.name, pins, [*same, *options])
    return 0


def _compile(places: Places, lock: str, pins: str, options: list[str]) -> None:
    target = places.packaging / lock
    draft = places.packaging / f"{lock}.new"
    old = target.read_text(encoding="utf-8") if target.exists() else ""
    draft.write_text(old.removesuffix(pins), encoding="utf-8")
    command = [str(places.script("uv")), "pip", "compile", "pyproject.toml", "--quiet", "--universal"]
    command += ["--python-version", "3.11", "--generate-hashes", *NO_ADDRESSES, *options]
    done = subprocess.run(
        [*command, "-o", os.fspath(draft.relative_to(places.top))],
        cwd=places.top,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode:
        draft.unlink()
        raise Refusal(f"uv could not resolve packaging/{lock}, which stays as it was: its reason is above.")
    draft.write_text(draft.read_text(encoding="utf-8") + pins, encoding="utf-8")
    draft.replace(target)
