"""Taking rights away from a program: a person's own, or root's, for whom permissions say nothing."""

from __future__ import annotations

import ctypes
import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_DROP = 24
"""PR_CAPBSET_DROP of Linux's prctl."""
_OVERRIDES = (1, 2)
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH: with them nothing is ever read-only."""


def as_plain_user() -> Callable[[], None] | None:
    """For ``before``: the program obeys permissions, also where the tests run as root."""
    if os.geteuid() != 0:
        return None
    library = ctypes.CDLL(None)

    def drop() -> None:
        for capability in _OVERRIDES:
            library.prctl(_DROP, capability, 0, 0, 0)

    return drop


def with_files_up_to(limit: int) -> Callable[[], None]:
    """For ``before``: no file can grow beyond ``limit`` bytes, as if the disk were full."""

    def limit_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return limit_files


@contextmanager
def modes(changes: dict[Path, int]) -> Iterator[None]:
    """These modes for the length of the block."""
    before = {path: path.stat().st_mode & 0o777 for path in changes}
    for path, mode in changes.items():
        path.chmod(mode)
    try:
        yield
    finally:
        for path, mode in reversed(before.items()):
            path.chmod(mode)
