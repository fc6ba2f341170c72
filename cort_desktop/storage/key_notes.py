"""For which providers a key is in the system key store, by name and origin; never a key.

Looking into a locked store asks the person to unlock it, so whether there is a key at all is remembered here.
The file is only a shortcut: without it the store is looked into once. Not here: the keys (``secrets``).
"""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path

FILE = "key-notes.json"
_LONGEST_BYTES = 64 * 1024


class KeyNotes:
    """Origins by provider; an empty one says that there is no key. Its methods block for a moment."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    def origin(self, provider: str) -> str | None:
        """The origin that the stored key of a provider was entered for.

        Empty when there is no key, None when it is not known.
        """
        return self._read().get(provider)

    def note(self, provider: str, origin: str) -> None:
        """The store holds a key that was entered for ``origin``; empty: it holds none."""
        noted = self._read()
        if noted.get(provider) == origin:
            return
        # Only a shortcut: where it can't be written, the store is looked into again.
        with suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=self._path.parent, prefix=FILE)
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                    json.dump({**noted, provider: origin}, file)
                Path(name).replace(self._path)
            except OSError:
                Path(name).unlink()
                raise

    def _read(self) -> dict[str, str]:
        try:
            if self._path.stat().st_size > _LONGEST_BYTES:
                return {}
            found = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        found = found if isinstance(found, dict) else {}
        return {name: origin for name, origin in found.items() if isinstance(origin, str)}
