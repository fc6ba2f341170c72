"""A person's own GGUF files as models of the built-in provider.

They lie in the models folder, or anywhere else with their path in ``models`` of ``[providers.builtin]``; each
is called by its file's name. Files stay where they are: they have gigabytes. Not here: what a header says
(``gguf``), and the models that come with a checksum (``model_file``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cort_desktop.domain.budget import FREE
from cort_desktop.domain.ids import ModelRef, own_model_name
from cort_desktop.domain.models import ModelProfile
from cort_desktop.errors import ProviderError
from cort_desktop.providers.free_memory import free_memory_bytes
from cort_desktop.providers.gguf import GgufError, GgufFacts, read_gguf

SUFFIX = ".gguf"
USUAL_CONTEXT = 8192
"""Tokens of context unless the provider's ``context`` says otherwise: more takes more memory."""
SMALLEST_CONTEXT = 512
_SLOTS = 4
_LONGEST_ANSWER = 2048
_PART = re.compile(r"-(\d{5})-of-(\d{5})(?=\.gguf$)", re.IGNORECASE)
_GB = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnModel:
    """A file that can be asked. ``bytes`` are those of all its parts, ``memory_bytes`` what it takes loaded.

    has_template: whether it brings its own form of a conversation; without one ChatML is used.
    """

    name: str
    path: Path
    title: str
    context_tokens: int
    trained_tokens: int | None
    bytes: int
    memory_bytes: int
    has_template: bool

    @property
    def profile(self) -> ModelProfile:
        """What the engine must know of it."""
        return ModelProfile(
            ref=ModelRef(f"builtin/{self.name}"),
            context_tokens=self.context_tokens,
            price=FREE,
            concurrency=_SLOTS,
            default_max_tokens=min(_LONGEST_ANSWER, self.context_tokens // 4),
            local=True,
        )

    @property
    def kept_tokens(self) -> int:
        """No room beside its context: of a larger model it would take gigabytes."""
        return 0

    @property
    def mend(self) -> str:
        """What to do when it can't be loaded."""
        return f"Free memory, or fetch the file {self.path} again"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFile:
    """A file as it was found; ``model`` is None when it can't be used, and ``problem`` says why."""

    name: str
    path: Path
    model: OwnModel | None = None
    problem: str = ""


class OwnModels:
    """Finds the files and looks into them, each once as long as it doesn't change. Its methods block.

    listed: the paths of the settings. context: the tokens of the settings, if any. reserved: names and files
    that belong to other models. free: bytes of memory that can be had.
    """

    def __init__(
        self,
        folder: Path,
        *,
        listed: Callable[[], Sequence[str]] = tuple,
        context: Callable[[], int | None] = lambda: None,
        reserved: Collection[str] = (),
        free: Callable[[], int | None] = free_memory_bytes,
    ) -> None:
        self._folder = folder
        self._listed = listed
        self._context = context
        self._reserved = frozenset(reserved)
        self._free = free
        self._read: dict[tuple[Path, int, int], GgufFacts | str] = {}

    def all(self) -> list[OwnFile]:
        """Every file, usable or not, in the order of the settings, then of the folder."""
        return [self._look(name, path) for name, path in self._paths().items()]

    def named(self, name: str) -> OwnModel | None:
        """The model of that name; None when there is no such file. Raises ProviderError (``model_file``)."""
        path = self._paths().get(name)
        return None if path is None else self._usable(self._look(name, path))

    def checked(self, path: Path) -> OwnModel:
        """The model in a file that is perhaps not set up yet. Raises ProviderError (``model_file``)."""
        return self._usable(self._look(own_model_name(path.name), path))

    def is_inside(self, path: Path) -> bool:
        """Whether a file lies in the models folder, where it is found without being named."""
        return path.parent == self._folder

    def demand_memory(self, model: OwnModel) -> None:
        """Raises ProviderError (``model_file``) when the model would not fit into what is free."""
        free = self._free()
        if free is None or free >= model.memory_bytes:
            return
        raise ProviderError(
            f"The built-in model {model.name} needs about {model.memory_bytes / _GB:.1f} GB of memory and "
            f"{free / _GB:.1f} GB are free. Close programs, choose a smaller file, or set a smaller context "
            f"in [providers.builtin] (it is {model.context_tokens} now).",
            kind="model_file",
            sent=False,
        )

    def _paths(self) -> dict[str, Path]:
        """The files by name; of two with one name the first counts."""
        found: dict[str, Path] = {}
        for path in (*map(_whole_path, self._listed()), *self._in_folder()):
            name = own_model_name(path.name)
            if name not in self._reserved and path.name not in self._reserved and path not in found.values():
                found.setdefault(name, path)
        return found

    def _in_folder(self) -> Iterator[Path]:
        try:
            files = sorted(self._folder.iterdir())
        except OSError:
            return
        for path in files:
            part = _PART.search(path.name)
            if path.suffix.lower() == SUFFIX and path.is_file() and (part is None or int(part.group(1)) == 1):
                yield path

    def _look(self, name: str, path: Path) -> OwnFile:
        try:
            facts = path.stat()
            key = (path, facts.st_size, facts.st_mtime_ns)
            if key not in self._read:
                self._read[key] = _read(path)
            found = self._read[key]
            if isinstance(found, str):
                return OwnFile(name=name, path=path, problem=found)
            return OwnFile(name=name, path=path, model=self._model(name, path, found))
        except GgufError as error:
            return OwnFile(name=name, path=path, problem=str(error))
        except FileNotFoundError:
            return OwnFile(name=name, path=path, problem="is not there")
        except OSError as error:
            return OwnFile(name=name, path=path, problem=f"can't be read ({error.strerror})")
        except ValueError:  # a path with a NUL in it
            return OwnFile(name=name, path=path, problem="can't be read (its name is none)")

    def _model(self, name: str, path: Path, facts: GgufFacts) -> OwnModel:
        trained = facts.context_tokens
        context = min(self._context() or USUAL_CONTEXT, trained or USUAL_CONTEXT)
        size = sum(part.stat().st_size for part in _parts(path, facts))
        return OwnModel(
            name=name,
            path=path,
            title=facts.title or name,
            context_tokens=max(context, min(SMALLEST_CONTEXT, trained or SMALLEST_CONTEXT)),
            trained_tokens=trained,
            bytes=size,
            memory_bytes=facts.memory_bytes(context, size),
            has_template=facts.has_template,
        )

    @staticmethod
    def _usable(file: OwnFile) -> OwnModel:
        if file.model is not None:
            return file.model
        raise ProviderError(
            f"The model file {file.path} can't be used: it {file.problem}.", kind="model_file", sent=False
        )


def _whole_path(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError:  # a ~ without a home
        return Path(text)


def _read(path: Path) -> GgufFacts | str:
    """What a file says, or what is wrong with it."""
    if path.is_dir():
        return "is a folder; name the file in it"
    try:
        return read_gguf(path)
    except GgufError as error:
        return str(error)


def _parts(path: Path, facts: GgufFacts) -> list[Path]:
    """All files of a model. Raises GgufError when one is missing, or when this is not the first."""
    if facts.parts == 1:
        return [path]
    found = _PART.search(path.name)
    if found is None or int(found.group(2)) != facts.parts:
        ending = f"-00001-of-{facts.parts:05}.gguf"
        raise GgufError(f"is one of {facts.parts} parts, and its name should end like {ending}")
    names = [_PART.sub(f"-{part:05}-of-{facts.parts:05}", path.name) for part in range(1, facts.parts + 1)]
    if facts.part:
        raise GgufError(f"is part {facts.part + 1} of {facts.parts}; name the first one, {names[0]}")
    parts = [path.with_name(name) for name in names]
    missing = [part.name for part in parts if not part.is_file()]
    if missing:
        raise GgufError(f"is one of {facts.parts} parts, and {missing[0]} is not beside it")
    return parts
