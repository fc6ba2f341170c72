"""What the environment in `.venv` was made from, so that a second start only compares.

The stamp is taken away before anything the program runs on changes, and written when that is whole: without
it the environment counts as half made. That the tools for the tests are whole too is a word in it. Checking
it starts no other program and reads no large file.
"""

import enum
import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from devtools.places import Places

FORMAT = 1


class Gap(enum.Enum):
    """What keeps the environment from being used as it is."""

    NONE = "nothing"
    MISSING = "there is none, or it is half made"
    PYTHON = "another Python made it"
    MOVED = "it was made in another folder"
    CHANGED = "the lock or the models changed"
    DEV = "the tools for the tests are not in it, or of another lock"
    MODEL = "the model's file is not as it was installed"


def python_kind() -> str:
    """The Python that an environment must be made for: other patch levels of it will do."""
    return f"{sys.implementation.cache_tag}{getattr(sys, 'abiflags', '')}"


def digest(path: Path) -> str:
    """SHA-256 of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def text_of(path: Path) -> str | None:
    """A small file's text; None when it can't be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None


def facts_of(path: Path) -> dict[str, int] | None:
    """Size and time of a file, which change when somebody touches it; None when it isn't there."""
    try:
        seen = path.stat()
    except OSError:
        return None
    return {"bytes": seen.st_size, "mtime_ns": seen.st_mtime_ns}


def read(places: Places) -> dict[str, Any] | None:
    """The stamp, or None when there is none that makes sense."""
    try:
        stamp = json.loads(places.stamp.read_bytes())
    except (OSError, ValueError):
        return None
    return stamp if isinstance(stamp, dict) and stamp.get("format") == FORMAT else None


def write(places: Places, *, dev: bool, model_files: list[str]) -> None:
    """Declare the environment finished. `model_files` are paths below site-packages."""
    stamp = {
        "format": FORMAT,
        "python": python_kind(),
        "top": str(places.top),
        "runtime": digest(places.runtime_lock),
        "dev": digest(places.dev_lock) if dev else None,
        "models": digest(places.models),
        "files": {name: facts_of(places.site_packages / name) for name in model_files},
    }
    draft = places.stamp.with_suffix(".new")
    with draft.open("w", encoding="utf-8") as file:
        json.dump(stamp, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(places.stamp)


def gap(places: Places, *, dev: bool) -> Gap:
    """Compare what is there with what is wanted."""
    stamp = read(places)
    if stamp is None:
        return Gap.MISSING
    if stamp["python"] != python_kind() or not places.python.exists():
        return Gap.PYTHON
    if stamp["top"] != str(places.top):
        return Gap.MOVED
    if stamp["runtime"] != digest(places.runtime_lock) or stamp["models"] != digest(places.models):
        return Gap.CHANGED
    if any(facts_of(places.site_packages / name) != facts for name, facts in stamp["files"].items()):
        return Gap.MODEL
    if dev and stamp["dev"] != digest(places.dev_lock):
        return Gap.DEV
    return Gap.NONE
