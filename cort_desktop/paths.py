"""Where everything lives: one home when ``CORT_DESKTOP_HOME`` is set, else where the system wants it.

Only says and makes folders; what is in them is their owners' matter.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cort_desktop.errors import SettingsError, StorageError

HOME_VARIABLE = "CORT_DESKTOP_HOME"
_PRIVATE = 0o700


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """The settings file and the folders. None of them need exist; ``private_folder`` makes one."""

    config_file: Path
    data: Path
    cache: Path
    logs: Path
    models: Path

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Paths:
        """Decide by the environment. Raises SettingsError when no home can be found."""
        home = environment.get(HOME_VARIABLE, "")
        return cls._under(_absolute_home(home)) if home else cls._of_system()

    @classmethod
    def _under(cls, home: Path) -> Paths:
        return cls(
            config_file=home / "config.toml",
            data=home / "data",
            cache=home / "cache",
            logs=home / "logs",
            models=home / "models",
        )

    @classmethod
    def _of_system(cls) -> Paths:
        from platformdirs import PlatformDirs

        system = PlatformDirs("cort-desktop", appauthor=False)
        data = system.user_data_path
        if not data.is_absolute():
            raise SettingsError(
                f"This user has no home folder; name a folder in {HOME_VARIABLE} and start again."
            )
        return cls(
            config_file=system.user_config_path / "config.toml",
            data=data,
            cache=system.user_cache_path,
            logs=system.user_log_path,
            models=data / "models",
        )

    def folders(self) -> dict[str, Path]:
        """All folders by name, for reports."""
        return {
            "settings": self.config_file.parent,
            "data": self.data,
            "cache": self.cache,
            "logs": self.logs,
            "models": self.models,
        }


def private_folder(folder: Path) -> Path:
    """Make a folder that only its owner may enter, and the one above it likewise when that is new.

    One that is there already is closed to others where that is possible. Raises StorageError when it can't be
    made.
    """
    try:
        if not folder.parent.exists():
            folder.parent.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        folder.mkdir(mode=_PRIVATE, exist_ok=True)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise StorageError(
            f"The folder {folder} could not be made ({why}); make room for it, or name another place in "
            f"{HOME_VARIABLE}."
        ) from error
    # On a read-only disk, or in a folder lent by somebody else, the mode stays as it is.
    with contextlib.suppress(OSError):
        if folder.stat().st_mode & 0o077:
            folder.chmod(_PRIVATE)
    return folder


def _absolute_home(text: str) -> Path:
    try:
        return Path(os.path.abspath(Path(text).expanduser()))  # noqa: PTH100 - links are kept as they were named
    except (OSError, RuntimeError) as error:
        raise SettingsError(f"{HOME_VARIABLE} names {text}, where no folder can be ({error}).") from error
