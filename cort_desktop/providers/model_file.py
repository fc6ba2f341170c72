"""The files of the built-in models: where they are, and whether they are whole.

A file is looked for in the person's own models folder, then in the wheel that brought it, which is found
without importing it. It is used when its SHA-256 is the one that ``resources/models.toml`` names. Reading it
all takes a moment, so a good result is remembered with the file's size and time of change.

Not here: fetching a file (``model_install``) and loading it (``builtin``).
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import tempfile
import tomllib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal

from cort_desktop.domain.budget import FREE
from cort_desktop.domain.ids import ModelRef
from cort_desktop.domain.models import ModelProfile
from cort_desktop.errors import ProviderError
from cort_desktop.providers.own_models import OwnModel, OwnModels

PROVIDER = "builtin"
SLOTS = 4
LONGEST_ANSWER = 512
_STAMPS = "checked-models.json"

Condition = Literal["sound", "unchecked", "damaged", "missing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownModel:
    """A model of ``resources/models.toml``.

    member: its file's place below site-packages. address: where the file is fetched from without pip.
    """

    name: str
    title: str
    words: str
    package: str
    version: str
    wheel_sha256: str
    wheel_bytes: int
    member: str
    sha256: str
    bytes: int
    context_tokens: int
    licence: str
    address: str = ""

    @property
    def file_name(self) -> str:
        """The file's name in the models folder."""
        return self.member.rpartition("/")[2]

    @property
    def profile(self) -> ModelProfile:
        """What the engine must know of it."""
        return ModelProfile(
            ref=ModelRef(f"{PROVIDER}/{self.name}"),
            context_tokens=self.context_tokens,
            price=FREE,
            concurrency=SLOTS,
            default_max_tokens=LONGEST_ANSWER,
            local=True,
        )

    @property
    def memory_bytes(self) -> int:
        """What it takes loaded, about: its file, the cache of its context, and room to compute in."""
        return self.bytes + 400_000_000

    @property
    def kept_tokens(self) -> int:
        """Room beside its context for prompts of before: half as much again, of 23 KB a token."""
        return self.context_tokens // 2

    @property
    def mend(self) -> str:
        """What to do when it can't be loaded."""
        return f"Free about 500 MB, or run `cort-desktop models install {self.name}`"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileState:
    """What is known of a model's file without reading it all. ``path`` is None when there is none."""

    condition: Condition
    path: Path | None = None
    bytes: int = 0


def known_models(table: Path) -> dict[str, KnownModel]:
    """The models described in ``resources/models.toml``, by name."""
    rows = tomllib.loads(table.read_text(encoding="utf-8"))["models"]
    wanted = {field.name for field in fields(KnownModel)} - {"name"}
    return {
        name: KnownModel(name=name, **{key: row[key] for key in sorted(wanted)}) for name, row in rows.items()
    }


def reserved_names(known: Mapping[str, KnownModel]) -> frozenset[str]:
    """What a person's own file can't be called."""
    return frozenset((*known, *(model.file_name for model in known.values())))


def place_of_package(package: str) -> Path | None:
    """The folder of an installed package, found without importing it."""
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        return None
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))


