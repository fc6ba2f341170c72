"""Sources of modules aren't read, nor kept, for a window that needs only what was compiled from them."""

import os
import subprocess
import sys

SCRIPT = """
import linecache
from cort_desktop.gui import plain_imports

plain_imports.put_back()
from cort_desktop.gui import main_window

assert main_window.MainWindow
print(*(name for name in linecache.cache if "main_window" in name or "theme" in name))
"""


def test_no_source_is_kept_in_memory() -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-P", "-c", SCRIPT],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")
