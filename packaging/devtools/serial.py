"""Two dev.py at once take turns, through a locked file in `.venv`.

The lock's descriptor is handed to pip too: should dev.py be killed, the lock is held until the pip it
left behind has ended as well, so nobody builds into a folder that somebody still writes to.
"""

import contextlib
import sys
import time
from collections.abc import Iterator

from devtools.console import say
from devtools.places import Places

if sys.platform == "win32":
    import msvcrt

    def take(descriptor: int, *, wait: bool) -> bool:
        """Lock the file; False when somebody else holds it and `wait` is off."""
        while True:
            try:
                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            except OSError:
                if not wait:
                    return False
                time.sleep(0.2)
            else:
                return True

else:
    import fcntl

    def take(descriptor: int, *, wait: bool) -> bool:
        """Lock the file; False when somebody else holds it and `wait` is off."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            return False
        return True


@contextlib.contextmanager
def alone(places: Places) -> Iterator[int]:
    """Hold the lock for the length of the block; gives its descriptor."""
    places.venv.mkdir(exist_ok=True)
    with places.lock.open("a+b") as file:
        if not take(file.fileno(), wait=False):
            say(f"Another dev.py is making {places.venv.name} ready; waiting for it.")
            take(file.fileno(), wait=True)
        yield file.fileno()
