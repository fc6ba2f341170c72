"""Sixty-four answers of one megabyte at once through the cache and on to its file: at most 3 times their own
size above idle.
"""

import subprocess
import sys

from bench._kept_child import ANSWERS, BYTES
from devtools.bench import Result

BOUND = 3.0
MEGABYTE = 1_000_000


def measure() -> Result:
    """Megabytes above idle, beside the answers' own size."""
    done = subprocess.run(
        [sys.executable, "-m", "bench._kept_child"], capture_output=True, text=True, check=True
    )
    return Result(int(done.stdout) / MEGABYTE, ANSWERS * BYTES / MEGABYTE, "MB")
