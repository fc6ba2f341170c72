"""Run by a frozen program before anything of ours: its libraries are its own, not those of what it starts.

PyInstaller's starter points LD_LIBRARY_PATH at the bundle and begins anew. The dynamic linker has read it by
then, so it can be put back at once; a browser opened from an answer would else load our libstdc++.
"""

import os

_OURS = "LD_LIBRARY_PATH"
_BEFORE = "LD_LIBRARY_PATH_ORIG"


def _put_back() -> None:
    before = os.environ.pop(_BEFORE, "")
    if before:
        os.environ[_OURS] = before
    else:
        os.environ.pop(_OURS, None)


_put_back()
