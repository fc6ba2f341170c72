"""What a command line asks for, as frozen values. Plain text and numbers: nothing here is slow to import.

How the words become these values is ``arguments.py``; what is done with them is ``main.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from cort_desktop.terminal.bench_options import BenchOptions
from cort_desktop.terminal.exchange_options import ExportOptions, ImportOptions
from cort_desktop.terminal.window_options import GuiOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """The options of ``ask``, as they were given; None and empty mean: not given."""

    preset: str | None = None
    strategy: str | None = None
    rounds: int | None = None
    alternatives: int | None = None
    judges: int | None = None
    settings: tuple[tuple[str, str], ...] = ()
    model: str | None = None
    alternative_models: tuple[str, ...] = ()
    judge_models: tuple[str, ...] = ()
    role_models: tuple[tuple[str, tuple[str, ...]], ...] = ()
    temperature: float | None = None
    seed: int | None = None
    max_tokens: int | None = None
    system: str | None = None
    files: tuple[str, ...] = ()
    conversation: str | None = None
    budget: tuple[tuple[str, float], ...] = ()
    cache: bool = True
    store: bool = True


Stream = Literal["off", "events", "full"]
"""What of the event stream goes to standard output; ``full`` has the text deltas too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskOptions:
    """``ask``. A question of None was not given, ``-`` is read from standard input."""

    question: str | None
    run: RunOptions = field(default_factory=RunOptions)
    json: bool = False
    stream: Stream = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatOptions:
    """``chat``. ``note`` is the line that says why it was chosen when nobody named it."""

    run: RunOptions = field(default_factory=RunOptions)
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeOptions:
    """``resume RUN``."""

    run: str
    json: bool = False
    stream: Stream = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayOptions:
    """``replay RUN``."""

    run: str
    events: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationsOptions:
    """``conversations list|show|search|delete``; ``what`` is the id or the words to look for."""

    action: Literal["list", "show", "search", "delete"]
    what: str = ""
    archived: bool = False
    limit: int = 50
    json: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelsOptions:
    """``models list|install NAME``. search narrows the list, refresh asks services that told today."""

    action: Literal["list", "install"] = "list"
    name: str = ""
    search: str = ""
    json: bool = False
    refresh: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysOptions:
    """``keys list|set|delete PROVIDER``. The key itself is never here."""

    action: Literal["list", "set", "delete"] = "list"
    provider: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheOptions:
    """``cache show|list|clear [KEY]``. tags: pairs like ("stage", "judge"). limit: None shows all."""

    action: Literal["show", "list", "clear"] = "show"
    key: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    limit: int | None = None
    json: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendingOptions:
    """``spending``. month: like ``2026-11``; None is the current one."""

    month: str | None = None
    json: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WorthOptions:
    """``worth [RUN]``. run: None is over all that were asked about. judge: have blind judges compare, unless
    they have; again: even then.
    """

    run: str | None = None
    judge: bool = False
    again: bool = False
    json: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategiesOptions:
    """``strategies [NAME]``."""

    name: str = ""
    json: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorOptions:
    """``doctor``."""

    json: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """``--help`` and ``--version``: a text for standard output, and no more."""

    text: str


TerminalOptions = (
    AskOptions
    | ChatOptions
    | ResumeOptions
    | ReplayOptions
    | ConversationsOptions
    | ExportOptions
    | ImportOptions
    | ModelsOptions
    | KeysOptions
    | CacheOptions
    | SpendingOptions
    | WorthOptions
    | StrategiesOptions
    | DoctorOptions
    | BenchOptions
    | Say
)
Options = TerminalOptions | GuiOptions


def goes_on_with_defaults(options: Options) -> bool:
    """Whether a wrong settings file is only a notice for this command (CONTRACT 2), not exit code 3."""
    return isinstance(options, ChatOptions | GuiOptions)
