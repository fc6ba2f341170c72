"""A bench: ways to think, side by side on questions that score themselves.

Values only: what is to be compared (``Setup``), where a result comes from (``Origin``), how one run came out
(``Trial``), and the seam to where questions come from. Figures drawn from trials are ``bench_summary.py``,
their JSON is ``bench_wire.py``; asking is the services'.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Literal, Protocol

from cort_desktop.domain.ids import ModelRef
from cort_desktop.errors import UsageError

Scalar = int | float | bool | str
Part = Literal["contender", "sample", "best_of_n"]
"""What a run was for: a contender itself, a single answer of the pool its controls are drawn from, or the
control ``best_of_n`` at the tokens that a contender took."""

PRESET_MARK = "preset:"
DEFAULT_ITEMS = 50
MOST_ITEMS = 10_000
SINGLE = "single"
DEFAULT_CONTENDERS = ("single", "self_consistency", "best_of_n", "cort", "tournament")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """A strategy, or a preset, with what is set of it: ``best_of_n:alternatives=3:judges=1``,
    ``preset:quick``.
    """

    name: str
    is_preset: bool = False
    settings: tuple[tuple[str, str], ...] = ()

    @property
    def label(self) -> str:
        """As a person writes it; tells it from all others."""
        settings = "".join(f":{name}={value}" for name, value in self.settings)
        return f"{PRESET_MARK if self.is_preset else ''}{self.name}{settings}"

    @property
    def is_plain_single(self) -> bool:
        """Whether it is one answer to the bare question, which may stand for the pool's first."""
        return self.name == SINGLE and not self.is_preset


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSpec:
    """A kind of question that is made from a seed, with what is set of it: ``chain_sum:max_terms=3``.

    kind: the kind of thinking it stands for, where a check says things by kind.
    """

    name: str
    config: tuple[tuple[str, Scalar], ...] = ()
    kind: str | None = None

    @property
    def label(self) -> str:
        """As a person writes it; tells it from all others."""
        return self.name + "".join(f":{name}={_written(value)}" for name, value in self.config)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What is compared and how. ``items`` are questions of each task; all contenders get the same ones.

    budget_tokens: a hard cap on input and output of each run; max_tokens: of one candidate. seed: of
    questions, orders and resampling. controls: whether each contender is held against others that spend as
    many tokens. words: why it was set up so, of a registered one.
    """

    tasks: tuple[TaskSpec, ...]
    items: int
    contenders: tuple[Contender, ...]
    model: ModelRef
    judge_models: tuple[ModelRef, ...] = ()
    seed: int = 1
    budget_tokens: int | None = None
    max_tokens: int | None = None
    controls: bool = True
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a result comes from. bench: an id that each of its trials repeats, so that trials of another one
    among them are found. versions: of the program's parts that decide it, by name.
    """

    bench: str
    started: str
    system: str
    versions: dict[str, str] = field(default_factory=dict)
    registered: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One text, held against the right answer. value: the form in which samples vote. is_cut: it ended at the
    token limit, and has no vote unless all did.
    """

    right: bool
    value: str | None = None
    is_cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How one run on one item came out. One that brought no answer is wrong, and ``faults`` say why.

    index: of several of a part, from 1. candidates: its finished texts in the order in which they were
    started; first: which of them came first, before any judging. tokens: input and output as the service
    counted them, of which ``unmeasured`` calls told nothing. judged_tokens: those of verdicts, over
    ``judged`` candidates read by all judges together. abstained: verdicts that could not be read.
    """

    task: str
    item: int
    part: Part
    label: str
    index: int = 1
    question: str
    answer: Scored
    candidates: tuple[Scored, ...] = ()
    tokens: int = 0
    output_tokens: int = 0
    unmeasured: int = 0
    cost_microusd: int | None = None
    seconds: float = 0.0
    calls: int = 0
    status: str = "complete"
    rule: str = ""
    faults: tuple[str, ...] = ()
    verdicts: int = 0
    abstained: int = 0
    judged: int = 0
    judged_tokens: int = 0

    @property
    def key(self) -> TrialKey:
        """What tells it from every other trial of its bench."""
        return TrialKey(task=self.task, item=self.item, part=self.part, label=self.label, index=self.index)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialKey:
    """Which trial of a bench: see ``Trial``."""

    task: str
    item: int
    part: Part
    label: str
    index: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A result as far as it has come. is_closed: the bench has come to its end."""

    setup: Setup
    origin: Origin
    trials: tuple[Trial, ...] = ()
    is_closed: bool = False


class Task(Protocol):
    """The questions of one ``TaskSpec``: ``items`` of them, always the same for a seed."""

    def question(self, item: int) -> str:
        """The item's question, counted from 0."""
        ...

    def score(self, item: int, answer: str) -> float:
        """How right an answer is, 0 to 1; only 1 is right. Never raises."""
        ...


class TaskSource(Protocol):
    """Where questions come from. Its methods block."""

    def versions(self) -> dict[str, str]:
        """What decides the questions, by name. Raises SettingsError where it isn't installed."""
        ...

    def names(self) -> tuple[str, ...]:
        """The tasks there are, in alphabetical order. Raises SettingsError."""
        ...

    def load(self, spec: TaskSpec, *, items: int, seed: int) -> Task:
        """Raises UsageError for a task or a setting of it that there is not, SettingsError."""
        ...


def contender(text: str) -> Contender:
    """``NAME`` or ``NAME:SETTING=VALUE:…``; raises UsageError."""
    rest = text.strip()
    is_preset = rest.startswith(PRESET_MARK)
    name, settings = _parts(rest.removeprefix(PRESET_MARK), "strategy")
    return Contender(name=name, is_preset=is_preset, settings=settings)


def task_spec(text: str) -> TaskSpec:
    """``NAME`` or ``NAME:SETTING=VALUE:…``; raises UsageError."""
    name, settings = _parts(text.strip(), "task")
    return TaskSpec(name=name, config=tuple((key, _scalar(value)) for key, value in settings))


def seed_of(setup: Setup, key: TrialKey) -> int:
    """The seed of a trial's run: 31 bits that belong to the bench's seed and to the trial alone."""
    text = f"{setup.seed}\n{key.task}\n{key.item}\n{key.part}\n{key.label}\n{key.index}"
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) >> 1


def _parts(text: str, what: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    name, *settings = (part.strip() for part in text.split(":"))
    if not name:
        raise UsageError(f"An empty name is no {what}; write NAME or NAME:SETTING=VALUE.")
    found: dict[str, str] = {}
    for setting in settings:
        key, equals, value = (part.strip() for part in setting.partition("="))
        if not (key and equals and value):
            raise UsageError(f"{setting[:40]!r} of {name[:40]} is not of the form SETTING=VALUE.")
        if key in found:
            raise UsageError(f"{key[:40]} of {name[:40]} is set twice; say it once.")
        found[key] = value
    return name, tuple(found.items())


def _scalar(text: str) -> Scalar:
    if text.casefold() in ("true", "false"):
        return text.casefold() == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _written(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
