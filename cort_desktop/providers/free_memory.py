"""How much memory a process started now could have without the machine coming to a halt.

Not here: how much a model needs (``gguf``).
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

_KIB = 1024
_AVAILABLE = re.compile(r"^MemAvailable:\s+(\d+) kB", re.MULTILINE)
_CONTAINER = Path("/sys/fs/cgroup")


def free_memory_bytes() -> int | None:
    """Bytes, as near as the system tells; None where it tells nothing. Blocks for less than a millisecond."""
    system: str = sys.platform
    if system == "linux":
        told = [
            each for each in (_of_linux(Path("/proc/meminfo")), _of_container(_CONTAINER)) if each is not None
        ]
        return min(told, default=None)
    if system == "win32":
        return _of_windows()
    try:  # what is free changes by the moment there, and the system makes room: all of it is the limit
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return None


def _of_linux(table: Path) -> int | None:
    try:
        found = _AVAILABLE.search(table.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return int(found.group(1)) * _KIB if found else None


def _of_container(folder: Path) -> int | None:
    """What a control group still allows; None without a limit."""
    try:
        most = (folder / "memory.max").read_text(encoding="ascii").strip()
        used = int((folder / "memory.current").read_text(encoding="ascii"))
        cached = re.search(
            r"^inactive_file (\d+)", (folder / "memory.stat").read_text(encoding="ascii"), re.MULTILINE
        )
        return max(0, int(most) - used + (int(cached.group(1)) if cached else 0))
    except (OSError, ValueError):
        return None


def _of_windows() -> int | None:
    import ctypes

    class Status(ctypes.Structure):
        _fields_ = (
            ("size", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            ("all", ctypes.c_ulonglong),
            ("available", ctypes.c_ulonglong),
            ("rest", ctypes.c_ulonglong * 5),
        )

    status = Status(size=ctypes.sizeof(Status))
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009  exists on Windows alone
    return int(status.available) if kernel.GlobalMemoryStatusEx(ctypes.byref(status)) else None
