"""Which tests a person agreed to have run on this machine, by the SHA-256 of their text; never the text.

A file of its own beside the database: an agreement belongs to this machine and is not exported with a
conversation. What is asked and when is ``services/verifiers.py``.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from cort_desktop.errors import StorageError

FILE = "agreed-tests.json"
_LONGEST_BYTES = 1024 * 1024


class Agreements:
    """Names of files by the SHA-256 of what they held. Its methods block for a moment."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    def holds(self, digest: str) -> bool:
        """Whether exactly this text was agreed to. What can't be read is no agreement."""
        return digest in self._read()

    def knows(self, name: str) -> bool:
        """Whether some text under that name was agreed to."""
        return name in self._read().values()

    def add(self, digest: str, name: str) -> None:
        """Keep an agreement. Raises StorageError when it can't be written."""
        kept = self._read() | {digest: name}
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, temporary = tempfile.mkstemp(dir=self._path.parent, prefix=FILE)
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                    json.dump(kept, file)
                    file.flush()
                    os.fsync(file.fileno())
                Path(temporary).replace(self._path)
            except OSError:
                Path(temporary).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise StorageError(
                f"The agreement could not be saved in {self._path} ({error.strerror or error}); the tests "
                "were not run."
            ) from error

    def _read(self) -> dict[str, str]:
        try:
            if self._path.stat().st_size > _LONGEST_BYTES:
                return {}
            found = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        found = found if isinstance(found, dict) else {}
        return {digest: name for digest, name in found.items() if isinstance(name, str)}