def digest(path: Path) -> str:
    """The hex SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class ModelFiles:
    """Finds the files of the known models. Its methods block; ``find`` may read a whole file once.

    own: the person's own files, which have no checksum; none unless passed in.
    """

    def __init__(
        self,
        known: Mapping[str, KnownModel],
        *,
        folder: Path,
        cache: Path,
        place_of: Callable[[str], Path | None] = place_of_package,
        own: OwnModels | None = None,
    ) -> None:
        self.known = known
        self.own = own or OwnModels(folder, reserved=reserved_names(known))
        self.folder = folder
        self._stamps = cache / _STAMPS
        self._place_of = place_of

    def find(self, name: str) -> Path:
        """The sound file of a model. Raises ProviderError (``model_file``) when there is none.

        Of a person's own file its memory is looked at too.
        """
        if name not in self.known:
            return self._own_file(name)
        model = self.known[name]
        damaged = None
        for path in self._places(model):
            if self.is_sound(model, path):
                return path
            damaged = damaged or (path if path.is_file() else None)
        mend = f"Run `cort-desktop models install {name}` to fetch it."
        if damaged is None:
            raise ProviderError(
                f"The file of the built-in model {name} is not there. {mend}", kind="model_file", sent=False
            )
        raise ProviderError(
            f"The file of the built-in model {name}, {damaged}, {self._damage(model, damaged)}. {mend}",
            kind="model_file",
            sent=False,
        )

    def describe(self, name: str) -> FileState:
        """The state of a known model's file as far as it can be told without reading it; for ``doctor``."""
        model = self.known[name]
        best = FileState(condition="missing")
        order: tuple[Condition, ...] = ("sound", "unchecked", "damaged", "missing")
        for path in self._places(model):
            state = self._state(model, path)
            if order.index(state.condition) < order.index(best.condition):
                best = state
        return best

    def is_sound(self, model: KnownModel, path: Path) -> bool:
        """Whether ``path`` is the model's file, whole and unchanged; remembers that it is."""
        state = self._state(model, path)
        if state.condition != "unchecked":
            return state.condition == "sound"
        try:
            stamp = _stamp(path)
            if digest(path) != model.sha256:
                return False
        except OSError:
            return False
        self._remember(path, {**stamp, "sha256": model.sha256})
        return True

    def named(self, name: str) -> KnownModel | OwnModel:
        """The model of that name. Raises ProviderError: ``not_found``, ``model_file`` for an unusable one."""
        if name in self.known:
            return self.known[name]
        own = self.own.named(name)
        if own is not None:
            return own
        there = sorted((*self.known, *(file.name for file in self.own.all())))
        raise ProviderError(
            f"There is no built-in model {name}; there is {', '.join(there)}. A model file of your own is "
            f"added with `cort-desktop models install FILE.gguf`.",
            kind="not_found",
            sent=False,
        )

    def known_model(self, name: str) -> KnownModel:
        """The model of that name that can be fetched. Raises ProviderError (``not_found``)."""
        if name in self.known:
            return self.known[name]
        raise ProviderError(
            f"There is no built-in model {name} to be fetched; there is {', '.join(sorted(self.known))}.",
            kind="not_found",
            sent=False,
        )

    def profiles(self) -> tuple[ModelProfile, ...]:
        """Every model that may be asked: the known ones, then the person's own files that can be used."""
        own = (file.model for file in self.own.all())
        return tuple(model.profile for model in (*self.known.values(), *own) if model is not None)

    def _own_file(self, name: str) -> Path:
        model = self.named(name)
        if isinstance(model, KnownModel):
            return self.find(name)
        self.own.demand_memory(model)
        return model.path

    def _places(self, model: KnownModel) -> list[Path]:
        own = self.folder / model.file_name
        package, _, inside = model.member.partition("/")
        place = self._place_of(package)
        return [own] if place is None else [own, place / inside]

    def _state(self, model: KnownModel, path: Path) -> FileState:
        try:
            stamp = _stamp(path)
        except OSError:
            return FileState(condition="missing")
        condition: Condition = "unchecked"
        if stamp["bytes"] != model.bytes:
            condition = "damaged"
        elif self._remembered().get(str(path)) == {**stamp, "sha256": model.sha256}:
            condition = "sound"
        return FileState(condition=condition, path=path, bytes=stamp["bytes"])

    def _damage(self, model: KnownModel, path: Path) -> str:
        try:
            size = path.stat().st_size
        except OSError as error:
            return f"can't be read ({error.strerror})"
        if size != model.bytes:
            return f"has {size:,} bytes instead of {model.bytes:,}, so it is not whole"
        return "can't be read or its content is not what it should be (wrong SHA-256)"

    def _remembered(self) -> dict[str, object]:
        try:
            found = json.loads(self._stamps.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _remember(self, path: Path, stamp: dict[str, object]) -> None:
        # Only a shortcut for next time: where it can't be written, the file is read again then.
        text = json.dumps({**self._remembered(), str(path): stamp}, indent=1)
        with suppress(OSError):
            self._stamps.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=self._stamps.parent, prefix=_STAMPS)
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                    file.write(text)
                Path(name).replace(self._stamps)
            except OSError:
                Path(name).unlink()
                raise


def _stamp(path: Path) -> dict[str, int]:
    facts = path.stat()
    return {"bytes": facts.st_size, "mtime_ns": facts.st_mtime_ns}
