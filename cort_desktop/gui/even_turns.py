"""What the interpreter does beside the window must not be felt in it: two pauses made shorter.

Python looks through everything it has made, now and then, for what nobody can reach; with all the modules of
a window that stops it for a tenth of a second. And a thread that has work keeps the others waiting.
"""

from __future__ import annotations

import gc
import sys

SWITCH_S = 0.001
"""How long a thread with work (the writer, a formula that is set) may keep the window's own waiting; Python's
own measure is five times that.
"""


def keep_even() -> None:
    """What is there once the window stands stays to its end: it is not looked through again."""
    gc.freeze()
    sys.setswitchinterval(SWITCH_S)
