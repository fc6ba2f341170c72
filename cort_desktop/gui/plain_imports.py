"""Imports without the look into every module that Qt's bindings take.

They replace Python's import by one that reads the source of each module loaded after them, looks for the word
“PySide6” in it, and keeps all of it in memory: for the modules of a window, ten mebibytes. That is for
`from __feature__ import …`, which nothing here uses.
"""

from __future__ import annotations

import builtins

import PySide6.QtCore  # noqa: F401 - this is what puts the other one in place

_BEFORE = "__orig_import__"
"""Where the bindings keep what they have replaced."""


def put_back() -> None:
    """Import as before from now on. WORKAROUND https://bugreports.qt.io/browse/PYSIDE-2029"""
    before = getattr(builtins, _BEFORE, None)
    if before is not None:
        builtins.__import__ = before
